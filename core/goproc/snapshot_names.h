/* SPDX-License-Identifier: GPL-2.0-only */
/* The code that a snapshot mentions, and its names. */
#ifndef GOPROC_SNAPSHOT_NAMES_H
#define GOPROC_SNAPSHOT_NAMES_H

#include "goproc/process.h"
#include "goproc/snapshot_internal.h"

/* Where goroutines start, in the order in which they were met. */
struct start {
	uint64_t address;
	bool runtime;	 /* it is the runtime's own, and ends with the program */
	bool calls_back; /* but runs code of the program between its waits */
};

/* Zero-initialised but for what it is of. */
struct snapshot_names {
	struct goproc *process;
	struct snapshot *snapshot;
	uint64_t *addresses; /* return addresses */
	size_t nr_addresses, addresses_capacity;
	struct idmap addresses_index;
	struct start *starts;
	size_t nr_starts, starts_capacity;
	struct idmap starts_index;
};

/* All false, or NULL, without memory. */
bool snapshot_names_add(struct snapshot_names *names, uint64_t address);
const struct start *snapshot_names_start(struct snapshot_names *names, uint64_t address);

/* Fills the snapshot's frames, codes and entries. */
bool snapshot_names_resolve(struct snapshot_names *names);
void snapshot_names_deinit(struct snapshot_names *names);

#endif
