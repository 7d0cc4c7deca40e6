/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Makes room in *ARRAY, whose *CAPACITY elements have SIZE bytes, for COUNT. False without memory.
 */
static inline bool array_reserve_bytes(void **array, size_t *capacity, size_t count, size_t size)
{
	if (count <= *capacity)
		return true;
	size_t more = *capacity ? *capacity : 16;
	while (more < count)
		more *= 2;
	void *grown = reallocarray(*array, more, size);
	if (!grown)
		return false;
	*array = grown;
	*capacity = more;
	return true;
}

/* array_reserve(array, capacity, count): lvalues of a pointer and a size_t, and a number. */
#define array_reserve(array, capacity, count)                                                      \
	array_reserve_bytes((void **)&(array), &(capacity), count, sizeof(*(array)))

/*
 * Makes *ARRAY of ids have at least COUNT of them, the new ones UINT32_MAX (base/idmap.h,
 * IDMAP_NONE). False without memory.
 */
static inline bool array_extend_ids(uint32_t **array, size_t *capacity, size_t *size, size_t count)
{
	if (count <= *size)
		return true;
	if (!array_reserve_bytes((void **)array, capacity, count, sizeof(**array)))
		return false;
	memset(*array + *size, 0xff, (count - *size) * sizeof(**array));
	*size = count;
	return true;
}

#define array_extend(array, capacity, size, count)                                                 \
	array_extend_ids(&(array), &(capacity), &(size), count)

#endif
