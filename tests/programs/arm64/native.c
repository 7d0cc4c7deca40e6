// SPDX-License-Identifier: GPL-2.0-only

#include "_cgo_export.h"

static volatile unsigned long sink;

__attribute__((noinline)) static unsigned long inner(unsigned long n)
{
	return n * 3 + sink;
}

unsigned long in_c(unsigned long n)
{
	sink = inner(n) + inner(n + 1);
	return sink + 1;
}

void call_back(int depth)
{
	if (depth)
		call_back(depth - 1);
	else
		goCallback();
	sink++;
}
