// SPDX-License-Identifier: GPL-2.0-only
/*
 * A treap whose nodes are shared: a search tree by address that is a heap by random rank, so its
 * depth is logarithmic whatever the order of the maps. A child of fork(2) begins with its parent's
 * root, and each of both then has nodes of its own only on the paths to what it has changed.
 */
#include "session/maps.h"

#include <stdlib.h>
#include <sys/random.h>

struct map_node {
	struct map map;
	struct map_node *before, *behind;
	uint32_t rank; /* not below that of either child */
	uint32_t owners;
};

static uint32_t new_generation(void)
{
	static _Atomic uint32_t generations;
	return ++generations;
}

/*
 * By xorshift (Marsaglia, 2003) from where nobody knows: a recording made for it would else have
 * its maps in the order of their ranks, which is a list.
 */
static uint32_t new_rank(void)
{
	static _Thread_local uint32_t rank;
	if (!rank && getrandom(&rank, sizeof(rank), GRND_NONBLOCK) != sizeof(rank))
		rank = 0;
	if (!rank)
		rank = 0x9e3779b9;
	rank ^= rank << 13;
	rank ^= rank >> 17;
	rank ^= rank << 5;
	return rank;
}

struct maps *maps_new(void)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	if (maps)
		maps->generation = new_generation();
	return maps;
}

static struct map_node *share(struct map_node *node)
{
	if (node)
		node->owners++;
	return node;
}

static void release(struct map_node *node)
{
	if (!node || --node->owners)
		return;
	release(node->before);
	release(node->behind);
	free(node);
}

struct maps *maps_copy(const struct maps *maps)
{
	struct maps *copy = maps_new();
	if (copy)
		*copy = (struct maps){maps->generation, share(maps->root)};
	return copy;
}

void maps_destroy(struct maps *maps)
{
	if (maps)
		release(maps->root);
	free(maps);
}

static struct map_node *new_node(const struct map *map, uint32_t rank)
{
	struct map_node *node = malloc(sizeof(*node));
	if (node)
		*node = (struct map_node){.map = *map, .rank = rank, .owners = 1};
	return node;
}

/* Makes *NODE one that nobody else owns. */
static bool own(struct map_node **node)
{
	if ((*node)->owners == 1)
		return true;
	struct map_node *mine = new_node(&(*node)->map, (*node)->rank);
	if (!mine)
		return false;
	mine->before = share((*node)->before);
	mine->behind = share((*node)->behind);
	release(*node);
	*node = mine;
	return true;
}

/*
 * Takes the maps that start at ADDRESS or behind it out of *ROOT. Where the two trees were one,
 * their nodes are nobody else's then. Without memory every map is still in one of both, if not the
 * right one.
 */
static bool split(struct map_node **root, uint64_t address, struct map_node **behind)
{
	*behind = NULL;
	if (!*root)
		return true;
	if (!own(root))
		return false;
	struct map_node *node = *root;
	if (node->map.start < address)
		return split(&node->behind, address, behind);
	struct map_node *rest;
	bool done = split(&node->before, address, &rest);
	*root = node->before;
	node->before = rest;
	*behind = node;
	return done;
}

/* Puts the maps BEHIND, which it takes over, behind those of *ROOT. */
static bool join(struct map_node **root, struct map_node *behind)
{
	if (!*root || !behind) {
		*root = *root ? *root : behind;
		return true;
	}
	if ((*root)->rank >= behind->rank) {
		if (own(root))
			return join(&(*root)->behind, behind);
	} else if (own(&behind)) {
		bool done = join(root, behind->before);
		behind->before = *root;
		*root = behind;
		return done;
	}
	release(behind);
	return false;
}

static bool join_map(struct map_node **root, const struct map *map)
{
	struct map_node *node = new_node(map, new_rank());
	return node && join(root, node);
}

static struct map_node *last_of(struct map_node *node)
{
	while (node && node->behind)
		node = node->behind;
	return node;
}

static bool any_code(const struct map_node *node)
{
	return node && (node->map.executable || any_code(node->before) || any_code(node->behind));
}

/* What of NODE's map lies at END and behind it, if anything. NODE may be NULL. */
static struct map rest_of(const struct map_node *node, uint64_t end)
{
	if (!node || node->map.end <= end)
		return (struct map){0};
	struct map rest = node->map;
	rest.pgoff += end - rest.start;
	rest.start = end;
	return rest;
}

/*
 * Puts MAP where those COVERED were, between those of MAPS and those BEHIND, with what of the last
 * one that it overlaps lies behind it.
 */
static bool replace(struct maps *maps, struct map_node *covered, struct map_node *behind,
		    const struct map *map)
{
	struct map_node *before = last_of(maps->root);
	struct map rest = rest_of(covered ? last_of(covered) : before, map->end);
	bool code = map->executable || any_code(covered);
	if (before && before->map.end > map->start) {
		code |= before->map.executable;
		before->map.end = map->start;
	}
	if (code)
		maps->generation = new_generation();
	bool done = join_map(&maps->root, map) &&
		    (rest.start == rest.end || join_map(&maps->root, &rest));
	return join(&maps->root, behind) && done;
}

bool maps_insert(struct maps *maps, const struct map *map)
{
	if (map->start >= map->end)
		return true;
	struct map_node *covered, *behind = NULL;
	bool done = split(&maps->root, map->start, &covered) && split(&covered, map->end, &behind);
	done = replace(maps, covered, behind, map) && done;
	release(covered);
	return done;
}

bool maps_remove(struct maps *maps, uint64_t start)
{
	const struct map *map = maps_find(maps, start);
	if (!map || map->start != start)
		return true;
	struct map_node *removed, *behind = NULL;
	bool done = split(&maps->root, start, &removed) && split(&removed, start + 1, &behind);
	release(removed);
	maps->generation = new_generation();
	return join(&maps->root, behind) && done;
}

const struct map *maps_find(const struct maps *maps, uint64_t address)
{
	const struct map_node *node = maps->root;
	while (node && (address < node->map.start || address >= node->map.end))
		node = address < node->map.start ? node->before : node->behind;
	return node ? &node->map : NULL;
}
