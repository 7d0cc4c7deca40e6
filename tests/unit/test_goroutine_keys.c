// SPDX-License-Identifier: GPL-2.0-only
/* What the keys of goroutines say, and filters on them. */
#include "unit/go_recording.h"

#include "attribute/attribution.h"
#include "goproc/label_text.h"
#include "keys/keys.h"
#include "report/filter.h"

struct looked_at {
	struct recording recording;
	struct attribution *attribution;
	struct facts *facts;
};

static void look(struct looked_at *l, struct go_section_writer *section)
{
	read_back_with(&l->recording, section);
	assert_null(attribution_new(l->recording.session, NULL, &l->attribution));
	assert_null(facts_new(l->attribution, &l->facts));
}

static void done(struct looked_at *l)
{
	facts_free(l->facts);
	attribution_free(l->attribution);
	end(&l->recording);
}

static struct column column;

static const struct column *fill(struct looked_at *l, const char *name)
{
	key_fill(key_find(name), l->facts, &l->recording.batch, NULL, &column);
	return &column;
}

static const char *text_of(struct looked_at *l, const char *name, size_t i)
{
	static char buffer[KEY_TEXT_SIZE];
	fill(l, name);
	return key_text(key_find(name), l->facts, column.values[i], column.known[i], buffer);
}

static struct go_payload with_labels(uint32_t number)
{
	struct go_payload payload = worker;
	payload.golabels = GO_LABELS_BASE + number;
	return payload;
}

/* Samples of a goroutine without labels, with two, with what is not known, with a cut set. */
static void begin_labels(struct looked_at *l, struct go_section_writer **section)
{
	const struct label cut[] = {{"tenant", "acme"}};
	struct label_set cut_set = {.labels = cut, .count = 1, .incomplete = true, .known = true};
	begin(&l->recording, &go_attr);
	for (uint32_t number = 0; number < 4; number++) {
		struct go_payload payload = with_labels(number);
		go_sample(&l->recording, 5, &payload);
	}
	*section = begin_section();
	set_labels(*section, 1, 2, (const struct label[]){{"tenant", "acme"}, {"path", "/a=b"}});
	assert_true(go_section_set_labels(*section, 3, &cut_set));
}

static void facts_of_the_goroutine_have_words(void **state)
{
	(void)state;
	struct looked_at l;
	begin(&l.recording, &go_attr);
	go_sample(&l.recording, 5, &worker);
	look(&l, begin_section());
	assert_string_equal(text_of(&l, "goid", 0), "7");
	assert_string_equal(text_of(&l, "goparent", 0), "1");
	assert_string_equal(text_of(&l, "gostate", 0), "running");
	assert_string_equal(text_of(&l, "gcphase", 0), "mark");
	assert_string_equal(text_of(&l, "goid_from", 0), "bpf");
	assert_string_equal(text_of(&l, "gocreator", 0), "?"); /* its binary is not here */
	assert_string_equal(text_of(&l, "goroutine", 0), "?");
	done(&l);
}

static void threads_without_goroutine_have_a_name_and_no_goid(void **state)
{
	(void)state;
	struct looked_at l;
	struct go_payload none = {.common_type = GO_PAYLOAD_ID,
				  .goid = GO_GOID_UNKNOWN,
				  .goparent = GO_GOID_UNKNOWN,
				  .goid_from = GOID_FROM_BPF,
				  .goroutine = GOROUTINE_SCHEDULER};
	begin(&l.recording, &go_attr);
	go_sample(&l.recording, 5, &none);
	none.goroutine = GOROUTINE_NO_GO;
	go_sample(&l.recording, 5, &none);
	none.goroutine = GOROUTINE_UNKNOWN;
	go_sample(&l.recording, 5, &none);
	look(&l, begin_section());
	assert_string_equal(text_of(&l, "goroutine", 0), "[scheduler]");
	assert_string_equal(text_of(&l, "goroutine", 1), "[no goroutine]");
	assert_string_equal(text_of(&l, "goroutine", 2), "?");
	assert_string_equal(text_of(&l, "goid", 0), "?");
	assert_string_equal(text_of(&l, "golabels", 0), "?");
	done(&l);
}

static void labels_are_one_text(void **state)
{
	(void)state;
	struct looked_at l;
	struct go_section_writer *section;
	begin_labels(&l, &section);
	look(&l, section);
	assert_string_equal(text_of(&l, "golabels", 0), "");
	assert_string_equal(text_of(&l, "golabels", 1), "path=\"/a=b\", tenant=acme");
	assert_string_equal(text_of(&l, "golabels", 2), "?");
	assert_string_equal(text_of(&l, "golabels", 3), "tenant=acme, …");
	done(&l);
}

