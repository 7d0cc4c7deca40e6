// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/goroutine_stack.h"

#include <string.h>

#include "attribute/joined_stack.h"
#include "attribute/scheduler_stack.h"
#include "goproc/payload.h"

enum { MAX_CALLERS = 256 };

/*
 * The piece of a goroutine's stack in a sample, and its callchain where the piece is too short,
 * else NULL; false when it has none.
 */
static bool find_piece(const struct sample *sample, const struct unwind_machine *machine,
		       struct cfi_registers *registers, struct unwind_window *window,
		       const struct go_payload_callchain **chain_ret)
{
	size_t size;
	const struct go_payload *payload = go_payload_find(sample->raw, sample->raw_size, &size);
	const struct go_payload_sched *sched = payload ? go_payload_sched(payload, size) : NULL;
	if (!sched)
		return false;
	*registers = (struct cfi_registers){.pc = sched->pc};
	registers->value[machine->stack_pointer] = sched->sp;
	registers->value[machine->frame_pointer] = sched->bp;
	registers->known = 1ull << machine->stack_pointer | 1ull << machine->frame_pointer;
	*window = (struct unwind_window){
		.start = sched->sp,
		.bytes = (const uint8_t *)(sched + 1),
		.size = payload->stack_size,
	};
	*chain_ret = go_payload_sched_callchain(payload, size);
	return true;
}

/*
 * Whether the thread works for the goroutine, and will come back to where it left: systemstack and
 * asmcgocall leave the address of systemstack_switch in g.sched (runtime/asm_amd64.s,
 * gosave_systemstack_switch, go1.17 - go1.27). After mcall the goroutine's callers are not those of
 * the code that runs.
 */
static bool works_for_goroutine(const struct unwind_code *code)
{
	const char *name = unwind_code_name(code);
	return name && !strcmp(name, "runtime.systemstack_switch");
}

/*
 * Whether it has a larger stack made for the goroutine: morestack leaves the place that is to go on
 * in g.sched (runtime/asm_amd64.s, runtime/stack.go, newstack(), go1.17 - go1.27). It may as well
 * find that the goroutine is to make way for another.
 */
static bool grows_stack(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			const struct made_stack *chain, size_t user)
{
	for (size_t i = user + 1; i < chain->count; i++)
		if (unwind_codes_find(codes, maps, chain->entries[i], !chain->calls)->morestack)
			return !is_scheduler_stack(codes, maps, cpumode, chain);
	return false;
}

/* Where the user's part of a callchain begins, behind its marker; COUNT without one. */
static size_t user_part(const uint64_t *chain, size_t count, uint8_t cpumode)
{
	for (size_t i = 0; i < count; i++)
		if (chain[i] == PERF_CONTEXT_USER)
			return i + 1;
	return cpumode == PERF_RECORD_MISC_USER ? 0 : count;
}

static size_t find_address(const uint64_t *chain, size_t from, size_t count, uint64_t address)
{
	while (from < count && chain[from] != address)
		from++;
	return from;
}

void made_stack_append(struct made_stack *chain, const uint64_t *entries, size_t count)
{
	if (count > chain->max - chain->count)
		count = chain->max - chain->count;
	if (count)
		memcpy(chain->entries + chain->count, entries, count * sizeof(*entries));
	chain->count += count;
}

/* Where the goroutine's callers belong in a chain. */
struct junction {
	size_t at;     /* behind so many of its entries */
	size_t caller; /* chain[at] is this caller, and the entries that follow are the next ones */
	size_t common; /* so many of them; 0: the chain has none of the callers */
};

/* Looks for the first of the callers that the chain has met as well. */
static bool find_common(const struct made_stack *chain, size_t user, const uint64_t *callers,
			size_t nr_callers, struct junction *ret)
{
	for (size_t i = 0; i < nr_callers; i++) {
		size_t at = find_address(chain->entries, user, chain->count, callers[i]);
		size_t common = 0;
		while (i + common < nr_callers && at + common < chain->count &&
		       chain->entries[at + common] == callers[i + common])
			common++;
		*ret = (struct junction){.at = at, .caller = i, .common = common};
		if (common)
			return true;
	}
	return false;
}

/*
 * By frame pointers a chain goes on behind the function that changed to the system stack
 * (systemstack, asmcgocall) with the goroutine's, the first of them left out. Without that function
 * it has lost its way in C, unless it has met a caller all the same. False where it does not tell:
 * it has a root, and none of the callers.
 */
