/* SPDX-License-Identifier: GPL-2.0-only */
/* What was there before the recording began, as the records that the kernel would have written. */
#ifndef RECORD_SIDEBAND_H
#define RECORD_SIDEBAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "out/writer.h"

/* What every sample and record ends with or holds, so that records of all events are read alike. */
#define SIDEBAND_SAMPLE_TYPE                                                                       \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU)

/* The kernel and its modules. */
void sideband_kernel(struct writer *to);

/* A process with its threads and what is mapped; with DATA not only what is executable. */
void sideband_process(struct writer *to, pid_t pid, bool data);

/* Calls VISIT for each number that is the name of an entry of a directory in /proc. */
void sideband_visit(const char *directory, void (*visit)(void *context, pid_t id), void *context);

#endif
