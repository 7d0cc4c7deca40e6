/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_GO_NUMBERS_H
#define PERF_GO_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT_SIZE = 32 };

/* VALUE in decimal, with a comma between groups of three digits when GROUPED. Returns BUFFER. */
const char *number_text(uint64_t value, bool grouped, char buffer[NUMBER_TEXT_SIZE]);

/* A length of time in its best unit, "1.24 ms". Returns BUFFER. */
const char *duration_text(uint64_t ns, char buffer[NUMBER_TEXT_SIZE]);

/* Bytes in hex, cut to fit, with its NUL, into the SIZE of BUFFER. Returns BUFFER. */
const char *hex_text(const uint8_t *bytes, size_t count, char *buffer, size_t size);
enum { BUILD_ID_TEXT_SIZE = 2 * 20 + 1 };

#endif
