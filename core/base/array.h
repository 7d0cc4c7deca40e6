/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

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

#endif
