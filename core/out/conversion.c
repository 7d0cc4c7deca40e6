// SPDX-License-Identifier: GPL-2.0-only
#include "out/conversion.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "out/binary.h"
#include "out/converted_events.h"
#include "out/recorded_fields.h"

/* Where an AUXTRACE record was and is. */
struct moved {
	uint64_t from, to;
};

struct conversion {
	const struct conversion_options *options;
	struct perfdata *data;
	struct writer *out;
	struct converted_events events;
	struct conversion_counts counts;
	bool swap;
	struct moved *moved;
	size_t nr_moved, moved_capacity;
	struct writer build_ids;      /* HEADER_BUILD_ID, where it is not as it was */
	struct writer auxtrace_index; /* HEADER_AUXTRACE */
	struct announcement announcement;
	uint8_t *moved_sample; /* one that is another thread's now */
};

enum {
	RECORD_HEADER_SIZE = sizeof(struct perfdata_record_header),
	MAX_RECORD_SIZE = UINT16_MAX & ~7,
};

/* Whether the records stay as they are. */
static bool stays(const struct conversion *conversion)
{
	return conversion->options->fields && conversion->options->fields->recorded;
}

/* What the payload adds at most, next to a payload of the samples' own. */
static size_t growth(const struct conversion *conversion, const struct converted_event *event)
{
	return conversion->events.raw_field + event->fields_at + event->growth + 32;
}

/* Bytes that follow the header of each sample, and the end of each other record of the kernel's. */
static uint8_t *put_id(const struct conversion *conversion, uint8_t *at)
{
	if (!conversion->events.adds_id)
		return at;
	store_u64(at, conversion->events.id, conversion->swap);
	return at + sizeof(uint64_t);
}

static uint8_t *put_bytes(uint8_t *at, const uint8_t *from, const uint8_t *end)
{
	memcpy(at, from, (size_t)(end - from));
	return at + (end - from);
}

/* The fields, as bytes behind the common ones. */
static void make_payload(struct conversion *conversion, const struct record *record, uint8_t *to)
{
	struct sample sample;
	bool decoded = payload_needs_sample(conversion->options->payload) &&
		       perfdata_sample(conversion->data, record, &sample);
	payload_write(conversion->options->payload, record->sequence, decoded ? &sample : NULL, to);
}

/*
 * In samples of perf go record its payload stays where it was, before the fields. Returns its size:
 * 0 where RAW is something else, and the payload one that says that nothing is known.
 */
static size_t put_go_payload(const struct conversion *conversion, const uint8_t *raw, size_t size,
			     size_t gap, uint8_t *at)
{
	struct go_payload payload = {.goid = GO_GOID_UNKNOWN, .goparent = GO_GOID_UNKNOWN};
	bool there = go_payload_leads(raw, size);
	if (!conversion->events.go)
		return 0;
	memcpy(&payload.common_pid, at + TRACEPOINT_TID_OFFSET, sizeof(payload.common_pid));
	if (there)
		memcpy(&payload, raw, sizeof(payload));
	payload.gap = (uint16_t)(there ? payload.gap + gap : gap);
	memcpy(at, &payload, sizeof(payload));
	return there ? sizeof(payload) : 0;
}

/* The size of RAW with its size field is a multiple of 8 bytes, so that all that follows is too. */
static uint8_t *begin_raw(struct conversion *conversion, size_t least, size_t *size_ret,
			  uint8_t *at)
{
	*size_ret = ((4 + least + 7) & ~(size_t)7) - 4;
	store_u32(at, (uint32_t)*size_ret, conversion->swap);
	memset(at + 4, 0, *size_ret);
	return at + 4;
}

static uint8_t *put_made(struct conversion *conversion, const struct record *record,
			 const struct raw_place *place, uint8_t *at)
{
	const struct converted_events *events = &conversion->events;
	const struct converted_event *event = &events->events[place->event];
	const uint8_t *from = (const uint8_t *)record->data + place->offset + 4;
	uint32_t own = event->raw ? place->size - 4 : 0;
	size_t size, end = event->raw ? events->raw_field + 4 : events->fields_end;
	at = begin_raw(conversion, end + own, &size, at);
	make_payload(conversion, record, at);
	size_t kept = put_go_payload(conversion, from, own, end - sizeof(struct go_payload), at);
	from += kept;
	own -= (uint32_t)kept;
	store_u16(at, event->id, conversion->swap);
	if (event->raw) {
		store_u32(at + events->raw_field, (uint32_t)end | own << 16, conversion->swap);
		memcpy(at + end, from, own);
	}
	return at + size;
}

