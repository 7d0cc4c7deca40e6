// SPDX-License-Identifier: GPL-2.0-only
/* Samples in context: threads, names, maps and group reads as they were at the moment. */
#include "unit/recording.h"

static const char *comm_of(const struct recording *r, size_t i)
{
	return strings_text(session_strings(r->session),
			    session_thread(r->session, r->batch.threads[i])->comm);
}

static const struct location *location_of(const struct recording *r, size_t i)
{
	return session_location(r->session,
				session_address(r->session, r->batch.addresses[i])->location);
}

static const char *dso_of(const struct recording *r, size_t i)
{
	const struct dso *dso = session_dso(r->session, location_of(r, i)->dso);
	return strings_text(session_strings(r->session), dso->short_name);
}

static void threads_have_the_name_of_the_moment(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	comm(&r, 5, 5, "first", false);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	comm(&r, 5, 5, "second", false);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	sample(&r, 0, 0, USER_IP, 0, NULL);
	read_back(&r);
	assert_int_equal(r.batch.count, 4);
	assert_string_equal(comm_of(&r, 0), ":5");
	assert_string_equal(comm_of(&r, 1), "first");
	assert_string_equal(comm_of(&r, 2), "second");
	assert_string_equal(comm_of(&r, 3), "swapper");
	end(&r);
}

static void a_child_has_its_parents_name_and_maps(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	comm(&r, 5, 5, "parent", false);
	map_file(&r, 5, 0x401000, 0x2000, "/bin/a");
	task(&r, PERF_RECORD_FORK, 6, 5);
	sample(&r, 6, 6, USER_IP, 0, NULL);
	map_file(&r, 5, 0x401000, 0, "/bin/b");
	sample(&r, 6, 6, USER_IP, 0, NULL);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	read_back(&r);
	assert_string_equal(comm_of(&r, 0), "parent");
	assert_string_equal(dso_of(&r, 0), "a");
	assert_string_equal(dso_of(&r, 1), "a");
	assert_string_equal(dso_of(&r, 2), "b");
	end(&r);
}

static void exec_leaves_nothing_mapped(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/old");
	comm(&r, 5, 5, "new", true);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	map_file(&r, 5, 0x401000, 0, "/bin/new");
	sample(&r, 5, 5, USER_IP, 0, NULL);
	read_back(&r);
	assert_null(dso_of(&r, 0));
	assert_string_equal(dso_of(&r, 1), "new");
	end(&r);
}

static void an_address_is_an_offset_into_its_file(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0x3000, "/bin/a");
	map_file(&r, 6, 0x7f0000, 0x3000, "/bin/a");
	sample(&r, 5, 5, 0x401234, 0, NULL);
	sample(&r, 6, 6, 0x7f0234, 0, NULL);
	read_back(&r);
	assert_int_equal(location_of(&r, 0)->offset, 0x3234);
	/* The same code at another place is the same location. */
	assert_ptr_equal(location_of(&r, 0), location_of(&r, 1));
	assert_int_not_equal(r.batch.addresses[0], r.batch.addresses[1]);
	end(&r);
}

