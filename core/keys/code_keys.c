// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the code address: function, file and line, package. */
#include <stdio.h>
#include <string.h>

#include "attribute/go_name.h"
#include "keys/facts.h"

static const struct frame *frame_of(const struct facts *facts, const struct things *things,
				    size_t i)
{
	return attribution_frame(facts->attribution, things->ids[i]);
}

void fill_dso(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i,
				session_dso(session, frame_of(facts, things, i)->dso)->short_name);
}

void fill_sym(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i, frame_of(facts, things, i)->symbol);
}

void fill_symoff(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		const struct frame *frame = frame_of(facts, things, i);
		ret->values[i] = frame->symbol_offset;
		ret->known[i] = frame->has_symbol;
	}
}

void fill_gofunc(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i, frame_of(facts, things, i)->function);
}

void fill_srcfile(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i, frame_of(facts, things, i)->file);
}

/* "FILE:LINE", unknown without a file; a line of 0 is not known and left out. */
static uint32_t file_line(struct strings *strings, const struct frame *frame, bool base_name)
{
	char text[4096];
	const char *file = strings_text(strings, frame->file);
	if (!file)
		return STRING_UNKNOWN;
	const char *slash = base_name ? strrchr(file, '/') : NULL;
	file = slash ? slash + 1 : file;
	int length = frame->line ? snprintf(text, sizeof(text), "%s:%u", file, frame->line)
				 : snprintf(text, sizeof(text), "%s", file);
	return length < (int)sizeof(text) ? strings_id_of(strings, text, (size_t)length)
					  : STRING_UNKNOWN;
}

void fill_srcline(struct facts *facts, const struct things *things, struct column *ret)
{
	struct strings *strings = session_strings(facts_session(facts));
	for (size_t i = 0; i < things->count; i++) {
		struct frame_memo *memo = facts_frame_memo(facts, things->ids[i]);
		if (memo && memo->base_line == UINT32_MAX)
			memo->base_line = file_line(strings, frame_of(facts, things, i), true);
		column_set_text(ret, i, memo ? memo->base_line : STRING_UNKNOWN);
	}
}

void fill_goline(struct facts *facts, const struct things *things, struct column *ret)
{
	struct strings *strings = session_strings(facts_session(facts));
	for (size_t i = 0; i < things->count; i++) {
		struct frame_memo *memo = facts_frame_memo(facts, things->ids[i]);
		const struct frame *frame = frame_of(facts, things, i);
		if (memo && memo->file_line == UINT32_MAX)
			memo->file_line =
				frame->function ? file_line(strings, frame, false) : STRING_UNKNOWN;
		column_set_text(ret, i, memo ? memo->file_line : STRING_UNKNOWN);
	}
}

void fill_gopkg(struct facts *facts, const struct things *things, struct column *ret)
{
	struct strings *strings = session_strings(facts_session(facts));
	for (size_t i = 0; i < things->count; i++) {
		struct frame_memo *memo = facts_frame_memo(facts, things->ids[i]);
		const char *function = strings_text(strings, frame_of(facts, things, i)->function);
		if (memo && memo->package == UINT32_MAX)
			memo->package = function ? go_package(strings, function) : STRING_UNKNOWN;
		column_set_text(ret, i, memo ? memo->package : STRING_UNKNOWN);
	}
}
