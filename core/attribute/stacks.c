// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "attribute/goroutine_stack.h"
#include "attribute/joined_stack.h"
#include "attribute/leaf_caller.h"
#include "attribute/recorded_chain.h"
#include "attribute/sample_registers.h"
#include "attribute/scheduler_stack.h"
#include "goproc/payload.h"

enum { MAX_UNWOUND = 512, MAX_RECORDED = 1024 };

struct stacks {
	struct session *session;
	struct unwind_codes *codes;
	const struct sample_machine *machine;
	uint64_t ends[UNWIND_ENDS];
	struct leaf_callers leaf_callers;
	struct chain_places chain_places;
	uint64_t recorded[MAX_RECORDED];
};

/* A stack that is being made. */
struct making {
	struct stacks *stacks;
	const struct sample *sample;
	const struct maps *maps;
	const struct go_payload *payload; /* NULL: none */
	const struct go_payload *raw; /* the same in the sample, with raw_size of what follows */
	size_t raw_size;
	enum sample_abi abi;
	bool gathered; /* abi, evidence and words hold */
	bool unwound;  /* from a dump */
	struct leaf_evidence evidence;
	uint64_t words[2];	  /* from the stack pointer on; 0 not known */
	const uint64_t *recorded; /* the callchain, of frame pointers in user space */
	size_t nr_recorded;
	struct made_stack *chain;
};

/* How many entries of the sample's callchain are the kernel's. */
static size_t count_kernel(const struct sample *sample)
{
	size_t count = 0;
	if (sample->cpumode != PERF_RECORD_MISC_USER)
		while (count < sample->nr_callchain &&
		       sample->callchain[count] != PERF_CONTEXT_USER)
			count++;
	return count;
}

/* The recorded chain up to where the user's part begins, which the dump is to give. */
static size_t append_kernel(struct made_stack *chain, const struct sample *sample)
{
	static const uint64_t marker = PERF_CONTEXT_USER;
	size_t count = count_kernel(sample);
	made_stack_append(chain, sample->callchain, count);
	made_stack_append(chain, &marker, 1);
	return count;
}

/* The recorded chain in user space, if it begins with the place at hand. */
static struct recorded_chain user_chain(const struct making *making, size_t from, uint64_t pc)
{
	struct recorded_chain chain = {.cpumode = PERF_RECORD_MISC_USER};
	while (from < making->nr_recorded && making->recorded[from] == PERF_CONTEXT_USER)
		from++;
	if (from >= making->nr_recorded || making->recorded[from] != pc)
		return chain;
	chain.entries = making->recorded + from;
	chain.count = making->nr_recorded - from;
	return chain;
}

/*
 * The callchain: the sample's own, or, where perf go record took the user's part beside a dump of
 * the stack, the kernel's part and that one.
 */
static void find_recorded(struct making *making)
{
	static const uint64_t marker = PERF_CONTEXT_USER;
	const struct sample *sample = making->sample;
	size_t kernel = count_kernel(sample);
	const struct go_payload_callchain *taken =
		making->raw ? go_payload_callchain(making->raw, making->raw_size) : NULL;
	making->recorded = sample->callchain;
	making->nr_recorded = sample->nr_callchain;
	if (!taken || kernel + 1 + taken->count > MAX_RECORDED)
		return;
	uint64_t *recorded = making->stacks->recorded;
	if (kernel)
		memcpy(recorded, sample->callchain, kernel * sizeof(*recorded));
	recorded[kernel] = marker;
	memcpy(recorded + kernel + 1, taken->entries, taken->count * sizeof(*recorded));
	making->recorded = recorded;
	making->nr_recorded = kernel + 1 + taken->count;
}

static void check(const struct making *making, bool go, struct recorded_chain *chain)
{
	struct stacks *stacks = making->stacks;
	recorded_chain_check(&stacks->chain_places, stacks->codes, making->maps, go, chain);
}

/* Says that callers are missing at the end of a chain: its last entry where there is no room. */
static void mark_end(struct made_stack *chain)
{
	static const uint64_t mark = ADDRESS_NOT_RECORDED;
	chain->count -= chain->count == chain->max;
	made_stack_append(chain, &mark, 1);
}

/*
 * Intel's LBR in call-stack mode: where the innermost function was entered, and the calls that led
 * there (perf 6.12, util/machine.c, lbr_callchain_add_lbr_ip()).
 */
static void append_call_stack(struct made_stack *chain, const struct sample *sample)
{
	append_kernel(chain, sample);
	made_stack_append(chain, &sample->branches[0].to, 1);
	for (uint64_t i = 0; i < sample->nr_branches; i++)
		made_stack_append(chain, &sample->branches[i].from, 1);
}

static bool has_call_stack(const struct stacks *stacks, const struct sample *sample)
{
	const struct perfdata_event *event =
		perfdata_event(session_data(stacks->session), sample->event);
	return sample->nr_branches &&
	       event->attr.branch_sample_type & PERF_SAMPLE_BRANCH_CALL_STACK;
}

