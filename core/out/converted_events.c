// SPDX-License-Identifier: GPL-2.0-only
#include "out/converted_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/recorded_fields.h"

/* Above the ids of the kernel's own tracepoints, which count up from 1; they have 16 bits. */
enum { FIRST_ID = 64001, LAST_ID = 65535 };

static const char system_name[] = "go";

static bool is_tracepoint(const struct perfdata_event *event)
{
	return event->attr.type == PERF_TYPE_TRACEPOINT;
}

static bool id_taken(const struct perfdata *data, uint16_t id)
{
	for (size_t i = 0; i < perfdata_nr_events(data); i++) {
		const struct perfdata_event *event = perfdata_event(data, i);
		if (is_tracepoint(event) && event->attr.config == id)
			return true;
	}
	return false;
}

/* Makes the name of the I-th event differ from those before it. */
static void make_unique(struct converted_events *events, size_t i)
{
	enum { SUFFIX_SIZE = 12 };
	char *name = events->names[i];
	size_t length = strnlen(name, sizeof(events->names[i]) - SUFFIX_SIZE);
	for (size_t k = 0; k < i; k++)
		if (!strcmp(events->names[k], name)) {
			snprintf(name + length, SUFFIX_SIZE, "_%u", (unsigned int)i);
			return;
		}
}

/* The fields of all, and one for RAW of their own, which those that have none leave out. */
static void lay_out(struct converted_events *events, const struct sample_fields *fields)
{
	events->fields_start = fields->start;
	events->fields_end = fields->end;
	memcpy(events->fields, fields->fields, fields->count * sizeof(*fields->fields));
	struct tracepoint_field *raw = &events->fields[fields->count];
	*raw = (struct tracepoint_field){.name = "raw", .kind = TRACEPOINT_BYTES, .size = 4};
	tracepoint_layout(raw, 1, events->fields_end);
	events->raw_field = raw->offset;
}

static struct perfgo_error *allocate(struct converted_events *events)
{
	size_t count = events->count + 1;
	events->events = calloc(count, sizeof(*events->events));
	events->written = calloc(count, sizeof(*events->written));
	events->names = calloc(count, sizeof(*events->names));
	events->tracepoints = calloc(count, sizeof(*events->tracepoints));
	events->extensions = calloc(count, sizeof(*events->extensions));
	events->extension_fields = calloc(count, sizeof(*events->extension_fields));
	return events->events && events->written && events->names && events->tracepoints &&
			       events->extensions && events->extension_fields
		       ? NULL
		       : perfgo_error_no_memory();
}

/* The I-th event as a tracepoint. */
static void convert_event(struct converted_events *events, size_t i,
			  const struct sample_fields *fields, uint16_t id)
{
	struct converted_event *event = &events->events[i];
	struct perfdata_writer_event *written = &events->written[i];
	event->kind = EVENT_MADE;
	event->raw = written->attr.sample_type & PERF_SAMPLE_RAW && !fields->recorded;
	event->id = id;
	written->attr.type = PERF_TYPE_TRACEPOINT;
	written->attr.config = id;
	written->attr.sample_type |= PERF_SAMPLE_RAW;
	tracepoint_identifier(written->name, events->names[i], sizeof(events->names[i]));
	make_unique(events, i);
	events->tracepoints[events->nr_tracepoints++] =
		(struct tracepoint){.system = system_name,
				    .name = events->names[i],
				    .id = id,
				    .fields = events->fields,
				    .nr_fields = fields->count + event->raw};
}

/*
 * A tracepoint that the recording has gets the fields too, where its format can be read and has
 * none of the same name. The fields keep their distances from a multiple of 8.
 */
static void extend_event(struct converted_events *events, const struct perfdata *data, size_t i,
			 size_t nr_fields)
{
	struct converted_event *event = &events->events[i];
	struct tracepoint_extension *extension = &events->extensions[events->nr_extensions];
	struct tracepoint_field *fields = events->extension_fields[events->nr_extensions];
	size_t size;
	const void *tracing = perfdata_feature(data, HEADER_TRACING_DATA, &size);
	const struct perfdata_attr *attr = &events->written[i].attr;
	if (!(attr->sample_type & PERF_SAMPLE_RAW) ||
	    !tracing_data_find(tracing, size, attr->config, &extension->known))
		return;
	size_t end = extension->known.end, start = (end + 7) & ~(size_t)7;
	for (size_t k = 0; k < nr_fields; k++) {
		if (known_tracepoint_has(&extension->known, events->fields[k].name))
			return;
		fields[k] = events->fields[k];
		fields[k].offset += (uint16_t)(start - events->fields_start);
	}
	extension->fields = fields;
	extension->nr_fields = nr_fields;
	event->kind = EVENT_EXTENDED;
	event->extension = extension;
	event->fields_at = start;
	event->growth = (start + events->fields_end - events->fields_start - end + 7) & ~7ull;
	events->nr_extensions++;
}

/*
 * Only events with samples: of the others some have to stay what they are, such as those that
 * AUX data is decoded by.
 */
