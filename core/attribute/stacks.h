/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the callchains of samples that have a dump of their stack, or a goroutine's. */
#ifndef ATTRIBUTE_STACKS_H
#define ATTRIBUTE_STACKS_H

#include "attribute/unwind.h"

struct stacks;

/* Borrows both. NULL without memory. The caller frees it with stacks_free(). */
struct stacks *stacks_new(struct attribution *attribution, struct session *session);
void stacks_free(struct stacks *stacks);

/* How the stacks made from dumps ended, by enum unwind_end. */
const uint64_t *stacks_ends(const struct stacks *stacks);

#endif
