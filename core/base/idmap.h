/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index behind every interning table: from a hash to the small id of a thing. The things
 * themselves stay with their owner, who says when two are equal:
 *
 *	uint32_t id;
 *	for (size_t probe = hash; (id = idmap_probe(&map, hash, &probe)) != IDMAP_NONE;)
 *		if (equal(&things[id], wanted))
 *			return id;
 */
#ifndef BASE_IDMAP_H
#define BASE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDMAP_NONE UINT32_MAX

struct idmap_slot {
	uint32_t hash;
	uint32_t id; /* IDMAP_NONE in a free slot */
};

/* Zero-initialised is an empty map. */
struct idmap {
	struct idmap_slot *slots;
	size_t mask; /* number of slots, a power of two, less one; 0 when empty */
	size_t count;
};

/* The next id under HASH, or IDMAP_NONE after the last. *PROBE is HASH at first. */
static inline uint32_t idmap_probe(const struct idmap *map, uint32_t hash, size_t *probe)
{
	if (!map->slots)
		return IDMAP_NONE;
	for (;;) {
		const struct idmap_slot *slot = &map->slots[(*probe)++ & map->mask];
		if (slot->id == IDMAP_NONE || slot->hash == hash)
			return slot->id;
	}
}

/* Asks for the memory that looking HASH up will read first. */
static inline void idmap_prefetch(const struct idmap *map, uint32_t hash)
{
	if (map->slots)
		__builtin_prefetch(&map->slots[hash & map->mask]);
}

/* Puts ID under HASH. False without memory, then nothing has changed. */
bool idmap_insert(struct idmap *map, uint32_t hash, uint32_t id);

void idmap_deinit(struct idmap *map);

#endif
