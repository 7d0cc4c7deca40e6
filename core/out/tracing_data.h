/* SPDX-License-Identifier: GPL-2.0-only */
/* The header feature TRACING_DATA: what perf knows of tracepoints. */
#ifndef OUT_TRACING_DATA_H
#define OUT_TRACING_DATA_H

#include "out/known_tracepoint.h"
#include "out/tracepoint.h"

/* Fields that are added to a tracepoint which is there before. */
struct tracepoint_extension {
	struct known_tracepoint known;
	const struct tracepoint_field *fields;
	size_t nr_fields;
};

struct tracing_data {
	const void *before; /* what the recording has already, or NULL */
	size_t before_size;
	bool swap; /* in the other byte order than this machine's */
	const struct tracepoint *tracepoints;
	size_t nr_tracepoints; /* of one system, which BEFORE has not */
	const struct tracepoint_extension *extensions;
	size_t nr_extensions;
	const struct tracepoint_text *texts; /* what fields of TRACEPOINT_TEXT stand for */
	size_t nr_texts;
	uint8_t text_size; /* of these fields: that of BEFORE, else 4 or 8 */
};

/*
 * The size of fields of TRACEPOINT_TEXT: that of a long where BEFORE was made, 4 where any would
 * do. False when BEFORE is not what it should be; a BEFORE of NULL is.
 */
bool tracing_data_text_size(const void *before, size_t before_size, uint8_t *ret);

/* The format of the tracepoint with an id; false when it is not there, or cannot be added to. */
bool tracing_data_find(const void *before, size_t before_size, uint64_t id,
		       struct known_tracepoint *ret);

/* TO is a writer into memory. False when BEFORE is not what it should be. */
bool tracing_data_write(const struct tracing_data *data, struct writer *to);

#endif
