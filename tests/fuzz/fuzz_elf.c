// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as an ELF file: headers, notes, sections, symbols, plt, relocations, lines. */
#include <stdlib.h>

#include "memory_image.h"

static void look_at(const struct image *image, uint64_t address)
{
	struct image_symbol symbol;
	uint64_t value, at = address & ~UINT64_C(7);
	image_symbol(image, address, &symbol);
	image_pointer(image, address, &value);
	image_find_pointer(image, address, &at);
	image_address_of_offset(image, address, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count, length;
	uint64_t address;
	struct image_section section;
	struct image_frame frames[8];
	struct image *image = memory_image(data, size);
	if (!image)
		return 0;
	image_build_id(image, &length);
	image_go_build_id(image, &length);
	image_section(image, ".text", &section);
	image_symbol_address(image, "main", &address);
	const struct image_segment *segments = image_segments(image, &count);
	for (size_t i = 0; i < count && i < 8; i++) {
		look_at(image, segments[i].vaddr);
		look_at(image, segments[i].vaddr + segments[i].memory_size / 2);
		look_at(image, segments[i].vaddr + segments[i].memory_size - 1);
	}
	for (uint64_t i = 0; count && i < 64; i++)
		image_frames(image, segments[0].vaddr + i * (segments[0].memory_size / 64 + 1),
			     frames, 8);
	image_close(image);
	return 0;
}
