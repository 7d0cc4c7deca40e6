// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF writes a context into the ring, then the kernel the sample that it belongs to. An event that
 * comes by NMI may be between the two, so of several contexts that wait the latest one counts whose
 * thread and time are the sample's. Where records were lost, what does not fit stays alone.
 *
 * Of tracepoints and probes the latest context is that of the samples that follow, if the thread is
 * the same: BPF sees to it (hit.bpf.h).
 */
#include "record/rings.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "record/sample_place.h"
#include "goproc/payload.h"
#include "goproc/switch.h"

enum {
	MAX_WAITING = 4,
	CLOCK_SKEW = 1000000, /* ns between context and sample, where BPF cannot see its time */
	MAX_RECORD_SIZE = UINT16_MAX & ~7,
};

/* A context whose sample has not come. */
struct waiting {
	struct go_context context;
	uint32_t tid;
	uint64_t time;	      /* of its own record */
	const uint8_t *bytes; /* labels, stack and callchain */
};

struct ring {
	struct writer records; /* of this pass */
	struct waiting waiting[MAX_WAITING];
	size_t nr_waiting;
	struct waiting hit; /* of a tracepoint or probe */
	bool has_hit;
	uint8_t *kept; /* the bytes of those that have waited since the last pass */
};

struct rings {
	struct rings_options options;
	struct sample_place *places; /* by event */
	struct ring *rings;
	size_t nr_rings;
	uint32_t *event_of_id; /* by number of the id */
	uint64_t *ids;
	size_t nr_ids;
	struct idmap index;
	struct rings_counts counts;
};

static struct perfgo_error *add_ids(struct rings *rings, size_t event)
{
	size_t count, total = rings->nr_ids;
	const uint64_t *ids = opened_ids(rings->options.opened, event, &count);
	uint64_t *all = reallocarray(rings->ids, total + count, sizeof(*all));
	if (all)
		rings->ids = all;
	uint32_t *events = reallocarray(rings->event_of_id, total + count, sizeof(*events));
	if (events)
		rings->event_of_id = events;
	if (!all || !events)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < count; i++) {
		uint32_t number = (uint32_t)rings->nr_ids;
		rings->ids[number] = ids[i];
		rings->event_of_id[number] = (uint32_t)event;
		if (!idmap_insert(&rings->index, hash_fold(hash_word(0, ids[i])), number))
			return perfgo_error_no_memory();
		rings->nr_ids++;
	}
	return NULL;
}

struct perfgo_error *rings_new(const struct rings_options *options, struct rings **ret)
{
	struct rings *rings = calloc(1, sizeof(*rings));
	if (!rings)
		return perfgo_error_no_memory();
	rings->options = *options;
	rings->nr_rings = opened_nr_rings(options->opened);
	rings->rings = calloc(rings->nr_rings + 1, sizeof(*rings->rings));
	rings->places = calloc(options->nr_events + 1, sizeof(*rings->places));
	struct perfgo_error *error =
		rings->rings && rings->places ? NULL : perfgo_error_no_memory();
	for (size_t i = 0; !error && i < rings->nr_rings; i++)
		rings->rings[i].records = writer_of_memory();
	for (size_t i = 0; !error && i < options->nr_events; i++) {
		const struct perf_event_attr *attr = &options->events[i].attr;
		rings->places[i] = sample_place(attr->sample_type, attr->read_format);
		error = add_ids(rings, i);
	}
	if (error)
		rings_free(rings);
	else
		*ret = rings;
	return error;
}

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	for (size_t i = 0; rings->rings && i < rings->nr_rings; i++) {
		perfgo_error_destroy(writer_finish(&rings->rings[i].records));
		free(rings->rings[i].kept);
	}
	free(rings->rings);
	free(rings->places);
	free(rings->ids);
	free(rings->event_of_id);
	idmap_deinit(&rings->index);
	free(rings);
}

