/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space of a process, or of the kernel, at a moment. */
#ifndef SESSION_MAPS_H
#define SESSION_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
	uint64_t start, end; /* [start, end) */
	uint64_t pgoff;	     /* what address `start` is in the dso */
	uint32_t dso;
	bool executable;
};

struct map_node;

/*
 * Maps that do not overlap. Any order of inserts takes logarithmic time each, and a copy shares
 * with the original all that neither has changed since.
 *
 * `generation` tells states of all address spaces apart as far as code goes: the same address in
 * the same generation is the same code, so what was found out about it holds.
 */
struct maps {
	uint32_t generation;
	struct map_node *root;
};

/* An empty address space; NULL without memory. */
struct maps *maps_new(void);

/* The same address space, in constant time; NULL without memory. */
struct maps *maps_copy(const struct maps *maps);

/* NULL is allowed. */
void maps_destroy(struct maps *maps);

/* Puts MAP over whatever was there. False without memory, then MAPS is good for nothing else. */
bool maps_insert(struct maps *maps, const struct map *map);

/* Takes the map that starts at an address away; false as above. */
bool maps_remove(struct maps *maps, uint64_t start);

/* The map an address lies in, or NULL. Valid until the address space changes. */
const struct map *maps_find(const struct maps *maps, uint64_t address);

#endif
