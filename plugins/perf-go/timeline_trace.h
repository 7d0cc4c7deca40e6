/* SPDX-License-Identifier: GPL-2.0-only */
/* A timeline as trace events in JSON, which Perfetto and chrome://tracing open. */
#ifndef PERF_GO_TIMELINE_TRACE_H
#define PERF_GO_TIMELINE_TRACE_H

#include "base/strings.h"
#include "report/timeline.h"

struct timeline_trace;

/* Begins to write PATH, under a temporary name. The caller frees *RET with timeline_trace_free().
 */
struct perfgo_error *timeline_trace_new(const char *path, const struct strings *strings,
					struct timeline_trace **ret);
/* NULL is allowed. */
void timeline_trace_free(struct timeline_trace *trace);

/* For timeline_options.visit. */
void timeline_trace_add(void *trace, const struct timeline_interval *interval);

/* Writes the file, whole or not at all. */
struct perfgo_error *timeline_trace_finish(struct timeline_trace *trace);

#endif
