// SPDX-License-Identifier: GPL-2.0-only
/* What JSON and the buffered output below it come to, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "out/json.h"

static void assert_written(struct writer *writer, const char *expected)
{
	size_t size;
	const char *text = writer_text(writer, &size);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(text, expected, size);
	writer_clear(writer);
}

static void commas_stand_between_values(void **state)
{
	(void)state;
	struct writer writer = writer_of_memory();
	struct json json = {.writer = &writer};
	json_begin(&json, '{');
	json_key(&json, "a");
	json_begin(&json, '[');
	json_unsigned(&json, 1);
	json_begin(&json, '{');
	json_end(&json, '}');
	json_null(&json);
	json_end(&json, ']');
	json_key(&json, "b");
	json_bool(&json, true);
	json_key(&json, "c");
	json_unsigned(&json, 0);
	json_end(&json, '}');
	json_end_document(&json);
	assert_written(&writer, "{\"a\":[1,{},null],\"b\":true,\"c\":0}\n");
	assert_null(writer_finish(&writer));
}

static void elements_on_lines_of_their_own(void **state)
{
	(void)state;
	struct writer writer = writer_of_memory();
	struct json json = {.writer = &writer};
	json_begin(&json, '[');
	for (int i = 0; i < 2; i++) {
		json_newline(&json);
		json_signed(&json, i);
	}
	json_end(&json, ']');
	assert_written(&writer, "[\n0,\n1]");
	assert_null(writer_finish(&writer));
}

static void assert_string(const char *string, size_t size, const char *expected)
{
	struct writer writer = writer_of_memory();
	struct json json = {.writer = &writer};
	json_string_of(&json, string, size);
	assert_written(&writer, expected);
	assert_null(writer_finish(&writer));
}
#define assert_quoted(string, expected) assert_string(string, sizeof(string) - 1, expected)

static void strings_are_escaped(void **state)
{
	(void)state;
	assert_quoted("", "\"\"");
	assert_quoted("main.(*T).Get[...]", "\"main.(*T).Get[...]\"");
	assert_quoted("a\"b\\c", "\"a\\\"b\\\\c\"");
	assert_quoted("\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"");
	assert_quoted("a\0b", "\"a\\u0000b\"");
}

#define FFFD "\xef\xbf\xbd"

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	assert_quoted("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb9",
		      "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb9\"");
	assert_quoted("\x80", "\"" FFFD "\"");
	assert_quoted("a\xc3", "\"a" FFFD "\"");
	assert_quoted("\xe2\x82", "\"" FFFD FFFD "\"");
	assert_quoted("\xc0\xaf", "\"" FFFD FFFD "\"");		 /* overlong */
	assert_quoted("\xed\xa0\x80", "\"" FFFD FFFD FFFD "\""); /* a surrogate */
	assert_quoted("\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"");
	assert_quoted("\xff", "\"" FFFD "\"");
}

static void numbers(void **state)
{
	(void)state;
	struct writer writer = writer_of_memory();
	struct json json = {.writer = &writer};
	static const uint64_t values[] = {0, 9, 10, 99, 100, 101, 12345, UINT64_MAX};
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		json_unsigned(&json, values[i]);
	assert_written(&writer, "0,9,10,99,100,101,12345,18446744073709551615");
	json.comma = false;
	json_signed(&json, -1);
	json_signed(&json, INT64_MIN);
	json_hex(&json, 0);
	json_hex(&json, 0xffffffff81000abc);
	json_fixed(&json, 21.4, 6);
	assert_written(&writer, "-1,-9223372036854775808,\"0x0\",\"0xffffffff81000abc\",21.400000");
	assert_null(writer_finish(&writer));
}

static void a_string_that_is_not_there_is_null(void **state)
{
	(void)state;
	struct writer writer = writer_of_memory();
	struct json json = {.writer = &writer};
	json_string(&json, NULL);
	json_string(&json, "null");
	assert_written(&writer, "null,\"null\"");
	assert_null(writer_finish(&writer));
}

static void more_than_a_buffer_arrives_whole(void **state)
{
	(void)state;
	enum { LINES = 100000 };
	FILE *file = tmpfile();
	struct writer writer = writer_of_fd(fileno(file), "a file");
	for (int i = 0; i < LINES; i++)
		writer_printf(&writer, "%09d\n", i);
	assert_null(writer_finish(&writer));
	rewind(file);
	int got;
	for (int i = 0; i < LINES; i++) {
		assert_int_equal(fscanf(file, "%d", &got), 1);
		assert_int_equal(got, i);
	}
	fclose(file);
}

static void assert_fails(int fd, const char *expected)
{
	struct writer writer = writer_of_fd(fd, "standard output");
	writer_string(&writer, "text");
	struct perfgo_error *error = writer_finish(&writer);
	assert_non_null(error);
	assert_string_equal(perfgo_error_text(error), expected);
	perfgo_error_destroy(error);
}

static void failures_are_told_at_the_end(void **state)
{
	(void)state;
	int full = open("/dev/full", O_WRONLY), ends[2];
	assert_fails(full, "cannot write standard output: No space left on device");
	close(full);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_fails(ends[1], "cannot write standard output: Broken pipe");
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_values),
		cmocka_unit_test(elements_on_lines_of_their_own),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(numbers),
		cmocka_unit_test(a_string_that_is_not_there_is_null),
		cmocka_unit_test(more_than_a_buffer_arrives_whole),
		cmocka_unit_test(failures_are_told_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
