/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_FRAME_NAME_H
#define ATTRIBUTE_FRAME_NAME_H

#include "attribute/attribution.h"

enum { FRAME_NAME_SIZE = 4096 };

/*
 * What a frame is called where only names are told: "[libc.so.6]" of code without a symbol, as
 * stackcollapse-perf has it, "[unknown]" of code of which nothing is known. Valid until the next
 * call with BUFFER.
 */
const char *frame_name(const struct attribution *attribution, const struct frame *frame,
		       char buffer[FRAME_NAME_SIZE]);

#endif
