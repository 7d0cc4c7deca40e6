/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kinds of memory have in common. */
#ifndef GOPROC_MEMORY_INTERNAL_H
#define GOPROC_MEMORY_INTERNAL_H

#include "base/arena.h"
#include "goproc/memory.h"

struct memory_ops {
	void (*read_many)(struct memory *memory, struct memory_request *requests, size_t count);
	bool (*is_there)(struct memory *memory);
	const char *(*file)(const struct memory *memory, const char *path, char buffer[4096]);
	void (*close)(struct memory *memory);
};

/* The beginning of every kind. */
struct memory {
	const struct memory_ops *ops;
	uint32_t pid;
	uint64_t execution;
	const char *comm, *executable;
	struct mapping *mappings;
	size_t nr_mappings, mappings_capacity;
	struct memory_thread *threads;
	size_t nr_threads, threads_capacity;
	struct arena arena; /* strings */
};

/* False without memory. */
bool memory_add_mapping(struct memory *memory, const struct mapping *mapping);
bool memory_add_thread(struct memory *memory, const struct memory_thread *thread);

/* What ops->close leaves to be freed, with MEMORY itself. */
void memory_free(struct memory *memory);

#endif
