// SPDX-License-Identifier: GPL-2.0-only
/* File mode: header, attributes, features, and files that are damaged or cut. */
#include "unit/perfdata_file.h"

static void open_and_read(struct file *f, struct perfdata **data, struct reading *reading)
{
	*data = open_file(f, PERFDATA_TIME_ORDER);
	assert_no_error(read_to_end(*data, reading));
}

static void expect_error(struct file *f, const char *text)
{
	struct perfdata *data = NULL;
	struct reading reading;
	struct perfgo_error *error = try_open(f, PERFDATA_TIME_ORDER, &data);
	if (!error)
		error = read_to_end(data, &reading);
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), "FILE: at offset 0x"));
	if (!strstr(perfgo_error_text(error), text))
		fail_msg("%s", perfgo_error_text(error));
	perfgo_error_destroy(error);
	perfdata_close(data);
	free_file(f);
}

static const struct perfdata_attr rich_attr = {
	.type = PERF_TYPE_RAW,
	.config = 0x1cd,
	.sample_period = 1000,
	.sample_type = SIMPLE,
	.read_format = PERF_FORMAT_ID,
	.flags = PERF_ATTR_SAMPLE_ID_ALL | PERF_ATTR_DISABLED | PERF_ATTR_DEFER_OUTPUT,
	.wakeup_events = 1,
	.bp_type = 2,
	.config1 = 3,
	.config2 = 4,
	.branch_sample_type = 5,
	.sample_regs_user = 6,
	.sample_stack_user = 7,
	.clockid = -8,
	.sample_regs_intr = 9,
	.aux_watermark = 10,
	.sample_max_stack = 11,
	.aux_sample_size = 12,
	.aux_action = 13,
	.sig_data = 14,
	.config3 = 15,
	.config4 = 16,
};

/* What is left of it in SIZE bytes. */
static struct perfdata_attr cut_attr(uint32_t size)
{
	struct perfdata_attr attr = rich_attr;
	attr.size = size;
	if (size < sizeof(attr))
		memset((char *)&attr + size, 0, sizeof(attr) - size);
	return attr;
}

static void reads_attributes_of_every_size_and_order(void **state)
{
	(void)state;
	for (uint32_t size = 64; size <= 176; size += 8) {
		struct file f = {.big = size % 16};
		struct perfdata_attr expected = cut_attr(size);
		begin_file(&f, &rich_attr, 1, size);
		put_sample(&f, 1, 2);
		end_data(&f);
		struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
		assert_int_equal(perfdata_nr_events(data), 1);
		const struct perfdata_event *event = perfdata_event(data, 0);
		assert_memory_equal(&event->attr, &expected, sizeof(expected));
		assert_int_equal(event->nr_ids, 2);
		assert_int_equal(event->ids[1], 2);
		assert_int_equal(perfdata_event_of_id(data, 2), 0);
		assert_int_equal(perfdata_event_of_id(data, 3), -1);
		assert_int_equal(perfdata_header(data)->big_endian, f.big);
		perfdata_close(data);
		free_file(&f);
	}
}

static void an_attribute_of_size_0_is_of_the_first_version(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 120 + 4, 0, 4);
	put_sample(&f, 1, 2);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	assert_int_equal(perfdata_event(data, 0)->attr.size, 64);
	perfdata_close(data);
	free_file(&f);
}

static void put_event_desc(struct file *f, const char *first, const char *second)
{
	put32(f, 2);
	put32(f, 64);
	for (int i = 0; i < 2; i++) {
		put_attr(f, &simple_attr, 64);
		put32(f, 1);
		put_feature_text(f, i ? second : first);
		put64(f, 1 + 100 * (uint64_t)i);
	}
}

static void put_build_id(struct file *f, uint16_t misc, uint8_t size, const char *name)
{
	begin_record(f, 0, misc);
	put32(f, (uint32_t)-1);
	put_text(f, "build-id-of-20-bytes", 20);
	put8(f, size);
	put_text(f, "", 3);
	put_text(f, name, strlen(name) + 1);
	end_record(f);
}

static void put_group(struct file *f)
{
	put32(f, 1);
	put_feature_text(f, "{anon_group}");
	put32(f, 0);
	put32(f, 2);
}

static const unsigned int feature_ids[] = {
	HEADER_BUILD_ID,   HEADER_HOSTNAME,   HEADER_NRCPUS,	  HEADER_TOTAL_MEM,  HEADER_CMDLINE,
	HEADER_EVENT_DESC, HEADER_GROUP_DESC, HEADER_SAMPLE_TIME, HEADER_CLOCK_DATA, 200};

