/* SPDX-License-Identifier: GPL-2.0-only */
/* Folded stacks: "root;…;leaf weight", one a line. */
#ifndef OUT_FOLDED_H
#define OUT_FOLDED_H

#include <stddef.h>

#include "out/writer.h"
#include "report/stack_tree.h"

/*
 * Writes the stacks in which samples end. Frames of the kernel have _[k] behind their names,
 * inlined ones _[i], as stackcollapse-perf marks them; a semicolon in a name becomes a colon,
 * control characters become spaces.
 */
void folded_write(struct writer *out, const struct stack_node *nodes, size_t count);

#endif