/* The event of a sample; NO_EVENT when its id is not known. */
static int event_of(const struct rings *rings, const struct perf_event_header *record)
{
	uint64_t id;
	if (record->size < sizeof(*record) + sizeof(id))
		return NO_EVENT;
	memcpy(&id, record + 1, sizeof(id));
	uint32_t hash = hash_fold(hash_word(0, id)), number;
	for (size_t probe = hash;
	     (number = idmap_probe(&rings->index, hash, &probe)) != IDMAP_NONE;)
		if (rings->ids[number] == id)
			return (int)rings->event_of_id[number];
	return NO_EVENT;
}

/* What BPF has written; NULL when it is cut. */
static const void *bpf_output(const struct rings *rings, int event,
			      const struct perf_event_header *record, size_t wanted)
{
	const uint8_t *bytes = (const void *)record;
	size_t raw = sample_place_of_raw(&rings->places[event], bytes, record->size);
	uint32_t size;
	if (!raw || raw + sizeof(size) > record->size)
		return NULL;
	memcpy(&size, bytes + raw, sizeof(size));
	if (size < wanted || size > record->size - raw - sizeof(size))
		return NULL;
	return bytes + raw + sizeof(size);
}

/* What follows a context. */
static size_t size_of_bytes(const struct go_context *context)
{
	return (size_t)context->labels_size + context->stack_size + context->sched_callchain_size +
	       context->callchain_size;
}

/* A context in place, in *WAITING; false when it is damaged. */
static bool read_context(const struct rings *rings, const struct perf_event_header *record,
			 struct waiting *waiting)
{
	struct go_context *context = &waiting->context;
	int event = rings->options.contexts;
	const uint8_t *bytes = bpf_output(rings, event, record, sizeof(*context));
	if (!bytes)
		return false;
	memcpy(context, bytes, sizeof(*context));
	waiting->bytes = bytes + sizeof(*context);
	if (context->labels_size > LABELS_SIZE || context->stack_size > MAX_GOROUTINE_STACK ||
	    context->sched_callchain_size > CALLCHAIN_SIZE ||
	    context->callchain_size > CALLCHAIN_SIZE ||
	    size_of_bytes(context) >
		    (size_t)((const uint8_t *)record + record->size - waiting->bytes))
		return false;
	waiting->tid = sample_place_tid(&rings->places[event], record);
	waiting->time = sample_place_time(&rings->places[event], record);
	return true;
}

/* The record of this pass at *AT, which moves behind it; NULL at the end. */
static const struct perf_event_header *next_record(const struct ring *ring, size_t *at)
{
	if (*at >= ring->records.used)
		return NULL;
	const void *record = ring->records.buffer + *at;
	*at += ((const struct perf_event_header *)record)->size;
	return record;
}

/* Takes over the labels of a context before any is used. False when contents are missing. */
static bool learn_labels(struct rings *rings, const struct perf_event_header *record)
{
	struct labels *labels = rings->options.labels;
	struct waiting seen;
	if (record->type != PERF_RECORD_SAMPLE ||
	    event_of(rings, record) != rings->options.contexts ||
	    !read_context(rings, record, &seen))
		return true;
	labels_learn(labels, &seen.context, seen.bytes);
	return labels_known(labels, &seen.context);
}

/* Goes over what came before any of it is used. False when contents of labels are missing. */
static bool look_ahead(struct rings *rings)
{
	bool known = true;
	const struct perf_event_header *record;
	for (size_t i = 0; i < rings->nr_rings; i++)
		for (size_t at = 0; (record = next_record(&rings->rings[i], &at));)
			known = learn_labels(rings, record) && known;
	return known;
}

