/* SPDX-License-Identifier: GPL-2.0-only */
/* An ELF file that holds nothing but the symbols of another one, which has been stripped. */
#ifndef ELF_SYMBOL_FILE_H
#define ELF_SYMBOL_FILE_H

#include "elf/image.h"

struct symbol_file_function {
	const char *name;
	uint64_t start, end;
};

/* Whether symbol_file_write() can: 64-bit files of this machine's byte order. */
bool symbol_file_possible(const struct image *target);

/*
 * Writes PATH with the segments of TARGET, without their contents, the functions as symbols and the
 * build id, if there is one. What was at PATH is replaced, not written into: perf's cache has hard
 * links to the user's files.
 */
struct perfgo_error *symbol_file_write(const char *path, const struct image *target,
				       const uint8_t *build_id, size_t build_id_size,
				       const struct symbol_file_function *functions, size_t count);

#endif
