// SPDX-License-Identifier: GPL-2.0-only
/* Goes from record to record (tools/perf/util/session.c, perf 6.12). */
#include <stdio.h>

#include "perfdata/internal.h"

/* In a directory it is the next file's turn after so many bytes (READER_MAX_SIZE). */
#define TURN_SIZE (2u << 20)
#define PROGRESS_SIZE (16u << 20)

struct perfgo_error *damaged(struct perfdata *data, struct input *input, uint64_t offset,
			     const char *format, ...)
{
	char cause[128];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(cause, sizeof(cause), format, arguments);
	va_end(arguments);
	input->done = true;
	data->header.truncated = true;
	const char *why =
		input->unfinished ? " (no data size in the header: perf record did not end)" : "";
	if (!data->counts.records && data->nr_inputs == 1)
		return perfgo_error_new("%s: at offset 0x%llx: %s%s", input->path,
					(unsigned long long)offset, cause, why);
	observer_warn(data->observer, "%s: at offset 0x%llx: %s%s; what is before it is read",
		      input->path, (unsigned long long)offset, cause, why);
	return NULL;
}

static uint64_t record_time(struct perfdata *data, const uint8_t *at,
			    struct perfdata_record_header header)
{
	const struct event *event =
		data->same_times && data->nr_events ? data->events[0] : event_of_record(data, at);
	if (!event)
		return 0;
	uint16_t from_start = event->sample_time, from_end = event->trailer_time;
	if (header.type != PERF_RECORD_SAMPLE) {
		if (!from_end || header.size < RECORD_HEADER_SIZE + from_end)
			return 0;
		at += header.size - from_end;
	} else {
		if (!from_start || header.size < from_start + 8)
			return 0;
		at += from_start;
	}
	uint64_t time = read_u64(data, at);
	return time == UINT64_MAX ? 0 : time;
}

static void count_record(struct perfdata *data, const uint8_t *at,
			 struct perfdata_record_header header)
{
	struct cursor c = payload(data, at);
	switch (header.type) {
	case PERF_RECORD_LOST:
		cursor_u64(&c); /* id */
		data->counts.lost += cursor_u64(&c);
		break;
	case PERF_RECORD_LOST_SAMPLES:
		/* Of BPF filters: those were not wanted. */
		if (!(header.misc & PERF_RECORD_MISC_LOST_SAMPLES_BPF))
			data->counts.lost_samples += cursor_u64(&c);
		break;
	case PERF_RECORD_THROTTLE:
		data->counts.throttled++;
		break;
	}
}

/* Hands out the record, or queues it. */
static struct perfgo_error *give(struct perfdata *data, struct window *window,
				 struct perfdata_record_header header)
{
	struct record record = {window->at, record_time(data, window->at, header),
				data->counts.samples};
	data->counts.records++;
	if (header.type == PERF_RECORD_SAMPLE)
		data->counts.samples++;
	else
		count_record(data, window->at, header);
	if (!data->ordered || !record.time) {
		data->batch[data->batch_size++] = record;
		return NULL;
	}
	if (!order_add(&data->queue, &record))
		return perfgo_error_no_memory();
	if (window->chunk) {
		window->chunk->queued = true;
		window->chunk->round = data->queue.round;
	}
	return NULL;
}

/* Gives back what neither waits in the queue nor is about to be handed out. */
static void release_chunks(struct perfdata *data)
{
	const struct order *queue = &data->queue;
	uint64_t state = 2 * queue->round + queue->flushing;
	if (!data->chunks.first || data->batch_size ||
	    (queue->nr_pending && data->released == state))
		return;
	data->released = state;
	if (!queue->nr_pending)
		chunks_release(&data->chunks, UINT64_MAX);
	else if (queue->round > 2)
		/* Of two rounds the second lets go all that was there at the first. */
		chunks_release(&data->chunks, queue->round - (queue->flushing ? 2 : 1));
}

/* The same for the pages of maps. */
static void drop_pages(struct perfdata *data)
{
	for (size_t i = 0; i < data->nr_inputs; i++) {
		struct input *input = &data->inputs[i];
		uint64_t done = input->rounds[data->queue.flushing ? 0 : 1];
		input_drop(input, data->ordered ? done : input_offset(input));
	}
}

static struct perfgo_error *take_round(struct perfdata *data, struct input *input)
{
	input->rounds[0] = input->rounds[1];
	input->rounds[1] = input->rounds[2];
	input->rounds[2] = input_offset(input);
	if (data->ordered && !order_round(&data->queue))
		return perfgo_error_no_memory();
	return NULL;
}

/* Data behind a record, of a size that the record says, which is left out. */
static struct perfgo_error *skip_data(struct perfdata *data, struct input *input, uint64_t size)
{
	uint64_t offset = input_offset(input), skipped;
	struct perfgo_error *error = input_skip(input, size, &skipped);
	if (!error && skipped < size)
		return damaged(data, input, offset + skipped,
			       "data behind a record is cut off after %llu of %llu bytes",
			       (unsigned long long)skipped, (unsigned long long)size);
	/* Of a stream, more than was at hand: the chunks gone through hold nothing else. */
	if (!input->map && !input->window.chunk && !data->batch_size)
		chunks_release(&data->chunks, 0);
	return error;
}

