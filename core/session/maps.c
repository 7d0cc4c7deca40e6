// SPDX-License-Identifier: GPL-2.0-only
#include "session/maps.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static uint32_t new_generation(void)
{
	static _Atomic uint32_t generations;
	return ++generations;
}

struct maps *maps_new(void)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	if (maps)
		*maps = (struct maps){.owners = 1, .generation = new_generation()};
	return maps;
}

struct maps *maps_share(struct maps *maps)
{
	maps->owners++;
	return maps;
}

void maps_release(struct maps *maps)
{
	if (!maps || --maps->owners)
		return;
	free(maps->maps);
	free(maps);
}

static struct maps *copy(const struct maps *maps)
{
	struct maps *new = maps_new();
	if (!new || !array_reserve(new->maps, new->capacity, maps->count)) {
		maps_release(new);
		return NULL;
	}
	if (maps->count)
		memcpy(new->maps, maps->maps, maps->count * sizeof(*maps->maps));
	new->count = maps->count;
	new->generation = maps->generation;
	return new;
}

/* Makes *MAPS one that nobody else owns. */
static bool own(struct maps **maps)
{
	if ((*maps)->owners == 1)
		return true;
	struct maps *mine = copy(*maps);
	if (!mine)
		return false;
	maps_release(*maps);
	*maps = mine;
	return true;
}

/* The first map that ends behind ADDRESS. */
static size_t first_behind(const struct maps *maps, uint64_t address)
{
	size_t low = 0, high = maps->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (maps->maps[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void splice(struct maps *maps, size_t at, size_t removed, const struct map *new,
		   size_t added)
{
	memmove(maps->maps + at + added, maps->maps + at + removed,
		(maps->count - at - removed) * sizeof(*maps->maps));
	if (added)
		memcpy(maps->maps + at, new, added * sizeof(*new));
	maps->count += added - removed;
}

/*
 * Replaces the maps from AT that MAP overlaps by what of the first lies before it, MAP, and what
 * of the last lies behind it.
 */
bool maps_insert(struct maps **mapsp, const struct map *map)
{
	if (map->start >= map->end)
		return true;
	if (!own(mapsp) || !array_reserve((*mapsp)->maps, (*mapsp)->capacity, (*mapsp)->count + 2))
		return false;
	struct maps *maps = *mapsp;
	struct map pieces[3];
	size_t count = 0, at = first_behind(maps, map->start), last = at;
	bool code = map->executable;
	if (at < maps->count && maps->maps[at].start < map->start) {
		pieces[count] = maps->maps[at];
		pieces[count++].end = map->start;
	}
	pieces[count++] = *map;
	for (; last < maps->count && maps->maps[last].start < map->end; last++)
		code |= maps->maps[last].executable;
	if (last > at && maps->maps[last - 1].end > map->end) {
		struct map *rest = &pieces[count++];
		*rest = maps->maps[last - 1];
		rest->pgoff += map->end - rest->start;
		rest->start = map->end;
	}
	splice(maps, at, last - at, pieces, count);
	if (code)
		maps->generation = new_generation();
	return true;
}

void maps_remove(struct maps *maps, uint64_t start)
{
	size_t at = first_behind(maps, start);
	if (at == maps->count || maps->maps[at].start != start)
		return;
	splice(maps, at, 1, NULL, 0);
	maps->generation = new_generation();
}

const struct map *maps_find(const struct maps *maps, uint64_t address)
{
	size_t at = first_behind(maps, address);
	return at < maps->count && maps->maps[at].start <= address ? &maps->maps[at] : NULL;
}