/* The context of a sample, taken off what waits with all that came behind it. */
static const struct waiting *take_context(struct ring *ring, uint32_t tid, uint64_t time)
{
	for (size_t i = ring->nr_waiting; i-- > 0;) {
		const struct waiting *waiting = &ring->waiting[i];
		bool same = waiting->context.time
				    ? waiting->context.time == time
				    : time - waiting->time + CLOCK_SKEW <= 2 * CLOCK_SKEW;
		if (waiting->tid != tid || !same)
			continue;
		ring->nr_waiting = i;
		return waiting;
	}
	return NULL;
}

/* The context of a sample of a tracepoint or probe: there may be several samples of one hit. */
static const struct waiting *find_hit(const struct ring *ring, uint32_t tid, uint64_t time)
{
	const struct waiting *hit = &ring->hit;
	return ring->has_hit && hit->tid == tid && hit->time <= time ? hit : NULL;
}

static void push_context(struct rings *rings, struct ring *ring,
			 const struct perf_event_header *record)
{
	struct waiting waiting;
	if (!read_context(rings, record, &waiting))
		return;
	if (waiting.context.flags & CONTEXT_HIT) {
		ring->has_hit = !(waiting.context.flags & CONTEXT_NO_HIT);
		ring->hit = waiting;
		return;
	}
	if (ring->nr_waiting == MAX_WAITING)
		memmove(ring->waiting, ring->waiting + 1,
			--ring->nr_waiting * sizeof(*ring->waiting));
	ring->waiting[ring->nr_waiting++] = waiting;
}

/* What waits may have been for something that is lost. */
static void forget_contexts(struct ring *ring)
{
	ring->nr_waiting = 0;
	ring->has_hit = false;
}

static void keep_bytes(struct waiting *waiting, uint8_t *to)
{
	size_t size = size_of_bytes(&waiting->context);
	memcpy(to, waiting->bytes, size);
	waiting->bytes = to;
}

/* The records of this pass are about to go: what still waits is copied. */
static void keep_waiting(struct ring *ring)
{
	bool any = ring->nr_waiting || ring->has_hit;
	uint8_t *kept = any ? malloc((size_t)(MAX_WAITING + 1) * CONTEXT_BYTES) : NULL;
	if (!kept)
		forget_contexts(ring);
	for (size_t i = 0; i < ring->nr_waiting; i++)
		keep_bytes(&ring->waiting[i], kept + i * CONTEXT_BYTES);
	if (ring->has_hit)
		keep_bytes(&ring->hit, kept + (size_t)MAX_WAITING * CONTEXT_BYTES);
	free(ring->kept);
	ring->kept = kept;
}

static bool is_tracepoint(const struct rings *rings, int event)
{
	return rings->options.events[event].attr.type == PERF_TYPE_TRACEPOINT;
}

/* A sample before which BPF has said nothing. */
static void count_missing(struct rings *rings, uint32_t pid)
{
	struct rings_counts *counts = &rings->counts;
	uint64_t *const by_kind[] = {
		[PROCESS_OTHER] = &counts->not_go,
		[PROCESS_GO] = &counts->missed,
		[PROCESS_OBSTACLE] = &counts->obstacle,
	};
	++*by_kind[rings->options.process_kind(rings->options.context, pid)];
}

static void count_sample(struct rings *rings, int event, const struct waiting *waiting,
			 uint32_t pid)
{
	struct rings_counts *counts = &rings->counts;
	unsigned int flags = waiting ? waiting->context.flags : 0;
	counts->samples++;
	if (is_tracepoint(rings, event) && !rings->options.told[event])
		counts->tracepoint++;
	else if (!waiting)
		count_missing(rings, pid);
	else if (flags & CONTEXT_FAULT)
		counts->fault++;
	else if (!(flags & CONTEXT_GO))
		counts->no_go_thread++;
	else if (!(flags & CONTEXT_CURRENT))
		counts->scheduler++;
	else
		counts->goroutine++;
}

