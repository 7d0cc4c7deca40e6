// SPDX-License-Identifier: GPL-2.0-only
/* The writable data of a program, in which build info is searched and read. */
#include <stdlib.h>

#include "gobin/buildinfo.h"
#include "gofile.h"
#include "memory_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buildinfo info;
	struct arena arena = {0};
	struct gofile_bytes elf = gofile_elf(NULL, 0, data, size);
	struct image *image = memory_image(elf.data, elf.size);
	free(elf.data);
	perfgo_error_destroy(buildinfo_read(image, &arena, &info));
	buildinfo_release(info.version);
	arena_deinit(&arena);
	image_close(image);
	return 0;
}
