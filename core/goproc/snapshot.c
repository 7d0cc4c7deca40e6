// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots as they are looked at. */
#include "goproc/snapshot_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

bool snapshot_add_set(struct snapshot *snapshot, const struct label_set *set)
{
	if (!array_reserve(snapshot->sets, snapshot->sets_capacity, snapshot->nr_sets + 1))
		return false;
	snapshot->sets[snapshot->nr_sets++] = *set;
	return true;
}

bool snapshot_add_stack(struct snapshot *snapshot, const uint64_t *addresses, size_t count)
{
	size_t first = snapshot->nr_addresses;
	if (!array_reserve(snapshot->stacks, snapshot->stacks_capacity, snapshot->nr_stacks + 1) ||
	    !array_reserve(snapshot->addresses, snapshot->addresses_capacity, first + count))
		return false;
	if (count)
		memcpy(snapshot->addresses + first, addresses, count * sizeof(*addresses));
	snapshot->nr_addresses += count;
	snapshot->stacks[snapshot->nr_stacks++] =
		(struct snapshot_callchain){.first = first, .count = (uint32_t)count};
	return true;
}

bool snapshot_add_code(struct snapshot_codes *codes, const struct snapshot_code *code)
{
	if (!array_reserve(codes->list, codes->capacity, codes->count + 1))
		return false;
	codes->list[codes->count++] = *code;
	return true;
}

bool snapshot_add_frame(struct snapshot *snapshot, const struct snapshot_frame *frame)
{
	if (!array_reserve(snapshot->frames, snapshot->frames_capacity, snapshot->nr_frames + 1))
		return false;
	snapshot->frames[snapshot->nr_frames++] = *frame;
	return true;
}

struct snapshot *snapshot_new(void)
{
	static const struct label_set none = {.known = true};
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return NULL;
	if (snapshot_add_set(snapshot, &none) && snapshot_add_stack(snapshot, NULL, 0))
		return snapshot;
	snapshot_free(snapshot);
	return NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	strings_deinit(&snapshot->texts);
	arena_deinit(&snapshot->arena);
	free(snapshot->sets);
	free(snapshot->addresses);
	free(snapshot->stacks);
	free(snapshot->frames);
	free(snapshot->codes.list);
	free(snapshot->entries.list);
	free(snapshot->goroutines);
	idmap_deinit(&snapshot->by_g);
	free(snapshot->bytes);
	free(snapshot);
}

const void *snapshot_bytes(struct snapshot *snapshot, size_t *size_ret)
{
	if (!snapshot->bytes)
		snapshot->bytes = snapshot_encode(snapshot, &snapshot->nr_bytes);
	*size_ret = snapshot->nr_bytes;
	return snapshot->bytes;
}

const struct snapshot_info *snapshot_info(const struct snapshot *snapshot)
{
	return &snapshot->info;
}

const struct snapshot_goroutine *snapshot_goroutine(const struct snapshot *snapshot, uint64_t i)
{
	return i < snapshot->nr_goroutines ? &snapshot->goroutines[i] : NULL;
}

const char *snapshot_text(const struct snapshot *snapshot, uint32_t text)
{
	return text && text <= snapshot->texts.count ? strings_text(&snapshot->texts, text) : "";
}

const uint64_t *snapshot_stack(const struct snapshot *snapshot, uint32_t stack, size_t *count_ret)
{
	if (stack >= snapshot->nr_stacks)
		stack = 0;
	*count_ret = snapshot->stacks[stack].count;
	return snapshot->addresses + snapshot->stacks[stack].first;
}

static int by_address(const void *key, const void *element)
{
	uint64_t address = *(const uint64_t *)key;
	const struct snapshot_code *code = element;
	return (address > code->address) - (address < code->address);
}

static const struct snapshot_frame *find_frames(const struct snapshot *snapshot,
						const struct snapshot_codes *codes,
						uint64_t address, size_t *count_ret)
{
	const struct snapshot_code *code = codes->count
						   ? bsearch(&address, codes->list, codes->count,
							     sizeof(*codes->list), by_address)
						   : NULL;
	*count_ret = code ? code->count : 0;
	return *count_ret ? &snapshot->frames[code->first] : NULL;
}

const struct snapshot_frame *snapshot_frames(const struct snapshot *snapshot, uint64_t address,
					     size_t *count_ret)
{
	return find_frames(snapshot, &snapshot->codes, address, count_ret);
}

const struct snapshot_frame *snapshot_entry(const struct snapshot *snapshot, uint64_t start_pc)
{
	size_t count;
	return find_frames(snapshot, &snapshot->entries, start_pc, &count);
}

const struct label_set *snapshot_labels(const struct snapshot *snapshot, uint32_t label_set)
{
	return label_set < snapshot->nr_sets ? &snapshot->sets[label_set] : NULL;
}

/* Made when it is first asked for; false without memory. */
static bool index_goroutines(struct snapshot *snapshot)
{
	for (size_t i = snapshot->by_g.count; i < snapshot->nr_goroutines; i++)
		if (!idmap_insert(&snapshot->by_g,
				  hash_fold(hash_word(0, snapshot->goroutines[i].g)), (uint32_t)i))
			return false;
	return true;
}

const struct snapshot_goroutine *snapshot_by_g(struct snapshot *snapshot, uint64_t g)
{
	uint32_t id, hash = hash_fold(hash_word(0, g));
	if (!index_goroutines(snapshot))
		return NULL;
	for (size_t probe = hash; (id = idmap_probe(&snapshot->by_g, hash, &probe)) != IDMAP_NONE;)
		if (snapshot->goroutines[id].g == g)
			return &snapshot->goroutines[id];
	return NULL;
}