static void fill_goroutine(struct rings *rings, const struct waiting *waiting,
			   struct go_payload *payload)
{
	const struct go_context *context = &waiting->context;
	payload->goid = context->goid;
	payload->goparent = context->parent ? context->parent : GO_GOID_UNKNOWN;
	payload->gocreator = context->creator;
	payload->goroutine = context->start;
	payload->golabels = labels_of(rings->options.labels, context, waiting->bytes);
	/* While it is scanned, a bit more is set (runtime/runtime2.go, _Gscan). */
	payload->gostate = (uint8_t)((context->status & 0x0f) + 1);
	payload->goid_from = GOID_FROM_BPF;
	if (context->flags & CONTEXT_LABELS_SHORT)
		payload->flags |= GO_PAYLOAD_LABELS_SHORT;
}

static void fill_payload(struct rings *rings, const struct waiting *waiting,
			 struct go_payload *payload)
{
	if (!waiting)
		return;
	const struct go_context *context = &waiting->context;
	unsigned int flags = context->flags;
	payload->gcphase = context->gcphase;
	if (flags & CONTEXT_STACK_TOP)
		payload->flags |= GO_PAYLOAD_STACK_TOP;
	if (flags & CONTEXT_STACK_SECOND)
		payload->flags |= GO_PAYLOAD_STACK_SECOND;
	if (context->callchain_size)
		payload->flags |= GO_PAYLOAD_CALLCHAIN;
	if (flags & CONTEXT_SYSTEM)
		payload->flags |= GO_PAYLOAD_SYSTEM;
	if (flags & CONTEXT_FAULT)
		payload->flags |= GO_PAYLOAD_FAULT;
	else if (!(flags & CONTEXT_GO))
		payload->goroutine = GOROUTINE_NO_GO;
	else if (!(flags & CONTEXT_CURRENT))
		payload->goroutine = GOROUTINE_SCHEDULER;
	else
		fill_goroutine(rings, waiting, payload);
}

static size_t put(uint8_t *to, size_t at, const void *bytes, size_t size)
{
	memcpy(to + at, bytes, size);
	return at + size;
}

/* Of SIZE bytes that begin at FROM. */
static size_t put_callchain(uint8_t *to, size_t at, const uint8_t *from, size_t size)
{
	uint64_t count = size / sizeof(uint64_t);
	at = put(to, at, &count, sizeof(count));
	return put(to, at, from, size);
}

static size_t put_sched(uint8_t *to, size_t at, struct go_payload *payload,
			const struct waiting *waiting)
{
	const struct go_context *context = &waiting->context;
	const uint8_t *stack = waiting->bytes + context->labels_size;
	struct go_payload_sched sched = {context->sched_pc, context->sched_sp, context->sched_bp};
	payload->flags |= GO_PAYLOAD_SCHED;
	payload->stack_size = context->stack_size;
	at = put(to, at, &sched, sizeof(sched));
	at = put(to, at, stack, context->stack_size);
	if (!context->sched_callchain_size)
		return at;
	payload->flags |= GO_PAYLOAD_SCHED_CALLCHAIN;
	return put_callchain(to, at, stack + context->stack_size, context->sched_callchain_size);
}

/* What the flags say to follow the payload, but for the goroutine's place. */
static size_t put_words(uint8_t *to, size_t at, const struct go_payload *payload,
			const struct waiting *waiting)
{
	const struct go_context *context = &waiting->context;
	if (payload->flags & GO_PAYLOAD_STACK_TOP)
		at = put(to, at, &context->stack_words[0], sizeof(uint64_t));
	if (payload->flags & GO_PAYLOAD_STACK_SECOND)
		at = put(to, at, &context->stack_words[1], sizeof(uint64_t));
	if (payload->flags & GO_PAYLOAD_CALLCHAIN)
		at = put_callchain(
			to, at, waiting->bytes + size_of_bytes(context) - context->callchain_size,
			context->callchain_size);
	return at;
}

