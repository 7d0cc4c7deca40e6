// SPDX-License-Identifier: GPL-2.0-only
/* The section of goroutines: what a recorder writes is what a reader gets, and damage is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "goproc/section.h"

struct written {
	struct go_section_writer *writer;
	const uint8_t *bytes;
	size_t size;
};

static struct written begin(void)
{
	struct written w = {0};
	assert_null(go_section_writer_new(&w.writer));
	return w;
}

static void set_labels(struct written *w, uint32_t number, size_t count, const struct label *labels)
{
	struct label_set set = {.labels = labels, .count = count, .known = true};
	assert_true(go_section_set_labels(w->writer, number, &set));
}

static struct go_section *read_back(struct written *w)
{
	struct go_section *section;
	w->bytes = go_section_bytes(w->writer, &w->size);
	assert_non_null(w->bytes);
	assert_null(go_section_read(w->bytes, w->size, &section));
	return section;
}

static void end(struct written *w, struct go_section *section)
{
	go_section_free(section);
	go_section_writer_free(w->writer);
}

static void processes_come_back_in_their_order(void **state)
{
	(void)state;
	struct written w = begin();
	const struct go_section_process api = {4711, "/srv/api", "go1.26.8", ""},
					old = {12, "/srv/old", "go1.99.1", "newer than known"};
	assert_true(go_section_add_process(w.writer, &api));
	assert_true(go_section_add_process(w.writer, &old));
	struct go_section *section = read_back(&w);
	assert_int_equal(go_section_nr_processes(section), 2);
	assert_int_equal(go_section_process(section, 0)->pid, 4711);
	assert_string_equal(go_section_process(section, 0)->executable, "/srv/api");
	assert_string_equal(go_section_process(section, 0)->no_goroutine, "");
	assert_string_equal(go_section_process(section, 1)->version, "go1.99.1");
	assert_string_equal(go_section_process(section, 1)->no_goroutine, "newer than known");
	end(&w, section);
}

static void labels_come_back_in_the_order_of_their_keys(void **state)
{
	(void)state;
	struct written w = begin();
	set_labels(&w, 1, 2, (const struct label[]){{"tenant", "acme"}, {"endpoint", ""}});
	struct go_section *section = read_back(&w);
	const struct label_set *set = go_section_label_set(section, 1);
	assert_true(set->known);
	assert_false(set->incomplete);
	assert_int_equal(set->count, 2);
	assert_string_equal(set->labels[0].key, "endpoint");
	assert_string_equal(set->labels[0].value, "");
	assert_string_equal(set->labels[1].key, "tenant");
	assert_string_equal(set->labels[1].value, "acme");
	end(&w, section);
}

static void number_0_is_the_empty_set(void **state)
{
	(void)state;
	struct written w = begin();
	struct go_section *section = read_back(&w);
	assert_true(go_section_label_set(section, 0)->known);
	assert_int_equal(go_section_label_set(section, 0)->count, 0);
	assert_int_equal(go_section_nr_label_sets(section), 1);
	assert_null(go_section_label_set(section, 1));
	end(&w, section);
}

static void a_set_that_never_came_is_not_known(void **state)
{
	(void)state;
	struct written w = begin();
	set_labels(&w, 3, 1, (const struct label[]){{"a", "b"}});
	struct go_section *section = read_back(&w);
	assert_int_equal(go_section_nr_label_sets(section), 4);
	assert_false(go_section_label_set(section, 1)->known);
	assert_false(go_section_label_set(section, 2)->known);
	assert_true(go_section_label_set(section, 3)->known);
	assert_null(go_section_label_set(section, UINT32_MAX));
	end(&w, section);
}

static void a_cut_set_says_so_and_the_last_contents_count(void **state)
{
	(void)state;
	struct written w = begin();
	struct label label = {"path", "/long"};
	struct label_set cut = {.labels = &label, .count = 1, .known = true, .incomplete = true};
	set_labels(&w, 1, 0, NULL);
	assert_true(go_section_set_labels(w.writer, 1, &cut));
	struct go_section *section = read_back(&w);
	assert_true(go_section_label_set(section, 1)->incomplete);
	assert_int_equal(go_section_label_set(section, 1)->count, 1);
	end(&w, section);
}

static void snapshots_come_back_as_they_were(void **state)
{
	(void)state;
	struct written w = begin();
	size_t size;
	assert_true(go_section_add_snapshot(w.writer, "odd", 3));
	assert_true(go_section_add_snapshot(w.writer, "sixteen bytes is", 16));
	struct go_section *section = read_back(&w);
	assert_int_equal(go_section_nr_snapshots(section), 2);
	assert_memory_equal(go_section_snapshot(section, 0, &size), "odd", 3);
	assert_int_equal(size, 3);
	assert_memory_equal(go_section_snapshot(section, 1, &size), "sixteen bytes is", 16);
	assert_int_equal(size, 16);
	end(&w, section);
}

static struct written whole(void)
{
	struct written w = begin();
	const struct go_section_process process = {1, "/a", "go1.26", ""};
	assert_true(go_section_add_process(w.writer, &process));
	set_labels(&w, 1, 1, (const struct label[]){{"k", "v"}});
	assert_true(go_section_add_snapshot(w.writer, "s", 1));
	w.bytes = go_section_bytes(w.writer, &w.size);
	return w;
}

static void wherever_it_is_cut_nothing_is_read_beyond(void **state)
{
	(void)state;
	struct written w = whole();
	for (size_t size = 0; size < w.size; size++) {
		struct go_section *section = NULL;
		uint8_t *cut = malloc(size + 1);
		memcpy(cut, w.bytes, size);
		perfgo_error_destroy(go_section_read(cut, size, &section));
		go_section_free(section);
		free(cut);
	}
	end(&w, NULL);
}

static void damage_is_an_error_with_its_offset(void **state)
{
	(void)state;
	struct written w = whole();
	struct go_section *section;
	struct perfgo_error *error = go_section_read(w.bytes, 20, &section);
	assert_string_equal(perfgo_error_text(error),
			    "the section of goroutines is damaged at its offset 0x8");
	perfgo_error_destroy(error);
	error = go_section_read("perf-go\2", 8, &section);
	assert_non_null(strstr(perfgo_error_text(error), "version"));
	perfgo_error_destroy(error);
	end(&w, NULL);
}

static void chunks_of_unknown_kinds_are_passed_over(void **state)
{
	(void)state;
	struct written w = whole();
	struct go_section *section;
	uint8_t *changed = malloc(w.size);
	memcpy(changed, w.bytes, w.size);
	changed[8] = 99;
	assert_null(go_section_read(changed, w.size, &section));
	assert_int_equal(go_section_nr_processes(section), 0);
	assert_int_equal(go_section_nr_snapshots(section), 1);
	end(&w, section);
	free(changed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_come_back_in_their_order),
		cmocka_unit_test(labels_come_back_in_the_order_of_their_keys),
		cmocka_unit_test(number_0_is_the_empty_set),
		cmocka_unit_test(a_set_that_never_came_is_not_known),
		cmocka_unit_test(a_cut_set_says_so_and_the_last_contents_count),
		cmocka_unit_test(snapshots_come_back_as_they_were),
		cmocka_unit_test(wherever_it_is_cut_nothing_is_read_beyond),
		cmocka_unit_test(damage_is_an_error_with_its_offset),
		cmocka_unit_test(chunks_of_unknown_kinds_are_passed_over),
	};
	return cmocka_run_group_tests_name("section", tests, NULL, NULL);
}
