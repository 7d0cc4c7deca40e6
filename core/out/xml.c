// SPDX-License-Identifier: GPL-2.0-only
#include "out/xml.h"

#include "base/utf8.h"

/* How a character of one byte is written; NULL: as it is. */
static const char *written_as(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	}
	return (c < ' ' && c != '\n') || c == 0x7f ? UTF8_REPLACEMENT : NULL;
}

/* U+FFFE and U+FFFF are no characters of XML (XML 1.0, production 2). */
static bool is_no_character(const unsigned char *text, size_t length)
{
	return length == 3 && text[0] == 0xef && text[1] == 0xbf && text[2] >= 0xbe;
}

void xml_text(struct writer *writer, const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;
	while (at < end) {
		size_t length = *at < 0x80 ? 1 : utf8_length(at, (size_t)(end - at));
		const char *other = *at < 0x80				     ? written_as(*at)
				    : !length || is_no_character(at, length) ? UTF8_REPLACEMENT
									     : NULL;
		if (other)
			writer_string(writer, other);
		else
			writer_bytes(writer, (const char *)at, length);
		at += length ? length : 1;
	}
}
