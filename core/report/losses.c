// SPDX-License-Identifier: GPL-2.0-only
#include "report/losses.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { MAX_CPUS = 1 << 16 };

void losses_deinit(struct losses *losses)
{
	free(losses->cpus);
	free(losses->windows);
	*losses = (struct losses){0};
}

/* Where the CPU is not known, all that came before may be concerned. */
static bool add_window(struct losses *losses, const struct loss *loss)
{
	uint64_t from = loss->cpu < losses->nr_cpus ? losses->cpus[loss->cpu].last[0] : 0;
	if (!array_reserve(losses->windows, losses->capacity, losses->count + 1))
		return false;
	losses->windows[losses->count++] =
		(struct loss_window){from, loss->time < from ? from : loss->time};
	return true;
}

/* Those before TIME: records of the same time may have come before them. */
static bool catch_up(struct losses *losses, const struct session *session, uint64_t time)
{
	size_t count;
	const struct loss *list = session_losses(session, &count);
	for (; losses->seen < count && list[losses->seen].time <= time; losses->seen++)
		if (!add_window(losses, &list[losses->seen]))
			return false;
	return true;
}

static bool note_sample(struct losses *losses, const struct sample *sample)
{
	if (!(sample->type & PERF_SAMPLE_CPU) || sample->cpu >= MAX_CPUS)
		return true;
	if (sample->cpu >= losses->nr_cpus) {
		if (!array_reserve(losses->cpus, losses->cpus_capacity, sample->cpu + 1))
			return false;
		while (losses->nr_cpus <= sample->cpu)
			losses->cpus[losses->nr_cpus++] = (struct loss_cpu){0};
	}
	uint64_t *last = losses->cpus[sample->cpu].last;
	memmove(last, last + 1, (LOSSES_BEGUN - 1) * sizeof(*last));
	last[LOSSES_BEGUN - 1] = sample->time;
	return true;
}

bool losses_add(struct losses *losses, const struct session *session, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		if (!catch_up(losses, session, batch->samples[i].time) ||
		    !note_sample(losses, &batch->samples[i]))
			return false;
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct loss_window *left = a, *right = b;
	return (left->from > right->from) - (left->from < right->from);
}

void losses_finish(struct losses *losses)
{
	size_t kept = 0;
	if (losses->count)
		qsort(losses->windows, losses->count, sizeof(*losses->windows), by_start);
	for (size_t i = 0; i < losses->count; i++) {
		struct loss_window *last = kept ? &losses->windows[kept - 1] : NULL;
		const struct loss_window *window = &losses->windows[i];
		if (!last || window->from > last->to)
			losses->windows[kept++] = *window;
		else if (window->to > last->to)
			last->to = window->to;
	}
	losses->count = kept;
}

bool losses_within(const struct losses *losses, uint64_t from, uint64_t to)
{
	size_t low = 0, high = losses->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (losses->windows[middle].to < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < losses->count && losses->windows[low].from <= to;
}
