/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OUT_XML_H
#define OUT_XML_H

#include "out/writer.h"

/*
 * SIZE bytes as character data or in an attribute in double quotes. What XML 1.0 does not take,
 * control characters and bytes that are not UTF-8, each becomes U+FFFD; newlines stay.
 */
void xml_text(struct writer *writer, const char *text, size_t size);

static inline void xml_string(struct writer *writer, const char *string)
{
	xml_text(writer, string, strlen(string));
}

#endif
