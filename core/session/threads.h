/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes and threads over time. */
#ifndef SESSION_THREADS_H
#define SESSION_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"
#include "base/strings.h"
#include "perfdata/perfdata.h"
#include "session/maps.h"

/* A thread under one name: what a sample's thread is to everything above. Interned. */
struct thread {
	uint32_t pid, tid;
	uint32_t comm; /* string id; ":TID" while the recording has not named it, as perf does */
};

struct process {
	uint32_t pid;
	struct maps *maps;
};

/* A thread as it stands at the moment the recording has been read to. */
struct live_thread {
	uint32_t pid, tid;
	uint32_t comm;
	uint32_t process; /* index */
	uint32_t thread;  /* id of the struct thread for its present name */
};

/* Zero-initialised is empty; `strings` has to be set. */
struct threads {
	struct strings *strings;
	bool forget_exited; /* a thread that ended has no name any more */
	struct process *processes;
	size_t nr_processes, processes_capacity;
	struct idmap processes_by_pid;
	struct live_thread *live;
	size_t nr_live, live_capacity;
	struct idmap live_by_tid;
	struct thread *threads;
	size_t nr_threads, threads_capacity;
	struct idmap threads_index;
};

/* The thread with an id, made when it was not heard of before. NULL without memory. */
struct live_thread *threads_find(struct threads *threads, uint32_t pid, uint32_t tid);

/* Whether the recording has told of a thread so far. */
bool threads_known(const struct threads *threads, uint32_t tid);

/* The address space of a process, made when it was not heard of before. NULL without memory. */
struct maps *threads_maps(struct threads *threads, uint32_t pid);

static inline struct maps *threads_maps_of(const struct threads *threads,
					   const struct live_thread *live)
{
	return threads->processes[live->process].maps;
}

/* The side-band records that tell of them. False without memory. */
bool threads_comm(struct threads *threads, const struct record_comm *comm);
bool threads_fork(struct threads *threads, const struct record_task *task, bool copy_maps);
bool threads_exit(struct threads *threads, const struct record_task *task);

void threads_deinit(struct threads *threads);

#endif
