// SPDX-License-Identifier: GPL-2.0-only
/* pprof labels as Go has them in memory, put into this program's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "goproc/label_reader.h"

enum { TOP = 5, MOVED = 2, BUCKET = 8, SAME_SIZE = 8 };

struct text {
	const char *start;
	uint64_t length;
};

/* runtime/map.go, go1.17 to go1.23. */
struct bucket {
	uint8_t top[BUCKET];
	struct text keys[BUCKET], values[BUCKET];
	struct bucket *overflow;
};

struct map {
	uint64_t count;
	uint8_t flags, log2_buckets;
	uint16_t noverflow;
	uint32_t seed;
	struct bucket *buckets, *old;
	uint64_t evacuated;
	void *extra;
};

static struct {
	struct memory *memory;
	struct memory_cache *cache;
	struct arena arena;
	struct label_set set;
} reader;

static int begin(void **state)
{
	(void)state;
	memset(&reader, 0, sizeof(reader));
	return memory_open_process((uint32_t)getpid(), &reader.memory) ||
	       memory_cache_new(reader.memory, &reader.cache);
}

static int end(void **state)
{
	(void)state;
	memory_cache_free(reader.cache);
	memory_close(reader.memory);
	arena_deinit(&reader.arena);
	return 0;
}

static bool read_labels(const void *pointer, bool is_map)
{
	memory_cache_forget(reader.cache);
	return labels_read(reader.cache, (uint64_t)(uintptr_t)pointer, is_map, &reader.arena,
			   &reader.set);
}

static bool read_map(const struct map *map)
{
	return read_labels(&map, true);
}

static struct text text_of(const char *text)
{
	return (struct text){text, strlen(text)};
}

static void put(struct map *map, struct bucket *bucket, int at, const char *key, const char *value)
{
	bucket->top[at] = TOP;
	bucket->keys[at] = text_of(key);
	bucket->values[at] = text_of(value);
	map->count++;
}

static void assert_labels(size_t count, const char *const (*wanted)[2])
{
	assert_int_equal(reader.set.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(reader.set.labels[i].key, wanted[i][0]);
		assert_string_equal(reader.set.labels[i].value, wanted[i][1]);
	}
	assert_true(reader.set.known);
	assert_false(reader.set.incomplete);
}

static void without_labels_the_set_is_empty(void **state)
{
	(void)state;
	struct map *none = NULL;
	assert_true(read_labels(NULL, true));
	assert_labels(0, NULL);
	assert_true(read_labels(&none, true));
	assert_labels(0, NULL);
	assert_true(read_labels(NULL, false));
	assert_labels(0, NULL);
}

static void a_slice_is_read(void **state)
{
	(void)state;
	const struct text labels[] = {text_of("endpoint"), text_of("/pay"), text_of("tenant"),
				      text_of("Ærø")};
	const struct {
		const struct text *start;
		uint64_t length, capacity;
	} slice = {labels, 2, 2};
	assert_true(read_labels(&slice, false));
	assert_labels(2, (const char *const[][2]){{"endpoint", "/pay"}, {"tenant", "Ærø"}});
}

static void labels_of_a_map_are_sorted(void **state)
{
	(void)state;
	struct bucket bucket = {0};
	struct map map = {.buckets = &bucket};
	put(&map, &bucket, 0, "tenant", "acme");
	put(&map, &bucket, 5, "endpoint", "");
	assert_true(read_map(&map));
	assert_labels(2, (const char *const[][2]){{"endpoint", ""}, {"tenant", "acme"}});
}

static void buckets_have_tails(void **state)
{
	(void)state;
	struct bucket buckets[2] = {0}, tail = {0};
	struct map map = {.log2_buckets = 1, .buckets = buckets};
	buckets[1].overflow = &tail;
	put(&map, &buckets[0], 0, "a", "1");
	put(&map, &buckets[1], 7, "b", "2");
	put(&map, &tail, 3, "c", "3");
	assert_true(read_map(&map));
	assert_labels(3, (const char *const[][2]){{"a", "1"}, {"b", "2"}, {"c", "3"}});
}

/* What has moved to the new buckets is still in the old ones, marked. */
static void a_map_that_grows_has_two_lots_of_buckets(void **state)
{
	(void)state;
	struct bucket old[1] = {0}, buckets[2] = {0};
	struct map map = {.log2_buckets = 1, .buckets = buckets, .old = old};
	put(&map, &old[0], 0, "stays", "1");
	put(&map, &old[0], 1, "moved", "2");
	put(&map, &buckets[1], 0, "moved", "2");
	old[0].top[1] = MOVED;
	map.count--;
	assert_true(read_map(&map));
	assert_labels(2, (const char *const[][2]){{"moved", "2"}, {"stays", "1"}});
}

