// SPDX-License-Identifier: GPL-2.0-only
/* Fields added to the formats of tracepoints as the kernel writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "out/known_tracepoint.h"

#define COMMON                                                                                     \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char exec[] =
	"name: sched_process_exec\nID: 318\nformat:\n" COMMON
	"\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:char comm[16];\toffset:16;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t old_pid;\toffset:32;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"filename=%s pid=%d\" \" old=\\\"%d\\\"\", __get_str(filename), REC->pid, "
	"REC->old_pid\n";

static struct known_tracepoint read_format(const char *text)
{
	struct known_tracepoint known;
	assert_true(known_tracepoint_read(text, strlen(text), &known));
	return known;
}

static void fields_end_where_the_last_of_fixed_size_ends(void **state)
{
	(void)state;
	struct known_tracepoint known = read_format(exec);
	assert_int_equal(known.id, 318);
	assert_int_equal(known.end, 36);
	assert_int_equal(known.nr_dynamic, 1);
	assert_int_equal(known.dynamic[0], 8);
}

static void names_of_fields_are_known(void **state)
{
	(void)state;
	struct known_tracepoint known = read_format(exec);
	assert_true(known_tracepoint_has(&known, "filename"));
	assert_true(known_tracepoint_has(&known, "comm"));
	assert_true(known_tracepoint_has(&known, "common_pid"));
	assert_false(known_tracepoint_has(&known, "gofunc"));
	assert_false(known_tracepoint_has(&known, "name"));
}

static void fields_and_what_is_printed_come_last(void **state)
{
	(void)state;
	struct known_tracepoint known = read_format(exec);
	struct tracepoint_field field = {
		.name = "gofunc", .kind = TRACEPOINT_TEXT, .size = 8, .offset = 40};
	struct writer writer = writer_of_memory();
	known_tracepoint_format(&known, &field, 1, &writer);
	writer_char(&writer, 0);
	assert_non_null(strstr(writer.buffer,
			       "\tfield:pid_t old_pid;\toffset:32;\tsize:4;\tsigned:1;\n"
			       "\tfield:u64 gofunc;\toffset:40;\tsize:8;\tsigned:0;\n\nprint"));
	assert_non_null(strstr(writer.buffer,
			       "\"filename=%s pid=%d\" \" old=\\\"%d\\\" gofunc=%s\", "
			       "__get_str(filename), REC->pid, REC->old_pid, REC->gofunc\n"));
	assert_null(writer_finish(&writer));
}

static void what_cannot_be_added_to_is_refused(void **state)
{
	(void)state;
	static const char *const formats[] = {
		"",
		"name: a\nID: 1\nformat:\n" COMMON "\nprint fmt: REC->x\n",
		"name: a\nID: 1\nformat:\n" COMMON "\nprint fmt: \"never ends\\\"\n",
		"name: a\nID: 1\nformat:\n\tfield:int x;\toffset:nine;\tsize:4;\tsigned:0;\n"
		"\nprint fmt: \"%d\", REC->x\n",
		"name: a\nID: 1\nformat:\n" COMMON
		"\tfield:char rest[];\toffset:8;\tsize:0;\tsigned:0;\n\nprint fmt: \"\"\n",
		"name: a\nID: 1\nformat:\n" COMMON
		"\tfield:char x;\toffset:65535;\tsize:9;\tsigned:0;\n\nprint fmt: \"\"\n",
	};
	struct known_tracepoint known;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		assert_false(known_tracepoint_read(formats[i], strlen(formats[i]), &known));
	for (size_t size = 0; size < strlen(exec) - 60; size++) /* not within a string */
		assert_false(known_tracepoint_read(exec, size, &known) && known.print_end >= size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_end_where_the_last_of_fixed_size_ends),
		cmocka_unit_test(names_of_fields_are_known),
		cmocka_unit_test(fields_and_what_is_printed_come_last),
		cmocka_unit_test(what_cannot_be_added_to_is_refused),
	};
	return cmocka_run_group_tests_name("known_tracepoint", tests, NULL, NULL);
}
