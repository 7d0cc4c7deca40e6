// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/recorded_chain.h"

#include <string.h>

#include "base/hash.h"
#include "gobin/calls.h"

enum {
	IS_GO = 1,
	IS_ROOT = 2,
	IS_C = 4,	 /* or what C calls Go by, whose caller is found by C's frame pointer */
	IS_LEFT = 8,	 /* it has left a goroutine's stack */
	IS_NOTHING = 16, /* not behind a call */
	IS_NOWHERE = 32, /* no code at all */
	IS_TWICE = 64,	 /* it makes two frames, and the next entry is not what it returns to */
	SEEN = 128,
	CALLS_C =
		256, /* Go code that C may return to, or that may have called what it returns to */
	IS_HANDLER = 512, /* the next entry is what a signal's handler returns to */
};

/*
 * Whether an entry is no return address. Where the file is not to be had, it gets the benefit of
 * the doubt.
 */
static uint16_t doubts(const struct maps *maps, uint64_t pc, const struct unwind_code *code)
{
	if (!code->binary)
		return maps_find(maps, pc - 1) ? 0 : IS_NOWHERE;
	return code->kind == UNWIND_CODE_OTHER &&
			       !gobin_returns_to(binary_image(code->binary), code->address + 1)
		       ? IS_NOTHING
		       : 0;
}

/*
 * C code, and Go's assembly, may have other uses for the frame pointer. What looks like a frame may
 * be one of long ago: Go code that calls no C is no caller of it.
 */
static bool is_lost(uint16_t before, uint16_t flags)
{
	bool go = flags & IS_GO && !(flags & CALLS_C);
	return (before && flags & IS_NOWHERE) || (before & IS_C && (go || flags & IS_NOTHING));
}

static bool leads_to_c(const struct unwind_code *code)
{
	switch (code->kind) {
	case UNWIND_CODE_LEFT:
	case UNWIND_CODE_KEPT:
	case UNWIND_CODE_VDSO:
	case UNWIND_CODE_SWITCH:
		return true;
	default:
		return false;
	}
}

/*
 * Whether a place in Go code may be behind C in a chain: in what calls C, or in what has called
 * that, which is left out where it has no frame (runtime/cgocall.go, cgocall(), go1.17 - go1.27).
 */
static bool calls_c(struct unwind_codes *codes, const struct maps *maps, uint64_t pc,
		    const struct unwind_code *code)
{
	static const char cgocall[] = "runtime.cgocall";
	uint64_t target, address = code->address;
	if (leads_to_c(code) || code->called_by_c || code->kind == UNWIND_CODE_ROOT)
		return true;
	if (!code->binary || !gobin_call_before(binary_image(code->binary), address + 1, &target))
		return false;
	const struct unwind_code *called =
		unwind_codes_find(codes, maps, target + (pc - 1 - address), false);
	const char *name = unwind_code_name(called);
	return leads_to_c(called) || (name && !strcmp(name, cgocall));
}

static bool is_go(const struct unwind_code *code)
{
	return code->binary && binary_go(code->binary) && code->kind != UNWIND_CODE_OTHER;
}

uint16_t recorded_chain_innermost(const struct unwind_code *code)
{
	uint16_t flags = is_go(code) ? IS_GO | SEEN : SEEN;
	if (code->kind == UNWIND_CODE_ROOT)
		flags |= IS_ROOT;
	if (code->kind == UNWIND_CODE_LEFT)
		flags |= IS_LEFT;
	if (code->kind == UNWIND_CODE_OTHER || code->called_by_c)
		flags |= IS_C;
	if (code->frames_twice)
		flags |= IS_TWICE;
	if (code->handler)
		flags |= IS_HANDLER;
	return flags;
}

/* Whether an entry is right where it is matters for return addresses: the innermost is none. */
static uint16_t look_at(struct unwind_codes *codes, const struct maps *maps, uint64_t pc,
			bool caller)
{
	struct unwind_code code = *unwind_codes_find(codes, maps, pc, caller);
	uint16_t flags = recorded_chain_innermost(&code);
	if (!caller)
		return flags;
	flags |= doubts(maps, pc, &code);
	return is_go(&code) && calls_c(codes, maps, pc, &code) ? flags | CALLS_C : flags;
}

static uint16_t flags_of(struct chain_places *places, struct unwind_codes *codes,
			 const struct maps *maps, uint64_t pc, bool caller)
{
	uint64_t hash = hash_word(maps->generation, pc + caller);
	struct chain_place *place = &places->places[hash_fold(hash) % CHAIN_PLACES];
	if (place->pc != pc || place->generation != maps->generation || place->caller != caller)
		*place = (struct chain_place){pc, maps->generation,
					      look_at(codes, maps, pc, caller), caller};
	return place->flags;
}

