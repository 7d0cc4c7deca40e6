// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sample gets which goroutine (record/rings.h). The rings are made here: what would come out
 * of the kernel's is given record by record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "goproc/payload.h"
#include "record/rings.h"
#include "record/sample_place.h"

enum event { CLOCK, OTHER_CLOCK, TRACEPOINT, UNTOLD_TRACEPOINT, CONTEXTS, NR_EVENTS };
enum { TID = 42, OTHER_TID = 43, NR_RINGS = 2, STACK_SIZE = 16 };
#define NOTHING UINT64_MAX

struct fixture {
	struct opened_event events[NR_EVENTS];
	bool told[NR_EVENTS];
	struct go_section_writer *section;
	struct labels *labels;
	struct rings *rings;
	struct writer kernel[NR_RINGS]; /* what a ring has now */
	struct writer file;
	size_t at; /* in the file: what was looked at */
	size_t nr_records;
	bool no_memory;
};

static struct fixture *current;

/* In the place of record/opened.c. */

static uint64_t id_of(size_t event)
{
	return 1000 + event;
}

const uint64_t *opened_ids(const struct opened *opened, size_t event, size_t *count_ret)
{
	static uint64_t ids[NR_EVENTS];
	(void)opened;
	ids[event] = id_of(event);
	*count_ret = 1;
	return &ids[event];
}

size_t opened_nr_rings(const struct opened *opened)
{
	(void)opened;
	return NR_RINGS;
}

void opened_drain(struct opened *opened, size_t ring, struct writer *to)
{
	size_t size;
	(void)opened;
	const char *bytes = writer_text(&current->kernel[ring], &size);
	writer_bytes(to, bytes, size);
	writer_clear(&current->kernel[ring]);
	if (current->no_memory)
		to->errnum = ENOMEM;
}

static void see_record(void *context, const struct perf_event_header *record)
{
	(void)record;
	((struct fixture *)context)->nr_records++;
}

static void no_notice(void *context, const struct go_notice *notice)
{
	(void)context;
	(void)notice;
	fail();
}

static enum process_kind is_go(void *context, uint32_t pid)
{
	(void)context;
	(void)pid;
	return PROCESS_GO;
}

static int make(void **state)
{
	static struct fixture fixture;
	const uint64_t own = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
	fixture = (struct fixture){.file = writer_of_memory()};
	current = &fixture;
	for (size_t i = 0; i < NR_EVENTS; i++)
		fixture.events[i].attr.sample_type = own | PERF_SAMPLE_RAW;
	fixture.events[CLOCK].attr.type = PERF_TYPE_SOFTWARE;
	fixture.events[OTHER_CLOCK].attr.type = PERF_TYPE_SOFTWARE;
	fixture.events[TRACEPOINT].attr.type = PERF_TYPE_TRACEPOINT;
	fixture.events[UNTOLD_TRACEPOINT].attr.type = PERF_TYPE_TRACEPOINT;
	fixture.told[CLOCK] = fixture.told[OTHER_CLOCK] = fixture.told[TRACEPOINT] = true;
	for (size_t i = 0; i < NR_RINGS; i++)
		fixture.kernel[i] = writer_of_memory();
	assert_null(go_section_writer_new(&fixture.section));
	assert_null(labels_new(fixture.section, &fixture.labels));
	struct rings_options options = {.events = fixture.events,
					.nr_events = NR_EVENTS,
					.contexts = CONTEXTS,
					.notices = NO_EVENT,
					.switches = NO_EVENT,
					.told = fixture.told,
					.labels = fixture.labels,
					.record = see_record,
					.notice = no_notice,
					.process_kind = is_go,
					.context = &fixture};
	assert_null(rings_new(&options, &fixture.rings));
	*state = &fixture;
	return 0;
}

static int discard(void **state)
{
	struct fixture *fixture = *state;
	rings_free(fixture->rings);
	labels_free(fixture->labels);
	go_section_writer_free(fixture->section);
	for (size_t i = 0; i < NR_RINGS; i++)
		perfgo_error_destroy(writer_finish(&fixture->kernel[i]));
	perfgo_error_destroy(writer_finish(&fixture->file));
	return 0;
}

