// SPDX-License-Identifier: GPL-2.0-only
#include "session/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "perfdata/abi.h"

static const struct maps *maps_of_mode(const struct code_context *context, uint8_t cpumode)
{
	return cpumode == PERF_RECORD_MISC_KERNEL ? context->kernel
	       : cpumode == PERF_RECORD_MISC_USER ? context->user
						  : NULL;
}

static uint32_t intern_location(struct code *code, const struct location *location)
{
	uint32_t hash =
		hash_fold(hash_word(hash_word(location->dso, location->returns), location->offset));
	uint32_t id;
	for (size_t probe = hash;
	     (id = idmap_probe(&code->locations_index, hash, &probe)) != IDMAP_NONE;) {
		const struct location *known = &code->locations[id];
		if (known->offset == location->offset && known->dso == location->dso &&
		    known->returns == location->returns)
			return id;
	}
	if (!array_reserve(code->locations, code->locations_capacity, code->nr_locations + 1) ||
	    !idmap_insert(&code->locations_index, hash, (uint32_t)code->nr_locations))
		return IDMAP_NONE;
	code->locations[code->nr_locations] = *location;
	return (uint32_t)code->nr_locations++;
}

/* A return address may be the first behind the map's end: it is the call that has to lie in it. */
static uint32_t locate(struct code *code, const struct code_context *context, uint64_t ip,
		       uint8_t cpumode, bool returns)
{
	const struct maps *maps = maps_of_mode(context, cpumode);
	const struct map *map = maps ? maps_find(maps, ip - returns) : NULL;
	struct location location = {.returns = returns, .offset = ip};
	if (map) {
		location.dso = map->dso;
		location.offset = ip - map->start + map->pgoff;
	}
	return intern_location(code, &location);
}

static uint32_t hash_address(uint32_t generation, uint64_t ip, uint8_t cpumode,
			     enum address_kind kind)
{
	uint64_t where = (uint64_t)generation << 8 | (uint64_t)cpumode << 2 | kind;
	return hash_fold(hash_word(where, ip));
}

static uint32_t generation_of(const struct code_context *context, uint8_t cpumode)
{
	const struct maps *maps = maps_of_mode(context, cpumode);
	return maps ? maps->generation : 0;
}

uint32_t code_address(struct code *code, const struct code_context *context, uint64_t ip,
		      uint8_t cpumode, enum address_kind kind)
{
	bool returns = kind != ADDRESS_PLACE, inferred = kind == ADDRESS_INFERRED;
	struct address address = {.ip = ip,
				  .generation = generation_of(context, cpumode),
				  .cpumode = cpumode,
				  .returns = returns,
				  .inferred = inferred};
	uint32_t hash = hash_address(address.generation, ip, cpumode, kind), id;
	for (size_t probe = hash;
	     (id = idmap_probe(&code->addresses_index, hash, &probe)) != IDMAP_NONE;) {
		const struct address *known = &code->addresses[id];
		if (known->ip == ip && known->generation == address.generation &&
		    known->cpumode == cpumode && known->returns == returns &&
		    known->inferred == inferred)
			return id;
	}
	address.location = locate(code, context, ip, cpumode, returns);
	if (address.location == IDMAP_NONE ||
	    !array_reserve(code->addresses, code->addresses_capacity, code->nr_addresses + 1) ||
	    !array_reserve(code->ips, code->ips_capacity, code->nr_addresses + 1) ||
	    !idmap_insert(&code->addresses_index, hash, (uint32_t)code->nr_addresses))
		return IDMAP_NONE;
	code->addresses[code->nr_addresses] = address;
	code->ips[code->nr_addresses] = ip;
	return (uint32_t)code->nr_addresses++;
}

/* What a context marker says of the addresses that follow (include/uapi/linux/perf_event.h). */
static uint8_t mode_of_marker(uint64_t marker)
{
	switch (marker) {
	case PERF_CONTEXT_KERNEL:
		return PERF_RECORD_MISC_KERNEL;
	case PERF_CONTEXT_USER:
		return PERF_RECORD_MISC_USER;
	case PERF_CONTEXT_HV:
		return PERF_RECORD_MISC_HYPERVISOR;
	case PERF_CONTEXT_GUEST_KERNEL:
		return PERF_RECORD_MISC_GUEST_KERNEL;
	case PERF_CONTEXT_GUEST_USER:
		return PERF_RECORD_MISC_GUEST_USER;
	}
	return PERF_RECORD_MISC_CPUMODE_UNKNOWN;
}

/*
 * Fills ADDRESSES. The first address of each context is where it stood, those that follow are
 * return addresses, but for what QUERY says. *CPUMODE is that at the start, then that at the end.
 * Returns how many; IDMAP_NONE without memory.
 */
