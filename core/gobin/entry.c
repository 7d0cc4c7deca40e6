// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/entry.h"

#include <string.h>

#include "gobin/branch.h"

enum {
	MAX_FRAMES = 32,
	MAX_WRAPPER = 4096, /* bytes; they copy arguments and call */
};

/* What the compiler puts before a number to name a wrapper (cmd/compile/internal/ir, go1.17-1.27).
 */
static const char *const wrapper_suffixes[] = {".gowrap", "·dwrap·", ".func"};

/* The wrapper of a method, which is a wrapper too, has the name of the method. */
static bool is_statement_wrapper(const char *name)
{
	size_t length = strlen(name), end = length;
	while (end && name[end - 1] >= '0' && name[end - 1] <= '9')
		end--;
	for (size_t i = 0; end < length && i < sizeof(wrapper_suffixes) / sizeof(char *); i++) {
		size_t suffix = strlen(wrapper_suffixes[i]);
		if (end >= suffix && !memcmp(name + end - suffix, wrapper_suffixes[i], suffix))
			return true;
	}
	return false;
}

struct wrapper {
	const struct gobin *go;
	const struct image *image;
	uint64_t start;
	const char *name;
	/* What is called in it. */
	const char *callee;
	uint64_t callee_start; /* 0: it is inlined */
	bool several;
};

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

/*
 * The runtime is called by any code: to grow the stack, by the race detector. Only where it starts
 * goroutines of its own can one of its functions be meant.
 */
static bool is_helper(const struct wrapper *wrapper, const char *name)
{
	if (!begins(wrapper->name, "runtime."))
		return begins(name, "runtime.");
	return begins(name, "runtime.morestack") || begins(name, "runtime.race");
}

static void add_callee(struct wrapper *wrapper, const char *name, uint64_t start)
{
	if (is_helper(wrapper, name))
		return;
	if (wrapper->callee &&
	    (strcmp(wrapper->callee, name) != 0 || wrapper->callee_start != start))
		wrapper->several = true;
	wrapper->callee = name;
	wrapper->callee_start = start;
}

/* Bytes in the middle of an instruction look like a call, but of what starts no function. */
static void look_for_call(struct wrapper *wrapper, const struct branch_encoding *encoding,
			  uint64_t address)
{
	uint64_t left, target;
	struct gobin_place place;
	const uint8_t *code = image_bytes(wrapper->image, address, &left);
	if (!code || left < encoding->size ||
	    (!encoding->target(code, address, BRANCH_CALL, &target) &&
	     !encoding->target(code, address, BRANCH_JUMP, &target)) ||
	    target == wrapper->start)
		return;
	gobin_locate(wrapper->go, target, false, NULL, 0, &place);
	if (place.name && place.start == target)
		add_callee(wrapper, place.name, target);
}

/* False behind the wrapper's end. */
static bool look_at(struct wrapper *wrapper, const struct branch_encoding *encoding,
		    uint64_t address)
{
	struct gobin_frame frames[MAX_FRAMES];
	struct gobin_place place;
	gobin_locate(wrapper->go, address, false, frames, MAX_FRAMES, &place);
	if (!place.name || place.start != wrapper->start)
		return false;
	/* The runtime leaves wrappers out around inlined code. */
	if (place.count && !strcmp(frames[place.count - 1].function, wrapper->name))
		place.count--;
	if (place.count)
		add_callee(wrapper, frames[place.count - 1].function, 0);
	else
		look_for_call(wrapper, encoding, address);
	return true;
}

static bool find_callee(struct wrapper *wrapper)
{
	const struct branch_encoding *encoding = branch_encoding(image_machine(wrapper->image));
	if (!encoding)
		return false;
	for (uint64_t at = 0; at < MAX_WRAPPER; at += encoding->step)
		if (!look_at(wrapper, encoding, wrapper->start + at))
			return wrapper->callee && !wrapper->several;
	return false;
}

/* The physical function at its entry, which may be in a function inlined there. */
static void describe(const struct gobin *go, uint64_t start, struct gobin_place *place,
		     struct gobin_frame *ret)
{
	struct gobin_frame frames[MAX_FRAMES];
	gobin_locate(go, start, true, frames, MAX_FRAMES, place);
	*ret = (struct gobin_frame){.function = place->name};
	if (place->count && !strcmp(frames[place->count - 1].function, place->name))
		*ret = frames[place->count - 1];
}

bool gobin_entry_function(const struct gobin *go, const struct image *image, uint64_t start,
			  struct gobin_frame *ret)
{
	struct gobin_place place;
	describe(go, start, &place, ret);
	if (!place.name || place.start != start)
		return false;
	struct wrapper wrapper = {.go = go, .image = image, .start = start, .name = place.name};
	if (!place.wrapper || !is_statement_wrapper(place.name) || !find_callee(&wrapper))
		return true;
	if (wrapper.callee_start)
		describe(go, wrapper.callee_start, &place, ret);
	else
		*ret = (struct gobin_frame){.function = wrapper.callee};
	return true;
}
