// SPDX-License-Identifier: GPL-2.0-only
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/tuples.h"
#include "gobin/runtime.h"
#include "goproc/switch.h"

/* A goroutine as it stands. */
struct track {
	uint32_t pid, tid;
	uint64_t goid;
	uint32_t goroutine;
	enum timeline_state state;
	bool counts; /* the filter lets it through */
	uint32_t reason, row;
	uint64_t since;
};

/* A process ends unseen: what its goroutines do ends with its last switch. */
struct last_switch {
	uint32_t pid;
	uint64_t time;
};

/* A way from ready to running: rows get their percentiles of them at the end. */
struct delay {
	uint32_t row;
	uint64_t time;
};

struct timeline {
	struct facts *facts;
	struct timeline_options options;
	const struct key *goroutine_key;
	struct timeline_totals totals;
	struct track *tracks;
	size_t nr_tracks, tracks_capacity;
	struct idmap tracks_index;
	struct last_switch *processes;
	size_t nr_processes, processes_capacity;
	struct tuples values;	   /* of the keys: a tuple is a row */
	struct tuples row_members; /* row and track */
	struct tuples row_reasons; /* row and reason: an index into reasons */
	struct timeline_row *rows;
	size_t nr_rows, rows_capacity;
	struct timeline_reason *reasons;
	size_t nr_reasons, reasons_capacity;
	struct delay *delays;
	size_t nr_delays, delays_capacity;
	struct column columns[MAX_KEYS], goroutines;
};

#define AFTER(state) (1u << TIMELINE_##state)

/* Which state a switch leads to, and after which it can come. */
static const struct transition {
	unsigned int after;
	enum timeline_state to;
} transitions[GO_SWITCH_KINDS] = {
	/*
	 * Who waited for the network, and the collector's workers, are made runnable without
	 * ready() (runtime/proc.go, injectglist(), findRunnable(), go1.26).
	 */
	[GO_SWITCH_RUN] = {AFTER(RUNNABLE) | AFTER(WAITING), TIMELINE_RUNNING},
	[GO_SWITCH_PARK] = {AFTER(RUNNING), TIMELINE_WAITING},
	[GO_SWITCH_READY] = {AFTER(WAITING), TIMELINE_RUNNABLE},
	[GO_SWITCH_CREATE] = {0, TIMELINE_RUNNABLE},
	[GO_SWITCH_YIELD] = {AFTER(RUNNING), TIMELINE_RUNNABLE},
	[GO_SWITCH_RETURN] = {AFTER(RUNNING), TIMELINE_RUNNABLE},
	[GO_SWITCH_EXIT] = {AFTER(RUNNING), TIMELINE_ENDED},
};

/*
 * A switch has its goroutine and its thread, but no place in the code. What may change between two
 * switches does not tell of the time between: state, labels, the phase of the collector.
 */
static bool has_meaning(const struct key *key)
{
	static const char *const changing[] = {"gostate", "gcphase", "golabels"};
	for (size_t i = 0; i < sizeof(changing) / sizeof(*changing); i++)
		if (!strcmp(key->name, changing[i]))
			return false;
	return strncmp(key->name, "label:", 6) != 0 &&
	       (key->of == KEY_OF_GOROUTINE || key->of == KEY_OF_THREAD);
}

struct perfgo_error *timeline_new(struct facts *facts, const struct timeline_options *options,
				  struct timeline **ret)
{
	for (size_t i = 0; i < options->keys.count; i++)
		if (!has_meaning(options->keys.keys[i]))
			return perfgo_error_hint(
				perfgo_error_new("time between switches has no %s",
						 options->keys.keys[i]->name),
				"what stays is goid, goroutine, gocreator, goparent, comm, pid, "
				"tid");
	struct timeline *timeline = calloc(1, sizeof(*timeline));
	if (!timeline)
		return perfgo_error_no_memory();
	timeline->facts = facts;
	timeline->options = *options;
	timeline->goroutine_key = key_find("goroutine");
	timeline->values.width = options->keys.count + 1;
	timeline->row_members.width = timeline->row_reasons.width = 2;
	*ret = timeline;
	return NULL;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	free(timeline->tracks);
	free(timeline->processes);
	idmap_deinit(&timeline->tracks_index);
	tuples_deinit(&timeline->values);
	tuples_deinit(&timeline->row_members);
	tuples_deinit(&timeline->row_reasons);
	free(timeline->rows);
	free(timeline->reasons);
	free(timeline->delays);
	free(timeline);
}