/* Writes the payload and what follows it, and returns where it ends. */
static size_t put_payload(uint8_t *to, size_t at, struct go_payload *payload,
			  const struct waiting *waiting, bool with_sched)
{
	size_t start = at;
	at = start + sizeof(*payload);
	if (waiting)
		at = put_words(to, at, payload, waiting);
	if (with_sched)
		at = put_sched(to, at, payload, waiting);
	memcpy(to + start, payload, sizeof(*payload));
	return at;
}

/* So many that what is MORE ends at a multiple of 8. */
static size_t put_zeros(uint8_t *to, size_t at, size_t more)
{
	while ((at + more) % 8)
		to[at++] = 0;
	return at;
}

/* What is to be the RAW of a sample. */
struct made_raw {
	struct go_payload *payload;
	const struct waiting *waiting;
	const uint8_t *own; /* what the kernel has there */
	uint32_t own_size;
	bool with_sched;
	bool own_first; /* readers look for it where it was */
};

/* Writes RAW with its size before it, and returns where it ends. */
static size_t put_raw(uint8_t *to, size_t at, const struct made_raw *raw)
{
	size_t start = at + sizeof(uint32_t), payload = start;
	if (raw->own_first)
		payload = put(to, start, raw->own, raw->own_size);
	at = put_payload(to, payload, raw->payload, raw->waiting, raw->with_sched);
	if (!raw->own_first)
		at = put(to, at, raw->own, raw->own_size);
	if (raw->own_first) {
		struct go_payload_trailer trailer = {.magic = GO_PAYLOAD_MAGIC};
		at = put_zeros(to, at, sizeof(trailer));
		trailer.size = (uint32_t)(at + sizeof(trailer) - payload);
		at = put(to, at, &trailer, sizeof(trailer));
	}
	at = put_zeros(to, at, 0);
	uint32_t size = (uint32_t)(at - start);
	memcpy(to + start - sizeof(size), &size, sizeof(size));
	return at;
}

/* What the kernel has for RAW where an event has none: four zero bytes (kernel/events/core.c). */
static bool is_placeholder(const uint8_t *raw, uint32_t size)
{
	static const uint8_t zeros[4];
	return size == sizeof(zeros) && !memcmp(raw, zeros, sizeof(zeros));
}

/*
 * Whether the callchain goes on in the goroutine's callers by itself, as it does by frame pointers
 * through systemstack: then it has the return address that is on top of the goroutine's stack,
 * behind the frame pointer where systemstack has pushed that (runtime/asm_amd64.s, from go1.21 on).
 */
static bool chain_goes_on(const struct sample_place *place, const struct perf_event_header *record,
			  const struct waiting *waiting)
{
	const struct go_context *context = &waiting->context;
	uint64_t top[2];
	if (context->stack_size < sizeof(top))
		return false;
	memcpy(top, waiting->bytes + context->labels_size, sizeof(top));
	return sample_place_calls(place, (const uint8_t *)record, record->size,
				  context->sched_bp == context->sched_sp ? top[1] : top[0]);
}

