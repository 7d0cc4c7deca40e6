// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/memory_internal.h"

#include <stdlib.h>

#include "base/array.h"

bool memory_add_mapping(struct memory *memory, const struct mapping *mapping)
{
	if (!array_reserve(memory->mappings, memory->mappings_capacity, memory->nr_mappings + 1))
		return false;
	memory->mappings[memory->nr_mappings++] = *mapping;
	return true;
}

bool memory_add_thread(struct memory *memory, const struct memory_thread *thread)
{
	if (!array_reserve(memory->threads, memory->threads_capacity, memory->nr_threads + 1))
		return false;
	memory->threads[memory->nr_threads++] = *thread;
	return true;
}

void memory_free(struct memory *memory)
{
	free(memory->mappings);
	free(memory->threads);
	arena_deinit(&memory->arena);
	free(memory);
}

void memory_close(struct memory *memory)
{
	if (memory)
		memory->ops->close(memory);
}

void memory_read_many(struct memory *memory, struct memory_request *requests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		requests[i].done = false;
	memory->ops->read_many(memory, requests, count);
}

bool memory_read(struct memory *memory, uint64_t address, void *buffer, size_t size)
{
	struct memory_request request = {.address = address, .buffer = buffer, .size = size};
	memory_read_many(memory, &request, 1);
	return request.done;
}

bool memory_is_there(struct memory *memory)
{
	return memory->ops->is_there(memory);
}

const struct mapping *memory_mappings(const struct memory *memory, size_t *count_ret)
{
	*count_ret = memory->nr_mappings;
	return memory->mappings;
}

const struct memory_thread *memory_threads(const struct memory *memory, size_t *count_ret)
{
	*count_ret = memory->nr_threads;
	return memory->threads;
}

uint32_t memory_pid(const struct memory *memory)
{
	return memory->pid;
}

uint64_t memory_execution(const struct memory *memory)
{
	return memory->execution;
}

const char *memory_comm(const struct memory *memory)
{
	return memory->comm;
}

const char *memory_executable(const struct memory *memory)
{
	return memory->executable;
}

const char *memory_file(const struct memory *memory, const char *path, char buffer[4096])
{
	return memory->ops->file(memory, path, buffer);
}
