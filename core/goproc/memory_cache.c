// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/memory_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { PIECE = 8192, PIECES = 1024 };

struct piece {
	uint64_t address;
	uint32_t generation; /* 0: never read */
	bool readable;
};

struct memory_cache {
	struct memory *memory;
	uint32_t generation;
	struct piece pieces[PIECES];
	uint8_t *bytes;
};

struct perfgo_error *memory_cache_new(struct memory *memory, struct memory_cache **ret)
{
	struct memory_cache *cache = calloc(1, sizeof(*cache));
	if (cache)
		cache->bytes = malloc((size_t)PIECE * PIECES);
	if (!cache || !cache->bytes) {
		free(cache);
		return perfgo_error_no_memory();
	}
	cache->memory = memory;
	cache->generation = 1;
	*ret = cache;
	return NULL;
}

void memory_cache_free(struct memory_cache *cache)
{
	if (!cache)
		return;
	free(cache->bytes);
	free(cache);
}

void memory_cache_forget(struct memory_cache *cache)
{
	cache->generation++;
}

/* NULL where the piece can't be read as a whole. */
static const uint8_t *find(struct memory_cache *cache, uint64_t address)
{
	size_t i = hash_fold(hash_word(0, address)) % PIECES;
	struct piece *piece = &cache->pieces[i];
	uint8_t *bytes = cache->bytes + i * PIECE;
	if (piece->address != address || piece->generation != cache->generation)
		*piece = (struct piece){
			.address = address,
			.generation = cache->generation,
			.readable = memory_read(cache->memory, address, bytes, PIECE),
		};
	return piece->readable ? bytes : NULL;
}

bool memory_cache_read(struct memory_cache *cache, uint64_t address, void *buffer, size_t size)
{
	uint64_t offset = address % PIECE;
	if (size > PIECE - offset)
		return memory_read(cache->memory, address, buffer, size);
	const uint8_t *bytes = find(cache, address - offset);
	if (!bytes)
		return memory_read(cache->memory, address, buffer, size);
	memcpy(buffer, bytes + offset, size);
	return true;
}
