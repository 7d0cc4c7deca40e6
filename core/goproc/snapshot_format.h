/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot as bytes: a mark, then what follows, numbers as LEB128 and texts with their NUL.
 *
 *	info	    pid, execution, begin, end, wall time, sweepgen, gcphase, torn; start, end and
 *offset of the code; comm, executable, version, build id texts	    count; each label sets  count,
 *without the empty set; for each flags, count of labels, keys and values
 *	stacks	    count; for each its count; then all their addresses, a column
 *	frames	    count; columns function and file (numbers of texts), line
 *	codes	    count; columns address, first frame, count of frames
 *	entries	    the same
 *	goroutines  count; columns
 *
 * A column has for each row what is added to the row before it, zigzag: small for what is sorted or
 * seldom changes.
 */
#ifndef GOPROC_SNAPSHOT_FORMAT_H
#define GOPROC_SNAPSHOT_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "goproc/snapshot_internal.h"

#define SNAPSHOT_MARK "gosnap\0\2"
enum { SNAPSHOT_MARK_SIZE = 8 };

enum { SNAPSHOT_SET_KNOWN = 1, SNAPSHOT_SET_INCOMPLETE = 2 };

/* A field of a row. */
struct snapshot_column {
	uint16_t offset, size;
	uint64_t most; /* the largest value */
};

#define COLUMN(type, field)                                                                        \
	{                                                                                          \
		offsetof(struct type, field), sizeof(((struct type *)0)->field),                   \
			(__typeof__(((struct type *)0)->field))-1                                  \
	}

static const struct snapshot_column snapshot_address_column = {0, sizeof(uint64_t), UINT64_MAX};

static const struct snapshot_column snapshot_code_columns[] = {
	COLUMN(snapshot_code, address),
	COLUMN(snapshot_code, first),
	COLUMN(snapshot_code, count),
};

static const struct snapshot_column snapshot_goroutine_columns[] = {
	COLUMN(snapshot_goroutine, g),		 COLUMN(snapshot_goroutine, goid),
	COLUMN(snapshot_goroutine, parent),	 COLUMN(snapshot_goroutine, creator_pc),
	COLUMN(snapshot_goroutine, start_pc),	 COLUMN(snapshot_goroutine, wait_since),
	COLUMN(snapshot_goroutine, labels),	 COLUMN(snapshot_goroutine, label_set),
	COLUMN(snapshot_goroutine, wait_reason), COLUMN(snapshot_goroutine, stack),
	COLUMN(snapshot_goroutine, thread),	 COLUMN(snapshot_goroutine, processor),
	COLUMN(snapshot_goroutine, state),	 COLUMN(snapshot_goroutine, system),
};

#undef COLUMN

enum {
	SNAPSHOT_CODE_COLUMNS = sizeof(snapshot_code_columns) / sizeof(struct snapshot_column),
	SNAPSHOT_GOROUTINE_COLUMNS =
		sizeof(snapshot_goroutine_columns) / sizeof(struct snapshot_column),
};

#endif
