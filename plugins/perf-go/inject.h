/* SPDX-License-Identifier: GPL-2.0-only */
/* What perf go inject does besides converting. */
#ifndef PERF_GO_INJECT_H
#define PERF_GO_INJECT_H

#include "attribute/attribution.h"
#include "base/error.h"
#include "out/conversion.h"

/*
 * A recording is read twice. What can be read only once, a pipe, is first written to a file without
 * a name in the directory of OUTPUT, which takes the place of standard input; *INPUT is then "-".
 */
struct perfgo_error *inject_spool(const char **input, const char *output);

/* Files with the symbols of stripped Go binaries. Zero-initialised there are none. */
struct inject_symbols {
	size_t count;
	struct conversion_build_id *build_ids; /* those that the recording lacks */
	size_t nr_build_ids, capacity;
};

/*
 * Writes for each Go binary that has been looked into, and has no symbols, a file into a build-id
 * cache below DIRECTORY. The caller frees what is in *RET with inject_symbols_deinit(), also after
 * an error.
 */
struct perfgo_error *inject_symbols_write(struct attribution *attribution, const char *directory,
					  struct inject_symbols *ret);
void inject_symbols_deinit(struct inject_symbols *symbols);

#endif
