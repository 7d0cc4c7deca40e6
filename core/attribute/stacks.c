// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/stacks.h"

#include <stdlib.h>

#include "attribute/goroutine_stack.h"
#include "attribute/leaf_caller.h"
#include "attribute/sample_registers.h"
#include "attribute/scheduler_stack.h"
#include "goproc/payload.h"

struct stacks {
	struct session *session;
	struct unwind_codes *codes;
	const struct sample_machine *machine;
	uint64_t ends[UNWIND_ENDS];
	struct leaf_callers leaf_callers;
};

/* The recorded chain up to where the user's part begins, which the dump is to give. */
static void append_kernel(struct made_stack *chain, const struct sample *sample)
{
	static const uint64_t marker = PERF_CONTEXT_USER;
	size_t count = 0;
	if (sample->cpumode != PERF_RECORD_MISC_USER)
		while (count < sample->nr_callchain && sample->callchain[count] != marker)
			count++;
	made_stack_append(chain, sample->callchain, count);
	made_stack_append(chain, &marker, 1);
}

static enum unwind_end unwind_dump(struct stacks *stacks, const struct sample *sample,
				   const struct maps *maps, struct cfi_registers *registers,
				   struct made_stack *chain)
{
	const struct unwind_machine *machine = sample_machine_unwind(stacks->machine);
	struct unwind_context context = {
		.codes = stacks->codes,
		.maps = maps,
		.machine = machine,
		.window = {.start = registers->value[machine->stack_pointer],
			   .bytes = sample->stack,
			   .size = sample->stack_size},
		.back = 1,
	};
	enum unwind_end end;
	append_kernel(chain, sample);
	made_stack_append(chain, &registers->pc, 1);
	chain->count += unwind(&context, registers, chain->entries + chain->count,
			       chain->max - chain->count, &end);
	stacks->ends[end]++;
	return end;
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

/* The recorded chain, as far as something is to be done to it. */
static void begin_recorded(struct stacks *stacks, const struct sample *sample,
			   const struct maps *maps, bool wanted, struct made_stack *chain)
{
	const struct unwind_machine *machine = sample_machine_unwind(stacks->machine);
	bool missing =
		machine->link_register == CFI_REGISTERS &&
		leaf_caller_missing(&stacks->leaf_callers, stacks->codes, maps, sample->cpumode,
				    sample->callchain, sample->nr_callchain);
	if (!missing && !wanted)
		return;
	made_stack_append(chain, sample->callchain, sample->nr_callchain);
	if (missing)
		leaf_caller_restore(&stacks->leaf_callers, stacks->codes, maps, sample->cpumode,
				    chain);
}

/* For session_make_stacks(). */
static void make(void *context, const struct sample *sample, const struct maps *maps,
		 struct made_stack *ret)
{
	struct stacks *stacks = context;
	struct cfi_registers registers;
	const struct unwind_machine *machine = sample_machine_unwind(stacks->machine);
	const struct go_payload *payload = session_go_payload(stacks->session, sample);
	bool piece = payload && payload->flags & GO_PAYLOAD_SCHED;
	bool scheduler = payload && payload->goroutine == GOROUTINE_SCHEDULER;
	enum unwind_end end = UNWIND_ROOT;
	ret->calls = true;
	if (sample->stack_size && sample_registers(stacks->machine, &sample->user_regs, &registers))
		end = unwind_dump(stacks, sample, maps, &registers, ret);
	else if (has_call_stack(stacks, sample))
		append_call_stack(ret, sample);
	else
		ret->calls = false;
	if (!ret->count)
		begin_recorded(stacks, sample, maps, piece || scheduler, ret);
	enum unwind_end joined = UNWIND_GOES_ON;
	if (piece)
		joined = goroutine_stack_join(stacks->codes, sample, maps, machine, ret);
	if (joined != UNWIND_GOES_ON)
		end = joined == UNWIND_NO_MEMORY ? UNWIND_LEFT : joined;
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
