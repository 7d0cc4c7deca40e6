// SPDX-License-Identifier: GPL-2.0-only
/* Filters on keys: what the grammar takes, what it refuses and where, and what passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/filter.h"

/* CPUs 0 to 3, the last sample without a data address. */
static const struct sample samples[] = {
	{.type = PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR, .cpu = 0, .addr = 0x1000, .period = 100},
	{.type = PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR, .cpu = 1, .addr = 0x2000, .period = 200},
	{.type = PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR, .cpu = 2, .addr = 0x3000, .period = 300},
	{.type = PERF_SAMPLE_CPU, .cpu = 3, .period = UINT64_MAX},
};

/* A digit for each sample that passes, by its CPU. */
static const char *passing(struct filter *filter)
{
	static char ret[5];
	const struct batch batch = {.count = 4, .samples = samples};
	bool pass[BATCH_SIZE] = {true, true, true, true};
	filter_apply(filter, NULL, &batch, NULL, pass);
	char *end = ret;
	for (int i = 0; i < 4; i++)
		if (pass[i])
			*end++ = (char)('0' + i);
	*end = 0;
	return ret;
}

static struct filter *parsed(const char *expression)
{
	struct filter *filter = NULL;
	struct perfgo_error *error = filter_parse(expression, &filter);
	if (error)
		fail_msg("%s: %s", expression, perfgo_error_text(error));
	return filter;
}

static void assert_passes(const char *expression, const char *expected)
{
	struct filter *filter = parsed(expression);
	assert_string_equal(passing(filter), expected);
	filter_free(filter);
}

static void assert_refused(const char *expression, const char *text)
{
	struct filter *filter;
	struct perfgo_error *error = filter_parse(expression, &filter);
	if (!error)
		fail_msg("%s: is taken", expression);
	assert_string_equal(perfgo_error_text(error), text);
	perfgo_error_destroy(error);
}

static void compares_numbers(void **state)
{
	(void)state;
	assert_passes("cpu == 1", "1");
	assert_passes("cpu!=1", "023");
	assert_passes("cpu < 2", "01");
	assert_passes("cpu <= 2", "012");
	assert_passes("cpu > 2", "3");
	assert_passes("cpu>=0x2", "23");
	assert_passes("cpu == '2'", "2");
	assert_passes("period == 18446744073709551615", "3");
}

static void and_binds_tighter_than_or(void **state)
{
	(void)state;
	assert_passes("cpu == 0 || cpu == 1 && period == 300", "0");
	assert_passes("(cpu == 0 || cpu == 1) && period == 200", "1");
	assert_passes("cpu == 0 || cpu == 2 || cpu == 3", "023");
	assert_passes("cpu > 0 && cpu < 3 && period != 200", "2");
}

static void negates(void **state)
{
	(void)state;
	assert_passes("!cpu == 1", "023");
	assert_passes("!!cpu == 1", "1");
	assert_passes("!(cpu == 1 || cpu == 2)", "03");
}

static void a_key_alone_is_whether_it_is_known(void **state)
{
	(void)state;
	assert_passes("addr", "012");
	assert_passes("!addr", "3");
	assert_passes("uregs", "");
}

static void the_unknown_is_neither_equal_nor_different(void **state)
{
	(void)state;
	assert_passes("addr == 0", "");
	assert_passes("addr != 0x1000", "12");
	assert_passes("addr < 0x2000", "0");
}

static void no_filter_lets_all_through(void **state)
{
	(void)state;
	assert_string_equal(passing(NULL), "0123");
}

static void one_of_several_values(void **state)
{
	(void)state;
	struct filter *filter = filter_one_of(key_find("cpu"), "0,3,none");
	assert_string_equal(passing(filter), "03");
	filter = filter_and(filter, filter_one_of(key_find("period"), "100,200"));
	assert_string_equal(passing(filter), "0");
	filter = filter_and(filter, NULL);
	assert_string_equal(passing(filter), "0");
	filter_free(filter);
	filter = filter_one_of(key_find("cpu"), "");
	assert_string_equal(passing(filter), "");
	filter_free(filter);
}

static void takes_texts_and_patterns(void **state)
{
	(void)state;
	filter_free(parsed("comm == api"));
	filter_free(parsed("gopkg == \"encoding/json\" && cpu == 1"));
	filter_free(parsed("sym=~'^runtime\\.(mallocgc|gc.*)$' || dso !~ \"vdso\""));
	filter_free(parsed("comm == \"with \\\" quote\""));
	filter_free(parsed("pid == -1"));
	filter_free(parsed("symbol < m"));
}

