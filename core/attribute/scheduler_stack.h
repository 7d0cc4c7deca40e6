/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_SCHEDULER_STACK_H
#define ATTRIBUTE_SCHEDULER_STACK_H

#include "attribute/goroutine_stack.h"

/*
 * Cuts the callchain of a thread that has no current goroutine behind the scheduler: on g0 the
 * chain of frame pointers leads on into the goroutine that ran there before.
 */
void scheduler_stack_cut(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			 struct made_stack *chain);

/* Whether the thread has gone to the scheduler, though it may have a goroutine still or again. */
bool is_scheduler_stack(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			const struct made_stack *chain);

#endif
