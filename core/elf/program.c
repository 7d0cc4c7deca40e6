// SPDX-License-Identifier: GPL-2.0-only
/* What the program headers say, other than what is loaded. */
#include <elf.h>

#include "elf/internal.h"

static const struct program_part *find_part(const struct image *image, uint32_t type)
{
	for (size_t i = 0; i < image->part_count; i++)
		if (image->parts[i].type == type)
			return &image->parts[i];
	return NULL;
}

bool image_dynamic(const struct image *image, uint64_t wanted, uint64_t *value_ret)
{
	const struct program_part *part = find_part(image, PT_DYNAMIC);
	if (!part)
		return false;
	struct cursor c = image_cursor(image, part->offset, part->size);
	while (!c.failed) {
		uint64_t tag = image_word(image, &c), value = image_word(image, &c);
		if (tag == DT_NULL)
			return false;
		if (tag == wanted && !c.failed) {
			*value_ret = value;
			return true;
		}
	}
	return false;
}

bool image_is_program(const struct image *image)
{
	uint64_t flags = 0;
	return image->type == ET_EXEC || find_part(image, PT_INTERP) ||
	       (image_dynamic(image, DT_FLAGS_1, &flags) && flags & DF_1_PIE);
}

bool image_thread_storage(const struct image *image, struct image_thread_storage *ret)
{
	const struct program_part *part = find_part(image, PT_TLS);
	if (!part)
		return false;
	*ret = (struct image_thread_storage){.vaddr = part->vaddr,
					     .size = part->memory_size,
					     .align = part->align ? part->align : 1};
	return !(ret->align & (ret->align - 1));
}
