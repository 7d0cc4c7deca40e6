// SPDX-License-Identifier: GPL-2.0-only
/* Address spaces: what lies where, and who shares it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "session/maps.h"

static void insert(struct maps **maps, uint64_t start, uint64_t end, uint32_t dso, bool code)
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
	insert(&maps, 0x3000, 0x4000, 2, true);
	insert(&maps, 0x1000, 0x2000, 1, true);
	assert_int_equal(dso_at(maps, 0xfff), 0);
	assert_int_equal(dso_at(maps, 0x1000), 1);
	assert_int_equal(dso_at(maps, 0x1fff), 1);
	assert_int_equal(dso_at(maps, 0x2000), 0);
	assert_int_equal(dso_at(maps, 0x3abc), 2);
	assert_int_equal(dso_at(maps, UINT64_MAX), 0);
	maps_release(maps);
}

static void a_new_map_cuts_what_it_covers(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(&maps, 0x1000, 0x9000, 1, true);
	insert(&maps, 0x3000, 0x4000, 2, true);
	assert_int_equal(maps->count, 3);
	assert_int_equal(dso_at(maps, 0x2fff), 1);
	assert_int_equal(dso_at(maps, 0x3000), 2);
	assert_int_equal(dso_at(maps, 0x4000), 1);
	/* What is behind the cut still has its place in the file. */
	const struct map *rest = maps_find(maps, 0x4000);
	assert_int_equal(rest->pgoff, 0x3000);
	insert(&maps, 0x0, 0x10000, 3, true);
	assert_int_equal(maps->count, 1);
	maps_release(maps);
}

static void empty_maps_are_no_maps(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(&maps, 0x1000, 0x1000, 1, true);
	insert(&maps, 0x2000, 0x1000, 1, true);
	assert_int_equal(maps->count, 0);
	maps_release(maps);
}

static void a_child_keeps_what_its_parent_replaces(void **state)
{
	(void)state;
	struct maps *parent = maps_new();
	insert(&parent, 0x1000, 0x2000, 1, true);
	struct maps *child = maps_share(parent);
	insert(&parent, 0x1000, 0x2000, 2, true);
	assert_int_equal(dso_at(child, 0x1000), 1);
	assert_int_equal(dso_at(parent, 0x1000), 2);
	maps_release(parent);
	maps_release(child);
}

static void the_generation_follows_code_alone(void **state)
{
	(void)state;
	struct maps *maps = maps_new();
	insert(&maps, 0x1000, 0x2000, 1, true);
	uint32_t generation = maps->generation;
	insert(&maps, 0x8000, 0x9000, 2, false);
	assert_int_equal(maps->generation, generation);
	insert(&maps, 0x1800, 0x2800, 3, false); /* over code */
	assert_int_not_equal(maps->generation, generation);
	generation = maps->generation;
	insert(&maps, 0x5000, 0x6000, 4, true);
	assert_int_not_equal(maps->generation, generation);
	generation = maps->generation;
	maps_remove(maps, 0x5000);
	assert_int_not_equal(maps->generation, generation);
	assert_int_equal(dso_at(maps, 0x5000), 0);
	maps_release(maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_belong_to_their_map),
		cmocka_unit_test(a_new_map_cuts_what_it_covers),
		cmocka_unit_test(empty_maps_are_no_maps),
		cmocka_unit_test(a_child_keeps_what_its_parent_replaces),
		cmocka_unit_test(the_generation_follows_code_alone),
	};
	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
