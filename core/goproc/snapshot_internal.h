/* SPDX-License-Identifier: GPL-2.0-only */
/* What a snapshot consists of, taken or decoded. */
#ifndef GOPROC_SNAPSHOT_INTERNAL_H
#define GOPROC_SNAPSHOT_INTERNAL_H

#include "base/arena.h"
#include "base/idmap.h"
#include "base/strings.h"
#include "goproc/section.h"
#include "goproc/snapshot.h"

/* The frames of an address: [first, first + count) of the snapshot's. */
struct snapshot_code {
	uint64_t address;
	uint32_t first, count;
};

/* In order of their addresses once the snapshot is complete. */
struct snapshot_codes {
	struct snapshot_code *list;
	size_t count, capacity;
};

struct snapshot_callchain {
	uint64_t first; /* of the snapshot's addresses */
	uint32_t count;
};

struct snapshot {
	struct snapshot_info info;
	struct strings texts;	/* by their ids; of what is unknown "" */
	struct arena arena;	/* labels of a snapshot that was taken */
	struct label_set *sets; /* [0] is the empty one */
	size_t nr_sets, sets_capacity;
	uint64_t *addresses; /* of stacks */
	size_t nr_addresses, addresses_capacity;
	struct snapshot_callchain *stacks; /* [0] is none */
	size_t nr_stacks, stacks_capacity;
	struct snapshot_frame *frames;
	size_t nr_frames, frames_capacity;
	struct snapshot_codes codes;   /* return addresses */
	struct snapshot_codes entries; /* where goroutines start */
	struct snapshot_goroutine *goroutines;
	size_t nr_goroutines, goroutines_capacity;
	struct idmap by_g;
	uint8_t *bytes; /* made by snapshot_bytes() */
	size_t nr_bytes;
};

/* With what number 0 of each kind is. NULL without memory. */
struct snapshot *snapshot_new(void);

/* False without memory. */
bool snapshot_add_set(struct snapshot *snapshot, const struct label_set *set);
bool snapshot_add_stack(struct snapshot *snapshot, const uint64_t *addresses, size_t count);
bool snapshot_add_code(struct snapshot_codes *codes, const struct snapshot_code *code);
bool snapshot_add_frame(struct snapshot *snapshot, const struct snapshot_frame *frame);

/* The bytes, allocated; NULL without memory. */
uint8_t *snapshot_encode(const struct snapshot *snapshot, size_t *size_ret);

#endif