/* The sample with its payload; a tracepoint's own record is what its readers look for. */
static void put_sample(const struct sample_place *place, const struct perf_event_header *record,
		       size_t raw_at, struct go_payload *payload, const struct waiting *waiting,
		       bool tracepoint, struct writer *to)
{
	enum { LEAST = sizeof(*payload) + sizeof(struct go_payload_trailer) + 16 };
	const uint8_t *bytes = (const void *)record;
	struct made_raw raw = {payload, waiting, .own_first = tracepoint};
	memcpy(&raw.own_size, bytes + raw_at, sizeof(raw.own_size));
	raw.own = bytes + raw_at + sizeof(raw.own_size);
	const uint8_t *behind = raw.own + raw.own_size;
	raw.with_sched = waiting && waiting->context.flags & CONTEXT_SCHED &&
			 !chain_goes_on(place, record, waiting);
	size_t more = go_payload_words_size(payload);
	if (payload->flags & GO_PAYLOAD_CALLCHAIN)
		more += sizeof(struct go_payload_callchain) + waiting->context.callchain_size;
	if (raw.with_sched)
		more += sizeof(struct go_payload_sched) + waiting->context.stack_size +
			sizeof(struct go_payload_callchain) + waiting->context.sched_callchain_size;
	if (is_placeholder(raw.own, raw.own_size))
		raw.own_size = 0;
	/* A stack that is copied with the sample may leave no room. */
	size_t room = MAX_RECORD_SIZE - record->size;
	if (room < LEAST) {
		writer_bytes(to, (const char *)record, record->size);
		return;
	}
	if (room < LEAST + more) {
		payload->flags &= (uint8_t) ~(GO_PAYLOAD_STACK_TOP | GO_PAYLOAD_STACK_SECOND |
					      GO_PAYLOAD_CALLCHAIN);
		raw.with_sched = false;
	}
	uint8_t *made = (uint8_t *)writer_room(to, UINT16_MAX);
	if (!made)
		return;
	size_t at = put(made, 0, bytes, raw_at);
	at = put_raw(made, at, &raw);
	at = put(made, at, behind, (size_t)(bytes + record->size - behind));
	struct perf_event_header header = *record;
	header.size = (uint16_t)at;
	memcpy(made, &header, sizeof(header));
	to->used += at;
}

/* The record with SWITCH as its RAW, which is the last part. */
static void put_switch(const struct perf_event_header *record, size_t raw_at,
		       const struct go_switch *change, struct writer *to)
{
	enum { SIZE = (sizeof(uint32_t) + sizeof(struct go_switch) + 7) & ~7 };
	uint8_t raw[SIZE] = {0};
	uint32_t size = SIZE - sizeof(size);
	struct perf_event_header header = *record;
	memcpy(raw, &size, sizeof(size));
	memcpy(raw + sizeof(size), change, sizeof(*change));
	header.size = (uint16_t)(raw_at + SIZE);
	writer_bytes(to, (const char *)&header, sizeof(header));
	writer_bytes(to, (const char *)(record + 1), raw_at - sizeof(header));
	writer_bytes(to, (const char *)raw, SIZE);
}

static void pass_sample(struct rings *rings, struct ring *ring, int event,
			const struct perf_event_header *record, struct writer *to)
{
	const struct sample_place *place = &rings->places[event];
	uint64_t time = sample_place_time(place, record);
	uint32_t tid = sample_place_tid(place, record);
	bool tracepoint = is_tracepoint(rings, event), told = rings->options.told[event];
	const struct waiting *waiting = !told	     ? NULL
					: tracepoint ? find_hit(ring, tid, time)
						     : take_context(ring, tid, time);
	struct go_payload payload = {
		.common_type = (uint16_t)(GO_PAYLOAD_ID + event),
		.common_pid = (int32_t)tid,
		.goid = GO_GOID_UNKNOWN,
		.goparent = GO_GOID_UNKNOWN,
	};
	if (!rings->counts.samples)
		rings->counts.first_time = time;
	if (time > rings->counts.last_time)
		rings->counts.last_time = time;
	if (time < rings->counts.first_time)
		rings->counts.first_time = time;
	count_sample(rings, event, waiting, sample_place_pid(place, record));
	fill_payload(rings, waiting, &payload);
	size_t raw = sample_place_of_raw(place, (const uint8_t *)record, record->size);
	if (raw && (told || !tracepoint))
		put_sample(place, record, raw, &payload, waiting, tracepoint, to);
	else
		writer_bytes(to, (const char *)record, record->size);
}

/* A goroutine that changes its state becomes a sample of the event of the file behind the others.
 */
