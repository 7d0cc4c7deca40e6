// SPDX-License-Identifier: GPL-2.0-only
#include "report/paths.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"

uint32_t paths_child(struct paths *paths, uint32_t parent, uint32_t cell)
{
	uint32_t hash = hash_fold(hash_word(parent, cell)), id;
	for (size_t probe = hash; (id = idmap_probe(&paths->index, hash, &probe)) != IDMAP_NONE;)
		if (paths->nodes[id].parent == parent && paths->nodes[id].cell == cell)
			return id;
	if (!array_reserve(paths->nodes, paths->capacity, paths->count + 1) ||
	    !idmap_insert(&paths->index, hash, (uint32_t)paths->count))
		return IDMAP_NONE;
	paths->nodes[paths->count] = (struct path_node){.parent = parent,
							.cell = cell,
							.first_child = IDMAP_NONE,
							.next_sibling = IDMAP_NONE};
	return (uint32_t)paths->count++;
}

void paths_sum(struct paths *paths)
{
	for (size_t i = paths->count; i-- > 0;) {
		struct path_node *node = &paths->nodes[i];
		if (node->parent == IDMAP_NONE)
			continue;
		struct path_node *parent = &paths->nodes[node->parent];
		parent->weight += node->weight;
		parent->samples += node->samples;
		node->next_sibling = parent->first_child;
		parent->first_child = (uint32_t)i;
	}
}

void paths_deinit(struct paths *paths)
{
	free(paths->nodes);
	idmap_deinit(&paths->index);
}
