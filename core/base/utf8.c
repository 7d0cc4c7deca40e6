// SPDX-License-Identifier: GPL-2.0-only
#include "base/utf8.h"

#include <stdint.h>

size_t utf8_length(const unsigned char *text, size_t left)
{
	static const struct form {
		uint8_t first, last;		/* of the lead byte */
		uint8_t length;			/* in bytes */
		uint8_t second_min, second_max; /* the other bytes are 80 to bf */
	} forms[] = {
		{0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
		{0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f},
		{0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
		{0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct form *form = &forms[i];
		if (text[0] < form->first || text[0] > form->last)
			continue;
		if (left < form->length || text[1] < form->second_min || text[1] > form->second_max)
			return 0;
		for (size_t at = 2; at < form->length; at++)
			if ((text[at] & 0xc0) != 0x80)
				return 0;
		return form->length;
	}
	return 0;
}
