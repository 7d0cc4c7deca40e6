/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding the file of a dso, and making sure it is the one that ran. */
#ifndef ATTRIBUTE_DSO_FILE_H
#define ATTRIBUTE_DSO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/attribution.h"
#include "attribute/binary.h"

/* What the recording says of the dso. */
struct dso_file {
	const char *name;
	enum dso_kind kind;
	uint32_t pid;
	const uint8_t *build_id; /* NULL: unknown */
	size_t build_id_size;
	bool recorded_here;		/* on the machine that this is, as far as its name tells */
	const char *arch;		/* uname -m of the recorded machine; NULL unknown */
	uint64_t map_pgoff, map_length; /* an executable mapping of it; length 0: unknown */
};

/*
 * Opens the file: from the build-id cache, below symfs, at its path, or below /proc/PID/root. *RET
 * is NULL when there is none. A file that is not the one that ran is refused: then *RET is NULL and
 * the error says so. The caller frees *RET.
 */
struct perfgo_error *dso_file_open(const struct dso_file *file,
				   const struct attribution_options *options, const char *recording,
				   struct binary **ret);

/*
 * The path of a file in the build-id cache: "elf", "kallsyms" or "vdso" of a build id, in
 * BUFFER. False when it is not there.
 */
bool build_id_cache_path(const struct attribution_options *options, const uint8_t *build_id,
			 size_t size, const char *what, char *buffer, size_t buffer_size);

#endif
