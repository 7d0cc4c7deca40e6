// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/stacks.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "gobin/unwind.h"
#include "goproc/radix_sort.h"

enum {
	WORD = 8,
	FIRST_PIECE = 1024, /* bytes: what most stacks of parked goroutines have */
	MAX_GAP = 2048,	    /* bytes between two that are read at once: the smallest stack */
	MAX_REQUEST = 1 << 16,
	MAX_PIECE = 16 << 20, /* of the goroutine with the deepest stack */
};

/* What is known of the code at an address, looked up once. */
struct code_rule {
	uint64_t address;
	struct unwind_rule rule;
	bool exact; /* it was asked for this address, not for the one before it */
	bool known;
	bool trap;    /* what it returns to was interrupted, and has not called it */
	bool wrapper; /* the compiler's, to call another function */
	bool panics;  /* a wrapper that calls it is told */
};

/* A stack from its sp on. */
struct piece {
	uint64_t start;
	uint8_t *bytes;
	size_t size;
};

struct stacks_reader {
	struct memory *memory;
	const struct gobin *go;
	uint64_t bias;
	bool link_register;
	struct code_rule *rules;
	size_t nr_rules, rules_capacity;
	struct idmap index;
	const struct stack_place *places;
	struct piece *pieces;		 /* of each place */
	struct memory_request *requests; /* of neighbours one */
	size_t nr_requests;
	struct keyed *order; /* places by their sp */
	size_t pieces_capacity, requests_capacity, order_capacity;
	uint8_t *buffer; /* of all pieces */
	size_t buffer_capacity;
	uint8_t *deep; /* the one that is longer than FIRST_PIECE */
	size_t deep_capacity;
};

struct perfgo_error *stacks_reader_new(struct goproc *process, struct stacks_reader **ret)
{
	struct stacks_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return perfgo_error_no_memory();
	reader->memory = goproc_memory(process);
	reader->go = goproc_gobin(process);
	reader->bias = goproc_info(process)->bias;
	reader->link_register = image_machine(goproc_image(process)) == EM_AARCH64;
	*ret = reader;
	return NULL;
}

void stacks_reader_free(struct stacks_reader *reader)
{
	if (!reader)
		return;
	free(reader->rules);
	free(reader->pieces);
	free(reader->requests);
	free(reader->order);
	free(reader->buffer);
	free(reader->deep);
	idmap_deinit(&reader->index);
	free(reader);
}

/* runtime/traceback.go, go1.26, (*unwinder).next: above these a pc is no return address. */
static bool is_trap(const char *name)
{
	return name && (!strcmp(name, "runtime.asyncPreempt") || !strcmp(name, "runtime.sigpanic"));
}

/* runtime/traceback.go, go1.26, elideWrapperCalling() */
static bool is_panic(const char *name)
{
	return name && (!strcmp(name, "runtime.gopanic") || !strcmp(name, "runtime.sigpanic") ||
			!strcmp(name, "runtime.panicwrap"));
}

/* A return address belongs to the call before it, unless a function begins there: it has not run.
 */
static struct code_rule look_up(const struct stacks_reader *reader, uint64_t pc, bool exact)
{
	struct gobin_frame frame;
	struct gobin_place place;
	struct code_rule ret = {.address = pc, .exact = exact};
	uint64_t address = pc - reader->bias;
	gobin_locate(reader->go, address, false, &frame, 1, &place);
	if (!exact && (!place.name || place.start != address))
		gobin_locate(reader->go, --address, false, &frame, 1, &place);
	ret.known = gobin_unwind_rule(reader->go, address, &ret.rule);
	ret.trap = is_trap(place.name);
	/* What it calls may be inlined, and is told. */
	ret.wrapper = place.wrapper && place.count && !strcmp(frame.function, place.name);
	ret.panics = is_panic(place.name);
	return ret;
}

/* NULL without memory. */
static const struct code_rule *find_rule(struct stacks_reader *reader, uint64_t pc, bool exact)
{
	uint32_t id, hash = hash_fold(hash_word(exact, pc));
	for (size_t probe = hash; (id = idmap_probe(&reader->index, hash, &probe)) != IDMAP_NONE;)
		if (reader->rules[id].address == pc && reader->rules[id].exact == exact)
			return &reader->rules[id];
	if (!array_reserve(reader->rules, reader->rules_capacity, reader->nr_rules + 1) ||
	    !idmap_insert(&reader->index, hash, (uint32_t)reader->nr_rules))
		return NULL;
	reader->rules[reader->nr_rules] = look_up(reader, pc, exact);
	return &reader->rules[reader->nr_rules++];
}

static size_t wanted(const struct stack_place *place, size_t most)
{
	if (place->none || place->sp >= place->hi)
		return 0;
	return place->hi - place->sp < most ? place->hi - place->sp : most;
}

static bool sort_places(struct stacks_reader *reader, size_t count)
{
	if (!array_reserve(reader->order, reader->order_capacity, count + 1))
		return false;
	for (size_t i = 0; i < count; i++)
		reader->order[i] = (struct keyed){reader->places[i].sp, i};
	return radix_sort(reader->order, count);
}

