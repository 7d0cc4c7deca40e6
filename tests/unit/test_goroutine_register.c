// SPDX-License-Identifier: GPL-2.0-only
/* Goroutines of plain perf's recordings: g in a register, and snapshots on both sides. */
#include "unit/go_recording.h"

#include "goproc/snapshot_internal.h"
#include "session/snapshots.h"

enum { G = 0xc000002380, OTHER_G = 0xc000002540 };
enum { R14 = 1 << 22, IP = 1 << 8 };

static const struct perfdata_attr register_attr = {
	.type = PERF_TYPE_SOFTWARE,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_REGS_USER,
	.sample_period = 1000,
	.flags = PERF_ATTR_SAMPLE_ID_ALL | PERF_ATTR_USE_CLOCKID,
	.clockid = CLOCK_MONOTONIC,
	.sample_regs_user = IP | R14,
};

/* A sample at TIME, whose registers are from PC. */
static void register_sample(struct recording *r, uint64_t time, uint64_t g, uint64_t pc,
			    uint16_t mode)
{
	begin_record(&r->file, PERF_RECORD_SAMPLE, mode);
	put64(&r->file, USER_IP);
	put32(&r->file, 5);
	put32(&r->file, 5);
	put64(&r->file, r->time = time);
	put64(&r->file, PERF_SAMPLE_REGS_ABI_64);
	put64(&r->file, pc);
	put64(&r->file, g);
	end_record(&r->file);
}

static void user_sample(struct recording *r, uint64_t time, uint64_t g)
{
	register_sample(r, time, g, USER_IP, PERF_RECORD_MISC_USER);
}

static void begin_registers(struct recording *r, const struct perfdata_attr *attr)
{
	begin(r, attr);
	map_file(r, 5, 0x401000, 0, "/bin/a");
}

/* A snapshot of process 5, taken from TIME to TIME + 2, in which G is GOID's. */
static struct snapshot *snapshot_at(uint64_t time, uint64_t goid)
{
	struct snapshot *snapshot = snapshot_new();
	snapshot->goroutines = calloc(1, sizeof(*snapshot->goroutines));
	snapshot->nr_goroutines = snapshot->goroutines_capacity = 1;
	snapshot->goroutines[0] = (struct snapshot_goroutine){
		.g = G, .goid = goid, .parent = 1, .creator_pc = 0x401020, .start_pc = 0x401100};
	snapshot->info = (struct snapshot_info){.pid = 5,
						.execution = 77,
						.begin = time,
						.end = time + 2,
						.comm = "a",
						.executable = "/bin/a",
						.version = "go1.26",
						.build_id = "",
						.nr_goroutines = 1};
	return snapshot;
}

static bool at_go_code(void *context, uint32_t location)
{
	const struct recording *r = context;
	return session_location(r->session, location)->offset < 0x800;
}

/* Opens what has been written, as of x86-64, with snapshots; a goid of 0 is none. */
static void read_beside(struct recording *r, size_t count, const uint64_t (*snapshots)[2])
{
	char path[] = "/tmp/perfgo-test-XXXXXX";
	end_data(&r->file);
	size_t table = begin_features(&r->file, (const unsigned int[]){HEADER_ARCH}, 1);
	size_t start = r->file.size;
	put_feature_text(&r->file, "x86_64");
	end_feature(&r->file, table, 0, start);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, r->file.bytes, r->file.size), r->file.size);
	close(fd);
	assert_null(session_open(path, NULL, &r->session));
	unlink(path);
	for (size_t i = 0; i < count; i++)
		assert_null(session_add_snapshot(r->session,
						 snapshot_at(snapshots[i][0], snapshots[i][1])));
	session_trust_registers(r->session, at_go_code, r);
	assert_null(session_read(r->session, &r->batch));
}

static const struct goroutine *goroutine_of(const struct recording *r, size_t i)
{
	return session_goroutine(r->session, r->batch.goroutines[i]);
}

static void snapshots_on_both_sides_that_agree_tell(void **state)
{
	(void)state;
	struct recording r;
	begin_registers(&r, &register_attr);
	user_sample(&r, 150, G);
	read_beside(&r, 2, (const uint64_t[][2]){{200, 7}, {100, 7}});
	const struct goroutine *goroutine = goroutine_of(&r, 0);
	assert_int_equal(goroutine->goid, 7);
	assert_int_equal(goroutine->parent, 1);
	assert_int_equal(goroutine->from, GOID_FROM_SNAPSHOT);
	assert_int_not_equal(goroutine->creator, IDMAP_NONE);
	assert_null(session_label_set(r.session, goroutine->labels)); /* may have changed */
	end(&r);
}