static void says_where_it_is_wrong(void **state)
{
	(void)state;
	assert_refused("", "filter, column 1: a key has to follow");
	assert_refused("gopkgs == x", "filter, column 1: there is no key 'gopkgs'");
	assert_refused("cpu == 1 && ", "filter, column 13: a key has to follow");
	assert_refused("cpu == ", "filter, column 8: a value has to follow");
	assert_refused("cpu == one", "filter, column 8: cpu is compared with a number, not 'one'");
	assert_refused("cpu == -1", "filter, column 8: cpu is compared with a number, not '-1'");
	assert_refused("cpu == 18446744073709551616",
		       "filter, column 8: cpu is compared with a number, not "
		       "'18446744073709551616'");
	assert_refused("cpu =~ '1'", "filter, column 8: cpu is a number, which no pattern matches");
	assert_refused("callchain == 1", "filter, column 14: callchain cannot be compared");
	assert_refused("comm == \"api", "filter, column 9: the string does not end");
	assert_refused("(cpu == 1", "filter, column 10: ')' is missing");
	assert_refused("cpu == 1)", "filter, column 9: ')' is not understood");
	assert_refused("cpu = 1", "filter, column 5: '= 1' is not understood");
	assert_refused("comm =~ '('", "filter, column 9: '(' is no pattern: unmatched ( or \\(");
}

static void refuses_endless_nesting(void **state)
{
	(void)state;
	enum { DEPTH = 100000 };
	char *expression = malloc(DEPTH + 1);
	memset(expression, '(', DEPTH);
	expression[DEPTH] = 0;
	assert_refused(expression, "filter, column 101: nested too deep");
	free(expression);
}

static void refuses_patterns_that_outgrow_memory(void **state)
{
	(void)state;
	enum { DEPTH = 4500 };
	char filter[2 * DEPTH + 32];
	assert_refused("comm =~ '((((a{1,99}){1,99}){1,99}){1,99})'",
		       "filter, column 9: '((((a{1,99}){1,99}){1,99}){1,99})' is no pattern: "
		       "regular expression too big");
	int start = sprintf(filter, "comm =~ '");
	memset(filter + start, '(', DEPTH);
	memset(filter + start + DEPTH, ')', DEPTH);
	strcpy(filter + start + 2 * DEPTH, "'");
	struct filter *taken;
	struct perfgo_error *error = filter_parse(filter, &taken);
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), "too big"));
	perfgo_error_destroy(error);
	filter_free(parsed("comm =~ '[0-9]{1,3}([.][0-9]{1,3}){3}'"));
}

static void note_key(const struct key *key, void *context)
{
	strcat(context, key->name);
	strcat(context, " ");
}

static void tells_the_keys_it_asks_for_once(void **state)
{
	(void)state;
	char names[64] = "";
	struct filter *filter = parsed("cpu == 1 || !(symbol == x && cpu > 3)");
	filter_keys(filter, note_key, names);
	assert_string_equal(names, "cpu sym ");
	filter_free(filter);
}

static void assert_passes_all(const char *expression, struct facts *facts,
			      const struct batch *batch)
{
	bool pass[BATCH_SIZE];
	memset(pass, true, sizeof(pass));
	struct filter *filter = parsed(expression);
	filter_apply(filter, facts, batch, NULL, pass);
	for (size_t i = 0; i < batch->count; i++)
		if (!pass[i])
			fail_msg("%s stops sample %zu", expression, i);
	filter_free(filter);
}

/* Texts are compared as the recording has them interned. */
static void compares_texts_of_a_recording(void **state)
{
	(void)state;
	const char *shared = getenv("PERFGO_SHARED") ? getenv("PERFGO_SHARED") : "../shared";
	char path[4096];
	snprintf(path, sizeof(path),
		 "%s/corpus/perf_data_converter/src_quipper_testdata_perf.data.weight_struct",
		 shared);
	struct session *session;
	struct perfgo_error *error = session_open(path, NULL, &session);
	if (error) {
		print_message("skipped: %s\n", perfgo_error_text(error));
		perfgo_error_destroy(error);
		skip();
	}
	struct attribution *attribution;
	struct facts *facts;
	const struct attribution_options nowhere = {.symfs = "/nowhere", .buildid_dir = "/nowhere"};
	assert_null(attribution_new(session, &nowhere, &attribution));
	assert_null(facts_new(attribution, &facts));
	static const char *const expressions[] = {
		"mem_op == LOAD", "mem_op =~ '^LO'", "!(mem_op != LOAD)",
		"mem_op >= LOAD", "mem_op != STORE", "mem_op !~ 'STORE|PFETCH'",
	};
	struct batch batch;
	size_t count = 0;
	while (!session_read(session, &batch) && batch.count) {
		for (size_t e = 0; e < sizeof(expressions) / sizeof(*expressions); e++)
			assert_passes_all(expressions[e], facts, &batch);
		count += batch.count;
	}
	assert_int_equal(count, 14);
	facts_free(facts);
	attribution_free(attribution);
	session_close(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_numbers),
		cmocka_unit_test(and_binds_tighter_than_or),
		cmocka_unit_test(negates),
		cmocka_unit_test(a_key_alone_is_whether_it_is_known),
		cmocka_unit_test(the_unknown_is_neither_equal_nor_different),
		cmocka_unit_test(no_filter_lets_all_through),
		cmocka_unit_test(one_of_several_values),
		cmocka_unit_test(takes_texts_and_patterns),
		cmocka_unit_test(says_where_it_is_wrong),
		cmocka_unit_test(refuses_endless_nesting),
		cmocka_unit_test(refuses_patterns_that_outgrow_memory),
		cmocka_unit_test(tells_the_keys_it_asks_for_once),
		cmocka_unit_test(compares_texts_of_a_recording),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
