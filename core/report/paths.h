/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks as paths of one tree, so that what many share is kept and walked once. */
#ifndef REPORT_PATHS_H
#define REPORT_PATHS_H

#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"

/*
 * A place in the tree. `cell` says what stands there (whose ids are the owner's); `weight` is that
 * of the paths that end there, after paths_sum() of those that go through it.
 */
struct path_node {
	uint32_t parent; /* IDMAP_NONE at a root */
	uint32_t cell;
	uint32_t first_child, next_sibling; /* IDMAP_NONE: none; set by paths_sum() */
	uint64_t weight;
	uint64_t samples;
};

/* Zero-initialised is empty. */
struct paths {
	struct path_node *nodes; /* parents before their children */
	size_t count, capacity;
	struct idmap index;
};

/* The child of PARENT with CELL, made at first; IDMAP_NONE without memory. */
uint32_t paths_child(struct paths *paths, uint32_t parent, uint32_t cell);

/* Links children to parents and adds their weights up. Nothing is added afterwards. */
void paths_sum(struct paths *paths);

void paths_deinit(struct paths *paths);

#endif
