// SPDX-License-Identifier: GPL-2.0-only
/* Stacks of samples as one tree, and as folded lines. */
#include "unit/recording.h"

#include "attribute/attribution.h"
#include "out/folded.h"
#include "report/stack_profile.h"

/* Without binaries every frame is named after its file. */
static void begin_service(struct recording *r)
{
	begin(r, &plain_attr);
	comm(r, 5, 5, "api", false);
	map_file(r, 5, 0x401000, 0, "/bin/api");
	map_file(r, 5, 0x501000, 0, "/lib/c;d.so");
	map_file(r, 5, 0x601000, 0, "/lib/m.so");
}

enum { API = 0x401010, C = 0x501010, M = 0x601010 };

struct profiled {
	struct attribution *attribution;
	struct facts *facts;
	struct stack_profile *profile;
	struct stack_tree *tree;
	struct stack_profile_summary summary;
	struct stack_node *nodes;
	size_t count;
};

/* Adds what was written to a side of P's tree, which is made at first. */
static void add_side(struct recording *r, struct profiled *p, enum stack_side side,
		     const struct stack_profile_options *options)
{
	read_back(r);
	assert_null(attribution_new(r->session, NULL, &p->attribution));
	assert_null(facts_new(p->attribution, &p->facts));
	assert_null(stack_profile_check(options));
	assert_null(stack_profile_new(p->facts, options, &p->profile));
	for (; r->batch.count; assert_null(session_read(r->session, &r->batch)))
		assert_null(stack_profile_add(p->profile, &r->batch));
	if (!p->tree)
		assert_null(stack_tree_new(&p->tree));
	assert_null(stack_profile_finish(p->profile, p->tree, side, &p->summary));
	stack_profile_free(p->profile);
	facts_free(p->facts);
	attribution_free(p->attribution);
	end(r);
}

static struct profiled profile(struct recording *r, const struct stack_profile_options *options)
{
	struct profiled p = {0};
	add_side(r, &p, STACKS_NOW, options);
	assert_null(stack_tree_nodes(p.tree, &p.nodes, &p.count));
	return p;
}

static void done(struct profiled *p)
{
	free(p->nodes);
	stack_tree_free(p->tree);
}

static void assert_folded(const struct profiled *p, const char *expected)
{
	struct writer out = writer_of_memory();
	size_t size;
	folded_write(&out, p->nodes, p->count);
	writer_char(&out, '\0');
	assert_string_equal(writer_text(&out, &size), expected);
	assert_null(writer_finish(&out));
}

static void write_stacks(struct recording *r)
{
	const uint64_t outer[] = {PERF_CONTEXT_USER, C, API},
		       inner[] = {PERF_CONTEXT_USER, M, C, API};
	begin_service(r);
	sample(r, 5, 5, C, 3, outer);
	sample(r, 5, 5, C, 3, outer);
	sample(r, 5, 5, M, 4, inner);
}

static void stacks_fold_from_the_outermost_frame_on(void **state)
{
	(void)state;
	struct recording r;
	write_stacks(&r);
	struct profiled p = profile(&r, &(struct stack_profile_options){0});
	assert_folded(&p, "[api];[c:d.so] 2\n[api];[c:d.so];[m.so] 1\n");
	assert_int_equal(p.nodes[0].sides[STACKS_NOW].weight, 3);
	assert_int_equal(p.nodes[0].sides[STACKS_NOW].self_weight, 0);
	assert_int_equal(p.nodes[2].sides[STACKS_NOW].weight, 3);
	assert_int_equal(p.nodes[2].sides[STACKS_NOW].self_weight, 2);
	done(&p);
}

static void reversed_they_fold_from_the_innermost(void **state)
{
	(void)state;
	struct recording r;
	write_stacks(&r);
	struct profiled p = profile(&r, &(struct stack_profile_options){.reverse = true});
	assert_folded(&p, "[c:d.so];[api] 2\n[m.so];[c:d.so];[api] 1\n");
	done(&p);
}

static void values_of_keys_are_above_all_frames(void **state)
{
	(void)state;
	struct recording r;
	struct stack_profile_options options = {.weight = key_find("period")};
	assert_null(key_list_parse("comm,addr", &options.by));
	write_stacks(&r);
	struct profiled p = profile(&r, &options);
	assert_folded(&p, "api;?;[api];[c:d.so] 2000\napi;?;[api];[c:d.so];[m.so] 1000\n");
	assert_string_equal(p.nodes[1].entry.key, "comm");
	assert_string_equal(p.nodes[2].entry.key, "addr");
	assert_null(p.nodes[3].entry.key);
	done(&p);
}

static void frames_of_the_kernel_are_marked(void **state)
{
	(void)state;
	struct recording r;
	const uint64_t chain[] = {PERF_CONTEXT_KERNEL, KERNEL_IP, PERF_CONTEXT_USER, API};
	begin_service(&r);
	sample(&r, 5, 5, KERNEL_IP, 4, chain);
	struct profiled p = profile(&r, &(struct stack_profile_options){0});
	assert_folded(&p, "[api];[unknown]_[k] 1\n");
	assert_int_equal(p.nodes[2].entry.origin, ORIGIN_KERNEL);
	done(&p);
}

