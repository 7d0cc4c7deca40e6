/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Go's runtime as it lies in memory: offsets in its structs by release, and where its variables
 * are in a binary, with or without symbols.
 */
#ifndef GOBIN_RUNTIME_H
#define GOBIN_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "gobin/gobin.h"

/* Offsets in bytes; 0: the release has no such field, unless the field is one that is always first.
 */
struct runtime_layout {
	int first, last; /* releases 1.FIRST to 1.LAST */
	struct {
		uint16_t stack_lo, stack_hi, m, sched, syscall_sp, syscall_pc, status, goid,
			wait_since, wait_reason, parent_goid, creator_pc, start_pc, labels, size;
	} g;
	struct {
		uint16_t sp, pc, bp, lr;
	} gobuf; /* from g.sched */
	struct {
		uint16_t g0, procid, gsignal, curg, p, id;
	} m;
	struct {
		uint16_t id, status, m;
	} p;
	uint32_t sweepgen;   /* in runtime.mheap_ */
	bool labels_are_map; /* g.labels: a *map[string]string up to 1.23, then a *slice */
	const char *const *wait_reasons; /* by number */
	uint16_t nr_wait_reasons;
};

/* Of release 1.RELEASE; NULL when that is not known, newer ones included. */
const struct runtime_layout *runtime_layout_of_release(int release);

/* Link-time addresses of the image; 0: not found. */
struct gobin_runtime {
	const struct runtime_layout *layout; /* NULL: a release that is not known */
	uint64_t gcphase;		     /* runtime.gcphase */
	uint64_t mheap;			     /* runtime.mheap_ */
	uint64_t allgs;			     /* runtime.allgs, a slice of *g */
	uint64_t data_start, data_end;	     /* moduledata.data … ebss: where the others may be */
	bool has_tls;			     /* g is in thread-local storage, at: */
	int64_t tls_offset;		     /* from the thread pointer (FS, TPIDR_EL0) */
	/* Of libraries, whose storage the loader places: without has_tls, the word in memory that
	 * has the offset; else 0. */
	uint64_t tls_slot;
};

/*
 * By symbols, else by the code of functions that use them, where it leaves no doubt; without either
 * a field stays 0.
 */
void gobin_runtime(const struct gobin *go, const struct image *image, struct gobin_runtime *ret);

#endif
