// SPDX-License-Identifier: GPL-2.0-only
#include "session/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

static uint32_t hash_of(uint32_t id)
{
	return hash_fold(hash_word(0, id));
}

/* The id of the interned thread, or IDMAP_NONE without memory. */
static uint32_t intern(struct threads *threads, const struct thread *thread)
{
	uint32_t hash = hash_fold(
		hash_word(hash_word(thread->comm, thread->pid), (uint64_t)thread->tid << 1));
	uint32_t id;
	for (size_t probe = hash;
	     (id = idmap_probe(&threads->threads_index, hash, &probe)) != IDMAP_NONE;)
		if (!memcmp(&threads->threads[id], thread, sizeof(*thread)))
			return id;
	if (!array_reserve(threads->threads, threads->threads_capacity, threads->nr_threads + 1) ||
	    !idmap_insert(&threads->threads_index, hash, (uint32_t)threads->nr_threads))
		return IDMAP_NONE;
	threads->threads[threads->nr_threads] = *thread;
	return (uint32_t)threads->nr_threads++;
}

static bool rename_thread(struct threads *threads, struct live_thread *live, uint32_t comm)
{
	struct thread thread = {.pid = live->pid, .tid = live->tid, .comm = comm};
	live->comm = comm;
	live->thread = intern(threads, &thread);
	return live->thread != IDMAP_NONE;
}

/* The index of the process, or IDMAP_NONE without memory. */
static uint32_t process_of(struct threads *threads, uint32_t pid)
{
	uint32_t hash = hash_of(pid), at;
	for (size_t probe = hash;
	     (at = idmap_probe(&threads->processes_by_pid, hash, &probe)) != IDMAP_NONE;)
		if (threads->processes[at].pid == pid)
			return at;
	struct maps *maps = maps_new();
	if (!maps ||
	    !array_reserve(threads->processes, threads->processes_capacity,
			   threads->nr_processes + 1) ||
	    !idmap_insert(&threads->processes_by_pid, hash, (uint32_t)threads->nr_processes)) {
		maps_destroy(maps);
		return IDMAP_NONE;
	}
	threads->processes[threads->nr_processes] = (struct process){.pid = pid, .maps = maps};
	return (uint32_t)threads->nr_processes++;
}

/*
 * What perf calls a thread it has no name for (tools/perf/util/thread.c, thread__new). A task
 * that is about to be gone has tid 0 too, whatever its pid.
 */
static uint32_t default_comm(struct threads *threads, uint32_t tid)
{
	char name[16];
	if (!tid)
		return strings_id(threads->strings, "swapper");
	snprintf(name, sizeof(name), ":%d", (int)tid);
	return strings_id(threads->strings, name);
}

static struct live_thread *find_live(const struct threads *threads, uint32_t tid)
{
	uint32_t hash = hash_of(tid), at;
	for (size_t probe = hash;
	     (at = idmap_probe(&threads->live_by_tid, hash, &probe)) != IDMAP_NONE;)
		if (threads->live[at].tid == tid)
			return &threads->live[at];
	return NULL;
}

/* Makes LIVE the thread (pid, tid) without a name of its own. */
static bool begin_thread(struct threads *threads, struct live_thread *live, uint32_t pid,
			 uint32_t tid)
{
	uint32_t process = process_of(threads, pid);
	*live = (struct live_thread){.pid = pid, .tid = tid, .process = process};
	return process != IDMAP_NONE && rename_thread(threads, live, default_comm(threads, tid));
}

static struct live_thread *add_live(struct threads *threads, uint32_t pid, uint32_t tid)
{
	if (!array_reserve(threads->live, threads->live_capacity, threads->nr_live + 1))
		return NULL;
	struct live_thread *live = &threads->live[threads->nr_live];
	if (!begin_thread(threads, live, pid, tid) ||
	    !idmap_insert(&threads->live_by_tid, hash_of(tid), (uint32_t)threads->nr_live))
		return NULL;
	threads->nr_live++;
	return live;
}

struct live_thread *threads_find(struct threads *threads, uint32_t pid, uint32_t tid)
{
	struct live_thread *live = find_live(threads, tid);
	if (!live)
		return add_live(threads, pid, tid);
	if (live->pid == pid)
		return live;
	/* A tid seen in another process: its birth there was lost. */
	return begin_thread(threads, live, pid, tid) ? live : NULL;
}

bool threads_known(const struct threads *threads, uint32_t tid)
{
	return find_live(threads, tid);
}

struct maps *threads_maps(struct threads *threads, uint32_t pid)
{
	uint32_t process = process_of(threads, pid);
	return process == IDMAP_NONE ? NULL : threads->processes[process].maps;
}

static bool replace_maps(struct threads *threads, uint32_t process, struct maps *maps)
{
	if (!maps)
		return false;
	maps_destroy(threads->processes[process].maps);
	threads->processes[process].maps = maps;
	return true;
}

bool threads_comm(struct threads *threads, const struct record_comm *comm)
{
	struct live_thread *live = threads_find(threads, comm->pid, comm->tid);
	if (!live)
		return false;
	if (comm->exec && !replace_maps(threads, live->process, maps_new()))
		return false;
	return rename_thread(threads, live, strings_id(threads->strings, comm->comm));
}

bool threads_fork(struct threads *threads, const struct record_task *task, bool copy_maps)
{
	const struct live_thread *parent =
		threads_find(threads, task->parent_pid, task->parent_tid);
	if (!parent)
		return false;
	uint32_t comm = parent->comm, parent_process = parent->process;
	struct live_thread *live = threads_find(threads, task->pid, task->tid);
	if (!live)
		return false;
	if (task->pid != task->parent_pid && copy_maps &&
	    !replace_maps(threads, live->process,
			  maps_copy(threads->processes[parent_process].maps)))
		return false;
	return rename_thread(threads, live, comm);
}

bool threads_exit(struct threads *threads, const struct record_task *task)
{
	struct live_thread *live = find_live(threads, task->tid);
	if (!live || live->pid != task->pid || !threads->forget_exited)
		return true;
	return rename_thread(threads, live, default_comm(threads, live->tid));
}

void threads_deinit(struct threads *threads)
{
	for (size_t i = 0; i < threads->nr_processes; i++)
		maps_destroy(threads->processes[i].maps);
	free(threads->processes);
	free(threads->live);
	free(threads->threads);
	idmap_deinit(&threads->processes_by_pid);
	idmap_deinit(&threads->live_by_tid);
	idmap_deinit(&threads->threads_index);
	*threads = (struct threads){0};
}