static struct perfgo_error *skip_aux(struct perfdata *data, struct input *input, const void *record)
{
	struct cursor c = payload(data, record);
	uint64_t size = cursor_u64(&c);
	uint64_t before = input_offset(input);
	struct perfgo_error *error = skip_data(data, input, size);
	data->counts.auxtrace_bytes += input_offset(input) - before;
	return error;
}

/* Tracing data lies behind its record, and is kept as the feature that it is in file mode. */
static struct perfgo_error *take_tracing_data(struct perfdata *data, struct input *input,
					      const void *record)
{
	struct cursor c = payload(data, record);
	uint32_t size = cursor_u32(&c);
	size_t left;
	struct perfgo_error *error = input_need(input, &data->chunks, size, &left);
	if (error)
		return error;
	if (left >= size && !data->features[HEADER_TRACING_DATA].data) {
		void *copy = arena_copy(&data->arena, input->window.at, size);
		if (!copy)
			return perfgo_error_no_memory();
		data->features[HEADER_TRACING_DATA] = (struct feature){copy, size};
		data->header.features[0] |= 1ull << HEADER_TRACING_DATA;
		error = name_tracepoints(data);
	}
	return error ? error : skip_data(data, input, size);
}

static void tell_unknown(struct perfdata *data, struct input *input, uint32_t type)
{
	data->counts.unknown_records++;
	if (!data->unknown_record_told)
		observer_warn(data->observer,
			      "%s: at offset 0x%llx: record of unknown type %u, skipped",
			      input->path, (unsigned long long)input_offset(input), type);
	data->unknown_record_told = true;
}

/* A record of perf's own, which the window has passed. */
static struct perfgo_error *own_record(struct perfdata *data, struct input *input,
				       const uint8_t *record, struct perfdata_record_header header)
{
	switch (header.type) {
	case PERF_RECORD_FINISHED_ROUND:
		return take_round(data, input);
	case PERF_RECORD_AUXTRACE:
		return skip_aux(data, input, record);
	case PERF_RECORD_HEADER_TRACING_DATA:
		return take_tracing_data(data, input, record);
	}
	if (header.type >= PERF_RECORD_END)
		tell_unknown(data, input, header.type);
	return header_record(data, record);
}

/* The size of the record at hand, which may be more than is there; 0 for none. */
static uint64_t next_size(const struct perfdata *data, const struct window *window)
{
	size_t left = (size_t)(window->end - window->at);
	if (left < RECORD_HEADER_SIZE)
		return 0;
	struct perfdata_record_header header = read_header(data->swap, window->at);
	if (header.type == PERF_RECORD_COMPRESSED2 && left >= PACKED_HEADER_SIZE)
		return packed_record_size(data, window->at);
	return header.size;
}

static bool whole_record(const struct perfdata *data, const struct window *window)
{
	uint64_t size = next_size(data, window);
	return size >= RECORD_HEADER_SIZE && size <= (size_t)(window->end - window->at);
}

static bool is_packed(uint32_t type)
{
	return type == PERF_RECORD_COMPRESSED || type == PERF_RECORD_COMPRESSED2;
}

/* One whole record. */
static struct perfgo_error *read_record(struct perfdata *data, struct input *input,
					struct window *window, bool *own)
{
	struct perfdata_record_header header = read_header(data->swap, window->at);
	const uint8_t *record = window->at;
	uint64_t size = next_size(data, window);
	struct perfgo_error *error = NULL;
	*own = header.type >= PERF_RECORD_USER_TYPE_START;
	if (!*own || (data->order == PERFDATA_FILE_ORDER && !is_packed(header.type)))
		error = give(data, window, header);
	window->at += size;
	if (window == &input->window)
		input->turn += size;
	if (error || !*own)
		return error;
	if (is_packed(header.type))
		return unpack_begin(data, input, record, size);
	return own_record(data, input, record, header);
}

/* The records at hand. Stops behind one of perf's own, which may have changed everything. */
static struct perfgo_error *read_window(struct perfdata *data, struct input *input,
					struct window *window)
{
	struct perfgo_error *error = NULL;
	bool own = false;
	while (!error && !own && data->batch_size < RECORDS_AT_ONCE && whole_record(data, window))
		error = read_record(data, input, window, &own);
	return error;
}

