// SPDX-License-Identifier: GPL-2.0-only
/* Address spaces: what lies where, and who shares it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
#include <string.h>
#include <cmocka.h>

#include "session/maps.h"

static void insert(struct maps *maps, uint64_t start, uint64_t end, uint32_t dso, bool code)
{
	struct map map = {.start = start, .end = end, .dso = dso, .executable = code};
	assert_true(maps_insert(maps, &map));
}

static uint32_t dso_at(const struct maps *maps, uint64_t address)
{
	const struct map *map = maps_find(maps, address);
	return map ? map->dso : 0;
}

static void addresses_belong_to_their_map(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(maps, 0x3000, 0x4000, 2, true);
	insert(maps, 0x1000, 0x2000, 1, true);
	assert_int_equal(dso_at(maps, 0xfff), 0);
	assert_int_equal(dso_at(maps, 0x1000), 1);
	assert_int_equal(dso_at(maps, 0x1fff), 1);
	assert_int_equal(dso_at(maps, 0x2000), 0);
	assert_int_equal(dso_at(maps, 0x3abc), 2);
	assert_int_equal(dso_at(maps, UINT64_MAX), 0);
	maps_destroy(maps);
}

static void a_new_map_cuts_what_it_covers(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(maps, 0x1000, 0x9000, 1, true);
	insert(maps, 0x3000, 0x4000, 2, true);
	assert_int_equal(dso_at(maps, 0x2fff), 1);
	assert_int_equal(dso_at(maps, 0x3000), 2);
	assert_int_equal(dso_at(maps, 0x4000), 1);
	/* What is behind the cut still has its place in the file. */
	const struct map *rest = maps_find(maps, 0x4000);
	assert_int_equal(rest->pgoff, 0x3000);
	insert(maps, 0x0, 0x10000, 3, true);
	assert_ptr_equal(maps_find(maps, 0x0), maps_find(maps, 0xffff));
	maps_destroy(maps);
}

static void empty_maps_are_no_maps(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(maps, 0x1000, 0x1000, 1, true);
	insert(maps, 0x2000, 0x1000, 1, true);
	assert_null(maps->root);
	maps_destroy(maps);
}

static void a_child_keeps_what_its_parent_replaces(void **state)
{
	(void)state;
	struct maps *parent = maps_new();
	insert(parent, 0x1000, 0x2000, 1, true);
	struct maps *child = maps_copy(parent);
	insert(parent, 0x1000, 0x2000, 2, true);
	assert_int_equal(dso_at(child, 0x1000), 1);
	assert_int_equal(dso_at(parent, 0x1000), 2);
	maps_destroy(parent);
	maps_destroy(child);
}

static void the_generation_follows_code_alone(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(maps, 0x1000, 0x2000, 1, true);
	uint32_t generation = maps->generation;
	insert(maps, 0x8000, 0x9000, 2, false);
	assert_int_equal(maps->generation, generation);
	insert(maps, 0x1800, 0x2800, 3, false); /* over code */
	assert_int_not_equal(maps->generation, generation);
	generation = maps->generation;
	insert(maps, 0x5000, 0x6000, 4, true);
	assert_int_not_equal(maps->generation, generation);
	generation = maps->generation;
	maps_remove(maps, 0x5000);
	assert_int_not_equal(maps->generation, generation);
	assert_int_equal(dso_at(maps, 0x5000), 0);
	maps_destroy(maps);
}

static void what_a_removed_map_lay_over_stays_away(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(maps, 0x1000, 0x9000, 1, true);
	insert(maps, 0x3000, 0x4000, 2, true);
	maps_remove(maps, 0x3800); /* nothing starts there */
	assert_int_equal(dso_at(maps, 0x3800), 2);
	maps_remove(maps, 0x3000);
	assert_int_equal(dso_at(maps, 0x2fff), 1);
	assert_int_equal(dso_at(maps, 0x3000), 0);
	assert_int_equal(dso_at(maps, 0x4000), 1);
	maps_destroy(maps);
}

enum { PAGES = 64 };

/* Against a page table: random maps over one another, in an address space and in copies of it. */
static void maps_are_as_a_page_table_has_them(void **state)
{
	(void)state;
	uint32_t expected[8][PAGES] = {0}, random = 1;
	struct maps *maps[8] = {maps_new(), maps_new(), maps_new(), maps_new(),
				maps_new(), maps_new(), maps_new(), maps_new()};
	for (uint32_t round = 1; round < 20000; round++) {
		random = random * 1664525 + 1013904223;
		uint32_t which = random >> 29, from = random >> 26 & 7;
		uint32_t start = random >> 20 & 63, end = start + 1 + (random >> 14 & 15);
		if (which != from && !(round & 15)) {
			maps_destroy(maps[which]);
			maps[which] = maps_copy(maps[from]);
			memcpy(expected[which], expected[from], sizeof(expected[which]));
		}
		end = end > PAGES ? PAGES : end;
		insert(maps[which], start, end, round, round & 1);
		for (uint32_t page = start; page < end; page++)
			expected[which][page] = round;
		for (uint32_t page = 0; page < PAGES; page++)
			assert_int_equal(dso_at(maps[from], page), expected[from][page]);
	}
	for (int i = 0; i < 8; i++)
		maps_destroy(maps[i]);
}

/* As mmap(2) places them. In an array each would move all the others: half a minute. */
static void maps_may_come_from_the_top_down(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	for (uint64_t i = 300000; i; i--)
		insert(maps, i * 0x1000, i * 0x1000 + 0x1000, (uint32_t)i, true);
	for (uint64_t i = 300000; i; i--)
		assert_int_equal(dso_at(maps, i * 0x1000), i);
	maps_destroy(maps);
}

/* Copies of all their parents' maps would be 10 GB. */
static void children_pay_only_for_what_they_map(void **state)
{
	(void)state;
	enum { CHILDREN = 20000, MAPS = 16000 };
	static struct maps *maps[CHILDREN];
	maps[0] = maps_new();
	for (uint64_t i = 1; i <= MAPS; i++)
		insert(maps[0], i * 0x1000, i * 0x1000 + 0x1000, 1, true);
	size_t before = mallinfo2().uordblks;
	for (uint32_t i = 1; i < CHILDREN; i++) {
		maps[i] = maps_copy(maps[i - 1]);
		insert(maps[i], 0x5000, 0x6000, i + 1, true);
	}
	assert_in_range(mallinfo2().uordblks - before, 0, CHILDREN * 8000);
	for (uint32_t i = 0; i < CHILDREN; i++) {
		assert_int_equal(dso_at(maps[i], 0x5000), i + 1);
		assert_int_equal(dso_at(maps[i], 0x6000), 1);
	}
	for (uint32_t i = 0; i < CHILDREN; i++)
		maps_destroy(maps[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_belong_to_their_map),
		cmocka_unit_test(a_new_map_cuts_what_it_covers),
		cmocka_unit_test(empty_maps_are_no_maps),
		cmocka_unit_test(a_child_keeps_what_its_parent_replaces),
		cmocka_unit_test(the_generation_follows_code_alone),
		cmocka_unit_test(what_a_removed_map_lay_over_stays_away),
		cmocka_unit_test(maps_are_as_a_page_table_has_them),
		cmocka_unit_test(maps_may_come_from_the_top_down),
		cmocka_unit_test(children_pay_only_for_what_they_map),
	};
	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
