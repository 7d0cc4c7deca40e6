/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where there is no BPF: all goroutines of the Go processes, again and again. With g in a register
 * of each sample, two snapshots that agree tell the goroutine between them.
 */
#ifndef RECORD_WATCH_H
#define RECORD_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/process.h"
#include "goproc/section.h"

struct watch;

/* Borrows SECTION, which gets them. The caller frees *RET with watch_free(). */
struct perfgo_error *watch_new(struct go_section_writer *section, struct watch **ret);
void watch_free(struct watch *watch);

/* Takes over both: they are closed when the process has ended. */
void watch_add(struct watch *watch, struct memory *memory, struct goproc *process);
void watch_remove(struct watch *watch, uint32_t pid);

/* Whether the process is there, and has executed no other program since. */
bool watch_has(const struct watch *watch, uint32_t pid);

/* Takes those that are due; returns how many milliseconds are left until the next, at most MAX. */
int watch_take(struct watch *watch, int max);

/* How many have been taken. */
size_t watch_count(const struct watch *watch);

#endif