static void samples_without_a_callchain_have_their_own_frame(void **state)
{
	(void)state;
	struct recording r;
	begin_service(&r);
	sample(&r, 5, 5, M, 0, NULL);
	struct profiled p = profile(&r, &(struct stack_profile_options){0});
	assert_folded(&p, "[m.so] 1\n");
	done(&p);
}

static void samples_without_the_weight_are_left_out_and_counted(void **state)
{
	(void)state;
	struct recording r;
	write_stacks(&r);
	struct profiled p =
		profile(&r, &(struct stack_profile_options){.weight = key_find("mem_cycles")});
	assert_folded(&p, "");
	assert_int_equal(p.summary.unweighted, 3);
	assert_int_equal(p.summary.samples, 0);
	done(&p);
}

static void what_the_filter_leaves_out_is_counted(void **state)
{
	(void)state;
	struct recording r;
	struct stack_profile_options options = {0};
	assert_null(filter_parse("dso == m.so", &options.filter));
	write_stacks(&r);
	struct profiled p = profile(&r, &options);
	assert_folded(&p, "[api];[c:d.so];[m.so] 1\n");
	assert_int_equal(p.summary.filtered, 2);
	filter_free(options.filter);
	done(&p);
}

static void two_recordings_share_one_tree(void **state)
{
	(void)state;
	struct recording now, before;
	struct profiled p = {0};
	const uint64_t other[] = {PERF_CONTEXT_USER, M, API};
	write_stacks(&now);
	add_side(&now, &p, STACKS_NOW, &(struct stack_profile_options){.places = true});
	begin_service(&before);
	sample(&before, 5, 5, M, 3, other);
	add_side(&before, &p, STACKS_BEFORE, &(struct stack_profile_options){.places = true});
	assert_null(stack_tree_nodes(p.tree, &p.nodes, &p.count));
	assert_int_equal(p.count, 5);
	assert_string_equal(p.nodes[1].entry.name, "[api]");
	assert_string_equal(p.nodes[1].file, "/bin/api");
	assert_int_equal(p.nodes[1].sides[STACKS_NOW].weight, 3);
	assert_int_equal(p.nodes[1].sides[STACKS_BEFORE].weight, 1);
	assert_string_equal(p.nodes[4].entry.name, "[m.so]");
	assert_int_equal(p.nodes[4].depth, 2);
	assert_int_equal(p.nodes[4].sides[STACKS_NOW].weight, 0);
	done(&p);
}

static void what_counts_nothing_is_no_weight(void **state)
{
	(void)state;
	struct stack_profile_options options = {.weight = key_find("comm")};
	struct perfgo_error *error = stack_profile_check(&options);
	assert_string_equal(perfgo_error_text(error),
			    "comm is no weight: it does not count anything");
	perfgo_error_destroy(error);
	options.weight = key_find("period");
	assert_null(stack_profile_check(&options));
	assert_null(key_list_parse("callchain", &options.by));
	error = stack_profile_check(&options);
	assert_string_equal(perfgo_error_text(error), "samples cannot be told apart by callchain");
	perfgo_error_destroy(error);
}

static void of_files_the_first_and_its_lines_are_known(void **state)
{
	(void)state;
	struct stack_tree *tree;
	struct stack_node *nodes;
	size_t count;
	const struct stack_entry entry = {.name = "f"};
	assert_null(stack_tree_new(&tree));
	uint32_t node = stack_tree_child(tree, STACK_TREE_ROOT, stack_tree_entry(tree, &entry));
	const uint32_t a = stack_tree_file(tree, "a.go"), b = stack_tree_file(tree, "b.go");
	stack_tree_note_place(tree, node, STACKS_NOW, a, 7);
	stack_tree_note_place(tree, node, STACKS_NOW, a, 0);
	stack_tree_note_place(tree, node, STACKS_NOW, a, 3);
	stack_tree_note_place(tree, node, STACKS_BEFORE, b, 1);
	stack_tree_note_place(tree, node, STACKS_BEFORE, a, 99);
	assert_null(stack_tree_nodes(tree, &nodes, &count));
	assert_string_equal(nodes[1].file, "a.go");
	assert_int_equal(nodes[1].first_line, 3);
	assert_int_equal(nodes[1].last_line, 7);
	assert_false(nodes[1].other_files);
	free(nodes);
	stack_tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_fold_from_the_outermost_frame_on),
		cmocka_unit_test(reversed_they_fold_from_the_innermost),
		cmocka_unit_test(values_of_keys_are_above_all_frames),
		cmocka_unit_test(frames_of_the_kernel_are_marked),
		cmocka_unit_test(samples_without_a_callchain_have_their_own_frame),
		cmocka_unit_test(samples_without_the_weight_are_left_out_and_counted),
		cmocka_unit_test(what_the_filter_leaves_out_is_counted),
		cmocka_unit_test(two_recordings_share_one_tree),
		cmocka_unit_test(what_counts_nothing_is_no_weight),
		cmocka_unit_test(of_files_the_first_and_its_lines_are_known),
	};
	return cmocka_run_group_tests_name("stack_profile", tests, NULL, NULL);
}
