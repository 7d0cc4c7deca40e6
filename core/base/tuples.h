/* SPDX-License-Identifier: GPL-2.0-only */
/* Tuples of numbers, interned. */
#ifndef BASE_TUPLES_H
#define BASE_TUPLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"

/* Zero-initialised but for `width`, the numbers in a tuple, is an empty table. */
struct tuples {
	size_t width;
	uint64_t *words;
	size_t count, capacity;
	struct idmap index;
};

/* The id of a tuple; IDMAP_NONE without memory. */
uint32_t tuples_id(struct tuples *tuples, const uint64_t *tuple);

static inline const uint64_t *tuples_get(const struct tuples *tuples, uint32_t id)
{
	return tuples->words + id * tuples->width;
}

void tuples_deinit(struct tuples *tuples);

#endif