static uint32_t resolve(struct code *code, const struct code_context *context, const uint64_t *raw,
			uint64_t nr_raw, const struct stack_query *query, uint8_t *cpumode,
			uint32_t *addresses)
{
	uint32_t count = 0;
	bool returns = false;
	for (uint64_t i = 0; i < nr_raw && count < code->max_stack; i++) {
		if (raw[i] >= PERF_CONTEXT_MAX) {
			*cpumode = mode_of_marker(raw[i]);
			returns = false;
			i += raw[i] == PERF_CONTEXT_USER_DEFERRED; /* its cookie */
			continue;
		}
		enum address_kind kind = query->inferred && i == query->inferred ? ADDRESS_INFERRED
					 : returns				 ? ADDRESS_RETURNS
										 : ADDRESS_PLACE;
		uint32_t id = code_address(code, context, raw[i], *cpumode, kind);
		if (id == IDMAP_NONE)
			return IDMAP_NONE;
		addresses[count++] = id;
		returns = !query->calls || *cpumode != PERF_RECORD_MISC_USER;
	}
	return count;
}

static bool reserve_stacks(struct code *code)
{
	if (!array_reserve(code->stacks, code->stacks_capacity, code->nr_stacks + 2))
		return false;
	if (!code->nr_stacks)
		code->stacks[code->nr_stacks++] = (struct stack){0};
	return true;
}

static uint32_t add_stack(struct code *code, uint32_t hash, struct stack stack)
{
	if (!reserve_stacks(code) ||
	    !idmap_insert(&code->stacks_index, hash, (uint32_t)code->nr_stacks))
		return IDMAP_NONE;
	code->stacks[code->nr_stacks] = stack;
	return (uint32_t)code->nr_stacks++;
}

/*
 * Whether the recorded chain of QUERY is that of STACK. In the same address spaces equal addresses
 * of equal modes are equal ids; the mode of an id is only looked at where a marker changes it.
 */
static bool same_chain(const struct code *code, const struct stack *stack,
		       const struct stack_query *query)
{
	uint32_t at = 0;
	uint8_t cpumode = query->cpumode;
	bool first = true;
	for (uint64_t i = 0; i < query->count && at < code->max_stack; i++) {
		uint64_t ip = query->raw[i];
		if (ip >= PERF_CONTEXT_MAX) {
			cpumode = mode_of_marker(ip);
			first = true;
			i += ip == PERF_CONTEXT_USER_DEFERRED; /* its cookie */
			continue;
		}
		if (at == stack->count || code->ips[stack->addresses[at]] != ip)
			return false;
		const struct address *address = &code->addresses[stack->addresses[at++]];
		if (first && (address->cpumode != cpumode || address->returns))
			return false;
		first = false;
	}
	return at == stack->count;
}

static bool same_stack(const struct code *code, const struct stack *stack,
		       const struct stack_query *query, const struct code_context *context)
{
	return stack->nr_raw == query->count && stack->cpumode == query->cpumode &&
	       stack->inferred == query->inferred &&
	       stack->user_generation == (query->user ? query->user->generation : 0) &&
	       stack->kernel_generation == context->kernel->generation &&
	       same_chain(code, stack, query);
}

static uint32_t hash_query(const struct stack_query *query, const struct maps *kernel)
{
	uint64_t user = query->user ? query->user->generation : 0;
	uint64_t hash = hash_word(user << 32 | kernel->generation, query->cpumode);
	return hash_fold(hash_words(hash, query->raw, query->count));
}

/*
 * A stack that was new not long ago and began alike, from the outside: most likely the same
 * goroutine a little earlier.
 */
static uint32_t *recent_stack(struct code *code, const struct stack_query *query)
{
	enum { OUTERMOST = 4 };
	uint64_t count = query->count < OUTERMOST ? query->count : OUTERMOST;
	uint64_t hash = hash_words(0, query->raw + query->count - count, count);
	return &code->recent[hash_fold(hash) % RECENT_STACKS];
}

/*
 * How many of the outermost addresses QUERY has in common with STACK as return addresses in user
 * space. The innermost that is equal may not be one in both, so that does not count.
 */
static uint32_t common_tail(const struct code *code, const struct stack_query *query,
			    const struct stack *stack)
{
	uint32_t same = 0;
	if (!query->user || stack->user_generation != query->user->generation ||
	    query->count > code->max_stack)
		return 0;
	while (same < stack->count && same < query->count) {
		const uint32_t id = stack->addresses[stack->count - 1 - same];
		const struct address *address = &code->addresses[id];
		if (code->ips[id] != query->raw[query->count - 1 - same] || !address->returns ||
		    address->inferred || address->cpumode != PERF_RECORD_MISC_USER)
			break;
		same++;
	}
	return same ? same - 1 : 0;
}

