/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GOPROC_RADIX_SORT_H
#define GOPROC_RADIX_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyed {
	uint64_t key;
	uint64_t value;
};

/* Sorts by key; what has the same key keeps its order. False without memory. */
bool radix_sort(struct keyed *list, size_t count);

#endif