/*
 * What the recording has besides belongs to the innermost place, unless that is known to be
 * another: by PEBS the registers are those of an earlier moment than the chain
 * (arch/x86/events/intel/ds.c).
 */
static bool evidence_holds(const struct making *making, uint64_t pc)
{
	const struct sample *sample = making->sample;
	uint64_t recorded = making->evidence.registers.pc;
	return (!recorded || recorded == pc) &&
	       (sample->cpumode != PERF_RECORD_MISC_USER || sample->ip == pc);
}

static bool runs_goroutine(const struct making *making)
{
	return making->payload && making->payload->goroutine > GOROUTINE_NO_GO;
}

/* Whether a goroutine's chain ends before the kernel had to end it. */
static bool is_short(const struct making *making, const struct recorded_chain *chain)
{
	return chain->end == CHAIN_HOLDS && runs_goroutine(making) &&
	       chain->count < DEFAULT_MAX_STACK;
}

/* Whether nobody called the last entry, or it has left the stack for good, as mcall. */
static bool ends_in_root(const struct making *making)
{
	const struct made_stack *chain = making->chain;
	if (!chain->count)
		return false;
	enum unwind_kind kind = unwind_codes_find(making->stacks->codes, making->maps,
						  chain->entries[chain->count - 1], true)
					->kind;
	return kind == UNWIND_CODE_ROOT || kind == UNWIND_CODE_SWITCH;
}

/* What the recording has of the stack from the stack pointer on. */
static void find_stack_top(struct making *making)
{
	const struct sample *sample = making->sample;
	struct leaf_evidence *evidence = &making->evidence;
	if (sample->stack_size) {
		evidence->stack = sample->stack;
		evidence->stack_size = sample->stack_size;
	} else if (making->raw) {
		evidence->stack = (const uint8_t *)making->words;
		evidence->stack_size =
			go_payload_words(making->raw, making->raw_size, making->words) *
			sizeof(*making->words);
	}
}

/* What the recording has besides callchains; most samples need none of it. */
static void gather_evidence(struct making *making)
{
	if (making->gathered)
		return;
	making->gathered = true;
	making->abi = sample_registers(making->stacks->machine, &making->sample->user_regs,
				       &making->evidence.registers);
	find_stack_top(making);
}

/* The recorded chain, as far as something is to be done to it. */
static enum unwind_end from_recorded(struct making *making)
{
	static const struct leaf_evidence none = {.machine = &unwind_amd64};
	struct stacks *stacks = making->stacks;
	const struct sample *sample = making->sample;
	struct recorded_chain chain = {.entries = making->recorded,
				       .count = making->nr_recorded,
				       .cpumode = sample->cpumode};
	size_t at;
	const struct leaf_place *place =
		leaf_caller_place(&stacks->leaf_callers, stacks->codes, making->maps,
				  sample->cpumode, chain.entries, chain.count, &at);
	chain.innermost = place ? place->in_chain : 0;
	making->chain->calls = false;
	check(making, making->payload, &chain);
	bool wrong = place && at < chain.count && leaf_caller_wrong(place);
	const struct go_payload *payload = making->payload;
	bool joins = payload && (payload->flags & GO_PAYLOAD_SCHED ||
				 payload->goroutine == GOROUTINE_SCHEDULER);
	bool left = chain.end >= CHAIN_LEFT || is_short(making, &chain);
	if (wrong || joins || left || chain.artefacts || chain.count < making->nr_recorded ||
	    making->recorded != sample->callchain)
		recorded_chain_append(&stacks->chain_places, stacks->codes, making->maps, &chain, 0,
				      making->chain);
	/* It may be further in than there was room. */
	if (wrong && making->evidence.machine && at < making->chain->count) {
		gather_evidence(making);
		bool holds = evidence_holds(making, making->recorded[at]);
		leaf_caller_restore(&stacks->leaf_callers, stacks->codes, making->maps,
				    holds ? &making->evidence : &none, at, making->chain);
	}
	return left && !ends_in_root(making) ? UNWIND_LEFT : UNWIND_GOES_ON;
}

/* Whether the chain has no gap but for the innermost caller, or the dump has nothing better. */
static bool chain_is_better(const struct making *making, uint64_t pc, const struct unwound *unwound,
			    size_t count)
{
	const struct unwind_code *code =
		unwind_codes_find(making->stacks->codes, making->maps, pc, false);
	bool restored =
		code->kind == UNWIND_CODE_GO && code->frame_pointer != FRAME_POINTER_UNKNOWN;
	return restored || code->frame_pointer == FRAME_POINTER_OWN ||
	       (!count && unwound->end != UNWIND_LEFT);
}