/* A record of the kernel's: a sample of EVENT with what it has in RAW, a multiple of 8 with its
 * size. */
static void put_sample(size_t ring, size_t event, uint32_t tid, uint64_t time, const void *raw,
		       uint32_t raw_size)
{
	struct writer *to = &current->kernel[ring];
	uint64_t id = id_of(event);
	uint32_t ids[2] = {TID, tid}, padded = ((raw_size + 4 + 7) & ~7u) - 4;
	static const char zeros[8];
	struct perf_event_header header = {.type = PERF_RECORD_SAMPLE, .misc = 2};
	header.size =
		(uint16_t)(sizeof(header) + sizeof(id) + sizeof(ids) + sizeof(time) + 4 + padded);
	writer_bytes(to, (const char *)&header, sizeof(header));
	writer_bytes(to, (const char *)&id, sizeof(id));
	writer_bytes(to, (const char *)ids, sizeof(ids));
	writer_bytes(to, (const char *)&time, sizeof(time));
	writer_bytes(to, (const char *)&padded, sizeof(padded));
	writer_bytes(to, raw, raw_size);
	writer_bytes(to, zeros, padded - raw_size);
}

/* The four zero bytes that the kernel has for RAW of an event that has none. */
static void put_clock(size_t ring, size_t event, uint32_t tid, uint64_t time)
{
	static const char zeros[4];
	put_sample(ring, event, tid, time, zeros, sizeof(zeros));
}

static const char hit[] = "\x63\x01\0\0\x2a\0\0\0its own field";

static void put_hit(size_t ring, size_t event, uint32_t tid, uint64_t time)
{
	put_sample(ring, event, tid, time, hit, sizeof(hit));
}

static struct go_context goroutine(uint64_t goid)
{
	return (struct go_context){
		.goid = goid, .flags = CONTEXT_GO | CONTEXT_CURRENT, .process = 1};
}

/* BPF's, of a sample at TIME; the record's own time is a little before. */
static void put_context(size_t ring, uint32_t tid, uint64_t time, struct go_context context)
{
	context.time = time;
	put_sample(ring, CONTEXTS, tid, time - 3, &context, sizeof(context));
}

/* BPF's, of a hit. */
static void put_hit_context(size_t ring, uint32_t tid, uint64_t time, struct go_context context)
{
	context.flags |= CONTEXT_HIT;
	put_sample(ring, CONTEXTS, tid, time, &context, sizeof(context));
}

static void put_record(size_t ring, uint32_t type)
{
	uint64_t body[2] = {0, 1};
	struct perf_event_header header = {.type = type, .size = sizeof(header) + sizeof(body)};
	writer_bytes(&current->kernel[ring], (const char *)&header, sizeof(header));
	writer_bytes(&current->kernel[ring], (const char *)body, sizeof(body));
}

static void pass(struct fixture *fixture)
{
	bool any;
	assert_null(rings_pass(fixture->rings, &fixture->file, &any));
}

/* The next record of the file; NULL behind the last. */
static const struct perf_event_header *next_record(struct fixture *fixture)
{
	if (fixture->at >= fixture->file.used)
		return NULL;
	const void *record = fixture->file.buffer + fixture->at;
	fixture->at += ((const struct perf_event_header *)record)->size;
	return record;
}

/* RAW of the next sample in the file. */
static const char *next_raw(struct fixture *fixture, uint32_t *size_ret)
{
	const struct sample_place place = sample_place(fixture->events[CLOCK].attr.sample_type, 0);
	const struct perf_event_header *record;
	do
		record = next_record(fixture);
	while (record && record->type != PERF_RECORD_SAMPLE);
	assert_non_null(record);
	size_t at = sample_place_of_raw(&place, (const void *)record, record->size);
	assert_int_not_equal(at, 0);
	memcpy(size_ret, (const char *)record + at, sizeof(*size_ret));
	assert_int_equal(record->size % 8, 0);
	return (const char *)record + at + sizeof(*size_ret);
}

