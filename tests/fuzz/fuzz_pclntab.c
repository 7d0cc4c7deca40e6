// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Go binary: the first byte says how its bytes are laid out. Below 12 they are a whole ELF file,
 * else the read-only data of a well-formed binary of that release.
 */
#include <stdlib.h>

#include "gobin/runtime.h"
#include "gobin/unwind.h"
#include "gofile.h"
#include "memory_image.h"

static struct image *wrapped(const uint8_t *data, size_t size, int release)
{
	struct gofile file = {.release = 12 + release % 16};
	struct gofile_bytes rw = {0};
	gofile_room(&rw, 0x1000);
	gofile_moduledata(&file, gofile_format(file.release), &rw);
	if (release & 0x80)
		gofile_buildinfo(file.release, &rw);
	struct gofile_bytes elf = gofile_elf(data, size, rw.data, rw.size);
	struct image *image = memory_image(elf.data, elf.size);
	free(rw.data);
	free(elf.data);
	return image;
}

static void ask(const struct gobin *go, const struct image *image)
{
	struct gobin_frame frames[4];
	struct unwind_rule rule;
	struct gobin_runtime runtime;
	struct gobin_function function;
	struct gobin_place place;
	const struct gobin_info *info = gobin_info(go);
	uint64_t size = info->text_end - info->text_start;
	for (uint64_t i = 0; i < 64; i++) {
		uint64_t address = info->text_start + (size < 64 ? i : i * (size / 64));
		gobin_locate(go, address, true, frames, 4, &place);
		gobin_locate(go, address + 1, false, frames, 4, &place);
		gobin_function_at(go, i, &function);
		gobin_unwind_rule(go, address, &rule);
	}
	for (uint64_t i = 0; i < 0x80; i += 3)
		gobin_locate(go, info->text_start + i, true, frames, 4, &place);
	gobin_runtime(go, image, &runtime);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gobin *go;
	if (size < 1)
		return 0;
	struct image *image = data[0] < 12 ? memory_image(data + 1, size - 1)
					   : wrapped(data + 1, size - 1, data[0]);
	if (!image)
		return 0;
	perfgo_error_destroy(gobin_open(image, &go));
	if (go)
		ask(go, image);
	gobin_close(go);
	image_close(image);
	return 0;
}
