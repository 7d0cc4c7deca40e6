// SPDX-License-Identifier: GPL-2.0-only
/* The formats of made-up tracepoints, as stock perf has to find them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "out/tracepoint.h"

static const char *format_of(struct writer *writer, struct tracepoint_field *fields, size_t count)
{
	struct tracepoint tracepoint = {
		.system = "go", .name = "cpu_clock_u", .id = 64001, .fields = fields};
	tracepoint.nr_fields = count;
	tracepoint_layout(fields, count, TRACEPOINT_COMMON_SIZE);
	*writer = writer_of_memory();
	tracepoint_format(&tracepoint, writer);
	writer_char(writer, 0);
	size_t size;
	return writer_text(writer, &size);
}

static void a_format_is_what_the_kernel_writes(void **state)
{
	(void)state;
	struct writer writer;
	struct tracepoint_field fields[] = {
		{.name = "gofunc", .kind = TRACEPOINT_TEXT, .size = 4},
		{.name = "addr", .kind = TRACEPOINT_ADDRESS, .size = 8}};
	assert_string_equal(
		format_of(&writer, fields, 2),
		"name: cpu_clock_u\nID: 64001\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
		"\n"
		"\tfield:u32 gofunc;\toffset:8;\tsize:4;\tsigned:0;\n"
		"\tfield:u64 addr;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\nprint fmt: \"gofunc=%s addr=%#llx\", REC->gofunc, REC->addr\n");
	perfgo_error_destroy(writer_finish(&writer));
}

static void a_name_comes_before_longer_ones_that_begin_with_it(void **state)
{
	(void)state;
	struct writer writer;
	struct tracepoint_field fields[] = {
		{.name = "symoff", .kind = TRACEPOINT_UNSIGNED, .size = 2},
		{.name = "tid", .kind = TRACEPOINT_SIGNED, .size = 4},
		{.name = "sym", .kind = TRACEPOINT_TEXT, .size = 4}};
	const char *format = format_of(&writer, fields, 3);
	assert_non_null(strstr(format, "\"sym=%s symoff=%u tid=%d\", REC->sym, REC->symoff"));
	assert_non_null(strstr(format, "field:s32 tid;\toffset:12;\tsize:4;\tsigned:1;"));
	perfgo_error_destroy(writer_finish(&writer));
}

static void a_number_that_may_be_unknown_has_a_value_for_that(void **state)
{
	(void)state;
	struct writer writer;
	struct tracepoint_field fields[] = {
		{.name = "cpu", .kind = TRACEPOINT_UNSIGNED, .size = 2, .unknown = true},
		{.name = "tid", .kind = TRACEPOINT_SIGNED, .size = 4, .unknown = true}};
	const char *format = format_of(&writer, fields, 2);
	assert_non_null(strstr(format, "\"cpu=%s%.*u tid=%s%.*d\""));
	assert_non_null(strstr(format, "REC->cpu == 65535 ? \"?\" : \"\", REC->cpu != 65535, "
				       "REC->cpu == 65535 ? 0 : REC->cpu"));
	assert_int_equal(tracepoint_unknown(&fields[0]), UINT16_MAX);
	assert_int_equal(tracepoint_unknown(&fields[1]), INT32_MAX);
	perfgo_error_destroy(writer_finish(&writer));
}

static void a_word_is_one_of_the_fields_own(void **state)
{
	(void)state;
	struct writer writer;
	static const struct tracepoint_text words[] = {{0, "?"}, {3, "mark termination"}};
	struct tracepoint_field fields[] = {
		{.name = "gcphase",
		 .kind = TRACEPOINT_WORD,
		 .size = 1,
		 .words = words,
		 .nr_words = 2},
		{.name = "goid", .kind = TRACEPOINT_UNSIGNED, .size = 8}};
	const char *format = format_of(&writer, fields, 2);
	assert_non_null(strstr(format, "field:u8 gcphase;\toffset:8;\tsize:1;\tsigned:0;"));
	assert_non_null(strstr(format, "\"gcphase=%s goid=%llu\", __print_symbolic(REC->gcphase, "
				       "{0, \"?\"}, {3, \"mark_termination\"}), REC->goid\n"));
	perfgo_error_destroy(writer_finish(&writer));
}

static void bytes_have_a_place_and_are_not_printed(void **state)
{
	(void)state;
	struct writer writer;
	struct tracepoint_field fields[] = {
		{.name = "weight", .kind = TRACEPOINT_UNSIGNED, .size = 8},
		{.name = "raw", .kind = TRACEPOINT_BYTES, .size = 4}};
	const char *format = format_of(&writer, fields, 2);
	assert_non_null(strstr(format, "__data_loc u8[] raw;\toffset:16;\tsize:4;\tsigned:0;"));
	assert_non_null(strstr(format, "\"weight=%llu\", REC->weight\n"));
	perfgo_error_destroy(writer_finish(&writer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_format_is_what_the_kernel_writes),
		cmocka_unit_test(a_name_comes_before_longer_ones_that_begin_with_it),
		cmocka_unit_test(a_number_that_may_be_unknown_has_a_value_for_that),
		cmocka_unit_test(a_word_is_one_of_the_fields_own),
		cmocka_unit_test(bytes_have_a_place_and_are_not_printed),
	};
	return cmocka_run_group_tests_name("tracepoint", tests, NULL, NULL);
}
