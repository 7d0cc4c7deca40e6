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
 * The callchain of a sample with the goroutine's callers put where they belong, markers included;
 * 0 when the recorded one stays as it is. The recording of frame pointers goes on in the
 * goroutine's stack by itself, but leaves the function out that went to the system stack, and loses
 * all behind C code without frame pointers.
 */
size_t goroutine_stack_join(struct unwind_codes *codes, const struct sample *sample,
			    const struct maps *maps, const struct unwind_machine *machine,
			    uint64_t *ret, size_t max);

#endif
