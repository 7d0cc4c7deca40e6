// SPDX-License-Identifier: GPL-2.0-only
/* The records beside the samples, in both byte orders, and too short for their kind. */
#include "unit/perfdata_file.h"

struct fixture {
	struct file file;
	struct perfdata *data;
	struct record record;
};

static void begin(struct fixture *x, bool big, uint32_t type, uint16_t misc)
{
	*x = (struct fixture){.file.big = big};
	begin_file(&x->file, &simple_attr, 1, 64);
	begin_record(&x->file, type, misc);
}

static void finish(struct fixture *x)
{
	const struct record *records;
	size_t count;
	end_record(&x->file);
	end_data(&x->file);
	x->data = open_file(&x->file, PERFDATA_FILE_ORDER);
	assert_no_error(perfdata_read(x->data, &records, &count));
	assert_int_equal(count, 1);
	x->record = records[0];
}

static void end(struct fixture *x)
{
	perfdata_close(x->data);
	free_file(&x->file);
}

static void put_task(struct file *f)
{
	put32(f, 10);
	put32(f, 11);
}

static void put_range(struct file *f)
{
	put_task(f);
	put64(f, 0x400000);
	put64(f, 0x1000);
	put64(f, 0x2000);
}

static void an_mmap_is_executable_unless_data(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct fixture x;
		struct record_mmap mmap;
		uint16_t data = i % 2 ? PERF_RECORD_MISC_MMAP_DATA : 0;
		begin(&x, i / 2, PERF_RECORD_MMAP, PERF_RECORD_MISC_USER | data);
		put_range(&x.file);
		put_text(&x.file, "/bin/x", 8);
		finish(&x);
		assert_true(perfdata_mmap(x.data, &x.record, &mmap));
		assert_int_equal(mmap.pid, 10);
		assert_int_equal(mmap.tid, 11);
		assert_int_equal(mmap.start, 0x400000);
		assert_int_equal(mmap.length, 0x1000);
		assert_int_equal(mmap.pgoff, 0x2000);
		assert_int_equal(mmap.prot, data ? 0 : 4);
		assert_int_equal(mmap.data, data != 0);
		assert_int_equal(mmap.cpumode, PERF_RECORD_MISC_USER);
		assert_string_equal(mmap.filename, "/bin/x");
		end(&x);
	}
}

static void an_mmap2_has_the_inode(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct fixture x;
		struct record_mmap mmap;
		begin(&x, big, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
		put_range(&x.file);
		put32(&x.file, 8);
		put32(&x.file, 1);
		put64(&x.file, 1234567);
		put64(&x.file, 89);
		put32(&x.file, 5);
		put32(&x.file, 2);
		put_text(&x.file, "/bin/x", 8);
		finish(&x);
		assert_true(perfdata_mmap(x.data, &x.record, &mmap));
		assert_int_equal(mmap.major, 8);
		assert_int_equal(mmap.minor, 1);
		assert_int_equal(mmap.inode, 1234567);
		assert_int_equal(mmap.inode_generation, 89);
		assert_int_equal(mmap.prot, 5);
		assert_int_equal(mmap.flags, 2);
		assert_null(mmap.build_id);
		end(&x);
	}
}

static void an_mmap2_has_the_build_id_instead(void **state)
{
	(void)state;
	static const uint8_t sizes[] = {8, 20, 0, 21};
	for (size_t i = 0; i < sizeof(sizes); i++) {
		struct fixture x;
		struct record_mmap mmap;
		begin(&x, i % 2, PERF_RECORD_MMAP2, PERF_RECORD_MISC_MMAP_BUILD_ID);
		put_range(&x.file);
		put8(&x.file, sizes[i]);
		put_text(&x.file, "", 3);
		put_text(&x.file, "build-id-of-20-bytes", 20);
		put32(&x.file, 5);
		put32(&x.file, 2);
		put_text(&x.file, "/bin/x", 8);
		finish(&x);
		assert_true(perfdata_mmap(x.data, &x.record, &mmap));
		assert_int_equal(mmap.build_id_size, i < 2 ? sizes[i] : 0);
		if (i < 2)
			assert_memory_equal(mmap.build_id, "build-id", 8);
		assert_int_equal(mmap.inode, 0);
		assert_string_equal(mmap.filename, "/bin/x");
		end(&x);
	}
}

