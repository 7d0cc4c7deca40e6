/* SPDX-License-Identifier: GPL-2.0-only */
/* The header feature TRACING_DATA: what perf knows of tracepoints. */
#ifndef OUT_TRACING_DATA_H
#define OUT_TRACING_DATA_H

#include "out/tracepoint.h"

struct tracing_data {
	const void *before; /* what the recording has already, or NULL */
	size_t before_size;
	bool swap; /* in the other byte order than this machine's */
	const struct tracepoint *tracepoints;
	size_t nr_tracepoints;	  /* of one system, which BEFORE has not */
	const char *const *texts; /* what fields of TRACEPOINT_TEXT stand for, by number */
	size_t nr_texts;
};

/*
 * The size of fields of TRACEPOINT_TEXT: that of a long where BEFORE was made. False when BEFORE is
 * not what it should be; a BEFORE of NULL is.
 */
bool tracing_data_text_size(const void *before, size_t before_size, uint8_t *ret);

/* TO is a writer into memory. False when BEFORE is not what it should be. */
bool tracing_data_write(const struct tracing_data *data, struct writer *to);

#endif