static uint32_t load_u32(const struct conversion *conversion, const uint8_t *at)
{
	struct cursor c = cursor_of(at, sizeof(uint32_t), conversion->swap);
	return cursor_u32(&c);
}

/* Fields that say where something behind ours is, which has moved. */
static void move_dynamic(const struct conversion *conversion, const struct converted_event *event,
			 uint8_t *raw)
{
	const struct known_tracepoint *known = &event->extension->known;
	for (size_t i = 0; i < known->nr_dynamic; i++) {
		uint8_t *field = raw + known->dynamic[i];
		uint32_t place = load_u32(conversion, field);
		uint16_t offset = (uint16_t)(place + event->growth);
		store_u32(field, (place & 0xffff0000) | offset, conversion->swap);
	}
}

/* Ours between the fields of fixed size and what is behind them. */
static uint8_t *put_extended(struct conversion *conversion, const struct record *record,
			     const struct raw_place *place, uint8_t *at)
{
	const struct converted_event *event = &conversion->events.events[place->event];
	size_t own = place->size - 4, end = event->extension->known.end, size;
	size_t fixed = own < end ? own : end, start = conversion->events.fields_start;
	const uint8_t *from = (const uint8_t *)record->data + place->offset + 4;
	uint8_t payload[sizeof(struct go_payload) + 8 * MAX_KEYS];
	at = begin_raw(conversion, (own < end ? end : own) + event->growth, &size, at);
	memcpy(at, from, fixed);
	make_payload(conversion, record, payload);
	memcpy(at + event->fields_at, payload + start, conversion->events.fields_end - start);
	memcpy(at + end + event->growth, from + fixed, own - fixed);
	move_dynamic(conversion, event, at);
	return at + size;
}

static uint64_t load_u64(const struct conversion *conversion, const uint8_t *at)
{
	struct cursor c = cursor_of(at, sizeof(uint64_t), conversion->swap);
	return cursor_u64(&c);
}

/*
 * Takes what is too much off the end of the sample's copy of the stack, as the kernel does
 * (kernel/events/core.c, perf_sample_ustack_size()). Returns the new size, 0 when that cannot be.
 */
static size_t shorten(struct conversion *conversion, const struct record *record, uint8_t *to,
		      size_t size)
{
	struct sample sample;
	if (!perfdata_sample(conversion->data, record, &sample) || !sample.stack)
		return 0;
	size_t excess = (size - MAX_RECORD_SIZE + 7) & ~(size_t)7;
	uint8_t *stack = to + ((const uint8_t *)sample.stack - (const uint8_t *)record->data) +
			 (size - record_size(conversion->data, record));
	uint64_t before = load_u64(conversion, stack - 8);
	if (before < excess + 8)
		return 0;
	uint64_t after = before - excess;
	uint64_t copied = sample.stack_size < after ? sample.stack_size : after;
	memmove(stack + after, stack + before, (size_t)(to + size - (stack + before)));
	store_u64(stack - 8, after, conversion->swap);
	store_u64(stack + after, copied, conversion->swap);
	conversion->counts.shortened++;
	return size - excess;
}

/* Makes what was written at TO a record. False when it is too long for that. */
static bool take_record(struct conversion *conversion, uint8_t *to, size_t size)
{
	if (size > MAX_RECORD_SIZE) {
		conversion->counts.left_out++;
		return false;
	}
	store_u16(to + offsetof(struct perfdata_record_header, size), (uint16_t)size,
		  conversion->swap);
	conversion->out->used += size;
	return true;
}

static void convert_sample(struct conversion *conversion, const struct record *record,
			   const struct raw_place *place)
{
	const uint8_t *from = record->data, *raw = from + place->offset;
	size_t before = record_size(conversion->data, record);
	const struct converted_event *event = &conversion->events.events[place->event];
	uint8_t *to = (uint8_t *)writer_room(conversion->out, before + growth(conversion, event));
	if (!to)
		return;
	uint8_t *at = put_bytes(to, from, from + RECORD_HEADER_SIZE);
	at = put_id(conversion, at);
	at = put_bytes(at, from + RECORD_HEADER_SIZE, raw);
	at = event->kind == EVENT_MADE ? put_made(conversion, record, place, at)
				       : put_extended(conversion, record, place, at);
	at = put_bytes(at, raw + place->size, from + before);
	size_t size = (size_t)(at - to);
	if (size > MAX_RECORD_SIZE) {
		size_t shorter = shorten(conversion, record, to, size);
		size = shorter ? shorter : size;
	}
	conversion->counts.samples += take_record(conversion, to, size);
}