/* The index of a goroutine, new or not; IDMAP_NONE without memory. */
static uint32_t find_track(struct timeline *timeline, uint32_t pid, uint64_t goid)
{
	uint32_t hash = hash_fold(hash_word(pid, goid)), id;
	for (size_t probe = hash;
	     (id = idmap_probe(&timeline->tracks_index, hash, &probe)) != IDMAP_NONE;)
		if (timeline->tracks[id].goid == goid && timeline->tracks[id].pid == pid)
			return id;
	id = timeline->nr_tracks;
	if (!array_reserve(timeline->tracks, timeline->tracks_capacity, timeline->nr_tracks + 1) ||
	    !idmap_insert(&timeline->tracks_index, hash, id))
		return IDMAP_NONE;
	timeline->tracks[timeline->nr_tracks++] = (struct track){.pid = pid, .goid = goid};
	return id;
}

/* The row of the i-th sample of the batch; IDMAP_NONE without memory. */
static uint32_t find_row(struct timeline *timeline, size_t i)
{
	uint64_t tuple[MAX_KEYS + 1] = {0};
	size_t count = timeline->options.keys.count;
	for (size_t k = 0; k < count; k++) {
		const struct column *column = &timeline->columns[k];
		tuple[k] = column->known[i] ? column->values[i] : 0;
		tuple[count] |= (uint64_t)column->known[i] << k;
	}
	uint32_t row = tuples_id(&timeline->values, tuple);
	if (row == IDMAP_NONE || row < timeline->nr_rows)
		return row;
	if (!array_reserve(timeline->rows, timeline->rows_capacity, timeline->nr_rows + 1))
		return IDMAP_NONE;
	timeline->rows[timeline->nr_rows++] = (struct timeline_row){.id = row};
	return row;
}

static bool add_waiting(struct timeline *timeline, const struct track *track, uint64_t time)
{
	uint32_t id = tuples_id(&timeline->row_reasons, (uint64_t[]){track->row, track->reason});
	if (id == IDMAP_NONE ||
	    !array_reserve(timeline->reasons, timeline->reasons_capacity, id + 1))
		return false;
	if (id == timeline->nr_reasons)
		timeline->reasons[timeline->nr_reasons++] =
			(struct timeline_reason){.row = track->row, .reason = track->reason};
	timeline->reasons[id].time += time;
	return true;
}

static bool add_delay(struct timeline *timeline, uint32_t row, uint64_t time)
{
	if (!array_reserve(timeline->delays, timeline->delays_capacity, timeline->nr_delays + 1))
		return false;
	timeline->delays[timeline->nr_delays++] = (struct delay){.row = row, .time = time};
	return true;
}

/* Whether switches may be missing since the last one. */
static bool is_doubtful(const struct timeline *timeline, const struct track *track, uint64_t time)
{
	return timeline->options.losses &&
	       losses_within(timeline->options.losses, track->since, time);
}

/* The state of a goroutine ends at TIME; BY ended it. False without memory. */
static bool end_interval(struct timeline *timeline, const struct track *track, uint64_t time,
			 uint64_t by)
{
	uint64_t length = time > track->since ? time - track->since : 0;
	struct timeline_interval interval = {
		.pid = track->pid,
		.tid = track->tid,
		.goid = track->goid,
		.goroutine = track->goroutine,
		.state = track->state,
		.reason = track->reason,
		.from = track->since,
		.to = track->since + length,
		.by = by,
	};
	if (track->state == TIMELINE_UNSEEN || track->state == TIMELINE_ENDED || !track->counts)
		return true;
	if (is_doubtful(timeline, track, time)) {
		timeline->totals.lost++;
		return true;
	}
	timeline->rows[track->row].time[track->state] += length;
	if (track->state == TIMELINE_WAITING && !add_waiting(timeline, track, length))
		return false;
	if (timeline->options.visit)
		timeline->options.visit(timeline->options.context, &interval);
	return true;
}

static uint32_t reason_text(struct timeline *timeline, const struct go_switch *change)
{
	const struct runtime_layout *layout = runtime_layout_of_release(change->release);
	if (!layout || change->reason >= layout->nr_wait_reasons)
		return STRING_UNKNOWN;
	return strings_id(session_strings(facts_session(timeline->facts)),
			  layout->wait_reasons[change->reason]);
}

