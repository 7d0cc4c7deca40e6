// SPDX-License-Identifier: GPL-2.0-only
#include "base/array.h"
#include "base/hash.h"
#include "perfdata/internal.h"

bool perfdata_event_samples(const struct perfdata_event *event)
{
	const struct perfdata_attr *attr = &event->attr;
	return attr->type != PERF_TYPE_TRACEPOINT &&
	       !(attr->type == PERF_TYPE_SOFTWARE &&
		 (attr->config == PERF_COUNT_SW_DUMMY || attr->config == PERF_COUNT_SW_BPF_OUTPUT));
}

static uint32_t id_hash(uint64_t id)
{
	return hash_fold(hash_word(0, id));
}

int perfdata_event_of_id(const struct perfdata *data, uint64_t id)
{
	if (data->last_id < data->nr_ids && data->ids[data->last_id].id == id)
		return (int)data->ids[data->last_id].event;
	uint32_t hash = id_hash(id), at;
	for (size_t probe = hash; (at = idmap_probe(&data->ids_index, hash, &probe)) != IDMAP_NONE;)
		if (data->ids[at].id == id) {
			((struct perfdata *)data)->last_id = at;
			return (int)data->ids[at].event;
		}
	return -1;
}

/* An id that is there already stays as it is: thousands of equal ones would make one long probe. */
static bool id_add(struct perfdata *data, uint64_t id, uint32_t event)
{
	if (perfdata_event_of_id(data, id) >= 0)
		return true;
	if (!array_reserve(data->ids, data->ids_capacity, data->nr_ids + 1) ||
	    !idmap_insert(&data->ids_index, id_hash(id), (uint32_t)data->nr_ids))
		return false;
	data->ids[data->nr_ids++] = (struct id_entry){id, event};
	return true;
}

/* Number of the leading fields among FIELDS. */
static unsigned int words(uint64_t sample_type, uint64_t fields)
{
	return (unsigned int)__builtin_popcountll(sample_type & fields);
}

/*
 * All records are looked at for their event as the first one says, since the kernel and perf make
 * that the same for all (tools/perf/util/evlist.c, evlist__event2id()).
 */
static void settle_id_positions(struct perfdata *data, uint64_t type)
{
	data->sample_id = data->trailer_id = 0;
	if (type & PERF_SAMPLE_IDENTIFIER) {
		data->sample_id = RECORD_HEADER_SIZE;
		data->trailer_id = 8;
	} else if (type & PERF_SAMPLE_ID) {
		data->sample_id =
			(uint16_t)(RECORD_HEADER_SIZE +
				   8 * words(type, PERF_SAMPLE_IP | PERF_SAMPLE_TID |
							   PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR));
		data->trailer_id =
			(uint16_t)(8 + 8 * words(type, PERF_SAMPLE_CPU | PERF_SAMPLE_STREAM_ID));
	}
}

/* Takes EVENT into what holds for all events. */
static void settle(struct perfdata *data, struct event *event)
{
	const struct event *first = data->events[0];
	if (event == first) {
		settle_id_positions(data, event->public.attr.sample_type);
		data->same_times = true;
	}
	data->same_times &= event->sample_time == first->sample_time &&
			    event->trailer_time == first->trailer_time;
}

/* One member's wish makes the kernel write branch counters for all of its group. */
static void share_branch_counters(struct perfdata *data, struct event *event)
{
	if (event->public.attr.branch_sample_type & PERF_SAMPLE_BRANCH_COUNTERS)
		data->events[event->public.leader]->branch_counters = true;
}

void event_join(struct perfdata *data, uint32_t event, uint32_t leader)
{
	data->events[event]->public.leader = leader;
	share_branch_counters(data, data->events[event]);
}

struct perfgo_error *events_add(struct perfdata *data, const struct perfdata_attr *attr,
				struct cursor ids)
{
	size_t count = cursor_left(&ids) / sizeof(uint64_t);
	struct event *event = arena_alloc(&data->arena, sizeof(*event));
	uint64_t *copy = arena_alloc(&data->arena, count * sizeof(*copy) + 1);
	if (!event || !copy ||
	    !array_reserve(data->events, data->events_capacity, data->nr_events + 1))
		return perfgo_error_no_memory();
	uint32_t index = (uint32_t)data->nr_events;
	*event = (struct event){.public = {.index = index,
					   .attr = *attr,
					   .ids = copy,
					   .nr_ids = count,
					   .leader = index,
					   .group_members = 1}};
	event->public.name = event_derived_name(&data->arena, attr);
	if (!event->public.name)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < count; i++) {
		copy[i] = cursor_u64(&ids);
		if (!id_add(data, copy[i], index))
			return perfgo_error_no_memory();
	}
	event_layout(event);
	data->events[data->nr_events++] = event;
	settle(data, event);
	share_branch_counters(data, event);
	return NULL;
}

struct perfgo_error *event_rename(struct perfdata *data, struct event *event, const char *name)
{
	const char *copy = arena_string(&data->arena, name);
	if (!copy)
		return perfgo_error_no_memory();
	event->public.name = copy;
	event->named = true;
	return NULL;
}

struct event *event_of_record(struct perfdata *data, const void *record)
{
	struct perfdata_record_header header = read_header(data->swap, record);
	if (!data->nr_events)
		return NULL;
	struct event *first = data->events[0];
	if (data->nr_events == 1)
		return first;
	bool sample = header.type == PERF_RECORD_SAMPLE;
	if (!sample && !(first->public.attr.flags & PERF_ATTR_SAMPLE_ID_ALL))
		return first;
	uint16_t position = sample ? data->sample_id : data->trailer_id;
	if (!position) /* no ids at all: evlist__id2evsel() */
		return first->public.attr.flags & PERF_ATTR_SAMPLE_ID_ALL ? NULL : first;
	if (sample ? header.size < position + 8 : header.size < RECORD_HEADER_SIZE + position)
		return NULL;
	const char *at = (const char *)record + (sample ? position : header.size - position);
	uint64_t id = read_u64(data, at);
	if (!id) /* what perf synthesizes */
		return first;
	int index = perfdata_event_of_id(data, id);
	return index < 0 ? NULL : data->events[index];
}

size_t perfdata_nr_events(const struct perfdata *data)
{
	return data->nr_events;
}

const struct perfdata_event *perfdata_event(const struct perfdata *data, size_t i)
{
	return &data->events[i]->public;
}

void events_deinit(struct perfdata *data)
{
	free(data->events);
	free(data->ids);
	idmap_deinit(&data->ids_index);
}