static void copy_record(struct conversion *conversion, const struct record *record)
{
	writer_bytes(conversion->out, record->data, record_size(conversion->data, record));
}

/* With the id, if there is one to add, at OFFSET. */
static void copy_with_id(struct conversion *conversion, const struct record *record, size_t offset)
{
	const uint8_t *from = record->data, *end = from + record_size(conversion->data, record);
	uint8_t *to = (uint8_t *)writer_room(conversion->out, (size_t)(end - from) + 8);
	if (!to)
		return;
	uint8_t *at = put_bytes(to, from, from + offset);
	at = put_id(conversion, at);
	at = put_bytes(at, from + offset, end);
	take_record(conversion, to, (size_t)(at - to));
}

static void write_sample(struct conversion *conversion, const struct record *record)
{
	struct raw_place place;
	if (!conversion->options->fields) {
		copy_with_id(conversion, record, RECORD_HEADER_SIZE);
		return;
	}
	bool whole = perfdata_raw_place(conversion->data, record, &place);
	if (whole && conversion->events.events[place.event].kind != EVENT_KEPT) {
		convert_sample(conversion, record, &place);
		return;
	}
	conversion->counts.tracepoints += whole;
	conversion->counts.damaged += !whole;
	copy_with_id(conversion, record, RECORD_HEADER_SIZE);
}

/* The sample as one of its goroutine, if it has one; else itself. Valid until the next call. */
static struct record take_thread(struct conversion *conversion, const struct record *record)
{
	struct goroutine_threads *threads = conversion->options->threads;
	struct record ret = *record;
	struct raw_place place;
	uint32_t thread = threads ? goroutine_threads_of(threads, record->sequence) : IDMAP_NONE;
	if (thread == IDMAP_NONE || !perfdata_raw_place(conversion->data, record, &place))
		return ret;
	uint64_t type = perfdata_event(conversion->data, place.event)->attr.sample_type;
	size_t tid = RECORD_HEADER_SIZE + 8 * !!(type & PERF_SAMPLE_IDENTIFIER) +
		     8 * !!(type & PERF_SAMPLE_IP) + 4;
	goroutine_threads_announce(threads, thread, &conversion->announcement, conversion->out);
	ret.data = memcpy(conversion->moved_sample, record->data,
			  record_size(conversion->data, record));
	store_u32(conversion->moved_sample + tid, goroutine_threads_tid(threads, thread),
		  conversion->swap);
	conversion->counts.goroutines++;
	return ret;
}

/* Another record of the kernel's. */
static void write_sideband(struct conversion *conversion, const struct record *record)
{
	struct record_task task;
	if (conversion->options->threads &&
	    record_type(conversion->data, record) == PERF_RECORD_EXIT &&
	    perfdata_task(conversion->data, record, &task) && task.pid == task.tid)
		goroutine_threads_end(conversion->options->threads, task.pid, record->time,
				      &conversion->announcement, conversion->out);
	const struct perfdata_attr *attr = &conversion->events.written[0].attr;
	if (conversion->events.adds_id && attr->flags & PERF_ATTR_SAMPLE_ID_ALL)
		copy_with_id(conversion, record, record_size(conversion->data, record));
	else
		copy_record(conversion, record);
}

/* With the data behind it; without that, which is cut off, it is left out. */
static struct perfgo_error *write_auxtrace(struct conversion *conversion,
					   const struct record *record)
{
	enum { PIECE = 1 << 16 };
	uint64_t size;
	const char *bytes = record_data_behind(conversion->data, record, &size);
	if (!bytes)
		return NULL;
	if (!array_reserve(conversion->moved, conversion->moved_capacity, conversion->nr_moved + 1))
		return perfgo_error_no_memory();
	conversion->moved[conversion->nr_moved++] =
		(struct moved){.from = record_offset(conversion->data, record),
			       .to = perfdata_writer_offset(conversion->options->writer)};
	copy_record(conversion, record);
	for (uint64_t at = 0; at < size; at += PIECE)
		writer_bytes(conversion->out, bytes + at, size - at < PIECE ? size - at : PIECE);
	return NULL;
}

