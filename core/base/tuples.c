// SPDX-License-Identifier: GPL-2.0-only
#include "base/tuples.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

uint32_t tuples_id(struct tuples *tuples, const uint64_t *tuple)
{
	size_t size = tuples->width * sizeof(*tuple);
	uint32_t hash = hash_fold(hash_bytes(tuple, size)), id;
	for (size_t probe = hash; (id = idmap_probe(&tuples->index, hash, &probe)) != IDMAP_NONE;)
		if (!memcmp(tuples_get(tuples, id), tuple, size))
			return id;
	if (!array_reserve(tuples->words, tuples->capacity, (tuples->count + 1) * tuples->width) ||
	    !idmap_insert(&tuples->index, hash, (uint32_t)tuples->count))
		return IDMAP_NONE;
	memcpy(tuples->words + tuples->count * tuples->width, tuple, size);
	return (uint32_t)tuples->count++;
}

void tuples_deinit(struct tuples *tuples)
{
	free(tuples->words);
	idmap_deinit(&tuples->index);
}