static const struct go_payload *next_payload(struct fixture *fixture, size_t *size_ret)
{
	uint32_t size;
	const char *raw = next_raw(fixture, &size);
	return go_payload_find(raw, size, size_ret);
}

/* The goid of the next sample in the file; NOTHING where it is not known. */
static uint64_t next_goid(struct fixture *fixture)
{
	size_t size;
	const struct go_payload *payload = next_payload(fixture, &size);
	return payload ? payload->goid : NOTHING;
}

static void a_sample_has_the_context_before_it(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_clock(0, CLOCK, TID, 100);
	put_context(0, OTHER_TID, 200, goroutine(8));
	put_clock(0, CLOCK, OTHER_TID, 200);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), 8);
	assert_null(next_record(fixture));
	assert_int_equal(rings_counts(fixture->rings)->goroutine, 2);
}

static void one_that_interrupts_is_between(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_context(0, TID, 101, goroutine(7));
	put_clock(0, OTHER_CLOCK, TID, 101);
	put_clock(0, CLOCK, TID, 100);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), 7);
}

static void another_thread_or_time_is_no_pair(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_clock(0, CLOCK, OTHER_TID, 100);
	put_clock(0, CLOCK, TID, 101);
	put_clock(1, CLOCK, TID, 100);
	pass(fixture);
	for (int i = 0; i < 3; i++)
		assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(rings_counts(fixture->rings)->missed, 3);
}

static void a_context_is_used_once(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_clock(0, CLOCK, TID, 100);
	put_clock(0, CLOCK, TID, 100);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void before_linux_6_2_the_time_is_near(void **state)
{
	struct fixture *fixture = *state;
	struct go_context context = goroutine(7);
	put_sample(0, CONTEXTS, TID, 5000000, &context, sizeof(context));
	put_clock(0, CLOCK, TID, 5000400);
	put_sample(0, CONTEXTS, TID, 5000000, &context, sizeof(context));
	put_clock(0, CLOCK, TID, 9000000);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void a_context_waits_for_the_next_pass(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	pass(fixture);
	pass(fixture);
	put_clock(0, CLOCK, TID, 100);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
}

static void all_that_is_behind_a_context_waits_with_it(void **state)
{
	static struct {
		struct go_context context;
		uint8_t labels[LABELS_SIZE], stack[MAX_GOROUTINE_STACK], callers[CALLCHAIN_SIZE],
			callchain[CALLCHAIN_SIZE];
	} told[2];
	static const uint32_t tids[] = {TID, OTHER_TID};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < 2; i++) {
		told[i].context = goroutine(7);
		told[i].context.time = 100;
		told[i].context.labels_size = LABELS_SIZE;
		told[i].context.stack_size = MAX_GOROUTINE_STACK;
		told[i].context.sched_callchain_size = CALLCHAIN_SIZE;
		told[i].context.callchain_size = CALLCHAIN_SIZE;
		memset(told[i].labels, 0xff, LABELS_SIZE);
		memset(told[i].callchain, (int)i + 1, CALLCHAIN_SIZE);
		put_sample(0, CONTEXTS, tids[i], 97, &told[i], sizeof(told[i]));
	}
	pass(fixture);
	for (size_t i = 2; i-- > 0;)
		put_clock(0, CLOCK, tids[i], 100);
	pass(fixture);
	for (size_t i = 2; i-- > 0;) {
		size_t size;
		const struct go_payload *payload = next_payload(fixture, &size);
		const struct go_payload_callchain *chain = go_payload_callchain(payload, size);
		assert_int_equal(chain->count, MAX_CALLCHAIN);
		assert_memory_equal(chain->entries, told[i].callchain, CALLCHAIN_SIZE);
	}
}

static void behind_a_loss_nothing_waits(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_record(0, PERF_RECORD_LOST);
	put_clock(0, CLOCK, TID, 100);
	put_hit_context(0, TID, 200, goroutine(7));
	put_record(0, PERF_RECORD_LOST);
	put_hit(0, TRACEPOINT, TID, 201);
	pass(fixture);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(rings_counts(fixture->rings)->lost, 2);
}

static void a_loss_in_another_ring_is_another_s(void **state)
{
	struct fixture *fixture = *state;
	put_context(0, TID, 100, goroutine(7));
	put_record(1, PERF_RECORD_LOST);
	put_clock(0, CLOCK, TID, 100);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
}

static void samples_of_a_hit_have_its_goroutine(void **state)
{
	struct fixture *fixture = *state;
	put_hit_context(0, TID, 100, goroutine(7));
	put_hit(0, TRACEPOINT, TID, 101);
	put_hit(0, TRACEPOINT, TID, 102); /* the same hit, for an event of another task */
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), 7);
}

