// SPDX-License-Identifier: GPL-2.0-only
/* Profiles for profiler.firefox.com as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "out/firefox.h"

enum { GZIP_WINDOW = 15 + 16, TEXT_SIZE = 1 << 16 };

static const struct firefox_category categories[] = {{"Other", "grey"}, {"Go", "blue"}};

static char text[TEXT_SIZE];

static void unpack(const void *bytes, size_t size)
{
	z_stream stream = {.next_in = (Bytef *)bytes,
			   .avail_in = (uInt)size,
			   .next_out = (Bytef *)text,
			   .avail_out = TEXT_SIZE - 1};
	assert_int_equal(inflateInit2(&stream, GZIP_WINDOW), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	text[stream.total_out] = 0;
	inflateEnd(&stream);
}

static void finish(struct firefox *firefox)
{
	const struct firefox_meta meta = {
		.interval = 1, .categories = categories, .nr_categories = 2};
	void *bytes;
	size_t size;
	assert_null(firefox_finish(firefox, &meta, &bytes, &size));
	unpack(bytes, size);
	free(bytes);
	firefox_free(firefox);
}

static struct firefox *begin(void)
{
	struct firefox *firefox;
	assert_null(firefox_new(&firefox));
	return firefox;
}

static uint32_t frame(struct firefox *firefox, const char *function, uint32_t depth)
{
	return firefox_frame(firefox, &(struct firefox_frame){.function = function,
							      .file = "a.go",
							      .line = 7,
							      .category = 1,
							      .lib = FIREFOX_NONE,
							      .inline_depth = depth});
}

static uint32_t thread(struct firefox *firefox, const char *name)
{
	return firefox_thread(firefox, &(struct firefox_thread){
					       .name = name, .process = "p", .tid = "8", .pid = 7});
}

#define assert_has(part) assert_non_null(strstr(text, part))

static void callers_come_before_what_they_called(void **state)
{
	(void)state;
	struct firefox *firefox = begin();
	uint32_t outer = firefox_stack(firefox, FIREFOX_NONE, frame(firefox, "main.main", 0));
	uint32_t inner = firefox_stack(firefox, outer, frame(firefox, "main.f", 1));
	uint32_t id = thread(firefox, "t");
	firefox_sample(firefox, id, 0.5, inner, 1);
	firefox_sample(firefox, id, 1.5, outer, 1);
	finish(firefox);
	assert_has("\"prefix\":[null,0],\"frame\":[0,1]");
	assert_has("\"stack\":[1,0],\"time\":[0.500000,1.500000],\"weight\":[1,1]");
	assert_has("\"inlineDepth\":[0,1]");
	assert_has("\"stringArray\":[\"main.main\",\"a.go\",\"main.f\"]");
}

static void a_thread_has_only_what_its_samples_meet(void **state)
{
	(void)state;
	struct firefox *firefox = begin();
	uint32_t first = firefox_stack(firefox, FIREFOX_NONE, frame(firefox, "main.one", 0));
	uint32_t second = firefox_stack(firefox, FIREFOX_NONE, frame(firefox, "main.two", 0));
	firefox_sample(firefox, thread(firefox, "a"), 0, first, 1);
	firefox_sample(firefox, thread(firefox, "b"), 0, second, 1);
	finish(firefox);
	assert_has("\"stringArray\":[\"main.one\",\"a.go\"]");
	assert_has("\"stringArray\":[\"main.two\",\"a.go\"]");
}

static void a_sample_may_have_no_stack(void **state)
{
	(void)state;
	struct firefox *firefox = begin();
	firefox_sample(firefox, thread(firefox, "t"), 0, FIREFOX_NONE, 1);
	finish(firefox);
	assert_has("\"stack\":[null]");
	assert_has("\"stackTable\":{\"length\":0,\"prefix\":[],\"frame\":[]}");
}

static void build_ids_are_breakpads_too(void **state)
{
	(void)state;
	struct firefox *firefox = begin();
	firefox_lib(firefox,
		    &(struct firefox_lib){.name = "libc.so.6",
					  .path = "/lib/libc.so.6",
					  .build_id = "000102030405060708090a0b0c0d0e0f10111213"});
	finish(firefox);
	assert_has("\"breakpadId\":\"03020100050407060"
		   "8090A0B0C0D0E0F0\"");
	assert_has("\"codeId\":\"000102030405060708090a0b0c0d0e0f10111213\"");
}

static void markers_are_intervals(void **state)
{
	(void)state;
	struct firefox *firefox = begin();
	firefox_marker(firefox, thread(firefox, "main.worker 5"),
		       &(struct firefox_marker){.from = 1,
						.to = 2,
						.name = "sleep",
						.state = "waiting",
						.goroutine = "main.worker",
						.goid = 5});
	finish(firefox);
	assert_has("\"data\":[{\"type\":\"goroutine\",\"state\":\"waiting\","
		   "\"goroutine\":\"main.worker\",\"goid\":5}]");
	assert_has(
		"\"startTime\":[1.000000],\"endTime\":[2.000000],\"category\":[0],\"phase\":[1]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_come_before_what_they_called),
		cmocka_unit_test(a_thread_has_only_what_its_samples_meet),
		cmocka_unit_test(a_sample_may_have_no_stack),
		cmocka_unit_test(build_ids_are_breakpads_too),
		cmocka_unit_test(markers_are_intervals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
