// SPDX-License-Identifier: GPL-2.0-only
/* The text of a `format` file (Documentation/trace/events.rst, 2.3), as libtraceevent reads it. */
#include "out/tracepoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void tracepoint_identifier(const char *name, char *ret, size_t size)
{
	size_t length = 0;
	for (; *name && length + 1 < size; name++) {
		bool plain = isascii(*name) && isalnum(*name);
		if (plain || (length && ret[length - 1] != '_'))
			ret[length++] = plain ? *name : '_';
	}
	while (length && ret[length - 1] == '_')
		length--;
	ret[length] = 0;
	if (!length || isdigit(*ret))
		snprintf(ret, size, "event");
}

size_t tracepoint_layout(struct tracepoint_field *fields, size_t count, size_t start)
{
	for (size_t i = 0; i < count; i++) {
		start = (start + fields[i].size - 1) / fields[i].size * fields[i].size;
		fields[i].offset = (uint16_t)start;
		start += fields[i].size;
	}
	return start;
}

uint64_t tracepoint_unknown(const struct tracepoint_field *field)
{
	uint64_t all = UINT64_MAX >> (64 - 8 * field->size);
	return field->kind == TRACEPOINT_SIGNED ? all >> 1 : all;
}

void tracepoint_write_printable(const char *text, struct writer *to)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == ' ')
			writer_string(to, "\u00a0");
		else if (c < ' ' || c == 0x7f)
			writer_string(to, "\ufffd");
		else
			writer_char(to, *text);
	}
}

static const char common_fields[] =
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n";

static void write_field(const struct tracepoint_field *field, struct writer *to)
{
	bool is_signed = field->kind == TRACEPOINT_SIGNED;
	if (field->kind == TRACEPOINT_BYTES)
		writer_printf(to, "\tfield:__data_loc u8[] %s;", field->name);
	else
		writer_printf(to, "\tfield:%c%d %s;", is_signed ? 's' : 'u', 8 * field->size,
			      field->name);
	writer_printf(to, "\toffset:%u;\tsize:%u;\tsigned:%d;\n", field->offset, field->size,
		      is_signed);
}

/*
 * Of the fields that are printed, the first whose name begins with NAME. perf takes the text of a
 * field from the first word that begins with its name (tools/perf/util/sort.c, perf 6.12,
 * __sort__hde_entry()): so the shorter name has to come first.
 */
static size_t find_longer(const struct tracepoint_field *const *printed, size_t count,
			  const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(printed[i]->name, name, strlen(name)))
			return i;
	return count;
}

/* Returns how many of the fields are printed, and in which order. */
static size_t order_fields(const struct tracepoint_field *fields, size_t nr_fields,
			   const struct tracepoint_field *printed[])
{
	size_t count = 0;
	for (size_t i = 0; i < nr_fields; i++) {
		if (fields[i].kind == TRACEPOINT_BYTES)
			continue;
		size_t at = find_longer(printed, count, fields[i].name);
		memmove(&printed[at + 1], &printed[at], (count - at) * sizeof(*printed));
		printed[at] = &fields[i];
		count++;
	}
	return count;
}

/* The conversion of a number, with its flag apart, for precision goes between. */
static void write_conversion(const struct tracepoint_field *field, struct writer *to)
{
	static const char *const flags[] = {[TRACEPOINT_ADDRESS] = "#", [TRACEPOINT_BYTES] = NULL};
	static const char letters[] = {[TRACEPOINT_TEXT] = 's',
				       [TRACEPOINT_WORD] = 's',
				       [TRACEPOINT_UNSIGNED] = 'u',
				       [TRACEPOINT_SIGNED] = 'd',
				       [TRACEPOINT_ADDRESS] = 'x'};
	const char *flag = flags[field->kind];
	writer_printf(to, "%s%%%s%s%s%c", field->unknown ? "%s" : "", flag ? flag : "",
		      field->unknown ? ".*" : "",
		      field->size == 8 && letters[field->kind] != 's' ? "ll" : "",
		      letters[field->kind]);
}

bool tracepoint_is_word(const char *text)
{
	for (; *text; text++)
		if (!isascii(*text) || !isprint(*text) || strchr("\"\\", *text))
			return false;
	return true;
}

static void write_word(const struct tracepoint_field *field, struct writer *to)
{
	writer_printf(to, ", __print_symbolic(REC->%s", field->name);
	for (size_t i = 0; i < field->nr_words; i++) {
		writer_printf(to, ", {%llu, \"", (unsigned long long)field->words[i].number);
		for (const char *c = field->words[i].text; *c; c++)
			writer_char(to, *c == ' ' ? '_' : *c);
		writer_string(to, "\"}");
	}
	writer_char(to, ')');
}

/*
 * A number that is not known is "?" and then 0 with precision 0, which is no digit at all.
 * libtraceevent gets comparisons in brackets wrong, so there are none.
 */
static void write_argument(const struct tracepoint_field *field, struct writer *to)
{
	unsigned long long none = tracepoint_unknown(field);
	const char *name = field->name;
	if (field->kind == TRACEPOINT_WORD)
		write_word(field, to);
	else if (field->unknown)
		writer_printf(to,
			      ", REC->%s == %llu ? \"?\" : \"\", REC->%s != %llu"
			      ", REC->%s == %llu ? 0 : REC->%s",
			      name, none, name, none, name, none, name);
	else
		writer_printf(to, ", REC->%s", name);
}

void tracepoint_write_fields(const struct tracepoint_field *fields, size_t count, struct writer *to)
{
	for (size_t i = 0; i < count; i++)
		write_field(&fields[i], to);
}

void tracepoint_write_print(const struct tracepoint_field *fields, size_t count, struct writer *to)
{
	const struct tracepoint_field *printed[count + 1];
	count = order_fields(fields, count, printed);
	for (size_t i = 0; i < count; i++) {
		writer_printf(to, "%s%s=", i ? " " : "", printed[i]->name);
		write_conversion(printed[i], to);
	}
}

void tracepoint_write_arguments(const struct tracepoint_field *fields, size_t count,
				struct writer *to)
{
	const struct tracepoint_field *printed[count + 1];
	count = order_fields(fields, count, printed);
	for (size_t i = 0; i < count; i++)
		write_argument(printed[i], to);
}

void tracepoint_format(const struct tracepoint *tracepoint, struct writer *to)
{
	const struct tracepoint_field *fields = tracepoint->fields;
	size_t count = tracepoint->nr_fields;
	writer_printf(to, "name: %s\nID: %u\nformat:\n", tracepoint->name, tracepoint->id);
	writer_string(to, common_fields);
	tracepoint_write_fields(fields, count, to);
	writer_string(to, "\nprint fmt: \"");
	tracepoint_write_print(fields, count, to);
	writer_char(to, '"');
	tracepoint_write_arguments(fields, count, to);
	writer_char(to, '\n');
}