static void hits_without_samples_leave_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct go_context nothing = {.flags = CONTEXT_NO_HIT};
	put_hit_context(0, TID, 100, goroutine(7));
	put_hit_context(0, TID, 200, goroutine(8));
	put_hit(0, TRACEPOINT, TID, 201);
	put_hit_context(0, TID, 300, goroutine(9));
	put_hit_context(0, TID, 400, nothing);
	put_hit(0, TRACEPOINT, TID, 401);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 8);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void a_hit_of_another_thread_is_no_pair(void **state)
{
	struct fixture *fixture = *state;
	put_hit_context(0, TID, 100, goroutine(7));
	put_hit(0, TRACEPOINT, OTHER_TID, 101);
	put_hit(1, TRACEPOINT, TID, 101);
	pass(fixture);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void a_thread_that_was_switched_has_left_its_hit(void **state)
{
	static const uint32_t types[] = {PERF_RECORD_SWITCH, PERF_RECORD_SWITCH_CPU_WIDE};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < 2; i++) {
		put_hit_context(0, TID, 100, goroutine(7));
		put_record(0, types[i]);
		put_hit(0, TRACEPOINT, TID, 101);
	}
	pass(fixture);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_null(next_record(fixture)); /* the records of switches stay here */
	assert_int_equal(fixture->nr_records, 0);
}

static void hits_and_samples_have_contexts_of_their_own(void **state)
{
	struct fixture *fixture = *state;
	put_hit_context(0, TID, 100, goroutine(7));
	put_context(0, TID, 101, goroutine(8));
	put_clock(0, CLOCK, TID, 101);
	put_hit(0, TRACEPOINT, TID, 102);
	put_clock(0, CLOCK, TID, 100);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 8);
	assert_int_equal(next_goid(fixture), 7);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void a_hit_holds_in_the_next_pass(void **state)
{
	struct fixture *fixture = *state;
	put_hit_context(0, TID, 100, goroutine(7));
	pass(fixture);
	put_hit(0, TRACEPOINT, TID, 101);
	pass(fixture);
	assert_int_equal(next_goid(fixture), 7);
}

static void the_record_of_a_tracepoint_stays_in_front(void **state)
{
	struct fixture *fixture = *state;
	uint32_t size;
	put_hit_context(0, TID, 100, goroutine(7));
	put_hit(0, TRACEPOINT, TID, 101);
	pass(fixture);
	const char *raw = next_raw(fixture, &size);
	assert_true(size > sizeof(hit) + sizeof(struct go_payload));
	assert_memory_equal(raw, hit, sizeof(hit));
}

static void tracepoints_without_a_program_stay_as_they_are(void **state)
{
	struct fixture *fixture = *state;
	uint32_t size;
	put_hit_context(0, TID, 100, goroutine(7));
	put_hit(0, UNTOLD_TRACEPOINT, TID, 101);
	pass(fixture);
	const char *raw = next_raw(fixture, &size);
	assert_int_equal(size, (sizeof(hit) + 4 + 7) / 8 * 8 - 4);
	assert_memory_equal(raw, hit, sizeof(hit));
	assert_int_equal(rings_counts(fixture->rings)->tracepoint, 1);
}