static void snapshots_that_differ_tell_nothing(void **state)
{
	(void)state;
	struct recording r;
	begin_registers(&r, &register_attr);
	user_sample(&r, 150, G);
	user_sample(&r, 250, G);
	read_beside(&r, 3, (const uint64_t[][2]){{100, 7}, {200, 8}, {300, 8}});
	assert_int_equal(r.batch.goroutines[0], 0);
	assert_int_equal(goroutine_of(&r, 1)->goid, 8);
	end(&r);
}

static void one_side_is_not_enough(void **state)
{
	(void)state;
	struct recording r;
	begin_registers(&r, &register_attr);
	user_sample(&r, 50, G);
	user_sample(&r, 101, G); /* while the only snapshot before is being taken */
	user_sample(&r, 150, OTHER_G);
	user_sample(&r, 250, G);
	read_beside(&r, 2, (const uint64_t[][2]){{100, 7}, {200, 7}});
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(r.batch.goroutines[i], 0);
	end(&r);
}

static void g_is_only_in_its_register_in_go_code(void **state)
{
	(void)state;
	struct recording r;
	begin_registers(&r, &register_attr);
	register_sample(&r, 150, G, 0x401900, PERF_RECORD_MISC_USER);
	register_sample(&r, 151, G, USER_IP + 4, PERF_RECORD_MISC_USER);
	read_beside(&r, 2, (const uint64_t[][2]){{100, 7}, {200, 7}});
	assert_int_equal(r.batch.goroutines[0], 0);
	assert_int_equal(goroutine_of(&r, 1)->goid, 7);
	end(&r);
}

static void in_the_kernel_it_counts_where_the_program_was(void **state)
{
	(void)state;
	struct recording r;
	begin_registers(&r, &register_attr);
	register_sample(&r, 150, G, USER_IP, PERF_RECORD_MISC_KERNEL);
	register_sample(&r, 151, G, 0x401900, PERF_RECORD_MISC_KERNEL);
	read_beside(&r, 2, (const uint64_t[][2]){{100, 7}, {200, 7}});
	assert_int_equal(goroutine_of(&r, 0)->goid, 7);
	assert_int_equal(r.batch.goroutines[1], 0);
	end(&r);
}

static void times_of_perfs_own_clock_are_not_compared(void **state)
{
	(void)state;
	struct recording r;
	struct perfdata_attr own_clock = register_attr;
	own_clock.flags &= ~PERF_ATTR_USE_CLOCKID;
	begin_registers(&r, &own_clock);
	user_sample(&r, 150, G);
	read_beside(&r, 2, (const uint64_t[][2]){{100, 7}, {200, 7}});
	assert_int_equal(r.batch.goroutines[0], 0);
	assert_true(session_has_goroutines(r.session));
	end(&r);
}

static void snapshots_of_other_processes_and_programs_do_not_count(void **state)
{
	(void)state;
	struct snapshots snapshots = {0};
	struct snapshot *before = snapshot_at(100, 7), *after = snapshot_at(200, 7);
	assert_true(snapshots_add(&snapshots, before));
	assert_true(snapshots_add(&snapshots, after));
	assert_non_null(snapshots_agree(&snapshots, 5, 150, G));
	assert_null(snapshots_agree(&snapshots, 6, 150, G));
	after->info.execution++; /* it has executed another program, or the same one again */
	assert_null(snapshots_agree(&snapshots, 5, 150, G));
	before->info.execution = after->info.execution = 0; /* that is not known */
	assert_null(snapshots_agree(&snapshots, 5, 150, G));
	snapshots_deinit(&snapshots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshots_on_both_sides_that_agree_tell),
		cmocka_unit_test(snapshots_that_differ_tell_nothing),
		cmocka_unit_test(one_side_is_not_enough),
		cmocka_unit_test(g_is_only_in_its_register_in_go_code),
		cmocka_unit_test(in_the_kernel_it_counts_where_the_program_was),
		cmocka_unit_test(times_of_perfs_own_clock_are_not_compared),
		cmocka_unit_test(snapshots_of_other_processes_and_programs_do_not_count),
	};
	return cmocka_run_group_tests_name("goroutine register", tests, NULL, NULL);
}
