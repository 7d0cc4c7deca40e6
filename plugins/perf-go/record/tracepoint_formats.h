/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats of the tracepoints that are recorded. */
#ifndef RECORD_TRACEPOINT_FORMATS_H
#define RECORD_TRACEPOINT_FORMATS_H

#include "out/writer.h"
#include "record/events.h"

/*
 * Writes the header feature TRACING_DATA, without which perf does not read a recording with a
 * tracepoint. Nothing is written when EVENTS has none. TO is a writer into memory.
 */
struct perfgo_error *tracing_data_collect(const struct event_list *events, struct writer *to);

#endif
