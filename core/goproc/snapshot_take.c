// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "goproc/label_table.h"
#include "goproc/places.h"
#include "goproc/radix_sort.h"
#include "goproc/snapshot_names.h"

enum { ATTEMPTS = 5 };

struct taking {
	struct goproc *process;
	struct memory *memory;
	const struct runtime_layout *layout;
	const struct snapshot_options *options;
	struct snapshot *snapshot;
	struct goroutines_reader *goroutines;
	struct stacks_reader *stacks;
	struct snapshot_names names;
	struct label_table *labels;
	struct idmap stacks_index;
	uint32_t reasons[UINT8_MAX + 1]; /* texts */
	/* Of the batch. */
	struct stack_place places[GOROUTINE_BATCH];
	uint32_t stack_ids[GOROUTINE_BATCH];
	uint32_t set_ids[GOROUTINE_BATCH];
	bool unchanged[GOROUTINE_BATCH];
	uint64_t chain[STACK_MAX];
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool read_u32(struct taking *taking, uint64_t address, uint32_t *ret)
{
	return address && memory_read(taking->memory, address, ret, sizeof(*ret));
}

static uint32_t wait_reason(struct taking *taking, uint32_t reason)
{
	if (!reason || reason >= taking->layout->nr_wait_reasons)
		return 0;
	if (!taking->reasons[reason])
		taking->reasons[reason] =
			strings_id(&taking->snapshot->texts, taking->layout->wait_reasons[reason]);
	return taking->reasons[reason];
}

static bool is_system(const struct taking *taking, const struct start *start,
		      const struct snapshot_goroutine *row)
{
	const char *reason = snapshot_text(taking->snapshot, row->wait_reason);
	return start->runtime && (!start->calls_back || !strcmp(reason, "finalizer wait") ||
				  !strcmp(reason, "cleanup wait"));
}

static bool add_row(struct taking *taking, const struct goroutine_fields *fields, uint32_t set,
		    uint32_t stack)
{
	struct snapshot *snapshot = taking->snapshot;
	uint8_t state = goroutine_state(fields);
	bool waits = goroutine_waits(state);
	struct goroutine_thread runs = goroutine_thread(taking->process, fields);
	const struct start *start = snapshot_names_start(&taking->names, fields->start_pc);
	if (!start || !snapshot_names_add(&taking->names, fields->creator_pc) ||
	    !array_reserve(snapshot->goroutines, snapshot->goroutines_capacity,
			   snapshot->nr_goroutines + 1))
		return false;
	struct snapshot_goroutine *row = &snapshot->goroutines[snapshot->nr_goroutines++];
	*row = (struct snapshot_goroutine){
		.g = fields->g,
		.goid = fields->goid,
		.parent = fields->parent,
		.creator_pc = fields->creator_pc,
		.start_pc = fields->start_pc,
		.wait_since = waits || state == GOSTATE_SYSCALL ? fields->wait_since : 0,
		.labels = fields->labels,
		.label_set = set,
		.wait_reason = waits ? wait_reason(taking, fields->wait_reason) : 0,
		.stack = stack,
		.thread = runs.thread,
		.processor = runs.processor,
		.state = state,
	};
	row->system = is_system(taking, start, row);
	return true;
}

/* 0 where there is none, or no memory. */
static uint32_t intern_chain(struct taking *taking, size_t count)
{
	struct snapshot *snapshot = taking->snapshot;
	const uint64_t *chain = taking->chain;
	uint32_t id, hash = hash_fold(hash_words(count, chain, count));
	size_t found;
	for (size_t probe = hash;
	     (id = idmap_probe(&taking->stacks_index, hash, &probe)) != IDMAP_NONE;) {
		const uint64_t *addresses = snapshot_stack(snapshot, id, &found);
		if (found == count && !memcmp(addresses, chain, count * sizeof(*chain)))
			return id;
	}
	id = (uint32_t)snapshot->nr_stacks;
	for (size_t i = 0; i < count; i++)
		if (!snapshot_names_add(&taking->names, chain[i]))
			return 0;
	return snapshot_add_stack(snapshot, chain, count) &&
			       idmap_insert(&taking->stacks_index, hash, id)
		       ? id
		       : 0;
}

static uint32_t unwind(struct taking *taking, size_t i)
{
	size_t count = stacks_unwind(taking->stacks, i, taking->chain);
	return count ? intern_chain(taking, count) : 0;
}

static bool same_place(const struct stack_place *a, const struct stack_place *b)
{
	return a->pc == b->pc && a->sp == b->sp && a->hi == b->hi && a->none == b->none;
}

static uint32_t sweepgen(struct taking *taking)
{
	uint32_t ret = 0;
	read_u32(taking, goproc_info(taking->process)->sweepgen, &ret);
	return ret;
}

static uint32_t set_of(struct taking *taking, const struct goroutine_fields *fields)
{
	return taking->labels ? label_table_id(taking->labels, fields->labels) : LABEL_SET_UNKNOWN;
}

/* What is read between two looks at a goroutine. */
struct looked {
	struct goroutine_fields fields;
	uint32_t set, stack;
};

enum outcome { STOOD, MOVED, GONE, NO_MEMORY };

static enum outcome look_again(struct taking *taking, size_t i, struct looked *ret)
{
	struct goroutine_fields after;
	uint32_t before = sweepgen(taking);
	if (taking->labels)
		label_table_begin(taking->labels, before);
	if (!goroutines_again(taking->goroutines, i, &ret->fields))
		return GONE;
	struct stack_place place = goroutine_place(taking->process, &ret->fields);
	ret->stack = 0;
	if (taking->options->stacks) {
		if (!stacks_read(taking->stacks, &place, 1))
			return NO_MEMORY;
		ret->stack = unwind(taking, 0);
	}
	ret->set = set_of(taking, &ret->fields);
	if (!goroutines_again(taking->goroutines, i, &after))
		return GONE;
	struct stack_place now = goroutine_place(taking->process, &after);
	bool same = ret->fields.goid == after.goid;
	if (!same || ret->fields.labels != after.labels || sweepgen(taking) != before)
		ret->set = LABEL_SET_UNKNOWN;
	if (!same || !same_place(&place, &now))
		ret->stack = 0;
	return same && ret->fields.labels == after.labels && same_place(&place, &now) ? STOOD
										      : MOVED;
}

/* One that changed while it was read. When it keeps changing, the rest of it is still right. */
static bool add_changing(struct taking *taking, size_t i)
{
	struct looked looked;
	enum outcome outcome = MOVED;
	for (int attempt = 0; attempt < ATTEMPTS && outcome == MOVED; attempt++)
		outcome = look_again(taking, i, &looked);
	if (outcome == GONE || outcome == NO_MEMORY)
		return outcome == GONE;
	return add_row(taking, &looked.fields, looked.set, looked.stack);
}

static bool read_stacks(struct taking *taking, const struct goroutine_fields *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		taking->places[i] = goroutine_place(taking->process, &fields[i]);
	if (!stacks_read(taking->stacks, taking->places, count))
		return false;
	for (size_t i = 0; i < count; i++)
		taking->stack_ids[i] = unwind(taking, i);
	return true;
}

/* BEFORE is the sweepgen before they were read. */
static bool take_batch(struct taking *taking, uint32_t before,
		       const struct goroutine_fields *fields, size_t count)
{
	bool done = true;
	for (size_t i = 0; i < count; i++)
		taking->set_ids[i] = set_of(taking, &fields[i]);
	if (taking->options->stacks && !read_stacks(taking, fields, count))
		return false;
	goroutines_unchanged(taking->goroutines, taking->unchanged);
	bool swept = sweepgen(taking) != before;
	for (size_t i = 0; i < count && done; i++)
		if (!swept && taking->unchanged[i])
			done = add_row(taking, &fields[i], taking->set_ids[i],
				       taking->options->stacks ? taking->stack_ids[i] : 0);
	for (size_t i = 0; i < count && done; i++)
		if (swept || !taking->unchanged[i])
			done = add_changing(taking, i);
	return done;
}

/* By goid; one that was met twice, as it was last. */
static bool sort_rows(struct snapshot *snapshot)
{
	size_t count = snapshot->nr_goroutines, kept = 0;
	_cleanup_free_ struct keyed *keys = calloc(count + 1, sizeof(*keys));
	struct snapshot_goroutine *rows = calloc(count + 1, sizeof(*rows));
	if (!keys || !rows) {
		free(rows);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		keys[i] = (struct keyed){snapshot->goroutines[i].goid, i};
	bool done = radix_sort(keys, count);
	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || keys[i].key != keys[i + 1].key)
			rows[kept++] = snapshot->goroutines[keys[i].value];
	free(snapshot->goroutines);
	snapshot->goroutines = rows;
	snapshot->nr_goroutines = snapshot->info.nr_goroutines = kept;
	return done;
}

static const char *build_id(struct taking *taking)
{
	char text[2 * 64 + 1] = "";
	size_t size;
	const uint8_t *id = image_build_id(goproc_image(taking->process), &size);
	for (size_t i = 0; id && i < size && i < 64; i++) {
		text[2 * i] = "0123456789abcdef"[id[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
	}
	return arena_string(&taking->snapshot->arena, text);
}

/* False without memory. */
static bool fill_info(struct taking *taking)
{
	struct snapshot *snapshot = taking->snapshot;
	struct snapshot_info *info = &snapshot->info;
	const struct goproc_info *go = goproc_info(taking->process);
	uint32_t phase;
	info->begin = clock_ns(CLOCK_MONOTONIC);
	info->wall_time = clock_ns(CLOCK_REALTIME);
	info->pid = memory_pid(taking->memory);
	info->execution = memory_execution(taking->memory);
	info->comm = arena_string(&snapshot->arena, memory_comm(taking->memory));
	info->executable = arena_string(&snapshot->arena, go->path);
	info->version = arena_string(&snapshot->arena, go->version ? go->version : "");
	info->build_id = build_id(taking);
	info->map_start = go->code->start;
	info->map_end = go->code->end;
	info->map_offset = go->code->offset;
	if (read_u32(taking, go->gcphase, &phase) && phase < GCPHASE_MARK_TERMINATION)
		info->gcphase = (uint8_t)(phase + 1);
	read_u32(taking, go->sweepgen, &info->sweepgen);
	return info->comm && info->executable && info->version && info->build_id;
}

static struct perfgo_error *take_all(struct taking *taking)
{
	const struct goroutine_fields *fields;
	size_t count;
	do {
		uint32_t before = sweepgen(taking);
		if (taking->labels)
			label_table_begin(taking->labels, before);
		count = goroutines_next(taking->goroutines, &fields);
		if (!take_batch(taking, before, fields, count))
			return perfgo_error_no_memory();
	} while (count);
	if (!memory_is_there(taking->memory))
		return perfgo_error_new("%s (%u) has ended, or has executed another program, "
					"meanwhile",
					memory_comm(taking->memory), memory_pid(taking->memory));
	taking->snapshot->info.end = clock_ns(CLOCK_MONOTONIC);
	taking->snapshot->info.torn = goroutines_torn(taking->goroutines);
	if (taking->options->names && !snapshot_names_resolve(&taking->names))
		return perfgo_error_no_memory();
	return sort_rows(taking->snapshot) ? NULL : perfgo_error_no_memory();
}

static struct perfgo_error *prepare(struct taking *taking)
{
	taking->snapshot = snapshot_new();
	if (!taking->snapshot || !fill_info(taking))
		return perfgo_error_no_memory();
	taking->names =
		(struct snapshot_names){.process = taking->process, .snapshot = taking->snapshot};
	struct perfgo_error *error = goroutines_reader_new(taking->process, &taking->goroutines);
	if (!error && taking->options->stacks)
		error = stacks_reader_new(taking->process, &taking->stacks);
	if (!error && taking->options->labels)
		error = label_table_new(taking->process, taking->snapshot, &taking->labels);
	return error;
}

static void taking_free(struct taking *taking)
{
	goroutines_reader_free(taking->goroutines);
	stacks_reader_free(taking->stacks);
	snapshot_names_deinit(&taking->names);
	snapshot_free(taking->snapshot);
	label_table_free(taking->labels);
	idmap_deinit(&taking->stacks_index);
	free(taking);
}

/* What has to be known of the process. */
static struct perfgo_error *check(struct goproc *process)
{
	const struct goproc_info *info = goproc_info(process);
	const char *comm = memory_comm(goproc_memory(process));
	uint32_t pid = memory_pid(goproc_memory(process));
	if (!info->layout)
		return perfgo_error_new("%s (%u) is a program of %s, whose goroutines perf-go does "
					"not know",
					comm, pid,
					info->version ? info->version : "an unknown Go release");
	if (!info->allgs && !goproc_search(process))
		return perfgo_error_new("%s (%u): the list of its goroutines is not found", comm,
					pid);
	return NULL;
}

struct perfgo_error *snapshot_take(struct goproc *process, const struct snapshot_options *options,
				   struct snapshot **ret)
{
	struct perfgo_error *error = check(process);
	if (error)
		return error;
	struct taking *taking = calloc(1, sizeof(*taking));
	if (!taking)
		return perfgo_error_no_memory();
	taking->process = process;
	taking->memory = goproc_memory(process);
	taking->layout = goproc_info(process)->layout;
	taking->options = options;
	error = prepare(taking);
	if (!error)
		error = take_all(taking);
	if (!error)
		*ret = no_cleanup(taking->snapshot);
	taking_free(taking);
	return error;
}