static void the_set_behind_the_text_can_be_had(void **state)
{
	(void)state;
	struct looked_at l;
	struct go_section_writer *section;
	begin_labels(&l, &section);
	look(&l, section);
	fill(&l, "golabels");
	assert_int_equal(facts_label_set(l.facts, column.values[0])->count, 0);
	assert_string_equal(facts_label_set(l.facts, column.values[1])->labels[1].value, "acme");
	assert_true(facts_label_set(l.facts, column.values[3])->incomplete);
	done(&l);
}

static void each_label_is_a_key(void **state)
{
	(void)state;
	struct looked_at l;
	struct go_section_writer *section;
	begin_labels(&l, &section);
	look(&l, section);
	assert_string_equal(text_of(&l, "label:tenant", 0), "");
	assert_string_equal(text_of(&l, "label:tenant", 1), "acme");
	assert_string_equal(text_of(&l, "label:tenant", 2), "?");
	assert_string_equal(text_of(&l, "label:tenant", 3), "acme");
	assert_string_equal(text_of(&l, "label:path", 1), "/a=b");
	assert_string_equal(text_of(&l, "label:path", 3), "?"); /* may be among the rest */
	assert_string_equal(text_of(&l, "label:none", 1), "");
	done(&l);
}

static void a_label_key_is_the_same_each_time(void **state)
{
	(void)state;
	struct key_list list;
	const char long_name[] = "label:a.name.of.more.than.sixty-four.characters.as.nobody.should."
				 "use.but.somebody.does";
	assert_null(key_list_parse("label:tenant,gofunc,label:tenant", &list));
	assert_ptr_equal(list.keys[0], list.keys[2]);
	assert_string_equal(list.keys[0]->name, "label:tenant");
	assert_null(key_list_parse(long_name, &list));
	assert_string_equal(list.keys[0]->name, long_name);
	struct perfgo_error *error = key_list_parse("label:", &list);
	assert_string_equal(perfgo_error_text(error), "there is no key 'label:'");
	perfgo_error_destroy(error);
}

static void assert_passes(struct looked_at *l, const char *expression, const char *expected)
{
	struct filter *filter;
	bool pass[BATCH_SIZE] = {true, true, true, true};
	assert_null(filter_parse(expression, &filter));
	filter_apply(filter, l->facts, &l->recording.batch, NULL, pass);
	for (size_t i = 0; i < l->recording.batch.count; i++)
		assert_int_equal(pass[i], expected[i] == 'y');
	filter_free(filter);
}

static void filters_take_labels(void **state)
{
	(void)state;
	struct looked_at l;
	struct go_section_writer *section;
	begin_labels(&l, &section);
	look(&l, section);
	assert_passes(&l, "label:tenant == \"acme\"", "nyny");
	assert_passes(&l, "label:tenant == ''", "ynnn");
	assert_passes(&l, "label:path =~ '^/a'", "nynn");
	assert_passes(&l, "golabels", "yyny");
	assert_passes(&l, "golabels == 'path=\"/a=b\", tenant=acme'", "nynn");
	assert_passes(&l, "goid == 7 && gostate == running", "yyyy");
	done(&l);
}

static void assert_text(const char *key, const char *value, const char *expected)
{
	const struct label label = {key, value};
	char *text = label_set_text(&(struct label_set){&label, 1, false, true});
	assert_string_equal(text, expected);
	free(text);
}

static void separators_in_labels_are_quoted(void **state)
{
	(void)state;
	assert_text("a", "b c", "a=b c");
	assert_text("a", "", "a=\"\"");
	assert_text("a b", "ünïcode/…", "a b=ünïcode/…");
	assert_text("a", "b, c", "a=\"b, c\"");
	assert_text("a=", "b", "\"a=\"=b");
	assert_text("a", " b", "a=\" b\"");
	assert_text("a", "say \"\\\"", "a=\"say \\\"\\\\\\\"\"");
	assert_text("a", "b\n", "a=\"b\\x0a\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_of_the_goroutine_have_words),
		cmocka_unit_test(threads_without_goroutine_have_a_name_and_no_goid),
		cmocka_unit_test(labels_are_one_text),
		cmocka_unit_test(the_set_behind_the_text_can_be_had),
		cmocka_unit_test(each_label_is_a_key),
		cmocka_unit_test(a_label_key_is_the_same_each_time),
		cmocka_unit_test(filters_take_labels),
		cmocka_unit_test(separators_in_labels_are_quoted),
	};
	return cmocka_run_group_tests_name("goroutine keys", tests, NULL, NULL);
}