static void a_comm_knows_of_exec(void **state)
{
	(void)state;
	struct fixture x;
	struct record_comm comm;
	begin(&x, true, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
	put_task(&x.file);
	put_text(&x.file, "service", 8);
	finish(&x);
	assert_true(perfdata_comm(x.data, &x.record, &comm));
	assert_int_equal(comm.tid, 11);
	assert_true(comm.exec);
	assert_string_equal(comm.comm, "service");
	end(&x);
}

static void a_fork_has_pid_before_tid(void **state)
{
	(void)state;
	struct fixture x;
	struct record_task task;
	begin(&x, false, PERF_RECORD_FORK, 0);
	for (uint32_t i = 1; i <= 4; i++)
		put32(&x.file, i);
	put64(&x.file, 99);
	finish(&x);
	assert_true(perfdata_task(x.data, &x.record, &task));
	assert_int_equal(task.pid, 1);
	assert_int_equal(task.parent_pid, 2);
	assert_int_equal(task.tid, 3);
	assert_int_equal(task.parent_tid, 4);
	end(&x);
}

static void a_ksymbol_comes_or_goes(void **state)
{
	(void)state;
	struct fixture x;
	struct record_ksymbol symbol;
	begin(&x, true, PERF_RECORD_KSYMBOL, 0);
	put64(&x.file, 0xffffffffc0000000);
	put32(&x.file, 64);
	put16(&x.file, PERF_RECORD_KSYMBOL_TYPE_BPF);
	put16(&x.file, PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER);
	put_text(&x.file, "bpf_prog_1", 16);
	finish(&x);
	assert_true(perfdata_ksymbol(x.data, &x.record, &symbol));
	assert_true(symbol.address == 0xffffffffc0000000);
	assert_int_equal(symbol.length, 64);
	assert_true(symbol.unregister);
	assert_string_equal(symbol.name, "bpf_prog_1");
	end(&x);
}

static void a_cgroup_has_a_path(void **state)
{
	(void)state;
	struct fixture x;
	struct record_cgroup cgroup;
	begin(&x, false, PERF_RECORD_CGROUP, 0);
	put64(&x.file, 77);
	put_text(&x.file, "/system.slice", 16);
	finish(&x);
	assert_true(perfdata_cgroup(x.data, &x.record, &cgroup));
	assert_int_equal(cgroup.id, 77);
	assert_string_equal(cgroup.path, "/system.slice");
	end(&x);
}

static void records_too_short_for_their_kind_are_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < 12; size++) {
		struct fixture x;
		struct record_mmap mmap;
		struct record_comm comm;
		struct record_task task;
		struct record_ksymbol symbol;
		struct record_cgroup cgroup;
		begin(&x, false, PERF_RECORD_MMAP2, 0);
		for (size_t i = 0; i < size; i++)
			put8(&x.file, 0xff);
		finish(&x);
		assert_false(perfdata_mmap(x.data, &x.record, &mmap));
		assert_false(perfdata_comm(x.data, &x.record, &comm));
		assert_false(perfdata_task(x.data, &x.record, &task));
		assert_false(perfdata_ksymbol(x.data, &x.record, &symbol));
		assert_false(perfdata_cgroup(x.data, &x.record, &cgroup));
		end(&x);
	}
}

static void a_name_has_to_end_in_its_record(void **state)
{
	(void)state;
	struct fixture x;
	struct record_comm comm;
	begin(&x, false, PERF_RECORD_COMM, 0);
	put_task(&x.file);
	put(&x.file, "no NUL..", 8);
	finish(&x);
	assert_false(perfdata_comm(x.data, &x.record, &comm));
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mmap_is_executable_unless_data),
		cmocka_unit_test(an_mmap2_has_the_inode),
		cmocka_unit_test(an_mmap2_has_the_build_id_instead),
		cmocka_unit_test(a_comm_knows_of_exec),
		cmocka_unit_test(a_fork_has_pid_before_tid),
		cmocka_unit_test(a_ksymbol_comes_or_goes),
		cmocka_unit_test(a_cgroup_has_a_path),
		cmocka_unit_test(records_too_short_for_their_kind_are_refused),
		cmocka_unit_test(a_name_has_to_end_in_its_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