static void pass_switch(struct rings *rings, int event, const struct perf_event_header *record,
			struct writer *to)
{
	const struct sample_place *place = &rings->places[event];
	struct go_switch_context seen;
	const void *bytes = bpf_output(rings, event, record, sizeof(seen));
	if (!bytes)
		return;
	memcpy(&seen, bytes, sizeof(seen));
	struct waiting waiting = {.context = seen.context};
	struct go_switch change = {
		.goroutine = {.common_type = rings->options.switch_id,
			      .common_pid = (int32_t)sample_place_tid(place, record)},
		.by = seen.by,
		.kind = seen.kind,
		.reason = seen.reason,
		.release = seen.release,
	};
	/* Contents come with samples only: what none has had stays unknown. */
	bool known = labels_known(rings->options.labels, &seen.context);
	if (!known)
		waiting.context.labels = 0;
	fill_payload(rings, &waiting, &change.goroutine);
	if (!known)
		change.goroutine.golabels = 0;
	put_switch(record, sample_place_of_raw(place, (const uint8_t *)record, record->size),
		   &change, to);
}

static void count_lost(struct rings *rings, const struct perf_event_header *record)
{
	uint64_t numbers[2] = {0};
	size_t size = record->size - sizeof(*record);
	memcpy(numbers, record + 1, size < sizeof(numbers) ? size : sizeof(numbers));
	rings->counts.lost += record->type == PERF_RECORD_LOST ? numbers[1] : numbers[0];
}

static void pass_record(struct rings *rings, struct ring *ring,
			const struct perf_event_header *record, struct writer *to)
{
	const struct rings_options *options = &rings->options;
	if (record->type == PERF_RECORD_SWITCH || record->type == PERF_RECORD_SWITCH_CPU_WIDE) {
		ring->has_hit = false;
		return;
	}
	if (record->type != PERF_RECORD_SAMPLE) {
		if (record->type == PERF_RECORD_LOST || record->type == PERF_RECORD_LOST_SAMPLES)
			count_lost(rings, record);
		/*
		 * The kernel tells where in the ring something is missing: it may be the samples
		 * of what waits, and before Linux 6.2 the next one's would not be told from them.
		 */
		if (record->type == PERF_RECORD_LOST)
			forget_contexts(ring);
		writer_bytes(to, (const char *)record, record->size);
		options->record(options->context, record);
		return;
	}
	int event = event_of(rings, record);
	struct go_notice notice;
	if (event == NO_EVENT)
		return;
	if (event == options->contexts)
		push_context(rings, ring, record);
	else if (event == options->switches)
		pass_switch(rings, event, record, to);
	else if (event == options->notices) {
		const void *bytes = bpf_output(rings, event, record, sizeof(notice));
		if (bytes)
			options->notice(options->context, memcpy(&notice, bytes, sizeof(notice)));
	} else
		pass_sample(rings, ring, event, record, to);
}

/* False without memory: then the rings have lost what is not in `records`. */
static bool drain(struct rings *rings)
{
	bool whole = true;
	for (size_t i = 0; i < rings->nr_rings; i++) {
		struct writer *records = &rings->rings[i].records;
		opened_drain(rings->options.opened, i, records);
		whole = whole && !writer_failed(records);
	}
	return whole;
}

struct perfgo_error *rings_pass(struct rings *rings, struct writer *to, bool *any_ret)
{
	const struct perf_event_header *record;
	*any_ret = false;
	if (!drain(rings))
		return perfgo_error_no_memory();
	/* Labels that one ring refers to are in another, and may not have been there yet. */
	if (!look_ahead(rings)) {
		if (!drain(rings))
			return perfgo_error_no_memory();
		look_ahead(rings);
	}
	for (size_t i = 0; i < rings->nr_rings; i++) {
		struct ring *ring = &rings->rings[i];
		*any_ret = *any_ret || ring->records.used;
		for (size_t at = 0; (record = next_record(ring, &at));)
			pass_record(rings, ring, record, to);
		if (ring->records.used)
			keep_waiting(ring);
		writer_clear(&ring->records);
	}
	return NULL;
}

const struct rings_counts *rings_counts(const struct rings *rings)
{
	return &rings->counts;
}
