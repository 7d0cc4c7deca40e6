// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/label_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char separator[] = ", ", more[] = "…";

enum { LONGEST_ESCAPE = 4 /* \xNN */, QUOTES = 2 };

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool needs_quotes(const char *text)
{
	size_t length = strlen(text);
	if (!length || *text == ' ' || text[length - 1] == ' ')
		return true;
	for (; *text; text++)
		if (strchr(",=\"\\", *text) || is_control(*text))
			return true;
	return false;
}

static char *add(char *to, const char *text)
{
	return stpcpy(to, text);
}

static char *add_quoted(char *to, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	*to++ = '"';
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (is_control(*text)) {
			to = add(to, "\\x");
			*to++ = digits[c >> 4];
			*to++ = digits[c & 15];
			continue;
		}
		if (c == '"' || c == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to++ = '"';
	*to = 0;
	return to;
}

static char *add_text(char *to, const char *text)
{
	return needs_quotes(text) ? add_quoted(to, text) : add(to, text);
}

static size_t most_bytes(const struct label_set *set)
{
	size_t size = sizeof(separator) + sizeof(more);
	for (size_t i = 0; i < set->count; i++)
		size += sizeof(separator) + 1 + 2 * QUOTES +
			LONGEST_ESCAPE *
				(strlen(set->labels[i].key) + strlen(set->labels[i].value));
	return size;
}

char *label_set_text(const struct label_set *set)
{
	char *text = malloc(most_bytes(set)), *to = text;
	if (!text)
		return NULL;
	*to = 0;
	for (size_t i = 0; i < set->count; i++) {
		to = add(to, i ? separator : "");
		to = add(add_text(to, set->labels[i].key), "=");
		to = add_text(to, set->labels[i].value);
	}
	if (set->incomplete)
		to = add(add(to, set->count ? separator : ""), more);
	return text;
}
