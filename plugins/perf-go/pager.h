/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_GO_PAGER_H
#define PERF_GO_PAGER_H

#include <stdbool.h>

/*
 * Sends standard output through the user's pager when it is a terminal: $PERF_PAGER, $PAGER or
 * less; none when that is empty or cat. pager_end() waits until it has been left.
 */
void pager_begin(void);
void pager_end(void);

#endif
