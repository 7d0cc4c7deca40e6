// SPDX-License-Identifier: GPL-2.0-only
/* What the binary does not tell, found in memory. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "goproc/process_internal.h"

enum {
	WORD = 8,
	CHUNK = 1 << 20,
	LEAST_GOROUTINES = 2, /* with main runs one of the runtime's, at least */
	MOST_GOROUTINES = 1 << 26,
	FIRST_LOOK = 16, /* elements that prove most candidates wrong */
	MAX_G_SIZE = 1024,
	STACK_UNIT = 2048, /* stacks are that times a power of two (runtime/stack.go) */
	MOST_STATUS = 0x2000,
};

struct slice {
	uint64_t start, length, capacity;
};

struct search {
	struct memory *memory;
	const struct runtime_layout *layout;
	uint64_t found;
	bool several;
};

static uint64_t word(const uint8_t *g, uint16_t offset)
{
	uint64_t value;
	memcpy(&value, g + offset, sizeof(value));
	return value;
}

/* 0 not a runtime.g, 1 it may be one, 2 that of main. */
static int look_at_g(struct search *search, uint64_t address)
{
	uint8_t g[MAX_G_SIZE];
	uint32_t status;
	const struct runtime_layout *layout = search->layout;
	if (address % WORD || !memory_read(search->memory, address, g, layout->g.size))
		return 0;
	uint64_t lo = word(g, layout->g.stack_lo), hi = word(g, layout->g.stack_hi);
	uint64_t goid = word(g, layout->g.goid);
	memcpy(&status, g + layout->g.status, sizeof(status));
	if (status >= MOST_STATUS || goid >> 40 || hi < lo || (hi - lo) % STACK_UNIT ||
	    (hi - lo) >> 32)
		return 0;
	return goid == 1 ? 2 : 1;
}

static bool look_at_gs(struct search *search, const uint64_t *addresses, size_t count)
{
	bool main_seen = false;
	for (size_t i = 0; i < count; i++) {
		int seen = look_at_g(search, addresses[i]);
		if (!seen)
			return false;
		main_seen |= seen == 2;
	}
	return main_seen;
}

/* runtime.allgs begins with the goroutine of main, or has it among the first. */
static bool is_allgs(struct search *search, const struct slice *slice)
{
	uint64_t first[FIRST_LOOK];
	if (slice->length < LEAST_GOROUTINES || slice->length > slice->capacity ||
	    slice->capacity > MOST_GOROUTINES || slice->start % WORD || !slice->start)
		return false;
	size_t count = slice->length < FIRST_LOOK ? slice->length : FIRST_LOOK;
	if (!memory_read(search->memory, slice->start, first, count * WORD) ||
	    !look_at_gs(search, first, count))
		return false;
	_cleanup_free_ uint64_t *all = calloc(slice->length, WORD);
	return all && memory_read(search->memory, slice->start, all, slice->length * WORD) &&
	       look_at_gs(search, all, slice->length < 4096 ? slice->length : 4096);
}

static void search_chunk(struct search *search, uint64_t address, const uint8_t *bytes, size_t size)
{
	struct slice slice;
	for (size_t at = 0; at + sizeof(slice) <= size; at += WORD) {
		memcpy(&slice, bytes + at, sizeof(slice));
		if (!is_allgs(search, &slice))
			continue;
		search->several |= search->found != 0;
		search->found = address + at;
	}
}

/* Chunks overlap by what a slice has, less a word. */
static void search_range(struct search *search, uint64_t start, uint64_t end)
{
	_cleanup_free_ uint8_t *bytes = malloc(CHUNK);
	uint64_t step = CHUNK - sizeof(struct slice) + WORD;
	for (uint64_t at = start; bytes && at < end; at += step) {
		size_t size = end - at < CHUNK ? end - at : CHUNK;
		if (memory_read(search->memory, at, bytes, size))
			search_chunk(search, at, bytes, size);
	}
}

bool goproc_search(struct goproc *process)
{
	struct search search = {.memory = process->memory, .layout = process->info.layout};
	const struct gobin_runtime *runtime = &process->runtime;
	if (process->info.allgs)
		return true;
	if (!search.layout || !runtime->data_start)
		return false;
	search_range(&search, (runtime->data_start + process->info.bias) & -(uint64_t)WORD,
		     runtime->data_end + process->info.bias);
	if (!search.found || search.several)
		return false;
	process->info.allgs = search.found;
	return true;
}
