/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tracepoint that a recording has already, to whose fields ours are added: behind those of fixed
 * size, before what is dynamic, whose places are known to fields of their own.
 */
#ifndef OUT_KNOWN_TRACEPOINT_H
#define OUT_KNOWN_TRACEPOINT_H

#include "out/tracepoint.h"

enum { MAX_DYNAMIC_FIELDS = 32 };

struct known_tracepoint {
	const char *text; /* its format, as long as that is */
	size_t size;
	size_t fields_end; /* in the text: behind the last line of a field */
	size_t print_end;  /* in the text: where the string of the print format ends */
	uint64_t id;
	uint16_t end; /* of the fields of fixed size, in the payload */
	/* Where the low 16 bits are the place of something behind these. */
	uint16_t dynamic[MAX_DYNAMIC_FIELDS];
	size_t nr_dynamic;
};

/* False when it cannot be read, or nothing can be added. TEXT is borrowed. */
bool known_tracepoint_read(const char *text, size_t size, struct known_tracepoint *ret);

/* Whether it has a field of that name. */
bool known_tracepoint_has(const struct known_tracepoint *known, const char *name);

/* Its format with the fields added. */
void known_tracepoint_format(const struct known_tracepoint *known,
			     const struct tracepoint_field *fields, size_t count,
			     struct writer *to);

#endif
