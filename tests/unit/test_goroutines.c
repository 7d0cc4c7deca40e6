// SPDX-License-Identifier: GPL-2.0-only
/* Goroutines of samples, as the recorder wrote them. */
#include "unit/go_recording.h"

static const struct goroutine *goroutine_of(const struct recording *r, size_t i)
{
	return session_goroutine(r->session, r->batch.goroutines[i]);
}

static void a_sample_has_the_goroutine_of_its_payload(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &go_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	go_sample(&r, 5, &worker);
	read_back_with(&r, begin_section());
	const struct goroutine *g = goroutine_of(&r, 0);
	assert_int_equal(g->pid, 5);
	assert_int_equal(g->goid, 7);
	assert_int_equal(g->parent, 1);
	assert_int_equal(g->state, GOSTATE_RUNNING);
	assert_int_equal(g->gcphase, GCPHASE_MARK);
	assert_int_equal(g->from, GOID_FROM_BPF);
	assert_int_equal(session_label_set(r.session, g->labels)->count, 0);
	end(&r);
}

static void its_code_is_in_the_address_space_of_the_moment(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &go_attr);
	map_file(&r, 5, 0x401000, 0, "/bin/a");
	go_sample(&r, 5, &worker);
	map_file(&r, 5, 0x401000, 0, "/bin/b");
	go_sample(&r, 5, &worker);
	read_back_with(&r, begin_section());
	const char *names[2];
	for (size_t i = 0; i < 2; i++) {
		const struct address *creator =
			session_address(r.session, goroutine_of(&r, i)->creator);
		const struct location *at = session_location(r.session, creator->location);
		names[i] = strings_text(session_strings(r.session),
					session_dso(r.session, at->dso)->short_name);
		assert_int_equal(at->offset, 0x20);
		assert_true(at->returns);
	}
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	end(&r);
}

static void the_same_goroutine_has_one_id(void **state)
{
	(void)state;
	struct recording r;
	struct go_payload other = worker;
	other.goid = 8;
	begin(&r, &go_attr);
	go_sample(&r, 5, &worker);
	go_sample(&r, 5, &other);
	go_sample(&r, 5, &worker);
	go_sample(&r, 6, &worker);
	read_back_with(&r, begin_section());
	const uint32_t *ids = r.batch.goroutines;
	assert_int_equal(ids[0], ids[2]);
	assert_int_not_equal(ids[0], ids[1]);
	assert_int_not_equal(ids[0], ids[3]); /* of another process */
	end(&r);
}

static void sets_with_the_same_labels_have_one_id(void **state)
{
	(void)state;
	struct recording r;
	struct go_section_writer *section = begin_section();
	begin(&r, &go_attr);
	for (uint32_t number = 0; number < 5; number++) {
		struct go_payload payload = worker;
		payload.golabels = GO_LABELS_BASE + number;
		go_sample(&r, 5, &payload);
	}
	set_labels(section, 1, 1, (const struct label[]){{"tenant", "acme"}});
	set_labels(section, 2, 1, (const struct label[]){{"tenant", "acme"}});
	set_labels(section, 4, 0, NULL);
	read_back_with(&r, section);
	assert_int_equal(goroutine_of(&r, 0)->labels, LABELS_NONE);
	assert_int_equal(goroutine_of(&r, 1)->labels, goroutine_of(&r, 2)->labels);
	assert_string_equal(
		session_label_set(r.session, goroutine_of(&r, 1)->labels)->labels[0].value, "acme");
	assert_int_equal(goroutine_of(&r, 3)->labels, LABELS_UNKNOWN); /* never came */
	assert_int_equal(goroutine_of(&r, 4)->labels, LABELS_NONE);
	end(&r);
}

static void numbers_of_no_set_are_unknown_labels(void **state)
{
	(void)state;
	const uint64_t numbers[] = {0, 1, GO_LABELS_BASE - 1, GO_LABELS_BASE + 9, UINT64_MAX};
	struct recording r;
	begin(&r, &go_attr);
	for (size_t i = 0; i < 5; i++) {
		struct go_payload payload = worker;
		payload.golabels = numbers[i];
		go_sample(&r, 5, &payload);
	}
	read_back_with(&r, begin_section());
	for (size_t i = 0; i < 5; i++)
		assert_null(session_label_set(r.session, goroutine_of(&r, i)->labels));
	end(&r);
}

static void without_goroutine_a_sample_says_why(void **state)
{
	(void)state;
	struct recording r;
	struct go_payload none = {.common_type = GO_PAYLOAD_ID,
				  .goid = GO_GOID_UNKNOWN,
				  .goroutine = GOROUTINE_SCHEDULER};
	begin(&r, &go_attr);
	go_sample(&r, 5, &none);
	none.goroutine = GOROUTINE_NO_GO;
	go_sample(&r, 5, &none);
	read_back_with(&r, begin_section());
	assert_int_equal(goroutine_of(&r, 0)->special, GOROUTINE_SCHEDULER);
	assert_int_equal(goroutine_of(&r, 0)->entry, IDMAP_NONE);
	assert_int_equal(goroutine_of(&r, 1)->special, GOROUTINE_NO_GO);
	end(&r);
}

static void raw_data_of_others_is_no_goroutine(void **state)
{
	(void)state;
	struct recording r;
	struct go_payload other = worker;
	begin(&r, &go_attr);
	other.common_type = GO_PAYLOAD_ID + 1; /* there is one event */
	go_sample(&r, 5, &other);
	other.common_type = 300;
	go_sample(&r, 5, &other);
	read_back_with(&r, begin_section());
	assert_int_equal(r.batch.goroutines[0], 0);
	assert_int_equal(r.batch.goroutines[1], 0);
	assert_int_equal(session_goroutine(r.session, 0)->goid, GO_GOID_UNKNOWN);
	end(&r);
}

static void without_a_section_there_are_no_goroutines(void **state)
{
	(void)state;
	struct recording r;
	begin(&r, &go_attr);
	go_sample(&r, 5, &worker);
	read_back(&r);
	assert_null(session_go_section(r.session));
	assert_int_equal(r.batch.goroutines[0], 0);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_has_the_goroutine_of_its_payload),
		cmocka_unit_test(its_code_is_in_the_address_space_of_the_moment),
		cmocka_unit_test(the_same_goroutine_has_one_id),
		cmocka_unit_test(sets_with_the_same_labels_have_one_id),
		cmocka_unit_test(numbers_of_no_set_are_unknown_labels),
		cmocka_unit_test(without_goroutine_a_sample_says_why),
		cmocka_unit_test(raw_data_of_others_is_no_goroutine),
		cmocka_unit_test(without_a_section_there_are_no_goroutines),
	};
	return cmocka_run_group_tests_name("goroutines", tests, NULL, NULL);
}
