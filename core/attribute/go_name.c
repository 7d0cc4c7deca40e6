// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/go_name.h"

#include <string.h>

/* Names of no package (debug/gosym/symtab.go, PackageName; "." was ":" before go1.20). */
static const char *const made_up[] = {"type:", "go:", "type..", "go.("};

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Dots in the last element of a path are written %2e (cmd/internal/objabi/path.go). */
static size_t unescape(char *to, const char *from, size_t length)
{
	size_t written = 0;
	for (size_t i = 0; i < length; i++) {
		int high = i + 2 < length && from[i] == '%' ? hex_digit(from[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(from[i + 2]) : -1;
		to[written++] = low >= 0 ? (char)(high << 4 | low) : from[i];
		i += low >= 0 ? 2 : 0;
	}
	return written;
}

/* Type arguments may hold paths of their own: look only before them. */
uint32_t go_package(struct strings *strings, const char *function)
{
	char package[512];
	for (size_t i = 0; i < sizeof(made_up) / sizeof(*made_up); i++)
		if (!strncmp(function, made_up[i], strlen(made_up[i])))
			return STRING_UNKNOWN;
	size_t length = strcspn(function, "[");
	const char *slash = memrchr(function, '/', length);
	const char *start = slash ? slash : function;
	const char *dot = memchr(start, '.', length - (size_t)(start - function));
	if (!dot || dot == function || (size_t)(dot - function) > sizeof(package))
		return STRING_UNKNOWN;
	return strings_id_of(strings, package,
			     unescape(package, function, (size_t)(dot - function)));
}