/* Goes on with what the recording has by frame pointers as well, where the dump ended too early. */
static enum unwind_end join_recorded(struct making *making, size_t kernel,
				     const struct unwind_context *unwinding,
				     const struct unwound *unwound, size_t count)
{
	const struct cfi_registers *registers = &making->evidence.registers;
	struct recorded_chain chain = user_chain(making, kernel, registers->pc);
	check(making, true, &chain);
	if (chain.count < 2)
		return unwound->end;
	const struct joined_stack joined = {&making->stacks->chain_places, *unwinding, registers};
	enum unwind_end end = joined_stack_go_on(&joined, unwound, count, &chain, making->chain);
	if (end != UNWIND_GOES_ON)
		return end;
	if (!chain_is_better(making, registers->pc, unwound, count))
		return unwound->end;
	making->chain->count = 0;
	return from_recorded(making);
}

static enum unwind_end unwind_dump(struct making *making)
{
	const struct unwind_machine *machine = making->evidence.machine;
	const struct sample *sample = making->sample;
	struct cfi_registers registers = making->evidence.registers;
	struct made_stack *chain = making->chain;
	uint64_t slots[MAX_UNWOUND];
	struct unwind_context context = {
		.codes = making->stacks->codes,
		.maps = making->maps,
		.machine = machine,
		.window = {.start = registers.value[machine->stack_pointer],
			   .bytes = sample->stack,
			   .size = sample->stack_size},
		.back = 1,
	};
	size_t kernel = append_kernel(chain, sample);
	made_stack_append(chain, &registers.pc, 1);
	size_t room = chain->max - chain->count;
	struct unwound unwound = {.entries = chain->entries + chain->count,
				  .slots = slots,
				  .max = room < MAX_UNWOUND ? room : MAX_UNWOUND};
	size_t count = unwind(&context, &registers, &unwound);
	chain->count += count;
	if (unwound.end == UNWIND_ROOT)
		return UNWIND_ROOT;
	return join_recorded(making, kernel, &context, &unwound, count);
}

/* Why there is nothing to unwind where a dump was asked for. */
static void count_missing(const struct making *making)
{
	uint64_t *ends = making->stacks->ends;
	if (!(making->sample->type & PERF_SAMPLE_STACK_USER) || making->abi == SAMPLE_NO_REGISTERS)
		return;
	ends[making->abi == SAMPLE_32_BIT      ? UNWIND_32_BIT
	     : making->abi == SAMPLE_REGISTERS ? UNWIND_NO_REGISTERS
					       : UNWIND_NO_DUMP]++;
}

/* The stack as far as its thread has it. */
static enum unwind_end make_own(struct making *making)
{
	if (making->abi == SAMPLE_WHOLE && making->sample->stack_size) {
		making->unwound = true;
		return unwind_dump(making);
	}
	count_missing(making);
	if (has_call_stack(making->stacks, making->sample)) {
		append_call_stack(making->chain, making->sample);
		return UNWIND_GOES_ON;
	}
	return from_recorded(making);
}

/* For session_make_stacks(). */
static void make(void *context, const struct sample *sample, const struct maps *maps,
		 struct made_stack *ret)
{
	struct stacks *stacks = context;
	const struct unwind_machine *machine = sample_machine_unwind(stacks->machine);
	struct making making = {
		.stacks = stacks,
		.sample = sample,
		.maps = maps,
		.payload = session_go_payload(stacks->session, sample),
		.evidence = {.machine = machine},
		.chain = ret,
	};
	const struct go_payload *payload = making.payload;
	bool scheduler = payload && payload->goroutine == GOROUTINE_SCHEDULER;
	if (payload)
		making.raw = go_payload_find(sample->raw, sample->raw_size, &making.raw_size);
	if (sample->type & PERF_SAMPLE_STACK_USER)
		gather_evidence(&making);
	find_recorded(&making);
	ret->calls = true;
	enum unwind_end end = make_own(&making), joined = UNWIND_GOES_ON;
	if (payload && payload->flags & GO_PAYLOAD_SCHED)
		joined = goroutine_stack_join(&stacks->chain_places, stacks->codes, sample, maps,
					      machine, ret);
	if (joined != UNWIND_GOES_ON)
		end = joined == UNWIND_NO_MEMORY ? UNWIND_LEFT : joined;
	if (making.unwound)
		stacks->ends[end]++;
	if (end == UNWIND_LEFT && !scheduler)
		mark_end(ret);
	if (scheduler)
		scheduler_stack_cut(stacks->codes, maps, sample->cpumode, ret);
}

struct stacks *stacks_new(struct attribution *attribution, struct session *session)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));
	if (!stacks)
		return NULL;
	stacks->session = session;
	stacks->codes = unwind_codes_new(attribution);
	if (!stacks->codes) {
		free(stacks);
		return NULL;
	}
	stacks->machine = sample_machine(perfdata_header(session_data(session))->arch);
	if (stacks->machine)
		session_make_stacks(session, make, stacks);
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	session_make_stacks(stacks->session, NULL, NULL);
	unwind_codes_free(stacks->codes);
	free(stacks);
}

const uint64_t *stacks_ends(const struct stacks *stacks)
{
	return stacks->ends;
}
