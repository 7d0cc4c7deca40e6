// SPDX-License-Identifier: GPL-2.0-only
#include "numbers.h"

#include <inttypes.h>
#include <stdio.h>

const char *number_text(uint64_t value, bool grouped, char buffer[NUMBER_TEXT_SIZE])
{
	char digits[NUMBER_TEXT_SIZE];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	char *to = buffer;
	for (int i = 0; i < length; i++) {
		if (grouped && i && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = 0;
	return buffer;
}

const char *hex_text(const uint8_t *bytes, size_t count, char *buffer, size_t size)
{
	*buffer = 0;
	for (size_t i = 0; i < count && 2 * i + 3 <= size; i++)
		snprintf(buffer + 2 * i, 3, "%02x", bytes[i]);
	return buffer;
}