static void put_feature(struct file *f, unsigned int id)
{
	switch (id) {
	case HEADER_BUILD_ID:
		put_build_id(f, PERF_RECORD_MISC_KERNEL, 0, "[kernel.kallsyms]");
		put_build_id(f, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_BUILD_ID_SIZE, 8,
			     "/bin/x");
		break;
	case HEADER_HOSTNAME:
		put_feature_text(f, "machine");
		break;
	case HEADER_NRCPUS:
		put32(f, 8);
		put32(f, 6);
		break;
	case HEADER_TOTAL_MEM:
		put64(f, 16 << 20);
		break;
	case HEADER_CMDLINE:
		put32(f, 2);
		put_feature_text(f, "perf");
		put_feature_text(f, "record");
		break;
	case HEADER_EVENT_DESC:
		put_event_desc(f, "cpu/mem-loads,ldlat=30/P", "cycles:u");
		break;
	case HEADER_GROUP_DESC:
		put_group(f);
		break;
	case HEADER_SAMPLE_TIME:
		put64(f, 100);
		put64(f, 200);
		break;
	case HEADER_CLOCK_DATA:
		put32(f, 1);
		put32(f, 1);
		put64(f, 1700000000000000000);
		put64(f, 5000);
		break;
	case 200:
		put(f, "private", 7);
		break;
	}
}

#define NR_FEATURES (sizeof(feature_ids) / sizeof(feature_ids[0]))

/* A sample of the first event, and a COMM that comes before it by time. */
static void put_records_with_id(struct file *f)
{
	begin_record(f, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(f, 0x401000);
	put64(f, 150);
	put64(f, 1);
	end_record(f);
	begin_record(f, PERF_RECORD_COMM, 0);
	put64(f, 7);
	put_text(f, "x", 8);
	put64(f, 120);
	put64(f, 1);
	end_record(f);
}

#define SIZE_OF_RECORDS (32 + 40)

static void write_with_features(struct file *f)
{
	struct perfdata_attr attrs[] = {simple_attr, simple_attr};
	for (int i = 0; i < 2; i++)
		attrs[i].sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME | PERF_SAMPLE_ID;
	begin_file(f, attrs, 2, 136);
	put_records_with_id(f);
	end_data(f);
	size_t table = begin_features(f, feature_ids, NR_FEATURES);
	for (size_t i = 0; i < NR_FEATURES; i++) {
		size_t start = f->size;
		put_feature(f, feature_ids[i]);
		end_feature(f, table, i, start);
	}
}

static void expect_features(const struct perfdata *data)
{
	const struct perfdata_header *header = perfdata_header(data);
	assert_string_equal(header->hostname, "machine");
	assert_null(header->osrelease);
	assert_int_equal(header->nr_cpus_available, 8);
	assert_int_equal(header->nr_cpus_online, 6);
	assert_int_equal(header->total_memory, 16 << 20);
	assert_int_equal(header->nr_command_line, 2);
	assert_string_equal(header->command_line[1], "record");
	assert_int_equal(header->first_sample_time, 100);
	assert_int_equal(header->last_sample_time, 200);
	assert_true(header->has_clock);
	assert_int_equal(header->wall_clock_ns, 1700000000000000000);
	assert_int_equal(header->clock_ns, 5000);
	assert_int_equal(header->nr_build_ids, 2);
	assert_string_equal(header->build_ids[0].filename, "[kernel.kallsyms]");
	assert_int_equal(header->build_ids[0].size, 20);
	assert_int_equal(header->build_ids[1].size, 8);
	assert_int_equal(header->build_ids[1].misc, PERF_RECORD_MISC_USER);
	assert_memory_equal(header->build_ids[1].id, "build-id", 8);
	assert_string_equal(perfdata_event(data, 0)->name, "cpu/mem-loads,ldlat=30/P");
	assert_string_equal(perfdata_event(data, 1)->name, "cycles:u");
	assert_int_equal(perfdata_event(data, 0)->group_members, 2);
	assert_int_equal(perfdata_event(data, 1)->leader, 0);
	assert_int_equal(perfdata_event(data, 1)->group_members, 1);
}

static void reads_features_of_either_order(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file f = {.big = big};
		size_t size;
		write_with_features(&f);
		struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
		expect_features(data);
		const void *raw = perfdata_feature(data, 200, &size);
		assert_int_equal(size, 7);
		assert_memory_equal(raw, "private", 7);
		assert_null(perfdata_feature(data, 201, &size));
		assert_int_equal(nr_warnings, 0);
		perfdata_close(data);
		free_file(&f);
	}
}

