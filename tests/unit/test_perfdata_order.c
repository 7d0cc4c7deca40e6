// SPDX-License-Identifier: GPL-2.0-only
/* The order of records: as perf's ordered events would have it, which is told here once more. */
#include "unit/perfdata_file.h"

/*
 * tools/perf/util/ordered-events.c on an array: what is let go at a round is what is not later than
 * the latest time queued at the round before.
 */
struct model {
	struct record queue[512];
	size_t count;
	uint64_t limit, latest;
	const void *out[512];
	size_t nr_out;
};

static void model_add(struct model *m, const struct record *record)
{
	size_t at = m->count++;
	if (at == 0 || record->time > m->latest)
		m->latest = record->time;
	for (; at > 0 && m->queue[at - 1].time > record->time; at--)
		m->queue[at] = m->queue[at - 1];
	m->queue[at] = *record;
}

static void model_flush(struct model *m, uint64_t limit)
{
	size_t gone = 0;
	while (gone < m->count && m->queue[gone].time <= limit)
		m->out[m->nr_out++] = m->queue[gone++].data;
	memmove(m->queue, m->queue + gone, (m->count - gone) * sizeof(*m->queue));
	m->count -= gone;
}

static void model_round(struct model *m)
{
	if (!m->count)
		return;
	model_flush(m, m->limit);
	m->limit = m->latest;
}

/* Takes what ORDER lets go, at most MAX at once. */
static size_t take_all(struct order *order, const void **out, size_t count, size_t max)
{
	struct record records[64];
	while (order->flushing) {
		size_t taken = order_take(order, records, max);
		for (size_t i = 0; i < taken; i++)
			out[count++] = records[i].data;
	}
	return count;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* COUNT records with times in RANGE, a round after about EVERY of them. */
static void compare_with_model(uint32_t seed, size_t count, uint32_t range, uint32_t every)
{
	static const char marks[512];
	const void *out[512];
	size_t nr_out = 0, max = 1 + seed % 64;
	struct model model = {0};
	struct order order = {0};
	for (size_t i = 0; i < count; i++) {
		struct record record = {&marks[i], 1 + i / 4 + next_random(&seed) % range};
		assert_true(order_add(&order, &record));
		model_add(&model, &record);
		if (next_random(&seed) % every)
			continue;
		assert_true(order_round(&order));
		model_round(&model);
		nr_out = take_all(&order, out, nr_out, max);
	}
	assert_true(order_finish(&order));
	model_flush(&model, UINT64_MAX);
	nr_out = take_all(&order, out, nr_out, max);
	assert_int_equal(nr_out, count);
	assert_int_equal(model.nr_out, count);
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(out[i], model.out[i]);
	order_deinit(&order);
}

static void agrees_with_perfs_queue(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed < 400; seed++) {
		compare_with_model(seed, 300, 1 + seed % 97, 1 + seed % 50);
		compare_with_model(seed * 7919, 500, 3, 100);
	}
}

static void agrees_when_times_only_fall(void **state)
{
	(void)state;
	static const char marks[100];
	struct order order = {0};
	for (size_t i = 0; i < 100; i++) {
		struct record record = {&marks[i], 1000 - i};
		assert_true(order_add(&order, &record));
	}
	assert_true(order_finish(&order));
	const void *out[100];
	assert_int_equal(take_all(&order, out, 0, 7), 100);
	for (size_t i = 0; i < 100; i++)
		assert_ptr_equal(out[i], &marks[99 - i]);
	order_deinit(&order);
}

static void expect_types_and_ips(struct file *f, const char *types, const uint64_t *ips)
{
	struct reading reading;
	end_data(f);
	struct perfdata *data = open_file(f, PERFDATA_TIME_ORDER);
	assert_no_error(read_to_end(data, &reading));
	assert_string_equal(reading.types, types);
	for (size_t i = 0; i < reading.count; i++)
		assert_int_equal(reading.ips[i], ips[i]);
	perfdata_close(data);
	free_file(f);
}

static void samples_come_by_time_between_rounds(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 30);
	put_sample(&f, 2, 10);
	put_round(&f);
	put_sample(&f, 3, 20);
	put_round(&f);	      /* lets go up to 30 */
	put_sample(&f, 4, 5); /* too late */
	expect_types_and_ips(&f, "ssss", (uint64_t[]){2, 3, 1, 4});
}

static void equal_times_keep_their_order(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 20);
	put_sample(&f, 2, 10);
	put_sample(&f, 3, 20);
	put_sample(&f, 4, 10);
	expect_types_and_ips(&f, "ssss", (uint64_t[]){2, 4, 1, 3});
}

static void records_without_a_time_come_at_once(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 20);
	put_comm(&f, "synthesized", 0);
	put_comm(&f, "at 10", 10);
	put_sample(&f, 2, UINT64_MAX);
	expect_types_and_ips(&f, "3s3s", (uint64_t[]){0, 2, 0, 1});
}

static void without_sample_id_all_records_stay_in_file_order(void **state)
{
	(void)state;
	struct perfdata_attr attr = simple_attr;
	struct file f = {0};
	attr.flags = 0;
	begin_file(&f, &attr, 1, 64);
	put_sample(&f, 1, 20);
	put_sample(&f, 2, 10);
	expect_types_and_ips(&f, "ss", (uint64_t[]){1, 2});
	assert_non_null(strstr(warnings, "sample_id_all"));
}

static void file_order_has_every_record(void **state)
{
	(void)state;
	struct file f = {0};
	struct reading reading;
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 20);
	put_round(&f);
	put_sample(&f, 2, 10);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_FILE_ORDER);
	assert_no_error(read_to_end(data, &reading));
	assert_string_equal(reading.types, "s8s");
	assert_int_equal(reading.times[0], 20);
	perfdata_close(data);
	free_file(&f);
}

static void more_records_than_one_call_hands_out(void **state)
{
	(void)state;
	struct file f = {0};
	enum { COUNT = 3 * RECORDS_AT_ONCE + 5 };
	begin_file(&f, &simple_attr, 1, 64);
	for (uint64_t i = 0; i < COUNT; i++)
		put_sample(&f, i, COUNT - i % 100);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	uint64_t last = 0, seen = 0;
	const struct record *records;
	size_t count;
	for (;;) {
		assert_no_error(perfdata_read(data, &records, &count));
		if (!count)
			break;
		for (size_t i = 0; i < count; i++) {
			assert_true(records[i].time >= last);
			last = records[i].time;
		}
		seen += count;
	}
	assert_int_equal(seen, COUNT);
	assert_int_equal(perfdata_counts(data)->samples, COUNT);
	perfdata_close(data);
	free_file(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_perfs_queue),
		cmocka_unit_test(agrees_when_times_only_fall),
		cmocka_unit_test(samples_come_by_time_between_rounds),
		cmocka_unit_test(equal_times_keep_their_order),
		cmocka_unit_test(records_without_a_time_come_at_once),
		cmocka_unit_test(without_sample_id_all_records_stay_in_file_order),
		cmocka_unit_test(file_order_has_every_record),
		cmocka_unit_test(more_records_than_one_call_hands_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
