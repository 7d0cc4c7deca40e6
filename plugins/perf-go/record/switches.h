/* SPDX-License-Identifier: GPL-2.0-only */
/* Probes on the places where goroutines change their state: perf go record --sched. */
#ifndef RECORD_SWITCHES_H
#define RECORD_SWITCHES_H

#include <stdint.h>

#include "base/error.h"
#include "goproc/process.h"
#include "out/writer.h"
#include "record/programs.h"

struct switches;

/* Borrows PROGRAMS, which were loaded for it. The caller frees *RET with switches_free(). */
struct perfgo_error *switches_new(struct programs *programs, struct switches **ret);

/* Takes the probes away. */
void switches_free(struct switches *switches);

/*
 * Puts probes into the Go binary of a process, which all that run it then meet; once each binary.
 * False where its code is not as known, or takes no probes: then it has none.
 */
bool switches_add(struct switches *switches, const struct goproc *process);

/*
 * What a switch costs the program here, measured on the recorder itself before there is output: in
 * ns. 0 when it cannot be measured.
 */
uint64_t switches_cost(struct programs *programs);

/*
 * Makes TRACING_DATA tell of the event go:switch, whose samples have ID as their common_type.
 * BEFORE is what the other events need of it, or NULL. TO is a writer into memory.
 */
bool switches_describe(uint16_t id, const void *before, size_t before_size, struct writer *to);

#endif
