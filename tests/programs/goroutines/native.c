// SPDX-License-Identifier: GPL-2.0-only

#include <pthread.h>
#include <stdint.h>

#include "_cgo_export.h"

static volatile unsigned long sink;

void spin(long count)
{
	unsigned long x = sink;

	for (long i = 0; i < count; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	sink = x;
}

void spin_and_call(long count, int index)
{
	spin(count);
	goCallback(index);
	spin(count);
}

static void *thread(void *index)
{
	do
		spin(20000);
	while (goThread((int)(intptr_t)index));
	return NULL;
}

int start_thread(int index)
{
	pthread_t id;
	int status = pthread_create(&id, NULL, thread, (void *)(intptr_t)index);

	return status ? status : pthread_detach(id);
}
