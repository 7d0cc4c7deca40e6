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

/*
 * Maps in address order that do not overlap. Shared between processes until one of them changes
 * it, hence the count of owners.
 *
 * `generation` tells states of all address spaces apart as far as code goes: the same address in
 * the same generation is the same code, so what was found out about it holds.
 */
struct maps {
	unsigned int owners;
	uint32_t generation;
	size_t count, capacity;
	struct map *maps;
};

/* An empty address space with one owner; NULL without memory. */
struct maps *maps_new(void);

/* One more owner; returns MAPS. */
struct maps *maps_share(struct maps *maps);

/* One owner less; the last one frees it. NULL is allowed. */
void maps_release(struct maps *maps);

/*
 * Puts MAP into *MAPS over whatever was there. Where others own *MAPS too, *MAPS is replaced by a
 * copy first. False without memory, then nothing has changed.
 */
bool maps_insert(struct maps **maps, const struct map *map);

/* Takes the map that starts at an address away. */
void maps_remove(struct maps *maps, uint64_t start);

/* The map an address lies in, or NULL. Valid until the address space changes. */
const struct map *maps_find(const struct maps *maps, uint64_t address);

#endif
