// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of goroutines as bytes: what was put in comes out, and damage is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "goproc/section.h"
#include "goproc/snapshot_internal.h"

static const struct label acme[] = {{"endpoint", "/pay"}, {"tenant", "Ærø"}};

/* Two goroutines: 1 sleeps in two functions, one inlined into the other; 7 runs, and has labels. */
static struct snapshot *example(void)
{
	struct snapshot *s = snapshot_new();
	assert_non_null(s);
	s->info = (struct snapshot_info){.pid = 4711,
					 .execution = UINT64_C(0xfedcba9876543211),
					 .begin = 1000,
					 .end = 1100,
					 .wall_time = UINT64_C(1764000000000000000),
					 .comm = arena_string(&s->arena, "api"),
					 .executable = arena_string(&s->arena, "/srv/api"),
					 .version = arena_string(&s->arena, "go1.26.8"),
					 .build_id = arena_string(&s->arena, "9c41"),
					 .sweepgen = 8,
					 .gcphase = GCPHASE_MARK,
					 .torn = 2,
					 .map_start = 0x400000};
	uint32_t sleep = strings_id(&s->texts, "sleep");
	const struct label_set labels = {.labels = acme, .count = 2, .known = true};
	assert_true(snapshot_add_set(s, &labels));
	assert_true(snapshot_add_stack(s, (const uint64_t[]){0x401010, 0x402020}, 2));
	const char *run = strings_text(&s->texts, strings_id(&s->texts, "main.run"));
	const char *inlined = strings_text(&s->texts, strings_id(&s->texts, "main.inlined"));
	const char *file = strings_text(&s->texts, strings_id(&s->texts, "main.go"));
	assert_true(snapshot_add_frame(s, &(struct snapshot_frame){inlined, file, 7}));
	assert_true(snapshot_add_frame(s, &(struct snapshot_frame){run, file, 12}));
	assert_true(snapshot_add_code(&s->codes, &(struct snapshot_code){0x401010, 0, 2}));
	assert_true(snapshot_add_code(&s->entries, &(struct snapshot_code){0x402000, 1, 1}));
	struct snapshot_goroutine *goroutines = calloc(2, sizeof(*goroutines));
	goroutines[0] = (struct snapshot_goroutine){.g = 0xc000002000,
						    .goid = 1,
						    .start_pc = 0x402000,
						    .wait_since = 900,
						    .wait_reason = sleep,
						    .stack = 1,
						    .processor = -1,
						    .state = GOSTATE_WAITING};
	goroutines[1] = (struct snapshot_goroutine){.g = 0xc000001000,
						    .goid = 7,
						    .parent = 1,
						    .creator_pc = 0x401010,
						    .label_set = 1,
						    .thread = 4712,
						    .processor = 3,
						    .state = GOSTATE_RUNNING,
						    .system = true};
	s->goroutines = goroutines;
	s->nr_goroutines = s->info.nr_goroutines = 2;
	return s;
}

static struct snapshot *decoded(void)
{
	struct snapshot *made = example(), *ret;
	size_t size;
	const void *bytes = snapshot_bytes(made, &size);
	assert_non_null(bytes);
	assert_null(snapshot_decode(bytes, size, "example", &ret));
	snapshot_free(made);
	return ret;
}

static void what_is_said_of_all_comes_back(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	const struct snapshot_info *info = snapshot_info(s);
	assert_int_equal(info->pid, 4711);
	assert_true(info->execution == UINT64_C(0xfedcba9876543211));
	assert_int_equal(info->begin, 1000);
	assert_int_equal(info->end, 1100);
	assert_int_equal(info->wall_time, UINT64_C(1764000000000000000));
	assert_string_equal(info->executable, "/srv/api");
	assert_string_equal(info->build_id, "9c41");
	assert_int_equal(info->sweepgen, 8);
	assert_int_equal(info->gcphase, GCPHASE_MARK);
	assert_int_equal(info->torn, 2);
	assert_int_equal(info->map_start, 0x400000);
	assert_int_equal(info->nr_goroutines, 2);
	snapshot_free(s);
}

static void goroutines_come_back_in_the_order_of_their_ids(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	const struct snapshot_goroutine *first = snapshot_goroutine(s, 0);
	const struct snapshot_goroutine *second = snapshot_goroutine(s, 1);
	assert_int_equal(first->goid, 1);
	assert_int_equal(first->wait_since, 900);
	assert_string_equal(snapshot_text(s, first->wait_reason), "sleep");
	assert_int_equal(first->processor, -1);
	assert_false(first->system);
	assert_int_equal(second->goid, 7);
	assert_int_equal(second->parent, 1);
	assert_int_equal(second->thread, 4712);
	assert_int_equal(second->processor, 3);
	assert_true(second->system);
	assert_string_equal(snapshot_text(s, second->wait_reason), "");
	assert_null(snapshot_goroutine(s, 2));
	snapshot_free(s);
}

