// SPDX-License-Identifier: GPL-2.0-only
#include "out/known_tracepoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line "\tfield:DECLARATION;\toffset:N;\tsize:N;\tsigned:N;". */
struct field_line {
	char declaration[256];
	unsigned int offset, size;
};

static const char *next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline + 1 : end;
}

static bool read_field(const char *line, const char *end, struct field_line *ret)
{
	char text[512];
	if ((size_t)(end - line) >= sizeof(text))
		return false;
	memcpy(text, line, (size_t)(end - line));
	text[end - line] = 0;
	return sscanf(text, " field:%255[^;];%*[ \t]offset:%u;%*[ \t]size:%u;", ret->declaration,
		      &ret->offset, &ret->size) == 3;
}

static bool starts_with(const char *text, const char *end, const char *start)
{
	return (size_t)(end - text) >= strlen(start) && !memcmp(text, start, strlen(start));
}

/* Nothing is known of where the bytes of a field without size end. */
static bool take_field(struct known_tracepoint *known, const struct field_line *field)
{
	bool dynamic =
		strstr(field->declaration, "__data_loc") || strstr(field->declaration, "__rel_loc");
	unsigned int end = field->offset + field->size;
	if (!field->size || field->offset > UINT16_MAX || end > UINT16_MAX)
		return false;
	if (dynamic && known->nr_dynamic == MAX_DYNAMIC_FIELDS)
		return false;
	if (dynamic)
		known->dynamic[known->nr_dynamic++] = (uint16_t)field->offset;
	if (end > known->end)
		known->end = (uint16_t)end;
	return true;
}

/* Behind the last of the string literals at AT, which are one; its last quote, or NULL. */
static const char *end_of_string(const char *at, const char *end)
{
	const char *quote = NULL;
	while (at < end && *at == '"') {
		for (at++; at < end && *at != '"'; at++)
			at += *at == '\\';
		if (at >= end)
			return NULL;
		quote = at++;
		while (at < end && strchr(" \t\n", *at) && *at)
			at++;
	}
	return quote;
}

bool known_tracepoint_read(const char *text, size_t size, struct known_tracepoint *ret)
{
	static const char id[] = "ID: ", print[] = "print fmt: ";
	const char *end = text + size, *quote = NULL;
	*ret = (struct known_tracepoint){.text = text, .size = size};
	for (const char *line = text, *next; line < end && !quote; line = next) {
		struct field_line field;
		next = next_line(line, end);
		if (starts_with(line, next, id))
			ret->id = strtoull(line + strlen(id), NULL, 10);
		if (starts_with(line, next, "\tfield:")) {
			if (!read_field(line, next, &field) || !take_field(ret, &field))
				return false;
			ret->fields_end = (size_t)(next - text);
		}
		if (starts_with(line, next, print))
			quote = end_of_string(line + strlen(print), end);
	}
	ret->print_end = quote ? (size_t)(quote - text) : 0;
	return quote && ret->fields_end && ret->end >= TRACEPOINT_COMMON_SIZE;
}

/* "char comm[16]" and "__data_loc char[] comm" are of that name. */
static bool declares(char *declaration, const char *name)
{
	size_t length = strlen(declaration);
	if (length && declaration[length - 1] == ']')
		declaration[strcspn(declaration, "[")] = 0;
	const char *blank = strrchr(declaration, ' ');
	return !strcmp(blank ? blank + 1 : declaration, name);
}

bool known_tracepoint_has(const struct known_tracepoint *known, const char *name)
{
	const char *end = known->text + known->fields_end;
	struct field_line field;
	for (const char *line = known->text, *next; line < end; line = next) {
		next = next_line(line, end);
		if (read_field(line, next, &field) && declares(field.declaration, name))
			return true;
	}
	return false;
}

void known_tracepoint_format(const struct known_tracepoint *known,
			     const struct tracepoint_field *fields, size_t count, struct writer *to)
{
	size_t size = known->size;
	while (size && strchr(" \t\n", known->text[size - 1]) && known->text[size - 1])
		size--;
	writer_bytes(to, known->text, known->fields_end);
	tracepoint_write_fields(fields, count, to);
	writer_bytes(to, known->text + known->fields_end, known->print_end - known->fields_end);
	writer_char(to, ' ');
	tracepoint_write_print(fields, count, to);
	writer_bytes(to, known->text + known->print_end, size - known->print_end);
	tracepoint_write_arguments(fields, count, to);
	writer_char(to, '\n');
}