/* The goroutine is in another state from now on. */
static void begin_interval(struct timeline *timeline, struct track *track,
			   const struct go_switch *change, const struct sample *sample)
{
	track->state = transitions[change->kind].to;
	track->since = sample->time;
	track->tid = sample->tid;
	track->reason =
		track->state == TIMELINE_WAITING ? reason_text(timeline, change) : STRING_UNKNOWN;
	if (track->state == TIMELINE_RUNNING && track->counts)
		timeline->rows[track->row].runs++;
}

/* The goroutine counts for ROW. */
static bool join_row(struct timeline *timeline, uint32_t track, uint32_t row)
{
	size_t before = timeline->row_members.count;
	if (tuples_id(&timeline->row_members, (uint64_t[]){row, track}) == IDMAP_NONE)
		return false;
	timeline->rows[row].goroutines += timeline->row_members.count > before;
	timeline->tracks[track].row = row;
	return true;
}

static void note_time(struct timeline_totals *totals, uint64_t time)
{
	if (!totals->switches++)
		totals->first = time;
	totals->last = time;
}

/* Ends what was before, as far as the switch fits it. */
static bool leave_state(struct timeline *timeline, const struct track *track,
			const struct go_switch *change, uint64_t time)
{
	const struct transition *transition = &transitions[change->kind];
	if (track->state == TIMELINE_UNSEEN)
		return true;
	if (!(transition->after & 1u << track->state)) {
		if (is_doubtful(timeline, track, time))
			timeline->totals.lost += track->counts;
		else
			timeline->totals.inconsistent++;
		return true;
	}
	if (track->state == TIMELINE_RUNNABLE && track->counts &&
	    !is_doubtful(timeline, track, time) &&
	    !add_delay(timeline, track->row, time - track->since))
		return false;
	return end_interval(timeline, track, time, change->by);
}

static struct last_switch *find_process(struct timeline *timeline, uint32_t pid)
{
	for (size_t i = 0; i < timeline->nr_processes; i++)
		if (timeline->processes[i].pid == pid)
			return &timeline->processes[i];
	return NULL;
}

static bool note_process(struct timeline *timeline, uint32_t pid, uint64_t time)
{
	struct last_switch *process = find_process(timeline, pid);
	if (!process) {
		if (!array_reserve(timeline->processes, timeline->processes_capacity,
				   timeline->nr_processes + 1))
			return false;
		process = &timeline->processes[timeline->nr_processes++];
		process->pid = pid;
	}
	process->time = time;
	return true;
}

static bool add_switch(struct timeline *timeline, const struct batch *batch, size_t i,
		       const struct go_switch *change, bool counts)
{
	const struct sample *sample = &batch->samples[i];
	uint32_t id = find_track(timeline, sample->pid, change->goroutine.goid);
	uint32_t row = counts ? find_row(timeline, i) : 0;
	if (id == IDMAP_NONE || row == IDMAP_NONE)
		return false;
	struct track *track = &timeline->tracks[id];
	note_time(&timeline->totals, sample->time);
	if (!note_process(timeline, sample->pid, sample->time) ||
	    !leave_state(timeline, track, change, sample->time) ||
	    (counts && !join_row(timeline, id, row)))
		return false;
	track->counts = counts;
	if (timeline->goroutines.known[i])
		track->goroutine = timeline->goroutines.values[i];
	begin_interval(timeline, track, change, sample);
	return true;
}

/* Whether the sample is a switch. */
static bool read_switch(const struct timeline *timeline, const struct sample *sample,
			struct go_switch *ret)
{
	const struct perfdata *data = session_data(facts_session(timeline->facts));
	if (sample->raw_size < sizeof(*ret) || perfdata_swapped(data) ||
	    strcmp(perfdata_event(data, sample->event)->name, GO_SWITCH_EVENT) != 0)
		return false;
	memcpy(ret, sample->raw, sizeof(*ret));
	return ret->kind < GO_SWITCH_KINDS && ret->goroutine.goid != GO_GOID_UNKNOWN;
}

