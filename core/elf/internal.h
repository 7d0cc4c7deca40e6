/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of core/elf share: the parsed headers of an image and its parts read on demand. */
#ifndef ELF_INTERNAL_H
#define ELF_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "elf/image.h"

struct symbols;
struct relocations;
struct lines;

/* A section header, of either class. */
struct section {
	uint32_t name, type;
	uint64_t flags, address, offset, size, entry_size;
	uint32_t link, info;
};

/* A program header that is not PT_LOAD: notes, the dynamic table. */
struct program_part {
	uint32_t type;
	uint64_t vaddr, offset, size; /* size: as far as the file has it */
	uint64_t memory_size, align;
};

struct image {
	char *path;
	const uint8_t *data;
	size_t size;
	bool wide; /* ELFCLASS64 */
	bool swap;
	uint16_t type, machine;

	struct image_segment *segments;
	size_t segment_count;
	struct program_part *parts;
	size_t part_count;
	struct section *sections;
	size_t section_count;
	uint32_t section_names; /* index of the section that has the names */

	/* Read at first use, under the lock. */
	pthread_mutex_t lock;
	struct symbols *symbols;
	struct relocations *relocations;
	struct lines *lines;
};

/* The cursor over SIZE bytes at OFFSET of the file, cut to what the file has. */
struct cursor image_cursor(const struct image *image, uint64_t offset, uint64_t size);

/* A word of the file's class: 4 or 8 bytes. */
static inline uint64_t image_word(const struct image *image, struct cursor *c)
{
	return image->wide ? cursor_u64(c) : cursor_u32(c);
}

/* The string at OFFSET of a string table, or NULL. */
const char *image_text(const struct image *image, const struct section *table, uint64_t offset);

/* The section of that name, or NULL. */
const struct section *image_find_section(const struct image *image, const char *name);

/* The value of an entry of the dynamic table; false when there is none. */
bool image_dynamic(const struct image *image, uint64_t tag, uint64_t *value_ret);

void symbols_destroy(struct symbols *symbols);
void relocations_destroy(struct relocations *relocations);
void lines_destroy(struct lines *lines);

#endif
