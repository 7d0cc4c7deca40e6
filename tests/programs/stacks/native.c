// SPDX-License-Identifier: GPL-2.0-only

#include "_cgo_export.h"

static volatile unsigned long sink;

void burn_in_c(long count)
{
	unsigned long x = sink;

	for (long i = 0; i < count; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	sink = x;
}

void call_back(int depth)
{
	if (depth)
		call_back(depth - 1);
	else
		goCallback();
	sink++;
}