/* Of pipe mode, whose header comes in records: in a file it is where the features are. */
static bool belongs_to_header(struct conversion *conversion, const struct record *record)
{
	switch (record_type(conversion->data, record)) {
	case PERF_RECORD_HEADER_ATTR:
	case PERF_RECORD_HEADER_FEATURE:
	case PERF_RECORD_HEADER_TRACING_DATA:
		return perfdata_header(conversion->data)->pipe;
	case PERF_RECORD_HEADER_BUILD_ID:
		if (!perfdata_header(conversion->data)->pipe)
			return false;
		writer_bytes(&conversion->build_ids, record->data,
			     record_size(conversion->data, record));
		return true;
	}
	return false;
}

static struct perfgo_error *write_record(struct conversion *conversion, const struct record *record)
{
	uint32_t type = record_type(conversion->data, record);
	if (type == PERF_RECORD_SAMPLE) {
		const struct record sample = take_thread(conversion, record);
		write_sample(conversion, &sample);
	} else if (type < PERF_RECORD_USER_TYPE_START)
		write_sideband(conversion, record);
	else if (type == PERF_RECORD_AUXTRACE)
		return write_auxtrace(conversion, record);
	else if (!belongs_to_header(conversion, record))
		copy_record(conversion, record);
	return NULL;
}

static struct perfgo_error *prepare_threads(struct conversion *conversion)
{
	const struct perfdata_event *first = perfdata_event(conversion->options->first, 0);
	conversion->announcement =
		(struct announcement){.attr = first->attr,
				      .id = first->nr_ids ? first->ids[0] : conversion->events.id,
				      .adds_id = conversion->events.adds_id,
				      .swap = conversion->swap};
	conversion->moved_sample = malloc(UINT16_MAX + 1);
	return conversion->moved_sample ? NULL : perfgo_error_no_memory();
}

static struct perfgo_error *write_records(struct conversion *conversion)
{
	for (;;) {
		const struct record *records;
		size_t count;
		struct perfgo_error *error = perfdata_read(conversion->data, &records, &count);
		if (error || !count || writer_failed(conversion->out))
			return error;
		for (size_t i = 0; i < count; i++) {
			error = write_record(conversion, &records[i]);
			if (error)
				return error;
		}
	}
}

/*
 * HEADER_AUXTRACE: how many AUXTRACE records there are, and of each where it lies and its size
 * (tools/perf/util/auxtrace.c, perf 6.12, auxtrace_index__write()).
 */
static void move_auxtrace_index(struct conversion *conversion, struct cursor c)
{
	struct writer *to = &conversion->auxtrace_index;
	uint64_t count = cursor_u64(&c), kept = 0;
	writer_u64(to, 0, false);
	for (uint64_t i = 0; i < count && !c.failed; i++) {
		uint64_t from = cursor_u64(&c), size = cursor_u64(&c);
		for (size_t k = 0; k < conversion->nr_moved && !c.failed; k++) {
			if (conversion->moved[k].from != from)
				continue;
			writer_u64(to, conversion->moved[k].to, conversion->swap);
			writer_u64(to, size, conversion->swap);
			kept++;
			break;
		}
	}
	if (!writer_failed(to))
		store_u64(to->buffer, kept, conversion->swap);
}

/*
 * HEADER_BUILD_ID: what there is, and records for more (tools/perf/util/build-id.c, perf 6.12,
 * write_buildid()).
 */
static void add_build_ids(struct conversion *conversion)
{
	enum { ANY_PROCESS = -1, FIXED = 36 };
	const struct conversion_options *options = conversion->options;
	struct writer *to = &conversion->build_ids;
	static const char zeros[8];
	size_t size;
	const char *before = perfdata_feature(options->first, HEADER_BUILD_ID, &size);
	if (before && options->nr_build_ids)
		writer_bytes(to, before, size);
	for (size_t i = 0; i < options->nr_build_ids; i++) {
		const struct conversion_build_id *one = &options->build_ids[i];
		size_t length = strlen(one->filename) + 1, padding = -length & 7;
		char header[FIXED] = {0};
		store_u16(header + 4, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_BUILD_ID_SIZE,
			  conversion->swap);
		store_u16(header + 6, (uint16_t)(FIXED + length + padding), conversion->swap);
		store_u32(header + 8, (uint32_t)ANY_PROCESS, conversion->swap);
		memcpy(header + 12, one->id, sizeof(one->id));
		header[12 + sizeof(one->id)] = sizeof(one->id);
		writer_bytes(to, header, sizeof(header));
		writer_bytes(to, one->filename, length);
		writer_bytes(to, zeros, padding);
	}
}

