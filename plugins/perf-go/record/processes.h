/* SPDX-License-Identifier: GPL-2.0-only */
/* The Go processes among those that are recorded. */
#ifndef RECORD_PROCESSES_H
#define RECORD_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/section.h"
#include "record/context.h"
#include "record/programs.h"
#include "record/watch.h"

struct processes;

struct processes_options {
	struct programs *programs; /* told of each process; NULL: there is no BPF */
	struct switches *switches; /* the same; NULL without --sched */
	struct watch *watch;	   /* gets each process then */
	struct go_section_writer *section;
	/* Tells the user of one: TEXT "api 4711: go1.26.8, goroutines by bpf". */
	void (*found)(void *context, const char *text);
	void *context;
};

/* Borrows what is in OPTIONS. The caller frees *RET with processes_free(). */
struct perfgo_error *processes_new(const struct processes_options *options, struct processes **ret);
void processes_free(struct processes *processes);

/*
 * Looks for Go in a process that the recorder or BPF has come across, EXEC_ID as BPF has it, 0 not
 * known, in which case one that is not Go may become it by executing another program.
 */
void processes_add(struct processes *processes, uint32_t pid, uint64_t exec_id);

/*
 * The process has mapped code from the file at PATH: if that is Go's, it is looked at (again) by
 * processes_look_again(), and for a while again and again until its library is loaded.
 */
void processes_see_code(struct processes *processes, uint32_t pid, const char *path);
void processes_look_again(struct processes *processes);

/* It has ended. */
void processes_remove(struct processes *processes, uint32_t pid);

/*
 * Whether there is a process of that id although its first thread has ended: another thread that
 * executes a program takes the first one's place, and its id (fs/exec.c, de_thread, Linux 6.18).
 */
bool processes_lives(uint32_t pid);

/* What is known of a process that a sample has met. */
enum process_kind {
	PROCESS_OTHER,	  /* no Go, or not looked at */
	PROCESS_GO,	  /* its goroutines can be known */
	PROCESS_OBSTACLE, /* Go, but something is in the way, which was told */
};
enum process_kind processes_kind(const struct processes *processes, uint32_t pid);

/* How many could not be looked into; the first few were told. */
size_t processes_unreadable(const struct processes *processes);

/* How many Go processes were found since the beginning. */
size_t processes_count(const struct processes *processes);

#endif
