// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/snapshot_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "gobin/entry.h"

enum { MAX_FRAMES = 128 };

static uint64_t bias(const struct snapshot_names *names)
{
	return goproc_info(names->process)->bias;
}

bool snapshot_names_add(struct snapshot_names *names, uint64_t address)
{
	uint32_t id, hash = hash_fold(hash_word(0, address));
	if (!address)
		return true;
	for (size_t probe = hash;
	     (id = idmap_probe(&names->addresses_index, hash, &probe)) != IDMAP_NONE;)
		if (names->addresses[id] == address)
			return true;
	if (!array_reserve(names->addresses, names->addresses_capacity, names->nr_addresses + 1) ||
	    !idmap_insert(&names->addresses_index, hash, (uint32_t)names->nr_addresses))
		return false;
	names->addresses[names->nr_addresses++] = address;
	return true;
}

static bool is_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(name, *list) != 0)
		list++;
	return *list;
}

/* isSystemGoroutine (runtime/traceback.go, go1.17 to go1.27). */
static struct start look_at(const struct snapshot_names *names, uint64_t address)
{
	static const char *const ordinary[] = {"runtime.main", "runtime.corostart",
					       "runtime.handleAsyncEvent", NULL};
	static const char *const calling_back[] = {"runtime.runfinq", "runtime.runFinalizers",
						   "runtime.runCleanups", NULL};
	struct gobin_place place;
	struct start ret = {.address = address};
	gobin_locate(goproc_gobin(names->process), address - bias(names), false, NULL, 0, &place);
	if (!place.name)
		return ret;
	ret.runtime = !strncmp(place.name, "runtime.", strlen("runtime.")) &&
		      !is_one_of(place.name, ordinary);
	ret.calls_back = is_one_of(place.name, calling_back);
	return ret;
}

const struct start *snapshot_names_start(struct snapshot_names *names, uint64_t address)
{
	uint32_t id, hash = hash_fold(hash_word(0, address));
	for (size_t probe = hash;
	     (id = idmap_probe(&names->starts_index, hash, &probe)) != IDMAP_NONE;)
		if (names->starts[id].address == address)
			return &names->starts[id];
	if (!array_reserve(names->starts, names->starts_capacity, names->nr_starts + 1) ||
	    !idmap_insert(&names->starts_index, hash, (uint32_t)names->nr_starts))
		return NULL;
	names->starts[names->nr_starts] = look_at(names, address);
	return &names->starts[names->nr_starts++];
}

/* An empty text where there is none. */
static const char *intern(struct snapshot *snapshot, const char *text)
{
	uint32_t id = text ? strings_id(&snapshot->texts, text) : STRING_UNKNOWN;
	return id ? strings_text(&snapshot->texts, id) : "";
}

static bool add_frames(struct snapshot *snapshot, struct snapshot_codes *codes, uint64_t address,
		       const struct gobin_frame *frames, size_t count)
{
	const struct snapshot_code code = {.address = address,
					   .first = (uint32_t)snapshot->nr_frames,
					   .count = (uint32_t)count};
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_frame frame = {
			.function = intern(snapshot, frames[i].function),
			.file = intern(snapshot, frames[i].file),
			.line = frames[i].line > 0 ? (uint32_t)frames[i].line : 0};
		if (!snapshot_add_frame(snapshot, &frame))
			return false;
	}
	return snapshot_add_code(codes, &code);
}

/* Where a function begins nothing has been called yet: it has not run. */
static bool resolve_address(struct snapshot_names *names, uint64_t address)
{
	struct gobin_frame frames[MAX_FRAMES];
	struct gobin_place place;
	const struct gobin *go = goproc_gobin(names->process);
	uint64_t linked = address - bias(names);
	gobin_locate(go, linked, false, NULL, 0, &place);
	bool entry = place.name && place.start == linked;
	gobin_locate(go, linked - !entry, true, frames, MAX_FRAMES, &place);
	return !place.count ||
	       add_frames(names->snapshot, &names->snapshot->codes, address, frames, place.count);
}

static bool resolve_start(struct snapshot_names *names, uint64_t address)
{
	struct gobin_frame frame;
	return !gobin_entry_function(goproc_gobin(names->process), goproc_image(names->process),
				     address - bias(names), &frame) ||
	       add_frames(names->snapshot, &names->snapshot->entries, address, &frame, 1);
}

static int by_address(const void *left, const void *right)
{
	const struct snapshot_code *a = left, *b = right;
	return (a->address > b->address) - (a->address < b->address);
}

static void sort(struct snapshot_codes *codes)
{
	if (codes->count)
		qsort(codes->list, codes->count, sizeof(*codes->list), by_address);
}

bool snapshot_names_resolve(struct snapshot_names *names)
{
	bool done = true;
	for (size_t i = 0; done && i < names->nr_addresses; i++)
		done = resolve_address(names, names->addresses[i]);
	for (size_t i = 0; done && i < names->nr_starts; i++)
		done = resolve_start(names, names->starts[i].address);
	sort(&names->snapshot->codes);
	sort(&names->snapshot->entries);
	return done;
}

void snapshot_names_deinit(struct snapshot_names *names)
{
	free(names->addresses);
	idmap_deinit(&names->addresses_index);
	free(names->starts);
	idmap_deinit(&names->starts_index);
}
