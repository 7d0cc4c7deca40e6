/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose code a frame is. */
#ifndef ATTRIBUTE_ORIGIN_H
#define ATTRIBUTE_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "attribute/attribution.h"

enum code_origin {
	ORIGIN_UNKNOWN,
	ORIGIN_GO_APPLICATION, /* the main module, and all others that were not Go's own */
	ORIGIN_GO_STANDARD,    /* the standard library but for the runtime */
	ORIGIN_GO_RUNTIME,     /* with what compiler and linker made up */
	ORIGIN_NATIVE,	       /* C, C++ and the like */
	ORIGIN_KERNEL,
	NR_ORIGINS,
};

/*
 * The origin of FRAME, by the package of its symbol, the module its binary was built of, and Go's
 * list of standard packages. Assembly functions have no package but a file, so attribution needs
 * to have been asked for Go's lines. Frames at addresses of the kernel are the caller's to know.
 */
enum code_origin code_origin(const struct attribution *attribution, const struct frame *frame);

#endif
