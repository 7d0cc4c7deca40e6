// SPDX-License-Identifier: GPL-2.0-only
/* Goroutines as the profile `goroutine` of net/http/pprof, with their labels. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/tuples.h"
#include "goroutines.h"
#include "out/pprof.h"

enum { MAX_LINES = 128, MAX_LABELS = 256, MAX_DEPTH = 1024 };

struct profile {
	const struct snapshot *snapshot;
	struct pprof *pprof;
	uint64_t mapping;
	struct tuples addresses; /* locations are their ids plus one */
	struct tuples samples;	 /* stack and labels */
	int64_t *counts;
	size_t counts_capacity;
	bool failed;
};

static void add_location(struct profile *profile, uint64_t address)
{
	struct pprof_line lines[MAX_LINES];
	size_t count;
	const struct snapshot_frame *frames = snapshot_frames(profile->snapshot, address, &count);
	count = count < MAX_LINES ? count : MAX_LINES;
	for (size_t i = 0; i < count; i++)
		lines[i] = (struct pprof_line){.function = frames[i].function,
					       .file = frames[i].file,
					       .line = frames[i].line};
	/* Addresses are those of calls, as pprof's are. */
	pprof_location(profile->pprof, profile->mapping, address - 1, lines, count);
}

static uint64_t location(struct profile *profile, uint64_t address)
{
	size_t before = profile->addresses.count;
	uint32_t id = tuples_id(&profile->addresses, &address);
	if (id == IDMAP_NONE) {
		profile->failed = true;
		return 0;
	}
	if (id == before)
		add_location(profile, address);
	return (uint64_t)id + 1;
}

static void count_goroutine(struct profile *profile, const struct snapshot_goroutine *goroutine)
{
	const uint64_t tuple[] = {goroutine->stack, goroutine->label_set};
	size_t before = profile->samples.count;
	uint32_t id = tuples_id(&profile->samples, tuple);
	if (id == IDMAP_NONE ||
	    !array_reserve(profile->counts, profile->counts_capacity, (size_t)id + 1)) {
		profile->failed = true;
		return;
	}
	if (id == before)
		profile->counts[id] = 0;
	profile->counts[id]++;
}

static void add_sample(struct profile *profile, const uint64_t *tuple, int64_t count)
{
	uint64_t locations[MAX_DEPTH];
	struct pprof_label labels[MAX_LABELS];
	struct pprof_sample sample = {.locations = locations, .values = &count, .labels = labels};
	size_t depth;
	const uint64_t *stack = snapshot_stack(profile->snapshot, (uint32_t)tuple[0], &depth);
	const struct label_set *set = snapshot_labels(profile->snapshot, (uint32_t)tuple[1]);
	for (size_t i = 0; i < depth && i < MAX_DEPTH; i++)
		locations[sample.nr_locations++] = location(profile, stack[i]);
	for (size_t i = 0; set && i < set->count && i < MAX_LABELS; i++)
		labels[sample.nr_labels++] = (struct pprof_label){.key = set->labels[i].key,
								  .text = set->labels[i].value};
	pprof_sample(profile->pprof, &sample);
}

static void fill(struct profile *profile)
{
	const struct snapshot_info *info = snapshot_info(profile->snapshot);
	const struct snapshot_goroutine *goroutine;
	const struct pprof_mapping mapping = {.start = info->map_start,
					      .end = info->map_end,
					      .offset = info->map_offset,
					      .file = info->executable,
					      .build_id = info->build_id};
	pprof_sample_type(profile->pprof, "goroutine", "count");
	pprof_period(profile->pprof, "goroutine", "count", 1);
	pprof_time(profile->pprof, info->wall_time, 0);
	profile->mapping = pprof_mapping(profile->pprof, &mapping);
	for (uint64_t i = 0; (goroutine = snapshot_goroutine(profile->snapshot, i)); i++)
		if (!goroutine->system)
			count_goroutine(profile, goroutine);
	for (uint32_t id = 0; id < profile->samples.count; id++)
		add_sample(profile, tuples_get(&profile->samples, id), profile->counts[id]);
}

struct perfgo_error *goroutines_pprof(const struct snapshot *snapshot, void **bytes_ret,
				      size_t *size_ret)
{
	struct profile profile = {
		.snapshot = snapshot, .addresses = {.width = 1}, .samples = {.width = 2}};
	struct perfgo_error *error = pprof_new(&profile.pprof);
	if (error)
		return error;
	fill(&profile);
	error = profile.failed ? perfgo_error_no_memory()
			       : pprof_finish(profile.pprof, bytes_ret, size_ret);
	pprof_free(profile.pprof);
	tuples_deinit(&profile.addresses);
	tuples_deinit(&profile.samples);
	free(profile.counts);
	return error;
}
