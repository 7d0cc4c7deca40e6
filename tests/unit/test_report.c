// SPDX-License-Identifier: GPL-2.0-only
/* Grouping samples by keys, with their stacks and without. */
#include "unit/recording.h"

#include "attribute/attribution.h"
#include "keys/keys.h"
#include "report/report.h"

static const struct perfdata_attr memory_attr = {
	.type = PERF_TYPE_RAW,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_WEIGHT |
		       PERF_SAMPLE_DATA_SRC,
	.sample_period = 1,
	.flags = PERF_ATTR_SAMPLE_ID_ALL,
};

/* Real ones, of a Skylake (perf.data.weight_struct of google/perf_data_converter). */
#define L1_LOAD 0x10268100142ull
#define L3_LOAD 0x10650100842ull
#define STORE 0x5080184ull
#define NO_SOURCE 0x5080021ull /* PERF_MEM_NA: every field N/A */

struct grouped {
	struct attribution *attribution;
	struct facts *facts;
	struct report *report;
	const struct report_event *events;
	size_t count;
};

static void memory_sample(struct recording *r, uint64_t ip, uint64_t weight, uint64_t data_src)
{
	begin_record(&r->file, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(&r->file, ip);
	put32(&r->file, 5);
	put32(&r->file, 5);
	put64(&r->file, ++r->time);
	put64(&r->file, weight);
	put64(&r->file, data_src);
	end_record(&r->file);
}

/* OPTIONS but for the keys. */
static struct grouped group_with(struct recording *r, const char *keys,
				 const struct report_options *wanted)
{
	struct grouped g = {0};
	struct report_options options = *wanted;
	read_back(r);
	assert_null(attribution_new(r->session, NULL, &g.attribution));
	assert_null(facts_new(g.attribution, &g.facts));
	assert_null(key_list_parse(keys, &options.keys));
	assert_null(report_new(g.facts, &options, &g.report));
	for (; r->batch.count; assert_null(session_read(r->session, &r->batch)))
		assert_null(report_add(g.report, &r->batch));
	assert_null(report_finish(g.report, &g.events, &g.count));
	return g;
}

static struct grouped group(struct recording *r, const char *keys, bool stacks, const char *filter)
{
	struct report_options options = {.children = stacks, .callgraph = stacks};
	if (filter)
		assert_null(filter_parse(filter, &options.filter));
	struct grouped g = group_with(r, keys, &options);
	filter_free(options.filter);
	return g;
}

static void done(struct recording *r, struct grouped *g)
{
	report_free(g->report);
	facts_free(g->facts);
	attribution_free(g->attribution);
	end(r);
}

/* "value value": the texts of a row's first COUNT keys. */
static const char *row_text(const struct recording *r, const struct grouped *g, size_t row,
			    const char *keys)
{
	static char text[256];
	struct key_list list;
	size_t length = 0;
	(void)r;
	assert_null(key_list_parse(keys, &list));
	for (size_t i = 0; i < list.count; i++) {
		char buffer[KEY_TEXT_SIZE];
		uint64_t value = 0;
		bool known = report_value(g->report, &g->events[0].rows[row], i, &value);
		length +=
			(size_t)snprintf(text + length, sizeof(text) - length, "%s%s", i ? " " : "",
					 key_text(list.keys[i], g->facts, value, known, buffer));
	}
	return text;
}

static void rows_are_the_distinct_values(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	comm(&r, 5, 5, "a", false);
	comm(&r, 6, 6, "b", false);
	for (int i = 0; i < 3; i++)
		sample(&r, 5, 5, USER_IP, 0, NULL);
	sample(&r, 6, 6, USER_IP, 0, NULL);
	struct grouped g = group(&r, "comm,pid", false, NULL);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.events[0].count, 2);
	assert_int_equal(g.events[0].samples, 4);
	assert_int_equal(g.events[0].rows[0].samples, 3);
	assert_int_equal(g.events[0].rows[0].period, 3000);
	assert_string_equal(row_text(&r, &g, 0, "comm,pid"), "a 5");
	assert_string_equal(row_text(&r, &g, 1, "comm,pid"), "b 6");
	done(&r, &g);
}

