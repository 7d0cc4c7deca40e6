// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of label sets, by what BPF tells of them (record/labels.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "goproc/payload.h"
#include "record/labels.h"

enum { EMPTY = 0 };

struct fixture {
	struct go_section_writer *section;
	struct labels *labels;
};

static int make(void **state)
{
	static struct fixture fixture;
	assert_null(go_section_writer_new(&fixture.section));
	assert_null(labels_new(fixture.section, &fixture.labels));
	*state = &fixture;
	return 0;
}

static int discard(void **state)
{
	struct fixture *fixture = *state;
	labels_free(fixture->labels);
	go_section_writer_free(fixture->section);
	return 0;
}

/* A context of a goroutine with labels at a place. */
static struct go_context at_place(uint64_t place, uint32_t sweepgen)
{
	return (struct go_context){.labels = place, .sweepgen = sweepgen, .process = 1};
}

/* Puts texts, key and value in turn up to NULL, behind the context. */
static struct go_context with_texts(struct go_context context, uint8_t *bytes,
				    const char *const *texts)
{
	size_t at = 0;
	for (; *texts; texts++) {
		struct go_text text = {.length = (uint16_t)strlen(*texts)};
		text.size = text.length;
		memcpy(bytes + at, &text, sizeof(text));
		memcpy(bytes + at + sizeof(text), *texts, text.size);
		at += sizeof(text) + ((text.size + 3u) & ~3u);
		context.nr_texts++;
	}
	context.labels_size = (uint16_t)at;
	context.flags |= CONTEXT_LABELS;
	return context;
}

/* Learns them, and returns the number that a sample gets. */
static uint64_t number_of(struct labels *labels, const struct go_context *context,
			  const uint8_t *bytes)
{
	labels_learn(labels, context, bytes);
	uint64_t value = labels_of(labels, context, bytes);
	return value ? value - GO_LABELS_BASE : UINT64_MAX;
}

static const char *const acme[] = {"tenant", "acme", "path", "/pay", NULL};
static const char *const acme_in_another_order[] = {"path", "/pay", "tenant", "acme", NULL};
static const char *const other[] = {"tenant", "other", NULL};

static const struct label_set *told(struct fixture *fixture, uint64_t number,
				    struct go_section **section)
{
	size_t size;
	const void *bytes = go_section_bytes(fixture->section, &size);
	assert_non_null(bytes);
	assert_null(go_section_read(bytes, size, section));
	return go_section_label_set(*section, (uint32_t)number);
}

static void a_goroutine_without_labels_has_the_empty_set(void **state)
{
	struct fixture *fixture = *state;
	struct go_context context = at_place(0, 2);
	assert_int_equal(number_of(fixture->labels, &context, NULL), EMPTY);
}

static void the_same_contents_are_one_set(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[256], turned[256];
	struct go_context one = with_texts(at_place(0x1000, 2), bytes, acme);
	struct go_context same = with_texts(at_place(0x2000, 2), turned, acme_in_another_order);
	struct go_context third = with_texts(at_place(0x3000, 2), bytes, acme);
	uint64_t number = number_of(fixture->labels, &one, bytes);
	assert_int_equal(number_of(fixture->labels, &same, turned), number);
	assert_int_equal(number_of(fixture->labels, &third, bytes), number);
	third = with_texts(at_place(0x4000, 2), bytes, other);
	assert_int_not_equal(number_of(fixture->labels, &third, bytes), number);
}

static void a_place_stands_for_its_contents_until_the_next_sweep(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 2), bytes, acme);
	uint64_t number = number_of(fixture->labels, &context, bytes);
	context = at_place(0x1000, 2);
	assert_true(labels_known(fixture->labels, &context));
	assert_int_equal(number_of(fixture->labels, &context, NULL), number);
	context = at_place(0x1000, 4);
	assert_false(labels_known(fixture->labels, &context));
	assert_int_not_equal(number_of(fixture->labels, &context, NULL), number);
}

static void another_process_has_other_places(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 2), bytes, acme);
	number_of(fixture->labels, &context, bytes);
	context = at_place(0x1000, 2);
	context.process = 2;
	assert_false(labels_known(fixture->labels, &context));
}

