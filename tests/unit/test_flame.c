// SPDX-License-Identifier: GPL-2.0-only
/* Where frames of a flame graph are, and the text around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "out/flame.h"
#include "out/flame_layout.h"
#include "out/xml.h"

#define NODE(text, at, now, before)                                                                \
	{                                                                                          \
		.entry = {.name = (text)}, .depth = (at),                                          \
		.sides = {{.weight = (now), .samples = (now)},                                     \
			  {.weight = (before), .samples = (before)}},                              \
	}

static const struct stack_node nodes[] = {
	NODE("all", 0, 100, 10), NODE("a", 1, 60, 1), NODE("b", 2, 50, 0),
	NODE("c", 2, 1, 1),	 NODE("d", 1, 40, 4), NODE("e", 1, 0, 5),
};
static const struct stack_node equals[] = {NODE("all", 0, 3, 0), NODE("a", 1, 1, 0),
					   NODE("b", 1, 1, 0), NODE("c", 1, 1, 0)};
enum { COUNT = sizeof(nodes) / sizeof(*nodes) };

static void assert_box(const struct flame_box *box, uint32_t node, double x, double width)
{
	assert_int_equal(box->node, node);
	assert_true(box->x > x - 1e-9 && box->x < x + 1e-9);
	assert_true(box->width > width - 1e-9 && box->width < width + 1e-9);
}

static void frames_stand_on_their_callers(void **state)
{
	(void)state;
	struct flame_layout layout;
	assert_null(flame_layout(nodes, COUNT, false, 0, 0, &layout));
	assert_int_equal(layout.count, 5);
	assert_box(&layout.boxes[0], 0, 0, 1);
	assert_box(&layout.boxes[1], 1, 0, .6);
	assert_box(&layout.boxes[2], 2, 0, .5);
	assert_box(&layout.boxes[3], 3, .5, .01);
	assert_box(&layout.boxes[4], 4, .6, .4);
	assert_int_equal(layout.depth, 2);
	flame_layout_deinit(&layout);
}

static void narrow_frames_keep_their_place(void **state)
{
	(void)state;
	struct flame_layout layout;
	assert_null(flame_layout(nodes, COUNT, false, .45, 0, &layout));
	assert_int_equal(layout.count, 3);
	assert_int_equal(layout.left_out, 3);
	assert_box(&layout.boxes[2], 2, 0, .5);
	flame_layout_deinit(&layout);
}

static void of_too_many_frames_the_narrowest_are_left_out(void **state)
{
	(void)state;
	struct flame_layout layout;
	assert_null(flame_layout(nodes, COUNT, false, 0, 4, &layout));
	assert_int_equal(layout.count, 4);
	assert_int_equal(layout.left_out, 2);
	assert_box(&layout.boxes[3], 4, .6, .4);
	flame_layout_deinit(&layout);
	/* Of equal ones none is chosen. */
	assert_null(flame_layout(equals, 4, false, 0, 3, &layout));
	assert_int_equal(layout.count, 1);
	flame_layout_deinit(&layout);
}

static void a_recording_without_samples_has_a_root(void **state)
{
	(void)state;
	const struct stack_node root = {.entry = {.name = "all"}};
	struct flame_layout layout;
	assert_null(flame_layout(&root, 1, false, .1, 0, &layout));
	assert_int_equal(layout.count, 1);
	assert_box(&layout.boxes[0], 0, 0, 1);
	flame_layout_deinit(&layout);
}

static void inferred_frames_are_marked_and_told(void **state)
{
	(void)state;
	struct stack_node some[] = {NODE("all", 0, 3, 0), NODE("a", 1, 2, 0), NODE("b", 1, 1, 0)};
	const struct flame flame = {.nodes = some, .count = 3, .title = "t"};
	struct writer out = writer_of_memory();
	size_t size;
	some[1].sides[STACKS_NOW].inferred = 1;
	some[2].sides[STACKS_NOW].inferred = 1;
	assert_null(flame_write(&out, &flame));
	writer_char(&out, '\0');
	const char *text = writer_text(&out, &size);
	assert_non_null(strstr(text, "<g class=\"f unk inf\"><title>a\ninferred from the code in 1 "
				     "sample\n2 samples"));
	assert_non_null(strstr(text, "<title>b\ninferred from the code\n1 sample"));
	assert_non_null(strstr(text, "dotted: inferred from the code"));
	assert_null(writer_finish(&out));
}

static void compared_frames_are_as_wide_as_the_mean_of_both_shares(void **state)
{
	(void)state;
	struct flame_layout layout;
	assert_null(flame_layout(nodes, COUNT, true, 0, 0, &layout));
	assert_int_equal(layout.count, COUNT);
	assert_box(&layout.boxes[1], 1, 0, (.6 + .1) / 2);
	assert_box(&layout.boxes[5], 5, .75, .25);
	assert_true(layout.boxes[5].change < -.49);
	assert_true(layout.most_change > .49 && layout.most_change < .51);
	flame_layout_deinit(&layout);
}

#define FFFD "\xef\xbf\xbd"

static void assert_xml(const char *text, const char *expected)
{
	struct writer out = writer_of_memory();
	size_t size;
	xml_string(&out, text);
	writer_char(&out, '\0');
	assert_string_equal(writer_text(&out, &size), expected);
	assert_null(writer_finish(&out));
}

static void names_become_xml_whatever_they_are(void **state)
{
	(void)state;
	assert_xml("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;");
	assert_xml("é☃\U0001f600", "é☃\U0001f600");
	assert_xml("a\x01z\x7f\xff", "a" FFFD "z" FFFD FFFD);
	assert_xml("\xc0\xaf\xed\xa0\x80", FFFD FFFD FFFD FFFD FFFD);
	assert_xml("\xef\xbf\xbf", FFFD);
	assert_xml("\xe2\x82", FFFD FFFD);
}

static void frames_that_are_left_out_are_told(void **state)
{
	(void)state;
	const struct flame flame = {
		.nodes = nodes, .count = COUNT, .title = "t", .min_width = 0.45 * 1180};
	struct writer out = writer_of_memory();
	size_t size;
	assert_null(flame_write(&out, &flame));
	writer_char(&out, '\0');
	const char *text = writer_text(&out, &size);
	assert_non_null(strstr(text, "3 frames narrower than 531 px left out"));
	assert_non_null(strstr(text, "<title>b\n50 samples, 50.00 %</title>"));
	assert_null(writer_finish(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_stand_on_their_callers),
		cmocka_unit_test(narrow_frames_keep_their_place),
		cmocka_unit_test(of_too_many_frames_the_narrowest_are_left_out),
		cmocka_unit_test(a_recording_without_samples_has_a_root),
		cmocka_unit_test(inferred_frames_are_marked_and_told),
		cmocka_unit_test(compared_frames_are_as_wide_as_the_mean_of_both_shares),
		cmocka_unit_test(names_become_xml_whatever_they_are),
		cmocka_unit_test(frames_that_are_left_out_are_told),
	};
	return cmocka_run_group_tests_name("flame", tests, NULL, NULL);
}