static void feature_bits_may_be_in_words_of_32_bits(void **state)
{
	(void)state;
	struct file f = {.big = true};
	write_with_features(&f);
	for (size_t at = 72; at < 104; at += 8) {
		uint8_t word[8];
		memcpy(word, f.bytes + at, 8);
		memcpy(f.bytes + at, word + 4, 4);
		memcpy(f.bytes + at + 4, word, 4);
	}
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	expect_features(data);
	perfdata_close(data);
	free_file(&f);
}

static void a_damaged_feature_is_left_out_with_one_warning(void **state)
{
	(void)state;
	struct file f = {0};
	write_with_features(&f);
	size_t table = f.data + SIZE_OF_RECORDS;
	set_number(&f, table + 16, 1ull << 40, 8); /* HOSTNAME */
	set_number(&f, table + 5 * 16 + 8, 3, 8);  /* EVENT_DESC */
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	assert_null(perfdata_header(data)->hostname);
	assert_int_equal(perfdata_header(data)->nr_cpus_online, 6);
	assert_string_equal(perfdata_event(data, 0)->name, "cpu-clock:HG");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warnings, "FILE: at offset 0x"));
	perfdata_close(data);
	free_file(&f);
}

static void reads_build_ids_from_before_they_had_a_pid(void **state)
{
	(void)state;
	const unsigned int ids[] = {HEADER_BUILD_ID};
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 2);
	end_data(&f);
	size_t table = begin_features(&f, ids, 1), start = f.size;
	begin_record(&f, 0, 1);
	put_text(&f, "build-id-of-20-bytes", 24);
	put_text(&f, "[kernel.kallsyms]", 64);
	end_record(&f);
	end_feature(&f, table, 0, start);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	assert_int_equal(perfdata_header(data)->nr_build_ids, 1);
	assert_string_equal(perfdata_header(data)->build_ids[0].filename, "[kernel.kallsyms]");
	assert_memory_equal(perfdata_header(data)->build_ids[0].id, "build-id-of-20-bytes", 20);
	perfdata_close(data);
	free_file(&f);
}

static void reads_the_format_without_features(void **state)
{
	(void)state;
	struct file f = {0};
	struct perfdata *data;
	struct reading reading;
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 2);
	end_data(&f);
	memcpy(f.bytes, "PERFFILE", 8);
	set_number(&f, 8, 72, 8);
	memset(f.bytes + 72, 0xff, 32);
	open_and_read(&f, &data, &reading);
	assert_string_equal(reading.types, "s");
	perfdata_close(data);
	free_file(&f);
}

static void data_without_a_size_is_read_to_the_end(void **state)
{
	(void)state;
	struct file f = {0};
	struct perfdata *data;
	struct reading reading;
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 72, UINT64_MAX, 8); /* the features were not written */
	put_sample(&f, 1, 2);
	put_sample(&f, 2, 3);
	f.size -= 5;
	open_and_read(&f, &data, &reading);
	assert_string_equal(reading.types, "s");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warnings, "perf record did not end"));
	assert_true(perfdata_header(data)->truncated);
	perfdata_close(data);
	free_file(&f);
}

/* A file cut at any byte is refused, or read up to there with one warning. */
static void a_file_may_be_cut_anywhere(void **state)
{
	(void)state;
	struct file whole = {0};
	write_with_features(&whole);
	for (size_t size = 0; size < whole.size; size++) {
		struct file f = {0};
		struct perfdata *data = NULL;
		struct reading reading;
		put(&f, whole.bytes, size);
		f.bytes = realloc(f.bytes, size ? size : 1);
		struct perfgo_error *error = try_open(&f, PERFDATA_TIME_ORDER, &data);
		if (!error)
			error = read_to_end(data, &reading);
		const char *text = error ? perfgo_error_text(error) : warnings;
		assert_non_null(strstr(text, "FILE: at offset 0x"));
		if (nr_warnings + !!error > 1)
			fail_msg("cut at %zu: %s%s", size, warnings,
				 error ? perfgo_error_text(error) : "");
		if (size >= whole.data + SIZE_OF_RECORDS)
			assert_string_equal(reading.types, "3s");
		perfgo_error_destroy(error);
		perfdata_close(data);
		free_file(&f);
	}
	free_file(&whole);
}

