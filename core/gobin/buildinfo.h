/* SPDX-License-Identifier: GPL-2.0-only */
/* The build info that cmd/go has put into a binary since 1.13 (debug/buildinfo/buildinfo.go). */
#ifndef GOBIN_BUILDINFO_H
#define GOBIN_BUILDINFO_H

#include "base/arena.h"
#include "base/error.h"
#include "elf/image.h"

/* Texts live in the arena given; NULL unknown. */
struct buildinfo {
	const char *version, *path, *module, *settings;
};

/* Fills *RET with what there is; only a lack of memory is an error. */
struct perfgo_error *buildinfo_read(const struct image *image, struct arena *arena,
				    struct buildinfo *ret);

/*
 * The version by the symbol runtime.buildVersion, for binaries without build info; NULL unknown.
 * The text lives in the arena.
 */
const char *buildinfo_version_symbol(const struct image *image, struct arena *arena);

/*
 * The same without symbols: runtime.buildVersion is the only variable in [START, END) that holds a
 * release. NULL where none does, or several that are not equal.
 */
const char *buildinfo_version_variable(const struct image *image, uint64_t start, uint64_t end,
				       struct arena *arena);

/* The R of "go1.R", also behind "devel "; 0 when VERSION does not have it. */
int buildinfo_release(const char *version);

#endif