static bool find_junction(struct unwind_codes *codes, const struct maps *maps,
			  const struct made_stack *chain, size_t user, const uint64_t *callers,
			  size_t nr_callers, struct junction *ret)
{
	enum unwind_kind kind = UNWIND_CODE_UNKNOWN;
	if (find_common(chain, user, callers, nr_callers, ret))
		return true;
	*ret = (struct junction){.at = chain->count};
	for (size_t i = user; i < chain->count; i++) {
		kind = unwind_codes_find(codes, maps, chain->entries[i], i > user && !chain->calls)
			       ->kind;
		ret->at = i + 1;
		if (kind == UNWIND_CODE_SWITCH || kind == UNWIND_CODE_LEFT)
			return true;
	}
	return kind != UNWIND_CODE_ROOT;
}

/* Replaces what follows the first AT entries by the callers; TAIL is what may follow them. */
static void splice(struct made_stack *chain, size_t at, const uint64_t *callers, size_t nr_callers,
		   size_t tail)
{
	uint64_t rest[MAX_CALLERS];
	size_t nr_rest = chain->count - tail;
	if (nr_rest > MAX_CALLERS)
		nr_rest = MAX_CALLERS;
	memcpy(rest, chain->entries + tail, nr_rest * sizeof(*rest));
	chain->count = at;
	made_stack_append(chain, callers, nr_callers);
	made_stack_append(chain, rest, nr_rest);
}

/* Puts the callers above the place in REGISTERS behind those of the goroutine. */
static enum unwind_end unwind_goroutine(struct chain_places *places,
					const struct unwind_context *context,
					const struct go_payload_callchain *taken,
					const struct cfi_registers *registers,
					struct made_stack *goroutine)
{
	uint64_t slots[MAX_CALLERS], entries[MAX_CALLERS];
	struct cfi_registers moving = *registers;
	struct unwound unwound = {.entries = goroutine->entries + goroutine->count,
				  .slots = slots,
				  .max = goroutine->max - goroutine->count};
	size_t count = unwind(context, &moving, &unwound);
	goroutine->count += count;
	if (unwound.end != UNWIND_NO_MEMORY)
		return unwound.end;
	if (!taken || taken->count > MAX_CALLERS)
		return unwound.end;
	memcpy(entries, taken->entries, taken->count * sizeof(*entries));
	struct recorded_chain chain = {
		.entries = entries, .count = taken->count, .cpumode = PERF_RECORD_MISC_USER};
	recorded_chain_check(places, context->codes, context->maps, true, &chain);
	if (chain.count < 2)
		return unwound.end;
	const struct joined_stack joined = {places, *context, registers};
	enum unwind_end end = joined_stack_go_on(&joined, &unwound, count, &chain, goroutine);
	return end == UNWIND_GOES_ON ? unwound.end : end;
}

enum unwind_end goroutine_stack_join(struct chain_places *places, struct unwind_codes *codes,
				     const struct sample *sample, const struct maps *maps,
				     const struct unwind_machine *machine, struct made_stack *chain)
{
	struct unwind_context context = {
		.codes = codes, .maps = maps, .machine = machine, .back = chain->calls};
	struct cfi_registers registers;
	uint64_t callers[MAX_CALLERS];
	struct made_stack goroutine = {.entries = callers, .max = MAX_CALLERS};
	struct junction junction;
	const struct go_payload_callchain *taken;
	size_t user = user_part(chain->entries, chain->count, sample->cpumode);
	if (!find_piece(sample, machine, &registers, &context.window, &taken))
		return UNWIND_GOES_ON;
	const struct unwind_code *left = unwind_codes_find(codes, maps, registers.pc, false);
	if (left->kind != UNWIND_CODE_GO)
		return UNWIND_GOES_ON;
	bool works = works_for_goroutine(left);
	if (!works && !grows_stack(codes, maps, sample->cpumode, chain, user))
		return UNWIND_GOES_ON;
	if (!works)
		callers[goroutine.count++] = registers.pc - context.back;
	enum unwind_end end = unwind_goroutine(places, &context, taken, &registers, &goroutine);
	size_t nr_callers = goroutine.count;
	if (!nr_callers || !find_junction(codes, maps, chain, user, callers, nr_callers, &junction))
		return UNWIND_GOES_ON;
	size_t tail = end == UNWIND_ROOT ? chain->count : junction.at + junction.common;
	/* The piece may have been too short: what was recorded may know more, and better. */
	if (end != UNWIND_ROOT && junction.common)
		nr_callers = junction.caller + junction.common;
	if (tail < chain->count)
		end = UNWIND_ROOT;
	splice(chain, junction.at, callers, nr_callers, tail);
	return end;
}