/* Sees to it that a whole record is at hand, or ends the input. */
static struct perfgo_error *fill_window(struct perfdata *data, struct input *input)
{
	struct window *window = &input->window;
	size_t left;
	struct perfgo_error *error = input_need(input, &data->chunks, RECORD_HEADER_SIZE, &left);
	if (!error && left >= RECORD_HEADER_SIZE &&
	    read_header(data->swap, window->at).type == PERF_RECORD_COMPRESSED2)
		error = input_need(input, &data->chunks, PACKED_HEADER_SIZE, &left);
	if (error)
		return error;
	uint64_t offset = input_offset(input);
	if (!left) {
		input->done = true;
		if (input->unpacked.at < input->unpacked.end)
			return damaged(data, input, offset, "compressed data ends in a record");
		return input->cut ? damaged(data, input, offset, "file is cut off") : NULL;
	}
	if (left < RECORD_HEADER_SIZE)
		return damaged(data, input, offset, "%zu bytes are too few for a record", left);
	uint64_t size = next_size(data, window);
	if (size < RECORD_HEADER_SIZE)
		return damaged(data, input, offset, "record of size %u", (unsigned int)size);
	error = input_need(input, &data->chunks, size, &left);
	if (!error && left < size)
		return damaged(data, input, offset, "record of %u bytes is cut off after %zu",
			       (unsigned int)size, left);
	return error;
}

/* Reads what can be read at once. *WAITS is set when more would have to be waited for. */
static struct perfgo_error *read_some(struct perfdata *data, struct input *input, bool *waits)
{
	struct window *unpacked = &input->unpacked;
	if (whole_record(data, unpacked))
		return read_window(data, input, unpacked);
	if (unpacked->end - unpacked->at >= (ptrdiff_t)PACKED_HEADER_SIZE &&
	    next_size(data, unpacked) < RECORD_HEADER_SIZE)
		return damaged(data, input, input->packed_offset,
			       "record of size %u in compressed data",
			       (unsigned int)next_size(data, unpacked));
	if (input->unpacking)
		return unpack_more(data, input);
	if (!whole_record(data, &input->window)) {
		*waits = !input->map && data->batch_size;
		return *waits ? NULL : fill_window(data, input);
	}
	return read_window(data, input, &input->window);
}

/* The input whose turn it is, or NULL at the end. */
static struct input *current_input(struct perfdata *data)
{
	for (size_t i = 0; i <= data->nr_inputs; i++) {
		struct input *input = &data->inputs[data->current];
		if (!input->done && (input->turn < TURN_SIZE || data->nr_inputs == 1))
			return input;
		input->turn = 0;
		data->current = (data->current + 1) % data->nr_inputs;
	}
	return NULL;
}

static void tell_progress(struct perfdata *data, const struct input *input)
{
	uint64_t done = input_offset(input);
	if (done - data->progress_told < PROGRESS_SIZE && done > data->progress_told)
		return;
	data->progress_told = done;
	observer_progress(data->observer, "reading perf.data", done, input->map_size);
}

static struct perfgo_error *finish(struct perfdata *data)
{
	data->ended = true;
	if (data->ordered && !order_finish(&data->queue))
		return perfgo_error_no_memory();
	return NULL;
}

/* One step: a piece of a flush, or of the input. */
static struct perfgo_error *step(struct perfdata *data, bool *waits)
{
	if (data->queue.flushing) {
		data->batch_size += order_take(&data->queue, data->batch + data->batch_size,
					       RECORDS_AT_ONCE - data->batch_size);
		return NULL;
	}
	struct input *input = current_input(data);
	if (!input)
		return finish(data);
	tell_progress(data, input);
	return read_some(data, input, waits);
}

struct perfgo_error *perfdata_read(struct perfdata *data, const struct record **ret,
				   size_t *count_ret)
{
	bool waits = data->batch_waits;
	data->batch_waits = false;
	if (!waits) {
		arena_reset(&data->scratch);
		data->batch_size = 0;
		release_chunks(data);
		drop_pages(data);
	}
	while (data->batch_size < RECORDS_AT_ONCE && !waits &&
	       (!data->ended || data->queue.flushing)) {
		struct perfgo_error *error = step(data, &waits);
		if (error)
			return error;
	}
	*ret = data->batch;
	*count_ret = data->batch_size;
	return NULL;
}

static bool is_header_record(uint32_t type)
{
	return type >= PERF_RECORD_USER_TYPE_START && type != PERF_RECORD_FINISHED_ROUND &&
	       !is_packed(type) && type != PERF_RECORD_AUXTRACE;
}

struct perfgo_error *read_pipe_header(struct perfdata *data)
{
	struct input *input = &data->inputs[0];
	while (data->batch_size < RECORDS_AT_ONCE) {
		bool own;
		struct perfgo_error *error = fill_window(data, input);
		if (!error && !input->done &&
		    is_header_record(read_header(data->swap, input->window.at).type))
			error = read_record(data, input, &input->window, &own);
		else if (!error)
			break;
		if (error)
			return error;
	}
	if (!data->nr_events)
		return perfgo_error_new(
			"%s: at offset 0x%llx: no event attribute comes before this", input->path,
			(unsigned long long)input_offset(input));
	data->batch_waits = data->batch_size;
	return NULL;
}
