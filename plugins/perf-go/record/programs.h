/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF program (context.bpf.c) in the kernel. */
#ifndef RECORD_PROGRAMS_H
#define RECORD_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/context.h"
#include "record/opened.h"

struct programs;

/*
 * Loads it; GOROUTINE_STACK bytes of a goroutine's stack are taken where its thread is on g0. The
 * error says why the kernel refused. The caller frees *RET with programs_free().
 */
struct perfgo_error *programs_load(uint32_t goroutine_stack, struct programs **ret);
void programs_free(struct programs *programs);

/* Where it writes to: events for BPF's output. */
struct perfgo_error *programs_set_output(struct programs *programs, struct opened *opened,
					 size_t contexts, size_t notices);

/* Lets it run before each sample of an event. */
struct perfgo_error *programs_attach(struct programs *programs, struct opened *opened,
				     size_t event);

/* What it is to do in a process; false when there are too many. */
bool programs_set_row(struct programs *programs, uint32_t pid, const struct go_row *row);
void programs_remove_row(struct programs *programs, uint32_t pid);

#endif