static void labels_come_back(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	const struct label_set *none = snapshot_labels(s, snapshot_goroutine(s, 0)->label_set);
	const struct label_set *set = snapshot_labels(s, snapshot_goroutine(s, 1)->label_set);
	assert_true(none->known);
	assert_int_equal(none->count, 0);
	assert_int_equal(set->count, 2);
	assert_string_equal(set->labels[1].key, "tenant");
	assert_string_equal(set->labels[1].value, "Ærø");
	assert_null(snapshot_labels(s, UINT32_MAX));
	snapshot_free(s);
}

static void code_has_its_inlined_functions_first(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	size_t count;
	const uint64_t *stack = snapshot_stack(s, snapshot_goroutine(s, 0)->stack, &count);
	assert_int_equal(count, 2);
	const struct snapshot_frame *frames = snapshot_frames(s, stack[0], &count);
	assert_int_equal(count, 2);
	assert_string_equal(frames[0].function, "main.inlined");
	assert_string_equal(frames[1].function, "main.run");
	assert_int_equal(frames[1].line, 12);
	assert_string_equal(snapshot_entry(s, 0x402000)->function, "main.run");
	snapshot_free(s);
}

static void what_is_not_known_has_no_frames(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	size_t count;
	snapshot_frames(s, 0x402020, &count);
	assert_int_equal(count, 0);
	assert_null(snapshot_entry(s, 0x401010));
	snapshot_stack(s, snapshot_goroutine(s, 1)->stack, &count);
	assert_int_equal(count, 0);
	snapshot_free(s);
}

static void goroutines_are_found_by_the_address_of_their_g(void **state)
{
	(void)state;
	struct snapshot *s = decoded();
	assert_int_equal(snapshot_by_g(s, 0xc000001000)->goid, 7);
	assert_int_equal(snapshot_by_g(s, 0xc000002000)->goid, 1);
	assert_null(snapshot_by_g(s, 0xc000003000));
	snapshot_free(s);
}

static void every_shorter_file_is_an_error(void **state)
{
	(void)state;
	struct snapshot *made = example(), *s;
	size_t size;
	const uint8_t *bytes = snapshot_bytes(made, &size);
	for (size_t cut = 0; cut < size; cut++) {
		struct perfgo_error *error = snapshot_decode(bytes, cut, "cut", &s);
		assert_non_null(error);
		assert_int_equal(strncmp(perfgo_error_text(error), "cut", 3), 0);
		perfgo_error_destroy(error);
	}
	snapshot_free(made);
}

static void damage_is_an_error_or_other_values(void **state)
{
	(void)state;
	struct snapshot *made = example(), *s;
	size_t size;
	const void *bytes = snapshot_bytes(made, &size);
	uint8_t *damaged = malloc(size);
	for (size_t at = 0; at < size; at++)
		for (int flip = 1; flip < 256; flip += flip) {
			memcpy(damaged, bytes, size);
			damaged[at] ^= flip;
			struct perfgo_error *error = snapshot_decode(damaged, size, "x", &s);
			if (!error)
				snapshot_free(s);
			perfgo_error_destroy(error);
		}
	free(damaged);
	snapshot_free(made);
}

static void another_version_is_named(void **state)
{
	(void)state;
	struct snapshot *made = example(), *s;
	size_t size;
	uint8_t *bytes = (uint8_t *)snapshot_bytes(made, &size);
	bytes[7] = 9;
	struct perfgo_error *error = snapshot_decode(bytes, size, "new.snap", &s);
	assert_string_equal(perfgo_error_text(error),
			    "new.snap is a snapshot of another version of perf-go (9)");
	perfgo_error_destroy(error);
	snapshot_free(made);
}

static void what_is_no_snapshot_is_called_so(void **state)
{
	(void)state;
	struct snapshot *s;
	struct perfgo_error *error = snapshot_decode("PERFILE2", 8, "perf.data", &s);
	assert_string_equal(perfgo_error_text(error), "perf.data is not a snapshot of goroutines");
	perfgo_error_destroy(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_of_all_comes_back),
		cmocka_unit_test(goroutines_come_back_in_the_order_of_their_ids),
		cmocka_unit_test(labels_come_back),
		cmocka_unit_test(code_has_its_inlined_functions_first),
		cmocka_unit_test(what_is_not_known_has_no_frames),
		cmocka_unit_test(goroutines_are_found_by_the_address_of_their_g),
		cmocka_unit_test(every_shorter_file_is_an_error),
		cmocka_unit_test(damage_is_an_error_or_other_values),
		cmocka_unit_test(another_version_is_named),
		cmocka_unit_test(what_is_no_snapshot_is_called_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