static void equal_rows_are_ordered_by_their_values(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	sample(&r, 7, 7, USER_IP, 0, NULL);
	sample(&r, 6, 6, USER_IP, 0, NULL);
	struct grouped g = group(&r, "tid", false, NULL);
	assert_string_equal(row_text(&r, &g, 0, "tid"), "6");
	assert_string_equal(row_text(&r, &g, 1, "tid"), "7");
	done(&r, &g);
}

static void what_is_not_known_is_a_row_of_its_own(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	struct grouped g = group(&r, "dso,sym,gofunc,mem_level,mem_loads", false, NULL);
	assert_string_equal(row_text(&r, &g, 0, "dso,sym,gofunc,mem_level,mem_loads"), "? ? ? ? ?");
	done(&r, &g);
}

static void filtered_samples_still_count_for_the_whole(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &plain_attr);
	sample(&r, 5, 5, USER_IP, 0, NULL);
	sample(&r, 6, 6, USER_IP, 0, NULL);
	struct grouped g = group(&r, "pid", false, "pid == 6");
	assert_int_equal(g.events[0].count, 1);
	assert_int_equal(g.events[0].samples, 2);
	assert_int_equal(g.events[0].filtered_samples, 1);
	assert_int_equal(g.events[0].period, 2000);
	done(&r, &g);
}

static void a_sample_counts_once_for_all_on_its_stack(void **state)
{
	(void)state;
	/* b called a, which called b again, where the sample is */
	const uint64_t recursion[] = {PERF_CONTEXT_USER, 0x501010, 0x401020, 0x501030};
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	map_file(&r, 5, 0x501000, 0, "/bin/b");
	sample(&r, 5, 5, 0x501010, 4, recursion);
	sample(&r, 5, 5, 0x401000, 0, NULL);
	struct grouped g = group(&r, "dso", true, NULL);
	assert_int_equal(g.events[0].count, 2);
	/* a: of both samples on the stack, of one itself; b: of one */
	assert_string_equal(row_text(&r, &g, 0, "dso"), "a");
	assert_int_equal(g.events[0].rows[0].children_period, 2000);
	assert_int_equal(g.events[0].rows[0].period, 1000);
	assert_int_equal(g.events[0].rows[1].children_period, 1000);
	assert_int_equal(g.events[0].rows[1].period, 1000);
	done(&r, &g);
}

static void graphs_lead_from_callers_to_samples(void **state)
{
	(void)state;
	const uint64_t chain[] = {PERF_CONTEXT_USER, 0x501010, 0x401020};
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	map_file(&r, 5, 0x501000, 0, "/bin/b");
	for (int i = 0; i < 3; i++)
		sample(&r, 5, 5, 0x501010, 3, chain);
	sample(&r, 5, 5, 0x401020, 2, (const uint64_t[]){PERF_CONTEXT_USER, 0x401020});
	struct grouped g = group(&r, "dso", true, NULL);
	struct report_graph_entry *graph;
	size_t count;
	assert_string_equal(row_text(&r, &g, 0, "dso"), "a");
	assert_null(report_graph(g.report, &g.events[0].rows[0], &(struct report_graph_options){0},
				 &graph, &count));
	assert_int_equal(count, 2);
	assert_int_equal(graph[0].depth, 0);
	assert_int_equal(graph[0].period, 4000);
	assert_int_equal(graph[1].depth, 1);
	assert_int_equal(graph[1].period, 3000);
	free(graph);
	/* What is below the least that is wanted is left out. */
	assert_null(report_graph(g.report, &g.events[0].rows[0],
				 &(struct report_graph_options){.min_period = 3500}, &graph,
				 &count));
	assert_int_equal(count, 1);
	free(graph);
	done(&r, &g);
}