static struct perfgo_error *convert_events(struct converted_events *events,
					   const struct perfdata *data,
					   const struct sample_fields *fields)
{
	unsigned int id = FIRST_ID;
	for (size_t i = 0; i < events->count; i++) {
		const struct perfdata_event *event = perfdata_event(data, i);
		events->written[i] = (struct perfdata_writer_event){event->attr, event->name,
								    event->ids, event->nr_ids};
		if (!fields || !sample_fields_has(fields, i))
			continue;
		if (is_tracepoint(event)) {
			extend_event(events, data, i, fields->count);
			continue;
		}
		if (events->go)
			id = GO_PAYLOAD_ID + (unsigned int)i;
		while (id <= LAST_ID && id_taken(data, (uint16_t)id))
			id++;
		if (id > LAST_ID)
			return perfgo_error_new("%s: more than %d events", perfdata_path(data),
						LAST_ID - (events->go ? GO_PAYLOAD_ID : FIRST_ID) +
							1);
		convert_event(events, i, fields, (uint16_t)id++);
	}
	if (!fields || events->nr_tracepoints || events->nr_extensions)
		return NULL;
	return perfgo_error_new("%s: has no samples, or of tracepoints that have no room for keys",
				perfdata_path(data));
}

/* An id that no event has. */
static uint64_t free_id(const struct perfdata *data)
{
	uint64_t id = 1;
	while (perfdata_event_of_id(data, id) >= 0)
		id++;
	return id;
}

/*
 * Where all events are tracepoints, perf report sorts by `trace` unless told otherwise
 * (tools/perf/util/sort.c, perf 6.12, get_default_sort_order()): one that is none prevents it, and
 * is shown nowhere, because it has no samples. It has to have its ids where the others have them.
 */
static void add_dummy(struct converted_events *events, const struct perfdata *data)
{
	struct perfdata_writer_event *dummy = &events->written[events->nr_written++];
	const uint64_t keep = PERF_ATTR_SAMPLE_ID_ALL | PERF_ATTR_INHERIT;
	*dummy = (struct perfdata_writer_event){.attr = events->written[0].attr,
						.name = "dummy:u",
						.ids = &events->dummy_id,
						.nr_ids = 1};
	dummy->attr.type = PERF_TYPE_SOFTWARE;
	dummy->attr.config = PERF_COUNT_SW_DUMMY;
	dummy->attr.config1 = dummy->attr.config2 = 0;
	dummy->attr.config3 = dummy->attr.config4 = 0;
	dummy->attr.bp_type = 0;
	dummy->attr.sample_period = 1;
	dummy->attr.sample_type &= ~PERF_SAMPLE_RAW;
	dummy->attr.flags =
		(dummy->attr.flags & keep) | PERF_ATTR_EXCLUDE_KERNEL | PERF_ATTR_EXCLUDE_HV;
	events->dummy_id = free_id(data);
	if (events->dummy_id == events->id)
		events->dummy_id++;
}

static bool all_tracepoints(const struct converted_events *events)
{
	for (size_t i = 0; i < events->nr_written; i++)
		if (events->written[i].attr.type != PERF_TYPE_TRACEPOINT)
			return false;
	return true;
}

/* What one event alone can do without, several cannot. */
static void add_ids(struct converted_events *events, const struct perfdata *data)
{
	struct perfdata_writer_event *first = &events->written[0];
	if (first->attr.sample_type & (PERF_SAMPLE_ID | PERF_SAMPLE_IDENTIFIER))
		return;
	events->adds_id = true;
	events->id = first->nr_ids ? first->ids[0] : free_id(data);
	if (!first->nr_ids) {
		first->ids = &events->id;
		first->nr_ids = 1;
	}
	for (size_t i = 0; i < events->nr_written; i++)
		events->written[i].attr.sample_type |= PERF_SAMPLE_IDENTIFIER;
}

static struct perfgo_error *bad_tracing_data(const struct perfdata *data)
{
	return perfgo_error_new("%s: its tracing data cannot be read", perfdata_path(data));
}

static struct perfgo_error *describe(struct converted_events *events, const struct perfdata *data,
				     const struct sample_fields *fields, bool swap)
{
	struct tracing_data tracing = {.swap = swap,
				       .texts = fields->texts,
				       .nr_texts = fields->nr_texts,
				       .text_size = fields->text_size,
				       .tracepoints = events->tracepoints,
				       .nr_tracepoints = events->nr_tracepoints,
				       .extensions = events->extensions,
				       .nr_extensions = events->nr_extensions};
	tracing.before = perfdata_feature(data, HEADER_TRACING_DATA, &tracing.before_size);
	if (!tracing_data_write(&tracing, &events->tracing_data))
		return bad_tracing_data(data);
	return writer_failed(&events->tracing_data) ? perfgo_error_no_memory() : NULL;
}

struct perfgo_error *converted_events_init(struct converted_events *ret,
					   const struct perfdata *data,
					   const struct sample_fields *fields, bool swap)
{
	*ret = (struct converted_events){.count = perfdata_nr_events(data),
					 .go = has_go_payloads(data)};
	ret->tracing_data = writer_of_memory();
	ret->nr_written = ret->count;
	struct perfgo_error *error = allocate(ret);
	if (error)
		return error;
	if (fields)
		lay_out(ret, fields);
	error = convert_events(ret, data, fields);
	if (error || !fields)
		return error;
	if (all_tracepoints(ret)) {
		add_ids(ret, data);
		add_dummy(ret, data);
	}
	return describe(ret, data, fields, swap);
}

void converted_events_deinit(struct converted_events *events)
{
	free(events->events);
	free(events->written);
	free(events->names);
	free(events->tracepoints);
	free(events->extensions);
	free(events->extension_fields);
	perfgo_error_destroy(writer_finish(&events->tracing_data));
}
