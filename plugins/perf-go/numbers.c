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

const char *duration_text(uint64_t ns, char buffer[NUMBER_TEXT_SIZE])
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
	size_t unit = 0;
	while (unit < 3 && (double)ns < units[unit].ns)
		unit++;
	double value = (double)ns / units[unit].ns;
	snprintf(buffer, NUMBER_TEXT_SIZE, "%.*f %s",
		 unit == 3 || value >= 100 ? 0
		 : value < 10		   ? 2
					   : 1,
		 value, units[unit].name);
	return buffer;
}

const char *hex_text(const uint8_t *bytes, size_t count, char *buffer, size_t size)
{
	*buffer = 0;
	for (size_t i = 0; i < count && 2 * i + 3 <= size; i++)
		snprintf(buffer + 2 * i, 3, "%02x", bytes[i]);
	return buffer;
}
