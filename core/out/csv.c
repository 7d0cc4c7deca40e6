// SPDX-License-Identifier: GPL-2.0-only
#include "out/csv.h"

void csv_field(struct writer *writer, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		writer_string(writer, text);
		return;
	}
	writer_char(writer, '"');
	for (; *text; text++) {
		if (*text == '"')
			writer_char(writer, '"');
		writer_char(writer, *text);
	}
	writer_char(writer, '"');
}
