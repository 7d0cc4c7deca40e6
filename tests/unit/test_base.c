// SPDX-License-Identifier: GPL-2.0-only
/* The ground floor: cursor, arena, interning, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "base/observer.h"
#include "base/strings.h"

static void cursor_reads_both_byte_orders(void **state)
{
	(void)state;
	const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct cursor same = cursor_of(bytes, sizeof(bytes), false);
	struct cursor other = cursor_of(bytes, sizeof(bytes), true);
	assert_int_equal(cursor_u64(&same), 0x0807060504030201);
	assert_int_equal(cursor_u64(&other), 0x0102030405060708);
	assert_false(same.failed || other.failed);
}

static void cursor_fails_once_and_stays_failed(void **state)
{
	(void)state;
	const uint8_t bytes[] = {1, 2, 3};
	struct cursor c = cursor_of(bytes, sizeof(bytes), false);
	assert_int_equal(cursor_u32(&c), 0);
	assert_true(c.failed);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_bytes(&c, UINT64_MAX));
	assert_true(c.failed);
}

static void cursor_takes_only_terminated_strings(void **state)
{
	(void)state;
	const char bytes[] = {'a', 'b', 0, 'c', 'd'};
	struct cursor c = cursor_of(bytes, sizeof(bytes), false);
	assert_string_equal(cursor_string(&c), "ab");
	assert_null(cursor_string(&c));
	assert_true(c.failed);
}

static void varints_end_after_five_bytes(void **state)
{
	(void)state;
	const uint8_t good[] = {0xac, 0x02, 0x7f}, endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
	struct cursor c = cursor_of(good, sizeof(good), false);
	assert_int_equal(cursor_varint32(&c), 300);
	assert_int_equal(cursor_varint32(&c), 127);
	assert_false(c.failed);
	c = cursor_of(endless, sizeof(endless), false);
	cursor_varint32(&c);
	assert_true(c.failed);
}

static void arena_gives_memory_of_any_size(void **state)
{
	(void)state;
	struct arena arena = {0};
	char *small = arena_alloc(&arena, 3), *large = arena_alloc(&arena, 1 << 20);
	assert_non_null(arena_alloc(&arena, 0));
	assert_non_null(small);
	memset(large, 1, 1 << 20);
	assert_string_equal(arena_string(&arena, "kept"), "kept");
	assert_null(arena_alloc(&arena, SIZE_MAX));
	arena_reset(&arena);
	assert_non_null(arena_alloc(&arena, 1));
	arena_deinit(&arena);
}

static void equal_strings_have_equal_ids(void **state)
{
	(void)state;
	struct strings strings = {0};
	uint32_t first = strings_id(&strings, "main.main");
	for (int i = 0; i < 10000; i++) {
		char name[16];
		snprintf(name, sizeof(name), "f%d", i);
		uint32_t id = strings_id(&strings, name);
		assert_int_equal(strings_id_of(&strings, name, strlen(name)), id);
		assert_string_equal(strings_text(&strings, id), name);
	}
	assert_int_equal(strings_id(&strings, "main.main"), first);
	assert_int_equal(strings_find(&strings, "f9999"), strings_id(&strings, "f9999"));
	assert_int_equal(strings_find(&strings, "never seen"), STRING_UNKNOWN);
	strings_deinit(&strings);
}

static void nothing_is_not_a_name(void **state)
{
	(void)state;
	struct strings strings = {0};
	assert_int_equal(strings_id(&strings, NULL), STRING_UNKNOWN);
	assert_null(strings_text(&strings, STRING_UNKNOWN));
	uint32_t empty = strings_id(&strings, "");
	assert_int_not_equal(empty, STRING_UNKNOWN);
	assert_string_equal(strings_text(&strings, empty), "");
	strings_deinit(&strings);
}

static void idmap_gives_all_ids_under_a_hash(void **state)
{
	(void)state;
	struct idmap map = {0};
	for (uint32_t id = 0; id < 1000; id++)
		assert_true(idmap_insert(&map, id % 10, id));
	unsigned int found = 0;
	for (size_t probe = 3; idmap_probe(&map, 3, &probe) != IDMAP_NONE;)
		found++;
	assert_int_equal(found, 100);
	size_t probe = 11;
	assert_int_equal(idmap_probe(&map, 11, &probe), IDMAP_NONE);
	idmap_deinit(&map);
}

static void hashes_differ_in_every_byte(void **state)
{
	(void)state;
	uint8_t bytes[19] = {0};
	uint64_t none = hash_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 1;
		assert_int_not_equal(hash_bytes(bytes, sizeof(bytes)), none);
		bytes[i] = 0;
	}
	assert_int_not_equal(hash_bytes(bytes, sizeof(bytes) - 1), none);
}

static void errors_say_what_why_and_what_to_do(void **state)
{
	(void)state;
	struct perfgo_error *error = perfgo_error_errno(ENOENT, "cannot open %s", "x.data");
	error = perfgo_error_hint(error, "record with -o %s", "x.data");
	assert_string_equal(perfgo_error_text(error),
			    "cannot open x.data: No such file or directory");
	assert_string_equal(perfgo_error_hint_text(error), "record with -o x.data");
	perfgo_error_destroy(error);
	error = perfgo_error_hint(perfgo_error_no_memory(), "buy some");
	assert_null(perfgo_error_hint_text(error));
	perfgo_error_destroy(error);
	perfgo_error_destroy(NULL);
}

static void keep_warning(void *context, const char *text)
{
	snprintf(context, 64, "%s", text);
}

static void observers_may_be_absent(void **state)
{
	(void)state;
	char kept[64] = "";
	struct observer observer = {.warning = keep_warning, .context = kept};
	observer_warn(NULL, "nobody %s", "hears");
	observer_progress(&observer, "nothing", 1, 2);
	observer_warn(&observer, "%d bytes cut", 5);
	assert_string_equal(kept, "5 bytes cut");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_reads_both_byte_orders),
		cmocka_unit_test(cursor_fails_once_and_stays_failed),
		cmocka_unit_test(cursor_takes_only_terminated_strings),
		cmocka_unit_test(varints_end_after_five_bytes),
		cmocka_unit_test(arena_gives_memory_of_any_size),
		cmocka_unit_test(equal_strings_have_equal_ids),
		cmocka_unit_test(nothing_is_not_a_name),
		cmocka_unit_test(idmap_gives_all_ids_under_a_hash),
		cmocka_unit_test(hashes_differ_in_every_byte),
		cmocka_unit_test(errors_say_what_why_and_what_to_do),
		cmocka_unit_test(observers_may_be_absent),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