/* Most addresses of a new stack are return addresses in user space that are known already. */
static void prefetch_addresses(const struct code *code, const struct code_context *context,
			       const uint64_t *raw, uint64_t count)
{
	uint32_t generation = generation_of(context, PERF_RECORD_MISC_USER);
	for (uint64_t i = 0; i < count; i++)
		idmap_prefetch(
			&code->addresses_index,
			hash_address(generation, raw[i], PERF_RECORD_MISC_USER, ADDRESS_RETURNS));
}

/* Fills ADDRESSES, the outermost of them from the recent stack. IDMAP_NONE without memory. */
static uint32_t resolve_query(struct code *code, const struct code_context *context,
			      const struct stack_query *query, uint32_t recent, uint32_t *addresses)
{
	const struct stack *like = recent ? &code->stacks[recent] : NULL;
	uint32_t tail = like ? common_tail(code, query, like) : 0;
	uint64_t inner = query->count - tail;
	uint8_t cpumode = query->cpumode;
	prefetch_addresses(code, context, query->raw, inner);
	uint32_t count = resolve(code, context, query->raw, inner, query, &cpumode, addresses);
	if (!tail || count == IDMAP_NONE)
		return count;
	if (cpumode != PERF_RECORD_MISC_USER)
		return resolve(code, context, query->raw, query->count, query,
			       &(uint8_t){query->cpumode}, addresses);
	memcpy(addresses + count, like->addresses + like->count - tail, tail * sizeof(*addresses));
	return count + tail;
}

static uint32_t new_stack(struct code *code, const struct code_context *context,
			  const struct stack_query *query)
{
	struct code_context of_query = {.user = query->user, .kernel = context->kernel};
	uint32_t *addresses = arena_alloc(&code->arena, query->count * sizeof(*addresses));
	uint32_t *recent = recent_stack(code, query);
	if (!addresses)
		return IDMAP_NONE;
	uint32_t count = resolve_query(code, &of_query, query, *recent, addresses);
	if (count == IDMAP_NONE)
		return IDMAP_NONE;
	uint32_t id = add_stack(
		code, query->hash,
		(struct stack){.addresses = addresses,
			       .count = count,
			       .nr_raw = (uint32_t)query->count,
			       .inferred = query->inferred,
			       .user_generation = query->user ? query->user->generation : 0,
			       .kernel_generation = context->kernel->generation,
			       .cpumode = query->cpumode});
	if (id != IDMAP_NONE)
		*recent = id;
	return id;
}

static uint32_t find_stack(struct code *code, const struct code_context *context,
			   const struct stack_query *query)
{
	uint32_t id;
	for (size_t probe = query->hash;
	     (id = idmap_probe(&code->stacks_index, query->hash, &probe)) != IDMAP_NONE;)
		if (same_stack(code, &code->stacks[id], query, context))
			return id;
	return new_stack(code, context, query);
}

/* What will be compared with a query, most likely. */
static const struct stack *candidate(const struct code *code, const struct stack_query *query)
{
	size_t probe = query->hash;
	uint32_t id = idmap_probe(&code->stacks_index, query->hash, &probe);
	return id == IDMAP_NONE ? NULL : &code->stacks[id];
}

enum { CACHE_LINE = 64 };

static void prefetch(const void *memory, size_t size)
{
	for (size_t at = 0; at < size; at += CACHE_LINE)
		__builtin_prefetch((const char *)memory + at);
}

void code_stacks(struct code *code, const struct code_context *context, struct stack_query *queries,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		queries[i].hash = hash_query(&queries[i], context->kernel);
		idmap_prefetch(&code->stacks_index, queries[i].hash);
	}
	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(candidate(code, &queries[i]));
	for (size_t i = 0; i < count; i++) {
		const struct stack *stack = candidate(code, &queries[i]);
		if (stack)
			prefetch(stack->addresses, stack->count * sizeof(*stack->addresses));
	}
	for (size_t i = 0; i < count; i++)
		queries[i].id = queries[i].count ? find_stack(code, context, &queries[i]) : 0;
}

void code_deinit(struct code *code)
{
	free(code->locations);
	free(code->addresses);
	free(code->ips);
	free(code->stacks);
	idmap_deinit(&code->locations_index);
	idmap_deinit(&code->addresses_index);
	idmap_deinit(&code->stacks_index);
	arena_deinit(&code->arena);
	*code = (struct code){0};
}
