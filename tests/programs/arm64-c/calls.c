// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls in many ways, for a debugger that goes with it from begin() to end(): see
 * tests/unwind/arm64.
 */
#include <alloca.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))

static volatile unsigned long sink;
static jmp_buf back;

APART void begin(void)
{
	asm volatile("");
}

APART void end(void)
{
	asm volatile("nop"); /* or it would be begin() */
}

APART unsigned long leaf(unsigned long n)
{
	return n * 3 + sink;
}

APART unsigned long recurse(unsigned int n)
{
	return n ? recurse(n - 1) + leaf(n) : leaf(n);
}

/* A frame whose size is known only when it runs. */
APART unsigned long varies(size_t size)
{
	char *room = alloca(size);
	memset(room, (int)size, size);
	return leaf((unsigned long)room[size / 2]) + recurse(2);
}

APART unsigned long large(unsigned int n)
{
	char room[6000];
	memset(room, (int)n, sizeof(room));
	sink += leaf(n);
	return (unsigned long)room[n];
}

APART unsigned long by_pointer(unsigned long (*function)(unsigned long), unsigned long n)
{
	unsigned long one = function(n), two = function(n + 1), three = function(n + 2);
	return one * two + three * one + two;
}

APART unsigned long at_the_end(unsigned long n)
{
	return by_pointer(leaf, n + 1);
}

static int compare(const void *a, const void *b)
{
	return (int)leaf(*(const unsigned int *)a) - (int)leaf(*(const unsigned int *)b);
}

static void handle(int number)
{
	sink += leaf((unsigned long)number);
}

APART void jump(int n)
{
	if (!n)
		longjmp(back, 1);
	if (n > 0)
		jump(n - 1);
	sink++;
}

static void all(void)
{
	unsigned int numbers[] = {5, 3, 9, 1, 7};
	char text[64];
	double number = 3.5 + (double)sink;
	sink += recurse(4) + varies(100) + varies(5000) + large(3) + at_the_end(4);
	qsort(numbers, 5, sizeof(*numbers), compare);
	snprintf(text, sizeof(text), "%u %s %.3f", numbers[0], "text", number);
	sink += strlen(text) + strtoul(text, NULL, 10);
	raise(SIGUSR1);
	if (!setjmp(back))
		jump(3);
	free(malloc(sink + 100));
}

int main(void)
{
	signal(SIGUSR1, handle);
	all(); /* once, for what is done at the first use only */
	begin();
	all();
	end();
	return 0;
}
