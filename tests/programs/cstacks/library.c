// SPDX-License-Identifier: GPL-2.0-only
/* What may be a shared library of its own, so that calls go through a plt. */
#include "stacks.h"

volatile unsigned long spent;

unsigned long burn(unsigned long value)
{
	for (int i = 0; i < 2000; i++)
		value = value * 6364136223846793005ul + (value >> 7) + i;
	spent += value & 1;
	return value;
}

__attribute__((noinline)) static void twice(void (*function)(void *), void *with)
{
	function(with);
	spent++;
}

void call_back(void (*function)(void *), void *with)
{
	twice(function, with);
	spent++;
}
