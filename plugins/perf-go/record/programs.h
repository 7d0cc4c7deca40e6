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

struct programs_options {
	uint32_t goroutine_stack; /* bytes of it, where its thread is on g0 */
	bool stack_top;		  /* the words at the user's stack pointer */
	bool callchain;		  /* the user's, by frame pointers */
	bool switches;		  /* those for programs_probe() too */
	bool hits;		  /* those for programs_attach_hits() too */
};

/*
 * Loads what OPTIONS ask for. The error says why the kernel refused. The caller frees *RET with
 * programs_free().
 */
struct perfgo_error *programs_load(const struct programs_options *options, struct programs **ret);
void programs_free(struct programs *programs);

/* Where it writes to: events for BPF's output. */
struct perfgo_error *programs_set_output(struct programs *programs, struct opened *opened,
					 size_t contexts, size_t notices);

/* The same for those of switches. */
struct perfgo_error *programs_set_switches(struct programs *programs, struct opened *opened,
					   size_t switches);

/*
 * Lets the program for a kind of switch (enum go_switch_kind) run at an offset of a file. NULL when
 * the kernel refuses. The caller ends it with program_link_free().
 */
struct program_link;
struct program_link *programs_probe(struct programs *programs, unsigned int kind, const char *path,
				    uint64_t offset);
void program_link_free(struct program_link *link);

/* Lets it run before each sample of an event. */
struct perfgo_error *programs_attach(struct programs *programs, struct opened *opened,
				     size_t event);

/*
 * The same for a tracepoint, or a probe that was made before, by its id. False when the kernel
 * refuses: then its samples have no goroutine. *MOVES_RET becomes true where the thread may be
 * switched to another CPU between program and sample.
 */
bool programs_attach_hits(struct programs *programs, uint64_t tracepoint, bool *moves_ret);

/* What it is to do in a process; false when there are too many. */
bool programs_set_row(struct programs *programs, uint32_t pid, const struct go_row *row);
void programs_remove_row(struct programs *programs, uint32_t pid);

#endif
