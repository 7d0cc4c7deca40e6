// SPDX-License-Identifier: GPL-2.0-only
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct perfgo_error {
	char *text;
	char *hint;
};

static struct perfgo_error no_memory = {.text = "out of memory"};

static struct perfgo_error *error_of_text(char *text)
{
	struct perfgo_error *error = text ? calloc(1, sizeof(*error)) : NULL;
	if (!error) {
		free(text);
		return &no_memory;
	}
	error->text = text;
	return error;
}

struct perfgo_error *perfgo_error_new(const char *format, ...)
{
	char *text;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return error_of_text(text);
}

struct perfgo_error *perfgo_error_errno(int errnum, const char *format, ...)
{
	char *what, *text;
	va_list args;
	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	va_end(args);
	if (!what || asprintf(&text, "%s: %s", what, strerror(errnum)) < 0)
		text = NULL;
	free(what);
	return error_of_text(text);
}

struct perfgo_error *perfgo_error_no_memory(void)
{
	return &no_memory;
}

struct perfgo_error *perfgo_error_hint(struct perfgo_error *error, const char *format, ...)
{
	if (error == &no_memory)
		return error;
	char *hint;
	va_list args;
	va_start(args, format);
	if (vasprintf(&hint, format, args) < 0)
		hint = NULL;
	va_end(args);
	free(error->hint);
	error->hint = hint;
	return error;
}

const char *perfgo_error_text(const struct perfgo_error *error)
{
	return error->text;
}

const char *perfgo_error_hint_text(const struct perfgo_error *error)
{
	return error->hint;
}

void perfgo_error_destroy(struct perfgo_error *error)
{
	if (!error || error == &no_memory)
		return;
	free(error->text);
	free(error->hint);
	free(error);
}
