/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GOBIN_FIND_H
#define GOBIN_FIND_H

#include "gobin/pclntab.h"

/*
 * Finds and reads the pclntab of a binary of Go 1.RELEASE (0: unknown) by section, by symbol, or
 * by a search of the segments. *FROM_RET says how, a constant text. False when there is none that
 * can be read; else give *RET back with pclntab_deinit().
 */
bool pclntab_locate(const struct image *image, int release, struct pclntab *ret,
		    const char **from_ret);

#endif
