/* SPDX-License-Identifier: GPL-2.0-only */
/* pprof labels in the memory of a process. */
#ifndef GOPROC_LABEL_READER_H
#define GOPROC_LABEL_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "goproc/memory_cache.h"
#include "goproc/section.h"

/*
 * The set that g.labels, LABELS, points to: a map up to go1.23, then a slice. In the order of their
 * keys, with their texts in ARENA. Labels that are too long, or have a NUL in them, are left out,
 * and the set is incomplete. False when it can't be read: it is not known.
 */
bool labels_read(struct memory_cache *memory, uint64_t labels, bool is_map, struct arena *arena,
		 struct label_set *ret);

#endif
