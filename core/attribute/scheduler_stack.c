// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/scheduler_stack.h"

/* Behind the outermost of the scheduler's functions; 0 when there is none. */
static size_t find_end(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
		       const struct made_stack *chain)
{
	bool user = cpumode == PERF_RECORD_MISC_USER, caller = false;
	size_t end = 0;
	for (size_t i = 0; i < chain->count; i++) {
		uint64_t pc = chain->entries[i];
		if (pc >= PERF_CONTEXT_MAX) {
			user = pc == PERF_CONTEXT_USER;
			caller = false;
			continue;
		}
		if (user && unwind_codes_find(codes, maps, pc, caller)->scheduler)
			end = i + 1;
		caller = true;
	}
	return end;
}

void scheduler_stack_cut(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			 struct made_stack *chain)
{
	size_t end = find_end(codes, maps, cpumode, chain);
	if (end)
		chain->count = end;
}

bool is_scheduler_stack(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			const struct made_stack *chain)
{
	return find_end(codes, maps, cpumode, chain);
}
