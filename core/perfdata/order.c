// SPDX-License-Identifier: GPL-2.0-only
#include "perfdata/order.h"

#include <string.h>

#include "base/array.h"
#include "perfdata/perfdata.h"

bool order_add(struct order *order, const struct record *record)
{
	size_t at = order->nr_pending;
	if (!array_reserve(order->pending, order->pending_capacity, at + 1))
		return false;
	if (!at || record->time < order->pending[at - 1].time) {
		if (!array_reserve(order->runs, order->runs_capacity, order->nr_runs + 1))
			return false;
		order->runs[order->nr_runs++] = (struct run){at, at};
	}
	order->pending[at] = *record;
	order->nr_pending++;
	order->runs[order->nr_runs - 1].end++;
	if (!at || record->time > order->latest)
		order->latest = record->time;
	return true;
}

/* Of records with the same time the one that came first goes first. */
static bool head_before(const struct head *a, const struct head *b)
{
	return a->time < b->time || (a->time == b->time && a->run < b->run);
}

static void sift_down(struct order *order, size_t i)
{
	struct head head = order->heap[i];
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= order->nr_heap)
			break;
		if (child + 1 < order->nr_heap &&
		    head_before(&order->heap[child + 1], &order->heap[child]))
			child++;
		if (!head_before(&order->heap[child], &head))
			break;
		order->heap[i] = order->heap[child];
		i = child;
	}
	order->heap[i] = head;
}

static bool start(struct order *order, uint64_t limit)
{
	if (!array_reserve(order->heap, order->heap_capacity, order->nr_runs))
		return false;
	order->limit = limit;
	order->round++;
	order->flushing = true;
	order->nr_heap = 0;
	for (size_t i = 0; i < order->nr_runs; i++) {
		uint64_t time = order->pending[order->runs[i].at].time;
		if (time <= limit)
			order->heap[order->nr_heap++] = (struct head){time, i};
	}
	for (size_t i = order->nr_heap / 2; i-- > 0;)
		sift_down(order, i);
	return true;
}

bool order_round(struct order *order)
{
	/* perf leaves an empty queue alone: the limit of the next flush stays. */
	if (!order->nr_pending)
		return true;
	if (!start(order, order->next_limit))
		return false;
	order->next_limit = order->latest;
	return true;
}

bool order_finish(struct order *order)
{
	return start(order, UINT64_MAX);
}

/* Moves what is left of each run to the front. */
static void finish_flush(struct order *order)
{
	size_t to = 0, kept = 0;
	for (size_t i = 0; i < order->nr_runs; i++) {
		struct run run = order->runs[i];
		size_t count = run.end - run.at;
		if (!count)
			continue;
		memmove(&order->pending[to], &order->pending[run.at],
			count * sizeof(*order->pending));
		order->runs[kept++] = (struct run){to, to + count};
		to += count;
	}
	order->nr_pending = to;
	order->nr_runs = kept;
	order->flushing = false;
}

/* What the run on top may give before another one, or the end of the flush, has its turn. */
static struct head turn_end(const struct order *order)
{
	struct head end = {order->limit, SIZE_MAX};
	for (size_t i = 1; i < 3 && i < order->nr_heap; i++)
		if (head_before(&order->heap[i], &end))
			end = order->heap[i];
	return end;
}

static size_t take_top(struct order *order, struct record *ret, size_t max)
{
	struct head *top = &order->heap[0];
	struct run *run = &order->runs[top->run];
	struct head end = turn_end(order);
	size_t count = 0;
	do {
		ret[count++] = order->pending[run->at++];
		if (run->at == run->end)
			break;
		top->time = order->pending[run->at].time;
	} while (count < max && head_before(top, &end));
	if (run->at == run->end || top->time > order->limit)
		*top = order->heap[--order->nr_heap];
	if (order->nr_heap)
		sift_down(order, 0);
	return count;
}

size_t order_take(struct order *order, struct record *ret, size_t max)
{
	size_t count = 0;
	while (count < max && order->nr_heap)
		count += take_top(order, ret + count, max - count);
	if (!count)
		finish_flush(order);
	return count;
}

void order_deinit(struct order *order)
{
	free(order->pending);
	free(order->runs);
	free(order->heap);
}
