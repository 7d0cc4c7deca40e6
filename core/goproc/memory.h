/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of a process: of a live one, or out of a core file. Never written to. */
#ifndef GOPROC_MEMORY_H
#define GOPROC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct memory;

/* The process is neither stopped nor changed. The error says what right is missing. */
struct perfgo_error *memory_open_process(uint32_t pid, struct memory **ret);
struct perfgo_error *memory_open_core(const char *path, struct memory **ret);
void memory_close(struct memory *memory);

/* Whether it is still what was opened: a process can end, and execute another program. */
bool memory_is_there(struct memory *memory);

/* Whether all SIZE bytes could be read. */
bool memory_read(struct memory *memory, uint64_t address, void *buffer, size_t size);

/* Many at once, in few system calls. */
struct memory_request {
	uint64_t address;
	void *buffer;
	size_t size;
	bool done; /* the answer */
};
void memory_read_many(struct memory *memory, struct memory_request *requests, size_t count);

/* What is mapped, in address order; valid as long as the memory. */
struct mapping {
	uint64_t start, end, offset;
	bool readable, writable, executable;
	const char *path; /* "" anonymous */
};
const struct mapping *memory_mappings(const struct memory *memory, size_t *count_ret);

/* Threads: their kernel ids, and (cores only, else 0) registers. */
struct memory_thread {
	uint32_t tid;
	uint64_t pc, sp, bp, lr;
};
const struct memory_thread *memory_threads(const struct memory *memory, size_t *count_ret);

uint32_t memory_pid(const struct memory *memory);
/*
 * Tells what a process executes from whatever else had, or will have, its id; 0 not known (cores).
 * Two that are odd tell surely; an even one is of this memory only, another may be the same.
 */
uint64_t memory_execution(const struct memory *memory);
const char *memory_comm(const struct memory *memory);
const char *memory_executable(const struct memory *memory); /* path; readable through: */
/* A path by which the file mapped as PATH can be opened: /proc/PID/root/…, or PATH itself. */
const char *memory_file(const struct memory *memory, const char *path, char buffer[4096]);

#endif
