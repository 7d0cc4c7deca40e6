// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/switch_points.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "gobin/unwind.h"
#include "goproc/switch.h"

/*
 * Functions that are called with the goroutine in RAX (runtime/proc.go, go1.17 - go1.27), but for
 * newproc1, which returns it there. A release has those of its own.
 */
static const struct switch_function {
	const char *name;
	uint8_t kind;
	bool returns;
} functions[] = {
	{"runtime.execute", GO_SWITCH_RUN, false},
	{"runtime.park_m", GO_SWITCH_PARK, false},
	{"runtime.preemptPark", GO_SWITCH_PARK, false},
	{"runtime.ready", GO_SWITCH_READY, false},
	{"runtime.goschedImpl", GO_SWITCH_YIELD, false},
	{"runtime.goyield_m", GO_SWITCH_YIELD, false},
	{"runtime.exitsyscall0", GO_SWITCH_RETURN, false},   /* up to 1.25 */
	{"runtime.exitsyscallNoP", GO_SWITCH_RETURN, false}, /* from 1.26 */
	{"runtime.goexit0", GO_SWITCH_EXIT, false},
	{"runtime.newproc1", GO_SWITCH_CREATE, true},
};

enum { FUNCTIONS = sizeof(functions) / sizeof(*functions) };

/* cmp 0x10(%r14),%rsp, or 0x18 for the runtime's own stack bound; then jbe. */
static const uint8_t stack_check[] = {0x49, 0x3b, 0x66};
enum { STACK_CHECK_SIZE = 4, RET = 0xc3 };

struct search {
	const struct gobin *go;
	const struct image *image;
	struct switch_point *points;
	size_t count;
};

static bool file_offset(const struct image *image, uint64_t address, uint64_t *ret)
{
	size_t count;
	const struct image_segment *segments = image_segments(image, &count);
	for (size_t i = 0; i < count; i++) {
		const struct image_segment *segment = &segments[i];
		if (!segment->executable || address < segment->vaddr ||
		    address - segment->vaddr >= segment->file_size)
			continue;
		*ret = address - segment->vaddr + segment->offset;
		return true;
	}
	return false;
}

static void add_point(struct search *search, uint64_t address, uint8_t kind)
{
	struct switch_point *point = &search->points[search->count];
	if (search->count < MAX_SWITCH_POINTS &&
	    file_offset(search->image, address, &point->offset)) {
		point->kind = kind;
		search->count++;
	}
}

static void add_entry(struct search *search, const struct gobin_function *function, uint8_t kind)
{
	uint64_t left;
	const uint8_t *code = image_bytes(search->image, function->start, &left);
	if (code && left > STACK_CHECK_SIZE && !memcmp(code, stack_check, sizeof(stack_check)))
		add_point(search, function->start + STACK_CHECK_SIZE, kind);
}

/* Whether the frame is taken down before the instruction at ADDRESS, and only there. */
static bool frame_ends(const struct gobin *go, uint64_t address)
{
	struct unwind_rule before, here;
	return gobin_unwind_rule(go, address - 1, &before) && before.depth &&
	       gobin_unwind_rule(go, address, &here) && !here.depth;
}

/* A byte that looks like a RET is one where the frame has just been taken down. */
static void add_returns(struct search *search, const struct gobin_function *function, uint8_t kind)
{
	uint64_t left, size = function->end - function->start;
	const uint8_t *code = image_bytes(search->image, function->start, &left);
	if (!code || left < size)
		return;
	for (uint64_t i = 1; i < size; i++)
		if (code[i] == RET && frame_ends(search->go, function->start + i))
			add_point(search, function->start + i, kind);
}

static void add_function(struct search *search, const struct gobin_function *function)
{
	for (size_t i = 0; i < FUNCTIONS; i++) {
		if (strcmp(function->name, functions[i].name) != 0)
			continue;
		if (functions[i].returns)
			add_returns(search, function, functions[i].kind);
		else
			add_entry(search, function, functions[i].kind);
	}
}

size_t switch_points(const struct gobin *go, const struct image *image,
		     struct switch_point ret[MAX_SWITCH_POINTS])
{
	struct search search = {.go = go, .image = image, .points = ret};
	struct gobin_function function;
	if (image_machine(image) != EM_X86_64)
		return 0;
	for (size_t i = 0; i < gobin_info(go)->functions; i++) {
		if (!gobin_function_at(go, i, &function) ||
		    strncmp(function.name, "runtime.", 8) != 0)
			continue;
		add_function(&search, &function);
	}
	return search.count;
}
