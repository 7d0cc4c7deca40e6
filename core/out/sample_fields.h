/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields that samples have in their PERF_SAMPLE_RAW: what a converted file tells perf of. */
#ifndef OUT_SAMPLE_FIELDS_H
#define OUT_SAMPLE_FIELDS_H

#include "base/array.h"
#include "out/tracepoint.h"
#include "session/session.h"

/* Events that have samples, those of a group's READ included. Zero-initialised there are none. */
struct sampled_events {
	bool *events;
	size_t count, capacity;
};

/* False without memory. */
static inline bool sampled_events_add(struct sampled_events *events, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint32_t event = batch->samples[i].event;
		if (!array_reserve(events->events, events->capacity, event + 1))
			return false;
		for (; events->count <= event; events->count++)
			events->events[events->count] = false;
		events->events[event] = true;
	}
	return true;
}

struct sample_fields {
	const struct tracepoint_field *fields;
	size_t count;
	size_t start, end; /* where the first begins, and the last ends */
	const struct tracepoint_text *texts;
	size_t nr_texts;
	uint8_t text_size;
	struct sampled_events events; /* that have them */
	bool recorded;		      /* they are there already: records stay as they are */
};

static inline bool sample_fields_has(const struct sample_fields *fields, size_t event)
{
	return event < fields->events.count && fields->events.events[event];
}

#endif