static void a_map_that_is_tidied_up_has_as_many_old_buckets(void **state)
{
	(void)state;
	struct bucket old[2] = {0}, buckets[2] = {0};
	struct map map = {.flags = SAME_SIZE, .log2_buckets = 1, .buckets = buckets, .old = old};
	put(&map, &old[1], 0, "a", "1");
	assert_true(read_map(&map));
	assert_labels(1, (const char *const[][2]){{"a", "1"}});
}

static void a_map_that_counts_otherwise_is_not_known(void **state)
{
	(void)state;
	struct bucket bucket = {0};
	struct map map = {.buckets = &bucket};
	put(&map, &bucket, 0, "a", "1");
	map.count = 2;
	assert_false(read_map(&map));
}

static void what_is_not_in_memory_is_not_known(void **state)
{
	(void)state;
	struct bucket bucket = {0};
	struct map map = {.buckets = &bucket};
	assert_false(read_labels((void *)8, true));
	assert_false(read_labels((void *)8, false));
	put(&map, &bucket, 0, "a", "1");
	bucket.keys[0].start = (void *)8;
	assert_false(read_map(&map));
	map.buckets = (void *)8;
	assert_false(read_map(&map));
}

static void tails_that_never_end_are_not_known(void **state)
{
	(void)state;
	struct bucket bucket = {0};
	struct map map = {.count = 1, .buckets = &bucket};
	bucket.overflow = &bucket;
	assert_false(read_map(&map));
}

static void sets_that_are_too_large_are_incomplete(void **state)
{
	(void)state;
	static char large[(1 << 20) - 1];
	memset(large, 'x', sizeof(large));
	const struct text labels[] = {
		text_of("a"), {large, sizeof(large)}, text_of("b"), {large, sizeof(large)}};
	const struct {
		const struct text *start;
		uint64_t length, capacity;
	} slice = {labels, 2, 2};
	assert_true(read_labels(&slice, false));
	assert_int_equal(reader.set.count, 1);
	assert_true(reader.set.incomplete);
}

static void read_slice_of(const struct text *labels, uint64_t count)
{
	const struct {
		const struct text *start;
		uint64_t length, capacity;
	} slice = {labels, count, count};
	assert_true(read_labels(&slice, false));
}

static void long_labels_are_whole(void **state)
{
	(void)state;
	static char longer[100001];
	memset(longer, 'x', sizeof(longer) - 1);
	const struct text labels[] = {text_of("a"), text_of(longer)};
	read_slice_of(labels, 1);
	assert_labels(1, (const char *const[][2]){{"a", longer}});
}

static void labels_with_a_nul_are_left_out(void **state)
{
	(void)state;
	const struct text labels[] = {{"a\0b", 3}, text_of("1"), text_of("c"),
				      {"2\0", 2},  text_of("d"), text_of("3")};
	read_slice_of(labels, 3);
	assert_int_equal(reader.set.count, 1);
	assert_string_equal(reader.set.labels[0].key, "d");
	assert_true(reader.set.incomplete);
}

static void a_slice_of_countless_labels_is_not_known(void **state)
{
	(void)state;
	const struct text labels[] = {text_of("a"), text_of("1")};
	const struct {
		const struct text *start;
		uint64_t length, capacity;
	} slice = {labels, UINT64_MAX, UINT64_MAX};
	assert_false(read_labels(&slice, false));
}

static void a_map_of_countless_buckets_is_not_known(void **state)
{
	(void)state;
	struct bucket bucket = {0};
	struct map map = {.count = UINT64_MAX, .log2_buckets = UINT8_MAX, .buckets = &bucket};
	assert_false(read_map(&map));
}

/* In full buckets it is found by the labels, which are more than the map says it has. */
static void a_tail_that_leads_back_is_not_known(void **state)
{
	(void)state;
	struct bucket bucket = {0}, tail = {.overflow = &bucket};
	struct map map = {.buckets = &bucket};
	bucket.overflow = &tail;
	put(&map, &bucket, 0, "a", "1");
	put(&map, &tail, 0, "b", "2");
	assert_false(read_map(&map));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_labels_the_set_is_empty),
		TEST(a_slice_is_read),
		TEST(labels_of_a_map_are_sorted),
		TEST(buckets_have_tails),
		TEST(a_map_that_grows_has_two_lots_of_buckets),
		TEST(a_map_that_is_tidied_up_has_as_many_old_buckets),
		TEST(a_map_that_counts_otherwise_is_not_known),
		TEST(what_is_not_in_memory_is_not_known),
		TEST(tails_that_never_end_are_not_known),
		TEST(sets_that_are_too_large_are_incomplete),
		TEST(long_labels_are_whole),
		TEST(labels_with_a_nul_are_left_out),
		TEST(a_slice_of_countless_labels_is_not_known),
		TEST(a_map_of_countless_buckets_is_not_known),
		TEST(a_tail_that_leads_back_is_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
