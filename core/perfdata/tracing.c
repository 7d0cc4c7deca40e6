// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of tracepoints, "system:event", from TRACING_DATA, for recordings that name no events
 * (tools/perf/util/trace-event-read.c, trace_report(); trace-event-info.c writes it).
 */
#include <stdio.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "perfdata/internal.h"
#include "perfdata/tracing.h"

#define MAX_NAME 256

void tracing_skip_sized(struct cursor *c)
{
	cursor_skip(c, cursor_u64(c));
}

bool tracing_skip_beginning(struct cursor *c, uint8_t *long_size_ret)
{
	const void *magic = cursor_bytes(c, sizeof(TRACING_MAGIC) - 1);
	if (!magic || memcmp(magic, TRACING_MAGIC, sizeof(TRACING_MAGIC) - 1))
		return false;
	cursor_string(c); /* version */
	c->swap = cursor_u8(c) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	*long_size_ret = cursor_u8(c);
	cursor_u32(c);	  /* size of a page */
	cursor_string(c); /* "header_page" */
	tracing_skip_sized(c);
	cursor_string(c); /* "header_event" */
	tracing_skip_sized(c);
	for (uint32_t count = cursor_u32(c); count && !c->failed; count--)
		tracing_skip_sized(c); /* formats of ftrace's own */
	return !c->failed;
}

/* The rest of the line of TEXT that begins with KEY; its length in *LENGTH. */
static const char *line_value(const char *text, size_t size, const char *key, size_t *length)
{
	size_t key_length = strlen(key);
	const char *end = text + size;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		if ((size_t)(line_end - text) > key_length && !memcmp(text, key, key_length)) {
			*length = (size_t)(line_end - text) - key_length;
			return text + key_length;
		}
		text = line_end + 1;
	}
	return NULL;
}

/* What the formats say, the first of each id. */
struct tracepoint {
	uint64_t id;
	const char *system, *name;
	size_t name_length;
};

struct tracepoints {
	struct tracepoint *all;
	size_t count, capacity;
	struct idmap index;
};

static void tracepoints_deinit(struct tracepoints *tracepoints)
{
	free(tracepoints->all);
	idmap_deinit(&tracepoints->index);
}

static const struct tracepoint *find_tracepoint(const struct tracepoints *tracepoints, uint64_t id)
{
	uint32_t hash = hash_fold(hash_word(0, id)), at;
	for (size_t probe = hash;
	     (at = idmap_probe(&tracepoints->index, hash, &probe)) != IDMAP_NONE;)
		if (tracepoints->all[at].id == id)
			return &tracepoints->all[at];
	return NULL;
}

static bool add_tracepoint(struct tracepoints *tracepoints, const struct tracepoint *tracepoint)
{
	size_t count = tracepoints->count;
	if (find_tracepoint(tracepoints, tracepoint->id))
		return true;
	if (!array_reserve(tracepoints->all, tracepoints->capacity, count + 1) ||
	    !idmap_insert(&tracepoints->index, hash_fold(hash_word(0, tracepoint->id)),
			  (uint32_t)count))
		return false;
	tracepoints->all[tracepoints->count++] = *tracepoint;
	return true;
}

/* A format begins with "name: sched_switch\nID: 314\n". False without memory. */
static bool read_format(struct tracepoints *ret, struct cursor *c, const char *system)
{
	struct tracepoint tracepoint = {.system = system};
	size_t id_length;
	uint64_t size = cursor_u64(c);
	const char *text = cursor_bytes(c, size);
	if (!text)
		return true;
	tracepoint.name = line_value(text, size, "name: ", &tracepoint.name_length);
	const char *digits = line_value(text, size, "ID: ", &id_length);
	if (!tracepoint.name || !digits || tracepoint.name_length > MAX_NAME)
		return true;
	for (size_t i = 0; i < id_length && digits[i] >= '0' && digits[i] <= '9'; i++)
		tracepoint.id = tracepoint.id * 10 + (uint64_t)(digits[i] - '0');
	return add_tracepoint(ret, &tracepoint);
}

/* The formats of events, system by system. False without memory. */
static bool read_formats(struct tracepoints *ret, struct cursor *c)
{
	for (uint32_t systems = cursor_u32(c); systems && !c->failed; systems--) {
		const char *system = cursor_string(c);
		for (uint32_t count = cursor_u32(c); count && !c->failed; count--)
			if (!read_format(ret, c, system))
				return false;
	}
	return true;
}

static struct perfgo_error *name_event(struct perfdata *data, struct event *event,
				       const struct tracepoints *tracepoints)
{
	if (event->named || event->public.attr.type != PERF_TYPE_TRACEPOINT)
		return NULL;
	const struct tracepoint *tracepoint =
		find_tracepoint(tracepoints, event->public.attr.config);
	char name[2 * MAX_NAME + 2];
	if (!tracepoint)
		return NULL;
	snprintf(name, sizeof(name), "%.*s:%.*s", MAX_NAME, tracepoint->system,
		 (int)tracepoint->name_length, tracepoint->name);
	return event_rename(data, event, name);
}

struct perfgo_error *name_tracepoints(struct perfdata *data)
{
	const struct feature *feature = &data->features[HEADER_TRACING_DATA];
	_cleanup_(tracepoints_deinit) struct tracepoints tracepoints = {0};
	if (!feature->data)
		return NULL;
	struct cursor c = cursor_of(feature->data, feature->size, false);
	uint8_t long_size;
	if (!tracing_skip_beginning(&c, &long_size))
		return NULL;
	if (!read_formats(&tracepoints, &c))
		return perfgo_error_no_memory();
	for (size_t i = 0; i < data->nr_events; i++) {
		struct perfgo_error *error = name_event(data, data->events[i], &tracepoints);
		if (error)
			return error;
	}
	return NULL;
}
