/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/*
 * Length of the sequence of several bytes at TEXT, of which LEFT are there; 0 for none: overlong
 * forms, surrogates and what is beyond U+10FFFF are none (RFC 3629).
 */
size_t utf8_length(const unsigned char *text, size_t left);

/* U+FFFD, for what is none. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

#endif
