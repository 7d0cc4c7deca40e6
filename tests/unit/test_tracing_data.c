// SPDX-License-Identifier: GPL-2.0-only
/* TRACING_DATA, new and behind what a recording has already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "out/tracing_data.h"

static const struct tracepoint_field fields[] = {
	{.name = "gofunc", .kind = TRACEPOINT_TEXT, .size = 4, .offset = 8}};
static const struct tracepoint tracepoints[] = {
	{.system = "go", .name = "one", .id = 64001, .fields = fields, .nr_fields = 1},
	{.system = "go", .name = "two", .id = 64002, .fields = fields, .nr_fields = 1}};
static const struct tracepoint_text texts[] = {
	{0, "?"}, {1, "main.main"}, {0x4c00000000000002, "a \"b\"\t\\n%s\u00e9"}};

static const struct tracing_data plain = {.tracepoints = tracepoints,
					  .nr_tracepoints = 2,
					  .texts = texts,
					  .nr_texts = 3,
					  .text_size = 4};

/* What perf's trace_report() reads, one after the other. */
struct read_back {
	uint8_t big_endian, long_size;
	uint32_t systems, events;
	char formats[4][512];
	char texts[512];
	bool whole;
};

static void read_text(struct cursor *c, uint64_t size, char *ret, size_t max)
{
	const void *bytes = cursor_bytes(c, size);
	assert_true(bytes && size < max);
	memcpy(ret, bytes, size);
	ret[size] = 0;
}

static struct read_back read_back(const void *bytes, size_t size, bool swap)
{
	struct read_back ret = {0};
	struct cursor c = cursor_of(bytes, size, swap);
	assert_memory_equal(cursor_bytes(&c, 10), "\027\010\104tracing", 10);
	assert_string_equal(cursor_string(&c), "0.6");
	ret.big_endian = cursor_u8(&c);
	ret.long_size = cursor_u8(&c);
	assert_int_equal(cursor_u32(&c), 4096);
	assert_string_equal(cursor_string(&c), "header_page");
	cursor_skip(&c, cursor_u64(&c));
	assert_string_equal(cursor_string(&c), "header_event");
	cursor_skip(&c, cursor_u64(&c));
	assert_int_equal(cursor_u32(&c), 0);
	ret.systems = cursor_u32(&c);
	for (uint32_t i = 0; i < ret.systems; i++) {
		assert_string_equal(cursor_string(&c), i + 1 < ret.systems ? "before" : "go");
		for (uint32_t count = cursor_u32(&c); count; count--)
			read_text(&c, cursor_u64(&c), ret.formats[ret.events++],
				  sizeof(ret.formats[0]));
	}
	assert_int_equal(cursor_u32(&c), 0);
	read_text(&c, cursor_u32(&c), ret.texts, sizeof(ret.texts));
	assert_int_equal(cursor_u64(&c), 0);
	ret.whole = !c.failed && !cursor_left(&c);
	return ret;
}

static struct read_back write_and_read(const struct tracing_data *data, bool swap)
{
	struct writer writer = writer_of_memory();
	size_t size;
	assert_true(tracing_data_write(data, &writer));
	const char *bytes = writer_text(&writer, &size);
	struct read_back ret = read_back(bytes, size, swap);
	assert_null(writer_finish(&writer));
	assert_true(ret.whole);
	return ret;
}

static void events_and_texts_are_where_perf_reads_them(void **state)
{
	(void)state;
	struct read_back got = write_and_read(&plain, false);
	assert_int_equal(got.systems, 1);
	assert_int_equal(got.events, 2);
	assert_int_equal(got.long_size, 4);
	assert_non_null(strstr(got.formats[0], "name: one\nID: 64001\n"));
	assert_non_null(strstr(got.formats[1], "name: two\nID: 64002\n"));
}

static void texts_are_lines_without_blanks(void **state)
{
	(void)state;
	struct read_back got = write_and_read(&plain, false);
	assert_string_equal(got.texts,
			    "0x0 : \"?\\n\"\n"
			    "0x1 : \"main.main\\n\"\n"
			    "0x4c00000000000002 : \"a\u00a0\"b\"\ufffd\\n%s\u00e9\\n\"\n");
}

static void in_the_other_byte_order_texts_are_found_by_the_bytes(void **state)
{
	(void)state;
	struct tracing_data data = plain;
	data.swap = true;
	struct read_back got = write_and_read(&data, true);
	assert_int_equal(got.big_endian, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	assert_non_null(strstr(got.texts, "0x1000000 : \"main.main\\n\"\n"));
}

/* What a recording of a kernel's tracepoint has, with a text of its own without a last newline. */
static size_t write_before(struct writer *writer)
{
	static const struct tracepoint one = {
		.system = "before", .name = "kernel", .id = 300, .fields = fields, .nr_fields = 1};
	static const struct tracepoint_text text[] = {{0, "own"}};
	struct tracing_data data = {.tracepoints = &one,
				    .nr_tracepoints = 1,
				    .texts = text,
				    .nr_texts = 1,
				    .text_size = 4};
	size_t size;
	assert_true(tracing_data_write(&data, writer));
	writer_text(writer, &size);
	return size;
}

static void ours_come_behind_what_is_there(void **state)
{
	(void)state;
	struct writer before = writer_of_memory();
	struct tracing_data data = plain;
	data.before_size = write_before(&before);
	data.before = before.buffer;
	struct read_back got = write_and_read(&data, false);
	assert_int_equal(got.systems, 2);
	assert_int_equal(got.events, 3);
	assert_non_null(strstr(got.formats[0], "name: kernel\n"));
	assert_non_null(strstr(got.formats[2], "name: two\n"));
	assert_non_null(strstr(got.texts, "0x0 : \"own\\n\"\n0x0 : \"?\\n\"\n"));
	assert_null(writer_finish(&before));
}

static void texts_have_the_size_of_a_long(void **state)
{
	(void)state;
	struct writer before = writer_of_memory();
	size_t size = write_before(&before);
	uint8_t got;
	before.buffer[10 + 4 + 1] = 8;
	assert_true(tracing_data_text_size(before.buffer, size, &got));
	assert_int_equal(got, 8);
	assert_true(tracing_data_text_size(NULL, 0, &got));
	assert_int_equal(got, 4);
	assert_null(writer_finish(&before));
}

static void what_is_cut_off_or_something_else_is_refused(void **state)
{
	(void)state;
	struct writer before = writer_of_memory(), to = writer_of_memory();
	struct tracing_data data = plain;
	size_t size = write_before(&before);
	uint8_t got;
	data.before = before.buffer;
	for (data.before_size = 0; data.before_size < size - 8; data.before_size++) {
		assert_false(tracing_data_write(&data, &to));
		assert_false(tracing_data_text_size(data.before, data.before_size, &got));
	}
	data.before_size = size;
	data.swap = true;
	assert_false(tracing_data_write(&data, &to));
	assert_null(writer_finish(&before));
	assert_null(writer_finish(&to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_and_texts_are_where_perf_reads_them),
		cmocka_unit_test(texts_are_lines_without_blanks),
		cmocka_unit_test(in_the_other_byte_order_texts_are_found_by_the_bytes),
		cmocka_unit_test(ours_come_behind_what_is_there),
		cmocka_unit_test(texts_have_the_size_of_a_long),
		cmocka_unit_test(what_is_cut_off_or_something_else_is_refused),
	};
	return cmocka_run_group_tests_name("tracing_data", tests, NULL, NULL);
}
