/* SPDX-License-Identifier: GPL-2.0-only */
/* The manual pages (doc/man), which are a part of the program. */
#ifndef PERF_GO_MANUAL_H
#define PERF_GO_MANUAL_H

#include "out/writer.h"

/* The page of a command, "" for that of perf-go itself, in man macros; NULL when there is none. */
const char *manual_page(const char *command, size_t *size_ret);

/*
 * A page as plain text of 80 columns, for where there is no man. Knows the macros and escapes of
 * the pages here.
 */
void manual_render(const char *page, size_t size, struct writer *out);

#endif
