// SPDX-License-Identifier: GPL-2.0-only
/* The build ids, from the notes that program headers or, in unlinked files, sections name. */
#include <elf.h>
#include <string.h>

#include "base/hash.h"
#include "elf/internal.h"

/* cmd/link/internal/ld/elf.go: ELF_NOTE_GOBUILDID_TAG */
enum { NOTE_GO_BUILD_ID = 4 };

struct note {
	const char *owner; /* with its NUL */
	size_t owner_size;
	uint32_t type;
};

/* The description of the first such note among the bytes, or NULL. */
static const uint8_t *note_find(struct cursor c, const struct note *wanted, size_t *size_ret)
{
	while (cursor_left(&c)) {
		uint32_t owner_size = cursor_u32(&c);
		uint32_t size = cursor_u32(&c);
		uint32_t type = cursor_u32(&c);
		const void *owner = cursor_bytes(&c, ((uint64_t)owner_size + 3) & ~3ull);
		const uint8_t *description = cursor_bytes(&c, size);
		if (c.failed)
			return NULL;
		if (type == wanted->type && owner_size == wanted->owner_size &&
		    !memcmp(owner, wanted->owner, owner_size)) {
			*size_ret = size;
			return description;
		}
		uint64_t padding = -size & 3;
		cursor_skip(&c, padding < cursor_left(&c) ? padding : cursor_left(&c));
	}
	return NULL;
}

static const uint8_t *image_note(const struct image *image, const struct note *wanted,
				 size_t *size_ret)
{
	const uint8_t *found = NULL;
	for (size_t i = 0; i < image->part_count && !found; i++) {
		const struct program_part *p = &image->parts[i];
		if (p->type == PT_NOTE)
			found = note_find(image_cursor(image, p->offset, p->size), wanted,
					  size_ret);
	}
	for (size_t i = 0; i < image->section_count && !found; i++) {
		const struct section *s = &image->sections[i];
		if (s->type == SHT_NOTE)
			found = note_find(image_cursor(image, s->offset, s->size), wanted,
					  size_ret);
	}
	return found;
}

const uint8_t *image_build_id(const struct image *image, size_t *size_ret)
{
	static const struct note wanted = {
		.owner = "GNU", .owner_size = 4, .type = NT_GNU_BUILD_ID};
	return image_note(image, &wanted, size_ret);
}

const char *image_go_build_id(const struct image *image, size_t *length_ret)
{
	static const struct note wanted = {
		.owner = "Go\0", .owner_size = 4, .type = NOTE_GO_BUILD_ID};
	return (const char *)image_note(image, &wanted, length_ret);
}

bool image_substitute_build_id(const struct image *image, uint8_t ret[SUBSTITUTE_BUILD_ID_SIZE])
{
	size_t size, length;
	const char *go = image_go_build_id(image, &length);
	if (!go || image_build_id(image, &size))
		return false;
	uint64_t hash = hash_bytes(go, length);
	for (size_t i = 0; i < SUBSTITUTE_BUILD_ID_SIZE; i++) {
		if (i % sizeof(hash) == 0)
			hash = hash_word(hash, i);
		ret[i] = (uint8_t)(hash >> 8 * (i % sizeof(hash)));
	}
	return true;
}