/* Whether SIZE bytes at ADDRESS can be read with those before them. */
static bool joins(const struct memory_request *request, uint64_t address, size_t size)
{
	uint64_t end = request->address + request->size;
	return address >= end && address - end <= MAX_GAP &&
	       address + size - request->address <= MAX_REQUEST;
}

/*
 * A call for each would be dear, and so is each piece of one: neighbours are read at once, with
 * what is between them.
 */
static void plan(struct stacks_reader *reader, size_t count)
{
	uint8_t *to = reader->buffer;
	struct memory_request *request = NULL;
	reader->nr_requests = 0;
	for (size_t at = 0; at < count; at++) {
		size_t i = reader->order[at].value;
		const uint64_t start = reader->places[i].sp;
		size_t size = wanted(&reader->places[i], FIRST_PIECE);
		if (size && !(request && joins(request, start, size))) {
			request = &reader->requests[reader->nr_requests++];
			*request = (struct memory_request){.address = start, .buffer = to};
		}
		reader->pieces[i] = (struct piece){.start = start, .size = size};
		if (!size)
			continue;
		size_t offset = start - request->address;
		reader->pieces[i].bytes = (uint8_t *)request->buffer + offset;
		request->size = offset + size;
		to = (uint8_t *)request->buffer + request->size;
	}
}

/* What lies between two may be gone. */
static void read_apart(struct stacks_reader *reader, size_t count)
{
	const struct memory_request *request = reader->requests;
	for (size_t at = 0; at < count; at++) {
		struct piece *piece = &reader->pieces[reader->order[at].value];
		if (!piece->size)
			continue;
		while (piece->bytes >= (uint8_t *)request->buffer + request->size)
			request++;
		if (!request->done &&
		    !memory_read(reader->memory, piece->start, piece->bytes, piece->size))
			piece->size = 0;
	}
}

bool stacks_read(struct stacks_reader *reader, const struct stack_place *places, size_t count)
{
	reader->places = places;
	if (!array_reserve(reader->pieces, reader->pieces_capacity, count) ||
	    !array_reserve(reader->requests, reader->requests_capacity, count) ||
	    !array_reserve(reader->buffer, reader->buffer_capacity,
			   count * (FIRST_PIECE + MAX_GAP)) ||
	    !sort_places(reader, count))
		return false;
	plan(reader, count);
	memory_read_many(reader->memory, reader->requests, reader->nr_requests);
	read_apart(reader, count);
	return true;
}

/* More of the stack than has been read, doubled each time. False when there is no more. */
static bool read_more(struct stacks_reader *reader, const struct stack_place *place,
		      struct piece *piece)
{
	size_t size = wanted(place, piece->size < MAX_PIECE / 8 ? piece->size * 8 : MAX_PIECE);
	if (!piece->size || size <= piece->size ||
	    !array_reserve(reader->deep, reader->deep_capacity, size) ||
	    !memory_read(reader->memory, place->sp, reader->deep, size))
		return false;
	*piece = (struct piece){.start = place->sp, .bytes = reader->deep, .size = size};
	return true;
}

static bool read_word(struct stacks_reader *reader, size_t i, uint64_t address, uint64_t *ret)
{
	struct piece *piece = &reader->pieces[i];
	if (address < piece->start)
		return false;
	while (address - piece->start > piece->size ||
	       piece->size - (address - piece->start) < WORD)
		if (!read_more(reader, &reader->places[i], piece))
			return false;
	memcpy(ret, piece->bytes + (address - piece->start), WORD);
	return true;
}

/*
 * One frame up. A frame has DEPTH bytes below the return address on amd64; on arm64 the return
 * address is at its lower end, or, where there is no frame yet, still in LR (cmd/internal/obj).
 */
static bool step(struct stacks_reader *reader, size_t i, const struct unwind_rule *rule,
		 struct stack_place *at)
{
	uint64_t depth = (uint64_t)rule->depth;
	if (!reader->link_register) {
		if (!read_word(reader, i, at->sp + depth, &at->pc))
			return false;
		at->sp += depth + WORD;
		return true;
	}
	if (rule->link_register)
		at->pc = at->lr;
	else if (!read_word(reader, i, at->sp, &at->pc))
		return false;
	at->sp += depth;
	at->lr = 0;
	return true;
}

/*
 * What nobody called, runtime.goexit and the like, is no part of a callchain, and wrappers are not,
 * as for the runtime.
 */
size_t stacks_unwind(struct stacks_reader *reader, size_t i, uint64_t ret[STACK_MAX])
{
	struct stack_place at = reader->places[i];
	size_t count = 0;
	bool innermost = true, panics = false;
	if (at.none)
		return 0;
	while (count < STACK_MAX) {
		const struct code_rule *rule = find_rule(reader, at.pc, at.exact);
		if (!rule || !rule->known || (!innermost && rule->rule.flags & UNWIND_FUNCTION_TOP))
			break;
		if (!rule->wrapper || panics)
			ret[count++] = at.pc + at.exact;
		innermost = false;
		panics = rule->panics;
		if (rule->rule.flags & (UNWIND_FUNCTION_TOP | UNWIND_FUNCTION_SPWRITE))
			break;
		at.exact = rule->trap;
		if (!step(reader, i, &rule->rule, &at))
			break;
	}
	return count;
}
