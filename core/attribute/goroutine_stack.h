/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks that are in two pieces: a thread that does something for a goroutine on its system stack
 * (systemstack, cgo) has the goroutine's callers on the goroutine's own stack, of which `perf go
 * record` takes a piece.
 */
#ifndef ATTRIBUTE_GOROUTINE_STACK_H
#define ATTRIBUTE_GOROUTINE_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "attribute/unwind.h"
#include "perfdata/perfdata.h"

/*
 * Puts the goroutine's callers where they belong in the callchain of a sample; leaves it where
 * there are none. Returns how they end, UNWIND_GOES_ON when none were put there. Recorded by frame
 * pointers it goes on in the goroutine's stack by itself, but leaves the function out that went to
 * the system stack, and loses all behind C code without frame pointers.
 */
struct chain_places;
enum unwind_end goroutine_stack_join(struct chain_places *places, struct unwind_codes *codes,
				     const struct sample *sample, const struct maps *maps,
				     const struct unwind_machine *machine,
				     struct made_stack *chain);

/* Puts COUNT entries behind those of the chain, as far as there is room. */
void made_stack_append(struct made_stack *chain, const uint64_t *entries, size_t count);

#endif
