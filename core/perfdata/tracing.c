// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of tracepoints, "system:event", from TRACING_DATA, for recordings that name no events
 * (tools/perf/util/trace-event-read.c, trace_report(); trace-event-info.c writes it).
 */
#include <stdio.h>

#include "perfdata/internal.h"

#define MAGIC "\027\010\104tracing"
#define MAX_NAME 256

/* Goes over what has its size before it. */
static void skip_sized(struct cursor *c)
{
	cursor_skip(c, cursor_u64(c));
}

/* What comes before the formats of events; false when it is not there. */
static bool skip_beginning(struct cursor *c)
{
	const void *magic = cursor_bytes(c, sizeof(MAGIC) - 1);
	if (!magic || memcmp(magic, MAGIC, sizeof(MAGIC) - 1))
		return false;
	cursor_string(c); /* version */
	c->swap = cursor_u8(c) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	cursor_u8(c);	  /* size of long */
	cursor_u32(c);	  /* size of a page */
	cursor_string(c); /* "header_page" */
	skip_sized(c);
	cursor_string(c); /* "header_event" */
	skip_sized(c);
	for (uint32_t count = cursor_u32(c); count && !c->failed; count--)
		skip_sized(c); /* formats of ftrace's own */
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

static struct perfgo_error *name_events(struct perfdata *data, uint64_t id, const char *name)
{
	for (size_t i = 0; i < data->nr_events; i++) {
		struct event *event = data->events[i];
		if (event->named || event->public.attr.type != PERF_TYPE_TRACEPOINT ||
		    event->public.attr.config != id)
			continue;
		struct perfgo_error *error = event_rename(data, event, name);
		if (error)
			return error;
	}
	return NULL;
}

/* A format begins with "name: sched_switch\nID: 314\n". */
static struct perfgo_error *read_format(struct perfdata *data, struct cursor *c, const char *system)
{
	uint64_t size = cursor_u64(c);
	const char *text = cursor_bytes(c, size);
	size_t name_length, id_length;
	const char *name = text ? line_value(text, size, "name: ", &name_length) : NULL;
	const char *digits = text ? line_value(text, size, "ID: ", &id_length) : NULL;
	if (!name || !digits)
		return NULL;
	uint64_t id = 0;
	for (size_t i = 0; i < id_length && digits[i] >= '0' && digits[i] <= '9'; i++)
		id = id * 10 + (uint64_t)(digits[i] - '0');
	char full[MAX_NAME];
	snprintf(full, sizeof(full), "%s:%.*s", system, (int)(name_length % MAX_NAME), name);
	return name_events(data, id, full);
}

struct perfgo_error *name_tracepoints(struct perfdata *data)
{
	const struct feature *feature = &data->features[HEADER_TRACING_DATA];
	if (!feature->data)
		return NULL;
	struct cursor c = cursor_of(feature->data, feature->size, false);
	if (!skip_beginning(&c))
		return NULL;
	for (uint32_t systems = cursor_u32(&c); systems && !c.failed; systems--) {
		const char *system = cursor_string(&c);
		for (uint32_t count = cursor_u32(&c); count && !c.failed; count--) {
			struct perfgo_error *error = read_format(data, &c, system);
			if (error)
				return error;
		}
	}
	return NULL;
}
