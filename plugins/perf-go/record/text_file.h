/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files of sysfs and tracefs. */
#ifndef RECORD_TEXT_FILE_H
#define RECORD_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is in DIRECTORY/NAME, without white space at its end; the caller frees it. NULL, with errno,
 * when it cannot be read or is larger than such files are.
 */
char *text_file_read(const char *directory, const char *name);

/* The number, decimal or 0x hexadecimal, that is all of TEXT. */
bool text_number(const char *text, uint64_t *ret);

/* Whether there is such a file that this user may look at; else errno says why. */
bool text_file_exists(const char *directory, const char *name);

/* Names in a directory, sorted, but for those that begin with a dot. */
struct names {
	char **names;
	size_t count, capacity;
};

/* False, with errno, when the directory cannot be read; RET is empty then. */
bool names_read(const char *directory, struct names *ret);
void names_deinit(struct names *names);

#endif
