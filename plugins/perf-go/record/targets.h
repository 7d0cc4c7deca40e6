/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom to record: a command that is started, processes that run, or all. */
#ifndef RECORD_TARGETS_H
#define RECORD_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct targets_options {
	char **command;	     /* NULL: none */
	const char *pids;    /* "1,2"; NULL none */
	const char *threads; /* the same */
	bool all;	     /* a command only says how long */
};

struct targets;

/* Forks the command, which waits. The caller frees *RET with targets_free(). */
struct perfgo_error *targets_new(const struct targets_options *options, struct targets **ret);
/* Ends a command that has not been let go. NULL is allowed. */
void targets_free(struct targets *targets);

/* The processes that are recorded, if only in part, from the beginning; none with `all`. */
const pid_t *targets_pids(const struct targets *targets, size_t *count_ret);
/* Their threads as they are now, to be freed by the caller; NULL without memory. None with `all`.
 */
pid_t *targets_threads(const struct targets *targets, size_t *count_ret);

/* The process of the command; 0 none. */
pid_t targets_command(const struct targets *targets);

/*
 * Lets the command execute its program and stops it before the first instruction, where it may be
 * traced; the error says why it could not. Then targets_go().
 */
struct perfgo_error *targets_exec(struct targets *targets);
void targets_go(struct targets *targets);

/* Whether there is still something to record. */
bool targets_alive(struct targets *targets);

/* Ends a command that is still running, as perf does, and waits for it. */
void targets_stop(struct targets *targets);

/* What the command returned, as perf record has it: its exit status, 128 and its signal. 0 none. */
int targets_status(const struct targets *targets);

#endif
