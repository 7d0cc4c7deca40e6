// SPDX-License-Identifier: GPL-2.0-only
#include "base/idmap.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

static void put(struct idmap *map, struct idmap_slot slot)
{
	size_t at = slot.hash;
	while (map->slots[at & map->mask].id != IDMAP_NONE)
		at++;
	map->slots[at & map->mask] = slot;
}

/* Keeps a third of the slots free, so that a probe ends soon. */
static bool has_room(const struct idmap *map)
{
	return map->slots && map->count < (map->mask + 1) / 3 * 2;
}

static bool grow(struct idmap *map)
{
	size_t size = map->slots ? (map->mask + 1) * 2 : FIRST_SLOTS;
	struct idmap old = *map;
	struct idmap_slot *slots = malloc(size * sizeof(*slots));
	if (!slots)
		return false;
	map->slots = slots;
	map->mask = size - 1;
	memset(slots, 0xff, size * sizeof(*slots)); /* IDMAP_NONE everywhere */
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].id != IDMAP_NONE)
			put(map, old.slots[i]);
	free(old.slots);
	return true;
}

bool idmap_insert(struct idmap *map, uint32_t hash, uint32_t id)
{
	if (!has_room(map) && !grow(map))
		return false;
	put(map, (struct idmap_slot){.hash = hash, .id = id});
	map->count++;
	return true;
}

void idmap_deinit(struct idmap *map)
{
	free(map->slots);
	*map = (struct idmap){0};
}
