/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Made-up tracepoint events: facts about samples in the form in which perf report sorts by them. A
 * sample has their values in its PERF_SAMPLE_RAW, and TRACING_DATA (out/tracing_data.h) says where.
 *
 * perf compares the raw bytes of a field, at the place it has in one of the samples it compares
 * (tools/perf/util/sort.c, perf 6.12, __sort__hde_cmp()): so all fields have fixed places, and a
 * text is a number that stands for it.
 */
#ifndef OUT_TRACEPOINT_H
#define OUT_TRACEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out/writer.h"

enum tracepoint_kind {
	TRACEPOINT_TEXT, /* the number of a text of the tracing data */
	TRACEPOINT_WORD, /* the number of one of the field's own words */
	TRACEPOINT_UNSIGNED,
	TRACEPOINT_SIGNED,
	TRACEPOINT_ADDRESS, /* hexadecimal */
	TRACEPOINT_BYTES,   /* offset and length << 16 of bytes behind the fields; not printed */
};

struct tracepoint_text {
	uint64_t number;
	const char *text;
};

struct tracepoint_field {
	const char *name;
	enum tracepoint_kind kind;
	uint8_t size;	 /* 1, 2, 4 or 8 bytes */
	bool unknown;	 /* may be tracepoint_unknown(), which is printed as "?" */
	uint16_t offset; /* see tracepoint_layout() */
	const struct tracepoint_text *words; /* TRACEPOINT_WORD; see tracepoint_is_word() */
	size_t nr_words;
};

struct tracepoint {
	const char *system, *name; /* identifiers */
	uint16_t id;
	const struct tracepoint_field *fields;
	size_t nr_fields;
};

/* The fields that every tracepoint begins with: its id as 16 bits, and the thread id at 4. */
enum { TRACEPOINT_COMMON_SIZE = 8, TRACEPOINT_TID_OFFSET = 4 };

/* Letters, digits and single underscores: "cpu_mem_loads_ldlat_30_P". */
void tracepoint_identifier(const char *name, char *ret, size_t size);

/* Gives the fields their offsets, from START on. Returns where the last ends. */
size_t tracepoint_layout(struct tracepoint_field *fields, size_t count, size_t start);

/* The largest value of a number, which stands for one that is not known. */
uint64_t tracepoint_unknown(const struct tracepoint_field *field);

/*
 * perf shows a field up to the first blank, and texts are lines: blanks become no-break spaces,
 * other white space and control characters replacement characters.
 */
void tracepoint_write_printable(const char *text, struct writer *to);

/*
 * Whether a text can be a word of a field. Formats are ASCII (libtraceevent, __read_token()): in
 * words blanks become underscores.
 */
bool tracepoint_is_word(const char *text);

/* What is in a tracepoint's `format` file. */
void tracepoint_format(const struct tracepoint *tracepoint, struct writer *to);

/* Parts of it: lines of fields, what is printed of them, and the arguments for that. */
void tracepoint_write_fields(const struct tracepoint_field *fields, size_t count,
			     struct writer *to);
void tracepoint_write_print(const struct tracepoint_field *fields, size_t count, struct writer *to);
void tracepoint_write_arguments(const struct tracepoint_field *fields, size_t count,
				struct writer *to);

#endif