/* Features that are made anew, or say what no longer holds. */
static bool is_replaced(const struct conversion *conversion, unsigned int feature)
{
	return (feature == HEADER_TRACING_DATA && conversion->options->fields) ||
	       feature == HEADER_EVENT_DESC || feature == HEADER_AUXTRACE ||
	       feature == HEADER_DIR_FORMAT || (feature == HEADER_COMPRESSED && !stays(conversion));
}

static void put_feature(struct conversion *conversion, unsigned int feature,
			const struct writer *made)
{
	size_t size;
	const char *bytes = writer_text(made, &size);
	if (size)
		perfdata_writer_feature(conversion->options->writer, feature, bytes, size);
}

static struct perfgo_error *put_features(struct conversion *conversion)
{
	bool pipe = perfdata_header(conversion->options->first)->pipe;
	size_t size;
	for (unsigned int i = 0; i < HEADER_FEAT_BITS; i++) {
		const void *bytes = perfdata_feature(conversion->options->first, i, &size);
		/* The last of a pipe is only a mark (tools/perf/util/synthetic-events.c). */
		if (bytes && !is_replaced(conversion, i) && (size || !pipe))
			perfdata_writer_feature(conversion->options->writer, i, bytes, size);
	}
	const void *index = perfdata_feature(conversion->options->first, HEADER_AUXTRACE, &size);
	if (index)
		move_auxtrace_index(conversion, cursor_of(index, size, conversion->swap));
	put_feature(conversion, HEADER_AUXTRACE, &conversion->auxtrace_index);
	add_build_ids(conversion);
	put_feature(conversion, HEADER_BUILD_ID, &conversion->build_ids);
	put_feature(conversion, HEADER_TRACING_DATA, &conversion->events.tracing_data);
	return writer_failed(&conversion->auxtrace_index) || writer_failed(&conversion->build_ids)
		       ? perfgo_error_no_memory()
		       : NULL;
}

static struct perfgo_error *write_anew(struct conversion *conversion)
{
	struct perfgo_error *error = NULL;
	if (conversion->options->threads)
		error = prepare_threads(conversion);
	return error ? error : write_records(conversion);
}

static void copy_records(struct conversion *conversion)
{
	struct data_section section;
	perfdata_data_section(conversion->options->first, &section);
	writer_copy(conversion->out, section.fd, section.offset, section.size);
	conversion->counts.samples = perfdata_counts(conversion->options->first)->samples;
}

static void tell_progress(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)what;
	observer_progress(context, "writing perf.data", done, total);
}

static struct perfgo_error *convert(struct conversion *conversion)
{
	struct perfgo_error *error =
		converted_events_init(&conversion->events, conversion->options->first,
				      conversion->options->fields, conversion->swap);
	if (!error)
		error = perfdata_writer_events(conversion->options->writer,
					       conversion->events.written,
					       conversion->events.nr_written);
	if (!error && stays(conversion))
		copy_records(conversion);
	else if (!error)
		error = write_anew(conversion);
	if (!error)
		error = put_features(conversion);
	return error ? error : perfdata_writer_finish(conversion->options->writer);
}

static void deinit(struct conversion *conversion)
{
	converted_events_deinit(&conversion->events);
	perfgo_error_destroy(writer_finish(&conversion->build_ids));
	perfgo_error_destroy(writer_finish(&conversion->auxtrace_index));
	free(conversion->moved);
	free(conversion->moved_sample);
	perfdata_close(conversion->data);
}

struct perfgo_error *conversion_run(const struct conversion_options *options,
				    struct conversion_counts *ret)
{
	/* What there is to warn of, the first reading has. */
	const struct observer progress = {.progress = tell_progress,
					  .context = (void *)options->observer};
	struct conversion conversion = {.options = options,
					.out = perfdata_writer_data(options->writer),
					.swap = perfdata_swapped(options->first),
					.build_ids = writer_of_memory(),
					.auxtrace_index = writer_of_memory()};
	struct perfgo_error *error = NULL;
	if (!stays(&conversion))
		error = perfdata_open(options->input, PERFDATA_FILE_ORDER, &progress,
				      &conversion.data);
	if (!error)
		error = convert(&conversion);
	*ret = conversion.counts;
	deinit(&conversion);
	return error;
}
