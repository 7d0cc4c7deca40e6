// SPDX-License-Identifier: GPL-2.0-only
#include "elf/internal.h"

void lines_destroy(struct lines *lines)
{
	(void)lines;
}

size_t image_frames(struct image *image, uint64_t address, struct image_frame *frames, size_t max)
{
	(void)image;
	(void)address;
	(void)frames;
	(void)max;
	return 0;
}
