// SPDX-License-Identifier: GPL-2.0-only
#include "record/watch.h"

#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "goproc/snapshot.h"

/*
 * Snapshots are rarer where they are dear: they take a fiftieth of a CPU, and add two megabytes a
 * second to the recording. Time that other processes had the CPU is not theirs.
 */
enum { LEAST_INTERVAL_NS = 20000000, SHARE = 50, BYTES_PER_SECOND = 2000000 };

struct watched {
	struct memory *memory;
	struct goproc *process;
	int64_t due;
	bool found; /* its goroutines */
};

struct watch {
	struct go_section_writer *section;
	struct watched *watched;
	size_t count, capacity;
	size_t nr_taken;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

struct perfgo_error *watch_new(struct go_section_writer *section, struct watch **ret)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return perfgo_error_no_memory();
	watch->section = section;
	*ret = watch;
	return NULL;
}

static void unwatch(struct watched *watched)
{
	goproc_close(watched->process);
	memory_close(watched->memory);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		unwatch(&watch->watched[i]);
	free(watch->watched);
	free(watch);
}

void watch_add(struct watch *watch, struct memory *memory, struct goproc *process)
{
	struct watched watched = {.memory = memory, .process = process};
	if (array_reserve(watch->watched, watch->capacity, watch->count + 1))
		watch->watched[watch->count++] = watched;
	else
		unwatch(&watched);
}

void watch_remove(struct watch *watch, uint32_t pid)
{
	for (size_t i = watch->count; i-- > 0;) {
		struct watched *watched = &watch->watched[i];
		if (memory_pid(watched->memory) != pid)
			continue;
		unwatch(watched);
		*watched = watch->watched[--watch->count];
	}
}

bool watch_has(const struct watch *watch, uint32_t pid)
{
	for (size_t i = 0; i < watch->count; i++)
		if (memory_pid(watch->watched[i].memory) == pid &&
		    memory_is_there(watch->watched[i].memory))
			return true;
	return false;
}

/* Returns how many bytes it has, 0 when there is none yet. */
static size_t take(struct watch *watch, struct watched *watched)
{
	static const struct snapshot_options options = {.labels = true};
	struct snapshot *snapshot;
	watched->found = watched->found || goproc_info(watched->process)->allgs ||
			 goproc_search(watched->process);
	if (!watched->found)
		return 0;
	struct perfgo_error *error = snapshot_take(watched->process, &options, &snapshot);
	if (error) {
		perfgo_error_destroy(error);
		return 0;
	}
	size_t size = 0;
	const void *bytes = snapshot_bytes(snapshot, &size);
	if (bytes)
		watch->nr_taken += go_section_add_snapshot(watch->section, bytes, size);
	snapshot_free(snapshot);
	return bytes ? size : 0;
}

static int64_t interval_after(int64_t cost, size_t size)
{
	int64_t interval = LEAST_INTERVAL_NS,
		by_size = (int64_t)size * 1000000000 / BYTES_PER_SECOND;
	if (interval < cost * SHARE)
		interval = cost * SHARE;
	return interval < by_size ? by_size : interval;
}

int watch_take(struct watch *watch, int max)
{
	int64_t next = now_ns() + max * INT64_C(1000000);
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *watched = &watch->watched[i];
		int64_t begin = now_ns();
		if (begin >= watched->due) {
			int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
			size_t size = take(watch, watched);
			cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
			watched->due = begin + interval_after(cpu, size);
		}
		if (watched->due < next)
			next = watched->due;
	}
	int64_t left = next - now_ns();
	return left > 0 ? (int)(left / 1000000) + 1 : 0;
}

size_t watch_count(const struct watch *watch)
{
	return watch->nr_taken;
}
