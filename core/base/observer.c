// SPDX-License-Identifier: GPL-2.0-only
#include "base/observer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void observer_warn(const struct observer *observer, const char *format, ...)
{
	if (!observer || !observer->warning)
		return;
	char *text;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	observer->warning(observer->context, text ? text : "out of memory");
	free(text);
}
