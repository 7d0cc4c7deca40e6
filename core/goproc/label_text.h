/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of labels as one text. */
#ifndef GOPROC_LABEL_TEXT_H
#define GOPROC_LABEL_TEXT_H

#include "goproc/section.h"

/*
 * "endpoint=/pay, tenant=acme": "" for the empty set, "…" at the end of one that is not complete.
 * Keys and values that are empty, begin or end with a blank, or hold a comma, an equals sign, a
 * quote, a backslash or control characters stand in double quotes, within which quotes and
 * backslashes have a backslash before them, and control characters are \xNN. So different sets have
 * different texts. NULL without memory; the caller frees it with free().
 */
char *label_set_text(const struct label_set *set);

#endif
