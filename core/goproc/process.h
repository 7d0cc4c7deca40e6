/* SPDX-License-Identifier: GPL-2.0-only */
/* A Go process: its memory, its binary, and where Go's runtime is in both. */
#ifndef GOPROC_PROCESS_H
#define GOPROC_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "gobin/runtime.h"
#include "goproc/memory.h"

struct goproc;

/*
 * Looks for Go in the executable of the process, else in its libraries (c-shared, plugins). *RET is
 * NULL, without an error, when it has none. Borrows MEMORY, which has to outlive *RET.
 */
struct perfgo_error *goproc_open(struct memory *memory, struct goproc **ret);
void goproc_close(struct goproc *process);

/* Run-time addresses: the load bias is in them. 0 unknown. */
struct goproc_info {
	const char *version; /* "go1.26.8"; NULL unknown */
	int release;	     /* 26 for go1.26; 0 unknown */
	const char *path;    /* of the Go binary */
	uint64_t bias;	     /* run-time less link-time address */
	uint64_t text_start, text_end;
	const struct mapping *code;	     /* where it is executable */
	const struct runtime_layout *layout; /* NULL: release not known, or newer than the tables */
	uint64_t gcphase, sweepgen;
	uint64_t allgs; /* searched for in memory when the binary does not tell; see below */
	bool has_tls;
	int64_t tls_offset;
	uint64_t tls_slot; /* in libraries: the loader writes tls_offset there when it has loaded */
	/* A file with a Go runtime of its own, which this one does not know of; NULL none. */
	const char *other;
};
const struct goproc_info *goproc_info(const struct goproc *process);

/*
 * Finds allgs in the memory of a program whose binary does not tell: takes milliseconds, and works
 * once main has started. False when it is not found, or more than one could be it.
 */
bool goproc_search(struct goproc *process);

struct memory *goproc_memory(const struct goproc *process);
const struct gobin *goproc_gobin(const struct goproc *process);
const struct image *goproc_image(const struct goproc *process);

#endif
