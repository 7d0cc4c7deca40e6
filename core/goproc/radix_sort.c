// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/radix_sort.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 11, BUCKETS = 1 << BITS, KEY_BITS = 64 };

/* The bits in which keys differ: digits without one need no pass. */
static uint64_t differing(const struct keyed *list, size_t count)
{
	uint64_t bits = 0;
	for (size_t i = 1; i < count; i++)
		bits |= list[i].key ^ list[0].key;
	return bits;
}

static void pass(const struct keyed *from, struct keyed *to, size_t count, int shift)
{
	size_t starts[BUCKETS] = {0}, at = 0;
	for (size_t i = 0; i < count; i++)
		starts[from[i].key >> shift & (BUCKETS - 1)]++;
	for (size_t i = 0; i < BUCKETS; i++) {
		size_t size = starts[i];
		starts[i] = at;
		at += size;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & (BUCKETS - 1)]++] = from[i];
}

bool radix_sort(struct keyed *list, size_t count)
{
	uint64_t bits = differing(list, count);
	if (!bits)
		return true;
	struct keyed *other = calloc(count, sizeof(*other)), *from = list, *to = other;
	if (!other)
		return false;
	for (int shift = 0; shift < KEY_BITS; shift += BITS) {
		if (!(bits >> shift & (BUCKETS - 1)))
			continue;
		pass(from, to, count, shift);
		struct keyed *swap = from;
		from = to;
		to = swap;
	}
	if (from != list)
		memcpy(list, from, count * sizeof(*list));
	free(other);
	return true;
}