static void fill_columns(struct timeline *timeline, const struct batch *batch,
			 bool pass[BATCH_SIZE])
{
	uint32_t frames[BATCH_SIZE];
	facts_frames(timeline->facts, batch, frames);
	memset(pass, true, batch->count * sizeof(*pass));
	filter_apply(timeline->options.filter, timeline->facts, batch, frames, pass);
	for (size_t k = 0; k < timeline->options.keys.count; k++)
		key_fill(timeline->options.keys.keys[k], timeline->facts, batch, frames,
			 &timeline->columns[k]);
	key_fill(timeline->goroutine_key, timeline->facts, batch, frames, &timeline->goroutines);
}

struct perfgo_error *timeline_add(struct timeline *timeline, const struct batch *batch)
{
	bool pass[BATCH_SIZE];
	struct go_switch change;
	fill_columns(timeline, batch, pass);
	for (size_t i = 0; i < batch->count; i++)
		if (read_switch(timeline, &batch->samples[i], &change) &&
		    !add_switch(timeline, batch, i, &change, pass[i]))
			return perfgo_error_no_memory();
	return NULL;
}

static int by_row_and_time(const void *a, const void *b)
{
	const struct delay *left = a, *right = b;
	if (left->row != right->row)
		return left->row < right->row ? -1 : 1;
	return (left->time > right->time) - (left->time < right->time);
}

static void find_delays(struct timeline *timeline)
{
	const struct delay *delays = timeline->delays;
	qsort(timeline->delays, timeline->nr_delays, sizeof(*delays), by_row_and_time);
	for (size_t from = 0, to; from < timeline->nr_delays; from = to) {
		struct timeline_row *row = &timeline->rows[delays[from].row];
		for (to = from; to < timeline->nr_delays && delays[to].row == delays[from].row;)
			to++;
		row->delays = to - from;
		row->delay_median = delays[from + (row->delays - 1) / 2].time;
		row->delay_99 = delays[from + (row->delays - 1) * 99 / 100].time;
		row->delay_max = delays[to - 1].time;
	}
}

static int by_row_and_longest(const void *a, const void *b)
{
	const struct timeline_reason *left = a, *right = b;
	if (left->row != right->row)
		return left->row < right->row ? -1 : 1;
	return (left->time < right->time) - (left->time > right->time);
}

static void give_reasons(struct timeline *timeline)
{
	size_t count = timeline->nr_reasons;
	qsort(timeline->reasons, count, sizeof(*timeline->reasons), by_row_and_longest);
	for (size_t from = 0, to; from < count; from = to) {
		struct timeline_row *row = &timeline->rows[timeline->reasons[from].row];
		for (to = from;
		     to < count && timeline->reasons[to].row == timeline->reasons[from].row;)
			to++;
		row->reasons = timeline->reasons + from;
		row->nr_reasons = to - from;
	}
}

static int longest_running_first(const void *a, const void *b)
{
	const struct timeline_row *left = a, *right = b;
	uint64_t l = left->time[TIMELINE_RUNNING], r = right->time[TIMELINE_RUNNING];
	if (l != r)
		return l < r ? 1 : -1;
	return left->id < right->id ? -1 : left->id > right->id;
}

struct perfgo_error *timeline_finish(struct timeline *timeline, const struct timeline_row **ret,
				     size_t *count_ret)
{
	for (size_t i = 0; i < timeline->nr_tracks; i++) {
		const struct track *track = &timeline->tracks[i];
		uint64_t end = find_process(timeline, track->pid)->time;
		if (!end_interval(timeline, track, end, 0))
			return perfgo_error_no_memory();
	}
	if (timeline->nr_delays)
		find_delays(timeline);
	if (timeline->nr_reasons)
		give_reasons(timeline);
	if (timeline->nr_rows)
		qsort(timeline->rows, timeline->nr_rows, sizeof(*timeline->rows),
		      longest_running_first);
	*ret = timeline->rows;
	*count_ret = timeline->nr_rows;
	return NULL;
}

const struct timeline_totals *timeline_totals(const struct timeline *timeline)
{
	return &timeline->totals;
}

bool timeline_value(const struct timeline *timeline, const struct timeline_row *row, size_t i,
		    uint64_t *value_ret)
{
	const uint64_t *tuple = tuples_get(&timeline->values, row->id);
	*value_ret = tuple[i];
	return tuple[timeline->options.keys.count] >> i & 1;
}
