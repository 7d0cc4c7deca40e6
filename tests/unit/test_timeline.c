// SPDX-License-Identifier: GPL-2.0-only
/* What goroutines did, by their switches, and what is left out where some are missing. */
#include "unit/go_recording.h"

#include "attribute/attribution.h"
#include "goproc/switch.h"
#include "report/timeline.h"

static const struct perfdata_attr switch_attr = {
	.type = PERF_TYPE_SOFTWARE,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
		       PERF_SAMPLE_RAW,
	.sample_period = 1,
	.flags = PERF_ATTR_SAMPLE_ID_ALL,
};

static void put_cpu(struct recording *r, uint32_t cpu)
{
	put32(&r->file, cpu);
	put32(&r->file, 0);
}

static void switch_at(struct recording *r, uint64_t time, uint32_t cpu, uint64_t goid, uint8_t kind)
{
	struct go_switch change = {.goroutine = worker, .kind = kind, .release = 26};
	change.goroutine.goid = goid;
	begin_record(&r->file, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(&r->file, USER_IP);
	put32(&r->file, 5);
	put32(&r->file, 5);
	put64(&r->file, time);
	put_cpu(r, cpu);
	put32(&r->file, sizeof(change) + 4);
	put(&r->file, &change, sizeof(change));
	put32(&r->file, 0);
	end_record(&r->file);
}

/* Two records are missing in the ring of CPU, before one of TIME. */
static void lost_at(struct recording *r, uint64_t time, uint32_t cpu)
{
	begin_record(&r->file, PERF_RECORD_LOST, 0);
	put64(&r->file, 0);
	put64(&r->file, 2);
	put64(&r->file, 0);
	put64(&r->file, time);
	put_cpu(r, cpu);
	end_record(&r->file);
}

struct times {
	struct recording r;
	struct attribution *attribution;
	struct facts *facts;
	struct timeline *timeline;
	struct losses losses;
	const struct timeline_row *rows;
	size_t count;
	const struct timeline_totals *totals;
};

static void begin_times(struct times *t)
{
	*t = (struct times){0};
	begin(&t->r, &switch_attr);
}

/* A row a goroutine. With LOSSES what they concern does not count: all lies in one batch. */
static void read_times(struct times *t, bool losses)
{
	struct timeline_options options = {.losses = losses ? &t->losses : NULL};
	struct go_section_writer *section = begin_section();
	read_back_with(&t->r, section);
	struct perfdata *data = session_data(t->r.session);
	((struct perfdata_event *)perfdata_event(data, 0))->name = GO_SWITCH_EVENT;
	assert_null(key_list_parse("goid", &options.keys));
	assert_null(attribution_new(t->r.session, NULL, &t->attribution));
	assert_null(facts_new(t->attribution, &t->facts));
	assert_true(losses_add(&t->losses, t->r.session, &t->r.batch));
	losses_finish(&t->losses);
	assert_null(timeline_new(t->facts, &options, &t->timeline));
	assert_null(timeline_add(t->timeline, &t->r.batch));
	assert_null(timeline_finish(t->timeline, &t->rows, &t->count));
	t->totals = timeline_totals(t->timeline);
}

static void end_times(struct times *t)
{
	timeline_free(t->timeline);
	losses_deinit(&t->losses);
	facts_free(t->facts);
	attribution_free(t->attribution);
	end(&t->r);
}

static void assert_row(const struct times *t, size_t i, uint64_t running, uint64_t runnable,
		       uint64_t waiting)
{
	assert_true(i < t->count);
	assert_int_equal(t->rows[i].time[TIMELINE_RUNNING], running);
	assert_int_equal(t->rows[i].time[TIMELINE_RUNNABLE], runnable);
	assert_int_equal(t->rows[i].time[TIMELINE_WAITING], waiting);
}

static void a_life_is_its_intervals(void **state)
{
	(void)state;
	struct times t;
	begin_times(&t);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_CREATE);
	switch_at(&t.r, 1100, 0, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 1500, 0, 7, GO_SWITCH_PARK);
	switch_at(&t.r, 1700, 1, 7, GO_SWITCH_READY);
	switch_at(&t.r, 1730, 1, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 1800, 1, 7, GO_SWITCH_EXIT);
	read_times(&t, false);
	assert_row(&t, 0, 470, 130, 200);
	assert_int_equal(t.rows[0].runs, 2);
	assert_int_equal(t.rows[0].delay_max, 100);
	assert_int_equal(t.totals->inconsistent, 0);
	end_times(&t);
}

static void who_has_ended_does_nothing_more(void **state)
{
	(void)state;
	struct times t;
	begin_times(&t);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 1100, 0, 7, GO_SWITCH_EXIT);
	switch_at(&t.r, 5000, 0, 8, GO_SWITCH_RUN);
	read_times(&t, false);
	assert_int_equal(t.count, 2);
	assert_row(&t, 0, 100, 0, 0);
	assert_row(&t, 1, 0, 0, 0);
	end_times(&t);
}