static void damage_between_records_ends_the_reading_with_a_warning(void **state)
{
	(void)state;
	static const struct {
		uint16_t size;
		const char *cause;
	} cases[] = {{0, "record of size 0"},
		     {7, "record of size 7"},
		     {33, "record of 33 bytes is cut off after 32"}};
	for (size_t i = 0; i < 3; i++) {
		struct file f = {0};
		struct perfdata *data;
		struct reading reading;
		begin_file(&f, &simple_attr, 1, 64);
		put_sample(&f, 1, 2);
		put_sample(&f, 2, 3);
		set_number(&f, f.record + 6, cases[i].size, 2);
		end_data(&f);
		open_and_read(&f, &data, &reading);
		assert_string_equal(reading.types, "s");
		assert_non_null(strstr(warnings, cases[i].cause));
		assert_int_equal(nr_warnings, 1);
		perfdata_close(data);
		free_file(&f);
	}
}

static void refuses_what_holds_nothing(void **state)
{
	(void)state;
	struct file f = {0};
	put(&f, "not perf data, but a text", 25);
	expect_error(&f, "not a perf.data file");
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 2);
	set_number(&f, f.record + 6, 0, 2);
	end_data(&f);
	expect_error(&f, "record of size 0");
	begin_file(&f, &simple_attr, 0, 64);
	put_sample(&f, 1, 2);
	expect_error(&f, "no event attributes");
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 16, 40, 8);
	expect_error(&f, "attributes of 40 bytes");
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 24, UINT64_MAX - 7, 8);
	expect_error(&f, "behind the file's end");
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 120 + 64 + 8, UINT64_MAX, 8);
	expect_error(&f, "event ids");
	begin_file(&f, &simple_attr, 1, 64);
	set_number(&f, 40, 1ull << 50, 8);
	expect_error(&f, "before its data section");
}

static void counts_what_was_lost(void **state)
{
	(void)state;
	struct file f = {0};
	struct perfdata *data;
	struct reading reading;
	begin_file(&f, &simple_attr, 1, 64);
	begin_record(&f, PERF_RECORD_LOST, 0);
	put64(&f, 1);
	put64(&f, 30);
	end_record(&f);
	begin_record(&f, PERF_RECORD_LOST_SAMPLES, 0);
	put64(&f, 5);
	end_record(&f);
	begin_record(&f, PERF_RECORD_LOST_SAMPLES, PERF_RECORD_MISC_LOST_SAMPLES_BPF);
	put64(&f, 7);
	end_record(&f);
	begin_record(&f, PERF_RECORD_THROTTLE, 0);
	end_record(&f);
	begin_record(&f, 999, 0);
	end_record(&f);
	end_data(&f);
	open_and_read(&f, &data, &reading);
	const struct perfdata_counts *counts = perfdata_counts(data);
	assert_int_equal(counts->lost, 30);
	assert_int_equal(counts->lost_samples, 5);
	assert_int_equal(counts->throttled, 1);
	assert_int_equal(counts->unknown_records, 1);
	assert_non_null(strstr(warnings, "unknown type 999"));
	perfdata_close(data);
	free_file(&f);
}

static void records_know_their_offset(void **state)
{
	(void)state;
	struct file f = {0};
	const struct record *records;
	size_t count;
	begin_file(&f, &simple_attr, 1, 64);
	put_sample(&f, 1, 2);
	put_comm(&f, "x", 3);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	assert_no_error(perfdata_read(data, &records, &count));
	assert_int_equal(count, 2);
	assert_int_equal(record_offset(data, &records[1]), f.data + 32);
	assert_int_equal(record_size(data, &records[1]), 48);
	assert_int_equal(record_type(data, &records[1]), PERF_RECORD_COMM);
	perfdata_close(data);
	free_file(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_attributes_of_every_size_and_order),
		cmocka_unit_test(an_attribute_of_size_0_is_of_the_first_version),
		cmocka_unit_test(reads_features_of_either_order),
		cmocka_unit_test(feature_bits_may_be_in_words_of_32_bits),
		cmocka_unit_test(a_damaged_feature_is_left_out_with_one_warning),
		cmocka_unit_test(reads_build_ids_from_before_they_had_a_pid),
		cmocka_unit_test(reads_the_format_without_features),
		cmocka_unit_test(data_without_a_size_is_read_to_the_end),
		cmocka_unit_test(a_file_may_be_cut_anywhere),
		cmocka_unit_test(damage_between_records_ends_the_reading_with_a_warning),
		cmocka_unit_test(refuses_what_holds_nothing),
		cmocka_unit_test(counts_what_was_lost),
		cmocka_unit_test(records_know_their_offset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
