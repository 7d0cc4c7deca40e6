/* SPDX-License-Identifier: GPL-2.0-only */
/* One executable file or library, whatever is known of it: ELF, Go's tables, DWARF. */
#ifndef ATTRIBUTE_BINARY_H
#define ATTRIBUTE_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "elf/cfi.h"
#include "elf/image.h"
#include "gobin/gobin.h"

struct binary;

/*
 * Opens PATH, and the separate debug file it names when it has no symbols of its own (build id
 * below /usr/lib/debug, .gnu_debuglink). The caller frees *RET with binary_close().
 */
struct perfgo_error *binary_open(const char *path, struct binary **ret);
void binary_close(struct binary *binary);

/*
 * Why a Go binary is read without Go's tables, by its ELF symbols alone: they are damaged, or of an
 * unknown kind. NULL when there is nothing to say, or at the second call; the error is the
 * caller's.
 */
struct perfgo_error *binary_take_go_error(struct binary *binary);

const struct image *binary_image(const struct binary *binary);
const struct gobin *binary_go(const struct binary *binary); /* NULL: no Go in it */

enum { BINARY_MAX_FRAMES = 64 };

struct binary_frame {
	const char *function;	    /* C++ names demangled; NULL unknown */
	const char *linkage;	    /* the same not demangled, with Go's type arguments */
	const char *file;	    /* NULL unknown */
	int line;		    /* 0 unknown */
	int start_line;		    /* of a Go function; 0 unknown */
	unsigned int discriminator; /* DWARF's, of blocks on one line */
	bool go;		    /* a function of Go's own tables */
	bool inlined;		    /* into the frame that follows */
	bool wrapper;		    /* made by Go's compiler, to call another function */
};

struct binary_location {
	const char *symbol; /* the physical function; NULL unknown: a gap, padding, data */
	uint64_t symbol_start;
	size_t count; /* frames, innermost first; 0 when nothing is known */
	struct binary_frame frames[BINARY_MAX_FRAMES];
};

/* Whose source lines are wanted; those of other code, and its inlined calls, are DWARF's. */
enum binary_lines {
	BINARY_NO_LINES,
	BINARY_GO_LINES,
	BINARY_ALL_LINES, /* slow to open */
};

/*
 * What is at a virtual address of the file: Go's pclntab for Go's text (stripped or not), ELF
 * symbols and DWARF for the rest. Texts are valid as long as the binary.
 */
void binary_locate(struct binary *binary, uint64_t address, enum binary_lines lines,
		   struct binary_location *ret);

/*
 * How the caller of a virtual address is found that is not Go's: by the file's call frame
 * information, else by that of its separate debug file. NULL: by neither. As cfi_find().
 */
const struct cfi_row *binary_cfi_row(struct binary *binary, uint64_t address);

#endif
