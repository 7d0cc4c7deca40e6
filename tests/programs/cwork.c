// SPDX-License-Identifier: GPL-2.0-only
/*
 * cwork [SECONDS]: work in C with inlined functions, for comparing symbols, lines and inlined
 * callers with what stock perf and addr2line say of them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORDS = 4096 };

static unsigned int state = 1;

static inline __attribute__((always_inline)) unsigned int next_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static inline __attribute__((always_inline)) unsigned int mix(unsigned int value)
{
	return (value ^ next_random()) * 2654435761u;
}

static __attribute__((noinline)) void fill(unsigned int *words)
{
	for (int i = 0; i < WORDS; i++)
		words[i] = mix(i);
}

static int compare(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;
	return (x > y) - (x < y);
}

static __attribute__((noinline)) void order(unsigned int *words)
{
	qsort(words, WORDS, sizeof(words[0]), compare);
}

static __attribute__((noinline)) double roots(const unsigned int *words)
{
	double sum = 0;
	for (int i = 0; i < WORDS; i++)
		sum += sqrt(words[i]) + mix(words[i]) % 7;
	return sum;
}

static __attribute__((noinline)) double descend(const unsigned int *words, int depth)
{
	return depth ? descend(words, depth - 1) + 1 : roots(words);
}

int main(int argc, char **argv)
{
	static unsigned int words[WORDS];
	double seconds = argc > 1 ? atof(argv[1]) : 1, sum = 0;
	clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

	do {
		fill(words);
		order(words);
		for (int i = 0; i < 20; i++)
			sum += descend(words, 8);
	} while (clock() < end);
	printf("%.0f\n", sum);
	return 0;
}
