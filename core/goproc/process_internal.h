/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GOPROC_PROCESS_INTERNAL_H
#define GOPROC_PROCESS_INTERNAL_H

#include "elf/image.h"
#include "goproc/process.h"

struct goproc {
	struct memory *memory;
	struct image *image;
	struct gobin *go;
	struct gobin_runtime runtime; /* link-time addresses */
	struct goproc_info info;
};

#endif