static void stacks_drop_markers_and_know_return_addresses(void **state)
{
	(void)state;
	const uint64_t chain[] = {PERF_CONTEXT_KERNEL, KERNEL_IP, KERNEL_IP + 8,
				  PERF_CONTEXT_USER,   USER_IP,	  USER_IP + 8};
	const bool returns[] = {false, true, false, true};
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	sample(&r, 5, 5, USER_IP, 6, chain);
	sample(&r, 5, 5, USER_IP, 6, chain);
	sample(&r, 5, 5, USER_IP, 2, chain + 4);
	read_back(&r);
	const struct stack *stack = session_stack(r.session, r.batch.stacks[0]);
	assert_int_equal(stack->count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(session_address(r.session, stack->addresses[i])->returns,
				 returns[i]);
	assert_int_equal(r.batch.stacks[0], r.batch.stacks[1]);
	assert_int_not_equal(r.batch.stacks[0], r.batch.stacks[2]);
	end(&r);
}

static void stacks_are_cut_where_perf_cuts_them(void **state)
{
	(void)state;
	uint64_t chain[201] = {PERF_CONTEXT_USER};
	struct recording r;
	for (size_t i = 1; i <= 200; i++)
		chain[i] = USER_IP + i;
	begin(&r, &plain_attr);
	sample(&r, 5, 5, USER_IP, 201, chain);
	sample(&r, 5, 5, USER_IP, 201, chain);
	read_back(&r);
	const struct stack *stack = session_stack(r.session, r.batch.stacks[0]);
	assert_int_equal(stack->count, DEFAULT_MAX_STACK);
	assert_int_equal(session_address(r.session, stack->addresses[126])->ip, USER_IP + 127);
	assert_int_equal(r.batch.stacks[0], r.batch.stacks[1]);
	end(&r);
}

static void a_thread_that_ended_keeps_its_name(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	comm(&r, 5, 5, "gone", false);
	task(&r, PERF_RECORD_EXIT, 5, 1);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	read_back(&r);
	assert_string_equal(comm_of(&r, 0), "gone");
	end(&r);
}

static void a_new_map_makes_new_stacks(void **state)
{
	(void)state;
	const uint64_t chain[] = {PERF_CONTEXT_USER, USER_IP, USER_IP + 8};
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	sample(&r, 5, 5, USER_IP, 3, chain);
	map_file(&r, 5, 0x401000, 0, "/bin/b");
	sample(&r, 5, 5, USER_IP, 3, chain);
	read_back(&r);
	assert_int_not_equal(r.batch.stacks[0], r.batch.stacks[1]);
	assert_string_equal(dso_of(&r, 0), "a");
	assert_string_equal(dso_of(&r, 1), "b");
	end(&r);
}

static const struct perfdata_attr group_attrs[] = {
	{.type = PERF_TYPE_HARDWARE,
	 .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_READ | PERF_SAMPLE_IDENTIFIER,
	 .read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID},
	{.type = PERF_TYPE_HARDWARE,
	 .config = 1,
	 .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_READ | PERF_SAMPLE_IDENTIFIER,
	 .read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID},
};

static void group_sample(struct recording *r, uint64_t leader, uint64_t member)
{
	begin_record(&r->file, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(&r->file, 1); /* identifier: the leader's */
	put32(&r->file, 5);
	put32(&r->file, 5);
	put64(&r->file, 2);
	put64(&r->file, leader);
	put64(&r->file, 1);
	put64(&r->file, member);
	put64(&r->file, 101);
	end_record(&r->file);
}

/* tools/perf/util/session.c, deliver_sample_value: the difference, none when there is none. */
static void a_group_read_is_a_sample_of_each_event_that_counted(void **state)
{
	(void)state;
	struct recording r = {0};
	begin_file(&r.file, group_attrs, 2, 128);
	group_sample(&r, 100, 7);
	group_sample(&r, 250, 7);
	read_back(&r);
	assert_int_equal(r.batch.count, 3);
	const struct {
		uint32_t event;
		uint64_t period;
	} expected[] = {{0, 100}, {1, 7}, {0, 150}};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(r.batch.samples[i].event, expected[i].event);
		assert_int_equal(r.batch.samples[i].period, expected[i].period);
	}
	end(&r);
}

static void cgroup(struct recording *r, uint64_t id, const char *path)
{
	begin_record(&r->file, PERF_RECORD_CGROUP, 0);
	put64(&r->file, id);
	put_text(&r->file, path, 16);
	end_sideband(r);
}

static const char *text_of(struct recording *r, uint32_t id)
{
	const char *text = strings_text(session_strings(r->session), id);
	return text ? text : "?";
}

static void a_cgroup_has_the_last_path_of_its_id(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	cgroup(&r, 1, "/first");
	cgroup(&r, 2, "/second");
	cgroup(&r, 1, "/third");
	sample(&r, 1, 1, USER_IP, 0, NULL);
	read_back(&r);
	assert_string_equal(text_of(&r, session_cgroup(r.session, 1)), "/third");
	assert_string_equal(text_of(&r, session_cgroup(r.session, 2)), "/second");
	assert_string_equal(text_of(&r, session_cgroup(r.session, 3)), "?");
	end(&r);
}

static void put_build_id(struct recording *r, const char *name, uint8_t first)
{
	begin_record(&r->file, 0, PERF_RECORD_MISC_USER);
	put32(&r->file, UINT32_MAX);
	put8(&r->file, first);
	for (size_t i = 1; i < 24; i++)
		put8(&r->file, 0);
	put_text(&r->file, name, 16);
	end_record(&r->file);
}

static void the_header_has_the_build_ids_that_mmap_records_lack(void **state)
{
	(void)state;
	struct recording r;
	const unsigned int feature = HEADER_BUILD_ID;
	size_t size;
	begin(&r, &plain_attr);
	map_file(&r, 1, USER_IP & ~0xfffull, 0, "/bin/api");
	map_file(&r, 2, USER_IP & ~0xfffull, 0, "/bin/other");
	sample(&r, 1, 1, USER_IP, 0, NULL);
	sample(&r, 2, 2, USER_IP, 0, NULL);
	end_data(&r.file);
	size_t table = begin_features(&r.file, &feature, 1), start = r.file.size;
	put_build_id(&r, "/bin/api", 7);
	put_build_id(&r, "/bin/api", 8);
	end_feature(&r.file, table, 0, start);
	read_whole(&r);
	uint32_t api = session_location(r.session, 0)->dso;
	uint32_t other = session_location(r.session, 1)->dso;
	const uint8_t *id = session_build_id(r.session, api, &size);
	assert_non_null(id);
	assert_int_equal(id[0], 7);
	assert_int_equal(size, 20);
	assert_null(session_build_id(r.session, other, &size));
	assert_int_equal(size, 0);
	end(&r);
}

static void a_batch_ends_and_another_follows(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	for (uint32_t i = 0; i < 3 * BATCH_SIZE / 2; i++)
		sample(&r, i, i, i, 0, NULL);
	read_back(&r);
	assert_int_equal(r.batch.count, BATCH_SIZE);
	assert_null(session_read(r.session, &r.batch));
	assert_int_equal(r.batch.count, BATCH_SIZE / 2);
	assert_int_equal(r.batch.samples[0].pid, BATCH_SIZE);
	assert_null(session_read(r.session, &r.batch));
	assert_int_equal(r.batch.count, 0);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_have_the_name_of_the_moment),
		cmocka_unit_test(a_child_has_its_parents_name_and_maps),
		cmocka_unit_test(exec_leaves_nothing_mapped),
		cmocka_unit_test(an_address_is_an_offset_into_its_file),
		cmocka_unit_test(stacks_drop_markers_and_know_return_addresses),
		cmocka_unit_test(stacks_are_cut_where_perf_cuts_them),
		cmocka_unit_test(a_thread_that_ended_keeps_its_name),
		cmocka_unit_test(a_new_map_makes_new_stacks),
		cmocka_unit_test(a_group_read_is_a_sample_of_each_event_that_counted),
		cmocka_unit_test(a_cgroup_has_the_last_path_of_its_id),
		cmocka_unit_test(the_header_has_the_build_ids_that_mmap_records_lack),
		cmocka_unit_test(a_batch_ends_and_another_follows),
	};
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
