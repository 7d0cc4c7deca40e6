/* SPDX-License-Identifier: GPL-2.0-only */
/* An ELF file: its segments, ids, symbols and, through libdw, lines and inlined functions. */
#ifndef ELF_IMAGE_H
#define ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct image;

/*
 * Opens and maps an ELF file read-only. Works without section headers. *RET is the caller's, freed
 * with image_close(). All pointers an image hands out are valid as long as it is.
 */
struct perfgo_error *image_open(const char *path, struct image **ret);
void image_close(struct image *image);

const char *image_path(const struct image *image);
uint16_t image_machine(const struct image *image); /* EM_X86_64, EM_AARCH64, … */
bool image_big_endian(const struct image *image);
bool image_position_independent(const struct image *image); /* ET_DYN */
bool image_is_program(const struct image *image);	    /* no shared library */

struct image_segment {
	uint64_t vaddr, memory_size; /* in memory */
	uint64_t offset, file_size;  /* in the file, cut to what the file has */
	bool readable, writable, executable;
};

/* The PT_LOAD segments. */
const struct image_segment *image_segments(const struct image *image, size_t *count_ret);

/* PT_TLS, of which each thread has a copy; false when there is none. */
struct image_thread_storage {
	uint64_t vaddr, size, align;
};
bool image_thread_storage(const struct image *image, struct image_thread_storage *ret);

/* File offset to virtual address through the executable PT_LOAD segments. */
bool image_address_of_offset(const struct image *image, uint64_t offset, uint64_t *address_ret);

/* The bytes of the file behind a virtual address and how many follow in its segment, or NULL. */
const uint8_t *image_bytes(const struct image *image, uint64_t address, uint64_t *left_ret);

/*
 * The pointer-sized word at a virtual address as the loader leaves it: relocations (DT_RELA,
 * DT_REL, DT_RELR) are applied as if the image were loaded at its own addresses.
 */
bool image_pointer(const struct image *image, uint64_t address, uint64_t *value_ret);

/*
 * The next pointer-aligned address, from *ADDRESS on, in the writable segments at which
 * image_pointer() finds VALUE; puts it into *ADDRESS.
 */
bool image_find_pointer(const struct image *image, uint64_t value, uint64_t *address);

/* False when the section headers have been taken off. */
bool image_has_sections(const struct image *image);

/* A section by name; false when there is none, or no section headers. */
struct image_section {
	uint64_t address, size;
	const uint8_t *data; /* NULL for SHT_NOBITS; not decompressed */
};
bool image_section(const struct image *image, const char *name, struct image_section *ret);

/* The GNU build id (found through program headers too) and its size, or NULL. */
const uint8_t *image_build_id(const struct image *image, size_t *size_ret);

/* Go's own build id, a text of *LENGTH_RET bytes without a NUL (owner "Go", type 4), or NULL. */
const char *image_go_build_id(const struct image *image, size_t *length_ret);

/*
 * What `perf go inject --symbols` takes for the missing GNU build id of a Go binary: made from Go's
 * own. False when the file has a GNU build id, or neither.
 */
enum { SUBSTITUTE_BUILD_ID_SIZE = 20 };
bool image_substitute_build_id(const struct image *image, uint8_t ret[SUBSTITUTE_BUILD_ID_SIZE]);

struct image_symbol {
	const char *name; /* as in the file, not demangled; NAME@plt for entries of the plt */
	uint64_t start, end;
	const char *file; /* the name of the source file of a local symbol; NULL unknown */
};

/*
 * The function symbol covering a virtual address: .symtab, else .dynsym; of aliases the one perf
 * would choose (tools/perf/util/symbol.c, choose_best_symbol). A symbol of size 0 reaches to the
 * next symbol of its section. False in gaps and in data.
 */
bool image_symbol(const struct image *image, uint64_t address, struct image_symbol *ret);

/* The address of a symbol by its exact name (first in .symtab, then .dynsym). */
bool image_symbol_address(const struct image *image, const char *name, uint64_t *address_ret);

struct image_frame {
	const char *function; /* linkage name where there is one, else the name; NULL unknown */
	bool linkage;	      /* it is what the linker calls it */
	const char *file;     /* NULL unknown */
	int line;	      /* 0 unknown */
	/* Tells blocks on one line apart; 0: the only one, or not the innermost frame. */
	unsigned int discriminator;
};

/*
 * By DWARF: source line and inlined callers of an address, innermost first, at most MAX; the last
 * is the physical function. Returns how many, 0 without DWARF, which is opened at first use.
 */
size_t image_frames(struct image *image, uint64_t address, struct image_frame *frames, size_t max);

#endif
