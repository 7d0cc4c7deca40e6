// SPDX-License-Identifier: GPL-2.0-only
/* Calls that branch, recurse and meet again, for call graphs: calls [SECONDS]. */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static volatile uint64_t sink;

/* Work in the function itself, so that each has samples of its own. */
#define WORK(rounds)                                                                               \
	for (uint64_t i_ = 0; i_ < (rounds); i_++)                                                 \
	sink += i_ * i_

__attribute__((noipa)) static void leaf(unsigned int rounds)
{
	WORK(rounds);
}

__attribute__((noipa)) static void other_leaf(unsigned int rounds)
{
	WORK(2 * rounds);
}

__attribute__((noipa)) static void divide(unsigned int depth)
{
	WORK(50 * depth);
	if (depth > 1) {
		divide(depth - 1);
		divide(depth / 2);
	} else {
		leaf(200);
	}
	WORK(20);
}

__attribute__((noipa)) static void even(unsigned int depth);

__attribute__((noipa)) static void odd(unsigned int depth)
{
	other_leaf(100);
	if (depth)
		even(depth - 1);
	WORK(30);
}

__attribute__((noipa)) static void even(unsigned int depth)
{
	leaf(70 * depth);
	if (depth)
		odd(depth - 1);
	if (depth % 3 == 2)
		divide(depth);
	WORK(10);
}

__attribute__((noipa)) static void first(void)
{
	even(9);
	leaf(3000);
	WORK(500);
}

__attribute__((noipa)) static void second(void)
{
	divide(9);
	odd(6);
	other_leaf(1000);
	WORK(200);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
	while (clock() < end) {
		first();
		second();
	}
	return 0;
}
