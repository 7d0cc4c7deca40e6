/* SPDX-License-Identifier: GPL-2.0-only */
/* Goroutines of samples, interned: what a recording of perf go record says of each. */
#ifndef SESSION_GOROUTINES_H
#define SESSION_GOROUTINES_H

#include <stdbool.h>
#include <stdint.h>

#include "goproc/payload.h"

/* A goroutine with one set of labels, in one state. Interned: it gets a small id; 0 is unknown. */
struct goroutine {
	uint32_t pid;
	uint64_t goid, parent; /* GO_GOID_UNKNOWN */
	uint32_t creator;     /* session_address() id of the `go` statement, less one; IDMAP_NONE */
	uint32_t entry;	      /* session_address() id of its first function; IDMAP_NONE */
	uint8_t special;      /* GOROUTINE_SCHEDULER, GOROUTINE_NO_GO, else 0 */
	uint32_t labels;      /* id of a label set in the session; 0 unknown, 1 the empty set */
	uint8_t state;	      /* enum go_state */
	uint32_t wait_reason; /* string id */
	uint8_t from;	      /* enum go_goid_from */
};

#endif
