// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks of a small Go program, from samples of whatever has been recorded: chains, registers,
 * dumps, branches, what perf go record has besides. Values are mostly addresses that mean something
 * there, so that what is far from a sample's beginning is reached as well.
 */
#include "unit/stack_recording.h"

enum { MAX_SHOTS = 8 };

struct choices {
	const uint8_t *bytes;
	size_t left;
};

static uint8_t byte(struct choices *choices)
{
	return choices->left ? choices->left--, *choices->bytes++ : 0;
}

static uint64_t value(struct choices *choices)
{
	static const uint64_t known[] = {
		GOEXIT,		MAIN,
		MIDDLE,		LEAF,
		SYSTEMSTACK,	C,
		DUFFZERO,	CROSSCALL2,
		MCALL,		SYSTEMSTACK_SWITCH,
		SCHEDULE,	TO_MAIN,
		TO_MIDDLE,	TO_GOEXIT,
		TO_SYSTEMSTACK, TO_C,
		TO_MCALL,	TO_KEPT,
		TO_SCHEDULE,	TO_ASMCGOCALL,
		TO_CROSSCALL2,	PERF_CONTEXT_USER,
		UINT64_MAX,	ASMCGOCALL,
	};
	enum { KNOWN = sizeof(known) / sizeof(*known), WITH_OFFSET = 2 * KNOWN, ON_STACK = 96 };
	uint8_t what = byte(choices);
	uint64_t ret = 0;
	if (what < KNOWN)
		return known[what];
	if (what < WITH_OFFSET)
		return known[what - KNOWN] + byte(choices);
	if (what < ON_STACK)
		return STACK + 8 * (what - WITH_OFFSET);
	for (int i = 0; i < 8; i++)
		ret = ret << 8 | byte(choices);
	return ret;
}

static size_t values(struct choices *choices, uint64_t *ret, size_t max)
{
	size_t count = byte(choices) % (max + 1);
	for (size_t i = 0; i < count; i++)
		ret[i] = value(choices);
	return count;
}

static void take_one(struct choices *choices, struct stack_recording *s)
{
	struct go_payload payload = worker;
	struct shot shot = {.payload = &payload};
	payload.goroutine = value(choices);
	shot.nr_chain = values(choices, shot.chain, byte(choices) == UINT8_MAX ? 600 : 24);
	shot.ip = value(choices);
	shot.abi = byte(choices) % 4;
	shot.bp = value(choices);
	shot.sp = value(choices);
	shot.lr = value(choices);
	shot.dump_size = 8 * values(choices, shot.dump, 16);
	shot.real_size = byte(choices);
	shot.nr_branches = values(choices, &shot.branches[0][0], 12) / 3;
	values(choices, shot.words, 2);
	shot.sched = (struct go_payload_sched){value(choices), value(choices), value(choices)};
	shot.nr_piece = values(choices, shot.piece, 16);
	take(s, &shot);
}

static void look_at(struct stack_recording *s)
{
	for (size_t i = 0; i < s->r.batch.count; i++)
		for (uint32_t at = 0; at < stack_of(s, i)->count; at++)
			attribution_frames(s->attribution, address_of(s, i, at)->location);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t kinds[] = {
		PERF_SAMPLE_CALLCHAIN,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_RAW,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER |
			PERF_SAMPLE_RAW,
		PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_BRANCH_STACK,
	};
	static const uint64_t registers[] = {BP_BIT | SP_BIT | PC_BIT, SP_BIT | PC_BIT, PC_BIT,
					     SP_BIT | PC_BIT | LR_BIT};
	struct choices choices = {data, size};
	struct stack_recording s;
	uint64_t kind = kinds[byte(&choices) % (sizeof(kinds) / sizeof(*kinds))];
	begin_stacks(&s, kind, registers[byte(&choices) % 4]);
	for (int i = 0; i < MAX_SHOTS && choices.left; i++)
		take_one(&choices, &s);
	read_stacks(&s);
	look_at(&s);
	end_stacks(&s);
	return 0;
}