static void what_does_not_fit_is_not_counted(void **state)
{
	(void)state;
	struct times t;
	begin_times(&t);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 2000, 0, 7, GO_SWITCH_RUN); /* it was parked, which is missing */
	switch_at(&t.r, 2300, 0, 7, GO_SWITCH_PARK);
	switch_at(&t.r, 2400, 0, 7, GO_SWITCH_EXIT); /* it was running */
	read_times(&t, false);
	assert_row(&t, 0, 300, 0, 0);
	assert_int_equal(t.totals->inconsistent, 2);
	end_times(&t);
}

static void switches_of_no_time_are_kept_apart(void **state)
{
	(void)state;
	struct times t;
	begin_times(&t);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_PARK);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_READY);
	switch_at(&t.r, 1000, 0, 7, GO_SWITCH_RUN);
	switch_at(&t.r, 1400, 0, 7, GO_SWITCH_EXIT);
	read_times(&t, false);
	assert_row(&t, 0, 400, 0, 0);
	assert_int_equal(t.totals->inconsistent, 0);
	end_times(&t);
}

/* It waited from 1100 on, as it seems; at 1500 it may have run on CPU 1 in between. */
static void write_wait_with_loss(struct times *t)
{
	begin_times(t);
	for (uint64_t time = 1010; time < 1010 + 2 * LOSSES_BEGUN; time++)
		switch_at(&t->r, time, 1, 9, time % 2 ? GO_SWITCH_RUN : GO_SWITCH_YIELD);
	switch_at(&t->r, 1050, 0, 7, GO_SWITCH_RUN);
	switch_at(&t->r, 1100, 0, 7, GO_SWITCH_PARK);
	lost_at(&t->r, 1500, 1);
	switch_at(&t->r, 2000, 0, 7, GO_SWITCH_READY);
	switch_at(&t->r, 2010, 0, 7, GO_SWITCH_RUN);
	switch_at(&t->r, 2020, 0, 7, GO_SWITCH_EXIT);
}

static const struct timeline_row *row_of(const struct times *t, uint64_t goid)
{
	for (size_t i = 0; i < t->count; i++) {
		uint64_t value;
		if (timeline_value(t->timeline, &t->rows[i], 0, &value) && value == goid)
			return &t->rows[i];
	}
	return NULL;
}

static void what_records_are_missing_in_is_not_counted(void **state)
{
	(void)state;
	struct times t;
	write_wait_with_loss(&t);
	read_times(&t, true);
	assert_int_equal(t.losses.count, 1);
	const struct timeline_row *row = row_of(&t, 7);
	assert_non_null(row);
	assert_int_equal(row->time[TIMELINE_WAITING], 0);
	assert_int_equal(row->time[TIMELINE_RUNNABLE], 10);
	assert_int_equal(row->time[TIMELINE_RUNNING], 10);
	assert_true(t.totals->lost >= 2); /* it ran, and it waited */
	end_times(&t);
}

static void without_knowing_of_losses_it_counts(void **state)
{
	(void)state;
	struct times t;
	write_wait_with_loss(&t);
	read_times(&t, false);
	assert_int_equal(row_of(&t, 7)->time[TIMELINE_WAITING], 900);
	assert_int_equal(t.totals->lost, 0);
	end_times(&t);
}

static void a_loss_is_of_the_time_since_the_record_before(void **state)
{
	(void)state;
	struct losses losses = {.windows = calloc(3, sizeof(struct loss_window)), .count = 3};
	assert_non_null(losses.windows);
	losses.windows[0] = (struct loss_window){50, 60};
	losses.windows[1] = (struct loss_window){10, 20};
	losses.windows[2] = (struct loss_window){15, 30};
	losses_finish(&losses);
	assert_int_equal(losses.count, 2);
	assert_false(losses_within(&losses, 1, 9));
	assert_true(losses_within(&losses, 1, 10));
	assert_true(losses_within(&losses, 25, 26));
	assert_false(losses_within(&losses, 31, 49));
	assert_true(losses_within(&losses, 1, 100));
	assert_false(losses_within(&losses, 61, UINT64_MAX));
	losses_deinit(&losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life_is_its_intervals),
		cmocka_unit_test(who_has_ended_does_nothing_more),
		cmocka_unit_test(what_does_not_fit_is_not_counted),
		cmocka_unit_test(switches_of_no_time_are_kept_apart),
		cmocka_unit_test(what_records_are_missing_in_is_not_counted),
		cmocka_unit_test(without_knowing_of_losses_it_counts),
		cmocka_unit_test(a_loss_is_of_the_time_since_the_record_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
