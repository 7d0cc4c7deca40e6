// SPDX-License-Identifier: GPL-2.0-only
#include "session/snapshots.h"

#include <stdlib.h>

#include "base/array.h"

bool snapshots_add(struct snapshots *snapshots, struct snapshot *snapshot)
{
	if (!array_reserve(snapshots->list, snapshots->capacity, snapshots->count + 1)) {
		snapshot_free(snapshot);
		return false;
	}
	snapshots->list[snapshots->count++] = snapshot;
	snapshots->sorted = false;
	return true;
}

void snapshots_deinit(struct snapshots *snapshots)
{
	for (size_t i = 0; i < snapshots->count; i++)
		snapshot_free(snapshots->list[i]);
	free(snapshots->list);
	*snapshots = (struct snapshots){0};
}

static int compare(const struct snapshot *snapshot, uint32_t pid, uint64_t time)
{
	const struct snapshot_info *info = snapshot_info(snapshot);
	if (info->pid != pid)
		return info->pid < pid ? -1 : 1;
	return (info->begin > time) - (info->begin < time);
}

static int by_process_and_time(const void *left, const void *right)
{
	const struct snapshot *a = *(struct snapshot *const *)left;
	const struct snapshot_info *b = snapshot_info(*(struct snapshot *const *)right);
	return compare(a, b->pid, b->begin);
}

static void sort(struct snapshots *snapshots)
{
	if (!snapshots->sorted && snapshots->count)
		qsort(snapshots->list, snapshots->count, sizeof(struct snapshot *),
		      by_process_and_time);
	snapshots->sorted = true;
}

/* The index of the first that begins at TIME or later, of PID or a higher one. */
static size_t first_from(const struct snapshots *snapshots, uint32_t pid, uint64_t time)
{
	size_t low = 0, high = snapshots->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(snapshots->list[middle], pid, time) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct snapshot *of_process(const struct snapshots *snapshots, size_t i, uint32_t pid)
{
	return i < snapshots->count && snapshot_info(snapshots->list[i])->pid == pid
		       ? snapshots->list[i]
		       : NULL;
}

/* The last one before AT that was complete by TIME; taking one goes on for a while. */
static struct snapshot *last_until(const struct snapshots *snapshots, size_t at, uint32_t pid,
				   uint64_t time)
{
	enum { MAX_OVERLAP = 8 };
	for (size_t back = 1; back <= MAX_OVERLAP && back <= at; back++) {
		struct snapshot *snapshot = of_process(snapshots, at - back, pid);
		if (!snapshot || snapshot_info(snapshot)->end <= time)
			return snapshot;
	}
	return NULL;
}

/* A process may execute another program, or the same one again. */
static bool same_execution(const struct snapshot *a, const struct snapshot *b)
{
	uint64_t execution = snapshot_info(a)->execution;
	return execution && execution == snapshot_info(b)->execution;
}

const struct snapshot_goroutine *snapshots_agree(struct snapshots *snapshots, uint32_t pid,
						 uint64_t time, uint64_t g)
{
	sort(snapshots);
	size_t at = first_from(snapshots, pid, time);
	struct snapshot *after = of_process(snapshots, at, pid);
	struct snapshot *before = last_until(snapshots, at, pid, time);
	if (!before || !after || !same_execution(before, after))
		return NULL;
	const struct snapshot_goroutine *then = snapshot_by_g(before, g);
	const struct snapshot_goroutine *later = snapshot_by_g(after, g);
	return then && later && then->goid == later->goid && then->parent == later->parent &&
			       then->start_pc == later->start_pc &&
			       then->creator_pc == later->creator_pc
		       ? then
		       : NULL;
}