static void what_follows_the_payload_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct {
		struct go_context context;
		uint8_t stack[STACK_SIZE];
	} told = {.context = goroutine(7), .stack = "the stack"};
	told.context.flags |= CONTEXT_SCHED | CONTEXT_STACK_SECOND;
	told.context.stack_size = STACK_SIZE;
	told.context.sched_sp = 0x1000;
	told.context.stack_words[1] = 0xbeef;
	for (int i = 0; i < 2; i++) {
		size_t size;
		uint64_t words[2];
		if (i)
			told.context.flags |= CONTEXT_HIT;
		told.context.time = i ? 0 : 100;
		put_sample(0, CONTEXTS, TID, 100, &told, sizeof(told));
		if (i)
			put_hit(0, TRACEPOINT, TID, 100);
		else
			put_clock(0, CLOCK, TID, 100);
		pass(fixture);
		const struct go_payload *payload = next_payload(fixture, &size);
		assert_int_equal(go_payload_words(payload, size, words), 2);
		assert_int_equal(words[1], 0xbeef);
		const struct go_payload_sched *sched = go_payload_sched(payload, size);
		assert_int_equal(sched->sp, 0x1000);
		assert_string_equal((const char *)(sched + 1), "the stack");
	}
}

static void a_damaged_context_is_left_out(void **state)
{
	struct fixture *fixture = *state;
	struct go_context context = goroutine(7);
	context.labels_size = 4096;
	put_context(0, TID, 100, context);
	put_clock(0, CLOCK, TID, 100);
	put_sample(0, CONTEXTS, TID, 200, &context, 20);
	put_clock(0, CLOCK, TID, 200);
	pass(fixture);
	assert_int_equal(next_goid(fixture), NOTHING);
	assert_int_equal(next_goid(fixture), NOTHING);
}

static void other_records_go_by(void **state)
{
	struct fixture *fixture = *state;
	bool any;
	put_record(0, PERF_RECORD_COMM);
	put_record(1, PERF_RECORD_MMAP2);
	pass(fixture);
	assert_int_equal(next_record(fixture)->type, PERF_RECORD_COMM);
	assert_int_equal(next_record(fixture)->type, PERF_RECORD_MMAP2);
	assert_int_equal(fixture->nr_records, 2);
	assert_null(rings_pass(fixture->rings, &fixture->file, &any));
	assert_false(any);
}

static void without_memory_it_ends(void **state)
{
	struct fixture *fixture = *state;
	bool any;
	put_clock(0, CLOCK, TID, 100);
	fixture->no_memory = true;
	struct perfgo_error *error = rings_pass(fixture->rings, &fixture->file, &any);
	assert_non_null(error);
	assert_int_equal(fixture->file.used, 0);
	perfgo_error_destroy(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, discard)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sample_has_the_context_before_it),
		TEST(one_that_interrupts_is_between),
		TEST(another_thread_or_time_is_no_pair),
		TEST(a_context_is_used_once),
		TEST(before_linux_6_2_the_time_is_near),
		TEST(a_context_waits_for_the_next_pass),
		TEST(all_that_is_behind_a_context_waits_with_it),
		TEST(behind_a_loss_nothing_waits),
		TEST(a_loss_in_another_ring_is_another_s),
		TEST(samples_of_a_hit_have_its_goroutine),
		TEST(hits_without_samples_leave_nothing),
		TEST(a_hit_of_another_thread_is_no_pair),
		TEST(a_thread_that_was_switched_has_left_its_hit),
		TEST(hits_and_samples_have_contexts_of_their_own),
		TEST(a_hit_holds_in_the_next_pass),
		TEST(the_record_of_a_tracepoint_stays_in_front),
		TEST(tracepoints_without_a_program_stay_as_they_are),
		TEST(what_follows_the_payload_is_found),
		TEST(a_damaged_context_is_left_out),
		TEST(other_records_go_by),
		TEST(without_memory_it_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
