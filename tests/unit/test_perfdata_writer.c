// SPDX-License-Identifier: GPL-2.0-only
/* What is written is what our own reader finds, and never anything half-done. */
#include "unit/perfdata_file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/binary.h"
#include "out/perfdata_writer.h"

enum { PATH_SIZE = 64 };

struct folder {
	char name[PATH_SIZE], file[PATH_SIZE + 8];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	snprintf(folder->name, sizeof(folder->name), "/tmp/perfgo-test-XXXXXX");
	if (!folder || !mkdtemp(folder->name))
		return -1;
	snprintf(folder->file, sizeof(folder->file), "%s/out", folder->name);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;
	unlink(folder->file);
	int status = rmdir(folder->name);
	free(folder);
	return status;
}

static size_t files_in(const char *name)
{
	DIR *directory = opendir(name);
	size_t count = 0;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 2;
}

static const struct perfdata_attr full_attr = {
	.type = PERF_TYPE_TRACEPOINT,
	.size = 128,
	.config = 64001,
	.sample_period = 7,
	.sample_type = SIMPLE | PERF_SAMPLE_IDENTIFIER,
	.read_format = PERF_FORMAT_ID,
	.flags = PERF_ATTR_SAMPLE_ID_ALL | PERF_ATTR_EXCLUDE_KERNEL | PERF_ATTR_CGROUP |
		 2ull << PERF_ATTR_PRECISE_IP_SHIFT,
	.wakeup_events = 1,
	.bp_type = 2,
	.config1 = 3,
	.config2 = 4,
	.branch_sample_type = 5,
	.sample_regs_user = 6,
	.sample_stack_user = 8,
	.clockid = -1,
	.sample_regs_intr = 9,
	.aux_watermark = 10,
	.sample_max_stack = 11,
	.aux_sample_size = 12,
	.sig_data = 13,
};

static const uint64_t ids[] = {21, 22, 23};
static const uint32_t hostname_size = 16;

static void put_simple_sample(struct writer *to, bool swap)
{
	char *at = writer_room(to, 40);
	store_u32(at, PERF_RECORD_SAMPLE, swap);
	store_u16(at + 4, PERF_RECORD_MISC_USER, swap);
	store_u16(at + 6, 40, swap);
	store_u64(at + 8, 22, swap);
	store_u64(at + 16, 0x401000, swap);
	store_u32(at + 24, 100, swap);
	store_u32(at + 28, 101, swap);
	store_u64(at + 32, 5000, swap);
	to->used += 40;
}

/* Two events with ids, a sample, a feature. */
static struct perfgo_error *write_file(const char *path, bool overwrite, bool swap,
				       const struct perfdata_attr *attr)
{
	const struct perfdata_writer_event events[] = {
		{.attr = *attr, .name = "cpu/mem-loads,ldlat=30/P", .ids = ids, .nr_ids = 2},
		{.attr = *attr, .name = "dummy:u", .ids = ids + 2, .nr_ids = 1}};
	struct perfdata_writer *writer;
	char hostname[20] = {[4] = 'h', 'o', 's', 't'};
	store_u32(hostname, hostname_size, swap);
	struct perfgo_error *error = perfdata_writer_new(path, overwrite, swap, &writer);
	if (error)
		return error;
	error = perfdata_writer_events(writer, events, 2);
	put_simple_sample(perfdata_writer_data(writer), swap);
	perfdata_writer_feature(writer, HEADER_HOSTNAME, hostname, sizeof(hostname));
	if (!error)
		error = perfdata_writer_finish(writer);
	perfdata_writer_free(writer);
	return error;
}

static void check_written(const char *path, bool swap)
{
	struct perfdata *data;
	const struct record *records;
	struct sample sample;
	size_t count;
	assert_null(perfdata_open(path, PERFDATA_FILE_ORDER, NULL, &data));
	assert_int_equal(perfdata_swapped(data), swap);
	assert_int_equal(perfdata_nr_events(data), 2);
	const struct perfdata_event *event = perfdata_event(data, 0);
	assert_memory_equal(&event->attr, &full_attr, sizeof(full_attr));
	assert_string_equal(event->name, "cpu/mem-loads,ldlat=30/P");
	assert_string_equal(perfdata_event(data, 1)->name, "dummy:u");
	assert_int_equal(perfdata_event_of_id(data, 23), 1);
	assert_string_equal(perfdata_header(data)->hostname, "host");
	assert_null(perfdata_read(data, &records, &count));
	assert_int_equal(count, 1);
	assert_true(perfdata_sample(data, &records[0], &sample));
	assert_int_equal(sample.ip, 0x401000);
	assert_int_equal(sample.time, 5000);
	perfdata_close(data);
}

static void what_is_written_is_read_back(void **state)
{
	struct folder *folder = *state;
	assert_null(write_file(folder->file, false, false, &full_attr));
	check_written(folder->file, false);
	assert_int_equal(files_in(folder->name), 1);
}

static void the_other_byte_order_too(void **state)
{
	struct folder *folder = *state;
	assert_null(write_file(folder->file, false, true, &full_attr));
	check_written(folder->file, true);
}

/* perf 6.1 refuses attributes of 136 bytes, even if the last are zero. */
static void attributes_are_as_small_as_they_can_be(void **state)
{
	struct folder *folder = *state;
	struct perfdata_attr attr = full_attr;
	attr.size = 144;
	assert_null(write_file(folder->file, false, false, &attr));
	check_written(folder->file, false);
	attr.config3 = 1;
	assert_null(write_file(folder->file, true, false, &attr));
	struct perfdata *data;
	assert_null(perfdata_open(folder->file, PERFDATA_FILE_ORDER, NULL, &data));
	assert_int_equal(perfdata_event(data, 0)->attr.size, 136);
	assert_int_equal(perfdata_event(data, 0)->attr.config3, 1);
	perfdata_close(data);
}

static void assert_refused(struct perfgo_error *error, const char *text)
{
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), text));
	perfgo_error_destroy(error);
}

static void what_is_there_stays_unless_it_may_go(void **state)
{
	struct folder *folder = *state;
	FILE *other = fopen(folder->file, "w");
	assert_non_null(other);
	fputs("something else", other);
	fclose(other);
	assert_refused(write_file(folder->file, false, false, &full_attr), "is there already");
	assert_null(write_file(folder->file, true, false, &full_attr));
	assert_null(write_file(folder->file, false, false, &full_attr)); /* a recording by now */
	assert_refused(write_file(folder->name, true, false, &full_attr), "no regular file");
	assert_refused(write_file("/dev/null", true, false, &full_attr), "no regular file");
}

static void what_is_not_finished_leaves_nothing(void **state)
{
	struct folder *folder = *state;
	const struct perfdata_writer_event event = {.attr = full_attr, .name = "e"};
	struct perfdata_writer *writer;
	assert_null(perfdata_writer_new(folder->file, false, false, &writer));
	assert_null(perfdata_writer_events(writer, &event, 1));
	assert_int_equal(access(perfdata_writer_temporary(writer), F_OK), 0);
	perfdata_writer_free(writer);
	assert_int_equal(files_in(folder->name), 0);
	assert_refused(write_file("/nowhere/out", false, false, &full_attr), "/nowhere/out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read_back, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(the_other_byte_order_too, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(attributes_are_as_small_as_they_can_be, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(what_is_there_stays_unless_it_may_go, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(what_is_not_finished_leaves_nothing, make_folder,
						remove_folder),
	};
	return cmocka_run_group_tests_name("perfdata_writer", tests, NULL, NULL);
}
