/* SPDX-License-Identifier: GPL-2.0-only */
/* The label sets of a snapshot that is being taken: each is read once, and kept once. */
#ifndef GOPROC_LABEL_TABLE_H
#define GOPROC_LABEL_TABLE_H

#include "goproc/process.h"
#include "goproc/snapshot_internal.h"

enum { LABEL_SET_UNKNOWN = UINT32_MAX };

struct label_table;
struct perfgo_error *label_table_new(struct goproc *process, struct snapshot *snapshot,
				     struct label_table **ret);
void label_table_free(struct label_table *table);

/*
 * To be called before the goroutines are read whose labels are then asked for. A set that one of
 * them has keeps its place until the sweep that follows the next mark, which SWEEPGEN (0 unknown)
 * tells: only up to there the same pointer is the same set.
 */
void label_table_begin(struct label_table *table, uint32_t sweepgen);

/* The snapshot's number of the set at g.labels. */
uint32_t label_table_id(struct label_table *table, uint64_t labels);

#endif