/* Stacks of /bin/a, which calls /bin/b, which calls /bin/a: 3 samples there, 1 already in /bin/b.
 */
static struct grouped group_recursion(struct recording *r, bool children)
{
	const uint64_t deep[] = {PERF_CONTEXT_USER, 0x401010, 0x501010, 0x401020};
	begin(r, &plain_attr);
	map_file(r, 5, 0x401000, 0, "/bin/a");
	map_file(r, 5, 0x501000, 0, "/bin/b");
	for (int i = 0; i < 3; i++)
		sample(r, 5, 5, 0x401010, 4, deep);
	sample(r, 5, 5, 0x501010, 3, (const uint64_t[]){PERF_CONTEXT_USER, 0x501010, 0x401020});
	return group_with(r, "dso",
			  &(struct report_options){.children = children, .callgraph = true});
}

static void assert_entry(const struct report_graph_entry *entry, uint32_t depth, uint64_t period,
			 uint64_t below)
{
	assert_int_equal(entry->depth, depth);
	assert_int_equal(entry->period, period);
	assert_int_equal(entry->below, below);
}

static void graphs_lead_to_callers_from_the_innermost_call(void **state)
{
	(void)state;
	struct recording r;
	struct grouped g = group_recursion(&r, true);
	const struct report_graph_options options = {.to_callers = true};
	struct report_graph_entry *graph;
	size_t count;
	assert_string_equal(row_text(&r, &g, 0, "dso"), "a");
	assert_null(report_graph(g.report, &g.events[0].rows[0], &options, &graph, &count));
	assert_int_equal(count, 3);
	assert_entry(&graph[0], 0, 4000, 3000); /* the 1000 are in the outermost frame */
	assert_entry(&graph[1], 1, 3000, 3000);
	assert_entry(&graph[2], 2, 3000, 0);
	free(graph);
	done(&r, &g);
}

static void without_children_they_lead_from_the_outermost_frame(void **state)
{
	(void)state;
	struct recording r;
	struct grouped g = group_recursion(&r, false);
	struct report_graph_entry *graph;
	size_t count;
	assert_string_equal(row_text(&r, &g, 1, "dso"), "b");
	assert_null(report_graph(g.report, &g.events[0].rows[1], &(struct report_graph_options){0},
				 &graph, &count));
	assert_int_equal(count, 2);
	assert_entry(&graph[0], 0, 1000, 1000);
	assert_entry(&graph[1], 1, 1000, 0);
	free(graph);
	done(&r, &g);
}

static void a_least_share_is_that_among_siblings(void **state)
{
	(void)state;
	const uint64_t chains[][3] = {{PERF_CONTEXT_USER, 0x501010, 0x401020},
				      {PERF_CONTEXT_USER, 0x601010, 0x401020}};
	struct recording r;
	begin(&r, &plain_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	map_file(&r, 5, 0x501000, 0, "/bin/b");
	map_file(&r, 5, 0x601000, 0, "/bin/c");
	for (int i = 0; i < 4; i++)
		sample(&r, 5, 5, chains[i == 3][1], 3, chains[i == 3]);
	for (int i = 0; i < 40; i++)
		sample(&r, 6, 6, USER_IP, 0, NULL);
	struct grouped g = group(&r, "dso", true, "pid == 5");
	struct report_graph_entry *graph;
	size_t count;
	assert_null(report_graph(g.report, &g.events[0].rows[0],
				 &(struct report_graph_options){.min_share = .5}, &graph, &count));
	assert_int_equal(count, 2);
	assert_entry(&graph[0], 0, 4000, 4000);
	assert_entry(&graph[1], 1, 3000, 0);
	free(graph);
	done(&r, &g);
}

static void loads_are_counted_over_the_other_keys(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &memory_attr);
	memory_sample(&r, USER_IP, 7, L1_LOAD);
	memory_sample(&r, USER_IP, 300, L3_LOAD);
	memory_sample(&r, USER_IP, 1, STORE);
	memory_sample(&r, USER_IP, 0, NO_SOURCE);
	struct grouped g = group(&r, "pid,mem_loads", false, NULL);
	assert_int_equal(g.events[0].count, 1);
	assert_string_equal(row_text(&r, &g, 0, "pid,mem_loads"), "5 2");
	done(&r, &g);
}