static void contents_that_come_late_are_those_of_the_number(void **state)
{
	struct fixture *fixture = *state;
	struct go_section *section;
	uint8_t bytes[256];
	struct go_context context = at_place(0x1000, 2);
	uint64_t number = number_of(fixture->labels, &context, NULL);
	context = with_texts(context, bytes, acme);
	assert_int_equal(number_of(fixture->labels, &context, bytes), number);
	const struct label_set *set = told(fixture, number, &section);
	assert_true(set->known);
	assert_int_equal(set->count, 2);
	assert_string_equal(set->labels[0].value, "/pay");
	assert_string_equal(set->labels[1].value, "acme");
	go_section_free(section);
}

static void contents_that_never_come_are_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct go_section *section;
	uint8_t bytes[256];
	struct go_context context = at_place(0x1000, 2);
	uint64_t unknown = number_of(fixture->labels, &context, NULL);
	context = with_texts(at_place(0x2000, 2), bytes, acme);
	number_of(fixture->labels, &context, bytes);
	assert_false(told(fixture, unknown, &section)->known);
	go_section_free(section);
}

static void without_a_sweepgen_only_what_comes_along_counts(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 0), bytes, acme);
	assert_int_not_equal(number_of(fixture->labels, &context, bytes), UINT64_MAX);
	context = at_place(0x1000, 0);
	assert_int_equal(number_of(fixture->labels, &context, NULL), UINT64_MAX);
}

static void what_was_cut_is_left_out_and_said(void **state)
{
	struct fixture *fixture = *state;
	struct go_section *section;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 2), bytes, acme);
	((struct go_text *)bytes)->length = 1000; /* the first key: more than there is */
	uint64_t number = number_of(fixture->labels, &context, bytes);
	const struct label_set *set = told(fixture, number, &section);
	assert_true(set->incomplete);
	assert_int_equal(set->count, 1);
	assert_string_equal(set->labels[0].key, "path");
	go_section_free(section);
}

static void damaged_texts_are_no_labels(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 2), bytes, acme);
	((struct go_text *)bytes)->size = 0xffff;
	number_of(fixture->labels, &context, bytes);
	context = with_texts(at_place(0x2000, 2), bytes, acme);
	context.labels_size = 5;
	number_of(fixture->labels, &context, bytes);
	assert_false(labels_failed(fixture->labels));
}

static void more_places_than_are_kept_do_not_mix_sets(void **state)
{
	enum { MANY = 150000 };
	struct fixture *fixture = *state;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(8, 2), bytes, acme);
	uint64_t number = number_of(fixture->labels, &context, bytes);
	for (uint64_t i = 1; i < MANY; i++) {
		struct go_context one = at_place(8 + 16 * i, 2), seen = at_place(8, 2);
		labels_of(fixture->labels, &one, NULL);
		/* What is seen again and again stays. */
		if (i % 1000 == 0)
			assert_int_equal(number_of(fixture->labels, &seen, NULL), number);
	}
	context = at_place(8 + 16, 2);
	assert_false(labels_known(fixture->labels, &context));
}

static void keys_are_listed_once(void **state)
{
	struct fixture *fixture = *state;
	const char *key;
	uint8_t bytes[256];
	struct go_context context = with_texts(at_place(0x1000, 2), bytes, acme);
	number_of(fixture->labels, &context, bytes);
	context = with_texts(at_place(0x2000, 2), bytes, other);
	number_of(fixture->labels, &context, bytes);
	assert_true(labels_key(fixture->labels, 0, &key));
	assert_string_equal(key, "path");
	assert_true(labels_key(fixture->labels, 1, &key));
	assert_string_equal(key, "tenant");
	assert_false(labels_key(fixture->labels, 2, &key));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, discard)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_goroutine_without_labels_has_the_empty_set),
		TEST(the_same_contents_are_one_set),
		TEST(a_place_stands_for_its_contents_until_the_next_sweep),
		TEST(another_process_has_other_places),
		TEST(contents_that_come_late_are_those_of_the_number),
		TEST(contents_that_never_come_are_unknown),
		TEST(without_a_sweepgen_only_what_comes_along_counts),
		TEST(what_was_cut_is_left_out_and_said),
		TEST(damaged_texts_are_no_labels),
		TEST(more_places_than_are_kept_do_not_mix_sets),
		TEST(keys_are_listed_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
