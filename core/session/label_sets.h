/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of pprof labels, interned by what is in them. */
#ifndef SESSION_LABEL_SETS_H
#define SESSION_LABEL_SETS_H

#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"
#include "goproc/section.h"

enum {
	LABELS_UNKNOWN = 0,
	LABELS_NONE = 1, /* the empty set */
};

/* Zero-initialised has none; the ids above are there after the first label_sets_id(). */
struct label_sets {
	struct label_set *sets; /* by id */
	size_t count, capacity;
	struct idmap index;
};

/*
 * The id of a set, whose labels are borrowed; LABELS_UNKNOWN where it is not known. IDMAP_NONE
 * without memory.
 */
uint32_t label_sets_id(struct label_sets *sets, const struct label_set *set);

void label_sets_deinit(struct label_sets *sets);

#endif