static void data_sources_are_spelled_as_perf_spells_them(void **state)
{
	(void)state;
	const char keys[] = "mem_cycles,mem_op,mem_level,mem_snoop,mem_tlb,mem_lock";
	static const struct {
		uint64_t data_src;
		const char *text;
	} words[] = {
		{0x11868100242, "1 LOAD LFB/MAB hit None L1 or L2 hit No"},
		{0x1026a100142, "2 LOAD L1 hit None L1 or L2 hit Yes"},
		{L3_LOAD, "3 LOAD L3 hit None L2 miss No"},
		{0x5080184, "4 STORE L1 miss N/A N/A N/A"},
		{NO_SOURCE, "5 N/A N/A N/A N/A N/A"},
		{0, "6 No N/A N/A N/A No"},
		{0x1042, "7 LOAD Local RAM hit N/A N/A No"},
		{0x3a00000042, "8 LOAD Remote RAM hit N/A N/A No"},
		{0x4000000042, "9 LOAD N/A Fwd N/A No"},
		{0x1e00000042, "10 LOAD N/A N/A N/A No"},
		{0x0e00000042, "11 LOAD Unknown level 7 hit N/A N/A No"},
	};
	struct recording r;
	begin(&r, &memory_attr);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		memory_sample(&r, USER_IP, i + 1, words[i].data_src);
	struct grouped g = group(&r, keys, false, NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_string_equal(row_text(&r, &g, i, keys), words[i].text);
	done(&r, &g);
}

static void unknown_keys_are_told_with_a_neighbour(void **state)
{
	(void)state;
	struct key_list list;
	struct perfgo_error *error = key_list_parse("comm,gofunk", &list);
	assert_string_equal(perfgo_error_text(error), "there is no key 'gofunk'");
	assert_non_null(strstr(perfgo_error_hint_text(error), "gofunc"));
	perfgo_error_destroy(error);
	error = key_list_parse("", &list);
	assert_non_null(error);
	perfgo_error_destroy(error);
	assert_null(key_list_parse("symbol", &list));
	assert_string_equal(list.keys[0]->name, "sym");
}

/* Such names break --sort of stock perf, where keys are tracepoint fields (util/sort.c). */
static void key_names_do_not_clash_with_perfs(void **state)
{
	(void)state;
	size_t count;
	const struct key *keys = key_table(&count);
	for (size_t i = 0; i < count; i++) {
		assert_null(strstr(keys[i].name, "symbol"));
		assert_null(strstr(keys[i].name, "latency"));
		assert_null(strstr(keys[i].name, "type"));
		assert_int_equal(keys[i].kind == KEY_RECORD, !keys[i].fill);
		assert_true(*keys[i].doc && *keys[i].how);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(keys[i].name, keys[j].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_the_distinct_values),
		cmocka_unit_test(equal_rows_are_ordered_by_their_values),
		cmocka_unit_test(what_is_not_known_is_a_row_of_its_own),
		cmocka_unit_test(filtered_samples_still_count_for_the_whole),
		cmocka_unit_test(a_sample_counts_once_for_all_on_its_stack),
		cmocka_unit_test(graphs_lead_from_callers_to_samples),
		cmocka_unit_test(graphs_lead_to_callers_from_the_innermost_call),
		cmocka_unit_test(without_children_they_lead_from_the_outermost_frame),
		cmocka_unit_test(a_least_share_is_that_among_siblings),
		cmocka_unit_test(loads_are_counted_over_the_other_keys),
		cmocka_unit_test(data_sources_are_spelled_as_perf_spells_them),
		cmocka_unit_test(unknown_keys_are_told_with_a_neighbour),
		cmocka_unit_test(key_names_do_not_clash_with_perfs),
	};
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
