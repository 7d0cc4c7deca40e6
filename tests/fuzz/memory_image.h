/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as an image, through a file in memory. */
#ifndef FUZZ_MEMORY_IMAGE_H
#define FUZZ_MEMORY_IMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/image.h"

/* NULL when the bytes are no ELF file. */
static inline struct image *memory_image(const void *data, size_t size)
{
	char path[64];
	struct image *image = NULL;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct perfgo_error *error = image_open(path, &image);
	perfgo_error_destroy(error);
	close(fd);
	return error ? NULL : image;
}

#endif