/* A walk through the user's part. */
struct look {
	bool user;
	uint16_t before;    /* flags of the entry before; 0: there is none */
	uint16_t innermost; /* those of the innermost, where they are known */
};

/* The flags of an entry; 0: a marker, or the kernel's. */
static uint16_t look(struct look *look, struct chain_places *places, struct unwind_codes *codes,
		     const struct maps *maps, uint64_t entry)
{
	if (entry >= PERF_CONTEXT_MAX) {
		look->user = entry == PERF_CONTEXT_USER;
		look->before = 0;
		return 0;
	}
	if (!look->user)
		return 0;
	if (!look->before && look->innermost)
		return look->innermost;
	return flags_of(places, codes, maps, entry, look->before);
}

static struct look begin_look(const struct recorded_chain *chain)
{
	return (struct look){.user = chain->cpumode == PERF_RECORD_MISC_USER,
			     .innermost = chain->innermost};
}

enum {
	MATTERS_TO_NEXT = IS_TWICE | IS_HANDLER | IS_C,
	ODD = MATTERS_TO_NEXT | IS_NOTHING | IS_NOWHERE
};

static struct recent_chain *recent_chain(struct chain_places *places, const struct maps *maps,
					 const struct recorded_chain *chain)
{
	enum { OUTERMOST = 3 };
	size_t count = chain->count < OUTERMOST ? chain->count : OUTERMOST;
	uint64_t hash = hash_words(maps->generation, chain->entries + chain->count - count, count);
	return &places->recent[hash_fold(hash) % RECENT_CHAINS];
}

/* How many of the outermost entries are those of a chain that held. */
static size_t common_tail(const struct recent_chain *recent, const struct maps *maps,
			  const struct recorded_chain *chain)
{
	size_t same = 0;
	if (recent->generation != maps->generation)
		return 0;
	while (same < recent->count && same < chain->count &&
	       recent->entries[recent->count - 1 - same] == chain->entries[chain->count - 1 - same])
		same++;
	/* The innermost was no return address, and here it is one. */
	return same && same == recent->count ? same - 1 : same;
}

static void remember(struct recent_chain *recent, const struct maps *maps,
		     const struct recorded_chain *chain)
{
	if (chain->count > RECENT_ENTRIES)
		return;
	recent->generation = maps->generation;
	recent->count = (uint32_t)chain->count;
	memcpy(recent->entries, chain->entries, chain->count * sizeof(*chain->entries));
}

void recorded_chain_check(struct chain_places *places, struct unwind_codes *codes,
			  const struct maps *maps, bool go, struct recorded_chain *chain)
{
	struct look at = begin_look(chain);
	size_t count = chain->count;
	chain->end = CHAIN_HOLDS;
	chain->artefacts = false;
	if (!count)
		return;
	struct recent_chain *recent = recent_chain(places, maps, chain);
	size_t known = count - common_tail(recent, maps, chain);
	uint16_t all = 0;
	for (size_t i = 0; i < count; i++) {
		if (i >= known && at.before && !(at.before & MATTERS_TO_NEXT)) {
			chain->count = count;
			chain->end = CHAIN_ROOT;
			if (!(all & ODD))
				remember(recent, maps, chain);
			return;
		}
		uint16_t flags = look(&at, places, codes, maps, chain->entries[i]);
		if (!flags)
			continue;
		all |= flags;
		if (at.before & IS_TWICE) {
			chain->artefacts = true;
			at.before = IS_C | SEEN;
			continue;
		}
		if (at.before & IS_HANDLER)
			flags &= ~(IS_C | IS_NOTHING);
		chain->count = i;
		chain->end = CHAIN_LOST;
		if (go && is_lost(at.before, flags))
			return;
		chain->count = i + 1;
		chain->end = CHAIN_ROOT;
		if (flags & IS_ROOT) {
			if (i + 1 == count && !(all & ODD))
				remember(recent, maps, chain);
			return;
		}
		go |= (flags & IS_GO) != 0;
		at.before = flags;
	}
	chain->count = count;
	chain->end = at.before & IS_LEFT ? CHAIN_LEFT : CHAIN_HOLDS;
}

void recorded_chain_append(struct chain_places *places, struct unwind_codes *codes,
			   const struct maps *maps, const struct recorded_chain *chain, size_t from,
			   struct made_stack *to)
{
	struct look at = begin_look(chain);
	if (!chain->artefacts) {
		made_stack_append(to, chain->entries + from, chain->count - from);
		return;
	}
	for (size_t i = 0; i < chain->count; i++) {
		uint16_t flags = look(&at, places, codes, maps, chain->entries[i]);
		bool artefact = flags && at.before & IS_TWICE;
		if (!artefact && i >= from)
			made_stack_append(to, &chain->entries[i], 1);
		if (flags)
			at.before = artefact ? SEEN : flags;
	}
}
