/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON as it is produced: values in order, commas put where they belong. */
#ifndef OUT_JSON_H
#define OUT_JSON_H

#include "out/writer.h"

/* Begin with the writer and comma false. */
struct json {
	struct writer *writer;
	bool comma; /* one belongs before the next key or value */
};

/* BRACKET is one of {}[]. */
static inline void json_begin(struct json *json, char bracket)
{
	if (json->comma)
		writer_char(json->writer, ',');
	writer_char(json->writer, bracket);
	json->comma = false;
}

static inline void json_end(struct json *json, char bracket)
{
	writer_char(json->writer, bracket);
	json->comma = true;
}

/* The key of the next value. */
void json_key(struct json *json, const char *key);

/* Bytes that are not UTF-8 become U+FFFD, each. NULL is null. */
void json_string(struct json *json, const char *string);
void json_string_of(struct json *json, const char *string, size_t size);

void json_unsigned(struct json *json, uint64_t value);
void json_signed(struct json *json, int64_t value);
void json_hex(struct json *json, uint64_t value); /* "0x1f": beyond what doubles hold */
void json_fixed(struct json *json, double value, int decimals);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* Ends the line, behind the comma if one is due. */
void json_newline(struct json *json);

/* Begins a new document on its own line. */
static inline void json_end_document(struct json *json)
{
	writer_char(json->writer, '\n');
	json->comma = false;
}

#endif
