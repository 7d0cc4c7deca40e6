// SPDX-License-Identifier: GPL-2.0-only
/* As tools/perf/util/synthetic-events.c, perf 6.12. */
#include "record/sideband.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include <linux/perf_event.h>

#include "base/cleanup.h"

enum { TAIL_SIZE = 32 /* of SIDEBAND_SAMPLE_TYPE */, NAME_SIZE = 4096 };

struct mmap_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t start, length, offset;
};

struct mmap2_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t start, length, offset;
	uint32_t major, minor;
	uint64_t inode, generation;
	uint32_t protection, flags;
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
};

struct fork_record {
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
	uint64_t time;
};

/* A record: its fixed part, a name padded to 8 if there is one, and an empty tail. */
static void put_record(struct writer *to, struct perf_event_header *header, size_t fixed,
		       const char *name)
{
	size_t length = name ? strlen(name) + 1 : 0, padded = (length + 7) & ~(size_t)7;
	header->size = (uint16_t)(fixed + padded + TAIL_SIZE);
	char *room = writer_room(to, header->size);
	if (!room)
		return;
	memset(room, 0, header->size);
	memcpy(room, header, fixed);
	if (name)
		memcpy(room + fixed, name, length);
	to->used += header->size;
}

static void put_comm(struct writer *to, pid_t pid, pid_t tid)
{
	char path[64], name[64] = "";
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = 0;
		struct comm_record record = {
			{PERF_RECORD_COMM, 0, 0}, (uint32_t)pid, (uint32_t)tid};
		put_record(to, &record.header, sizeof(record), name);
	}
	fclose(file);
}

struct threads {
	struct writer *to;
	pid_t pid;
};

static void put_thread(void *context, pid_t tid)
{
	const struct threads *threads = context;
	if (tid == threads->pid)
		return;
	uint32_t pid = (uint32_t)threads->pid;
	struct fork_record record = {
		.header = {PERF_RECORD_FORK, 0, 0},
		.pid = pid,
		.parent = pid,
		.tid = (uint32_t)tid,
		.parent_tid = pid,
	};
	put_record(threads->to, &record.header, sizeof(record), NULL);
	put_comm(threads->to, threads->pid, tid);
}

static void put_mapping(struct writer *to, pid_t pid, const char *line, bool data)
{
	struct mmap2_record record = {.header = {PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER, 0},
				      .pid = (uint32_t)pid,
				      .tid = (uint32_t)pid};
	uint64_t end;
	char access[8];
	int at = 0;
	if (sscanf(line,
		   "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %" SCNx32 ":%" SCNx32 " %" SCNu64 " %n",
		   &record.start, &end, access, &record.offset, &record.major, &record.minor,
		   &record.inode, &at) < 7)
		return;
	bool executable = access[2] == 'x';
	if (!executable && !data)
		return;
	if (!executable)
		record.header.misc |= PERF_RECORD_MISC_MMAP_DATA;
	record.length = end - record.start;
	record.protection = (access[0] == 'r' ? PROT_READ : 0u) |
			    (access[1] == 'w' ? PROT_WRITE : 0u) | (executable ? PROT_EXEC : 0u);
	record.flags = access[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
	put_record(to, &record.header, sizeof(record), line[at] ? line + at : "//anon");
}

static void put_mappings(struct writer *to, pid_t pid, bool data)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t capacity = 0;
	while (file && getline(&line, &capacity, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (strlen(line) < NAME_SIZE)
			put_mapping(to, pid, line, data);
	}
	free(line);
	if (file)
		fclose(file);
}

void sideband_visit(const char *directory, void (*visit)(void *context, pid_t id), void *context)
{
	DIR *entries = opendir(directory);
	for (struct dirent *entry; entries && (entry = readdir(entries));)
		if (isdigit((unsigned char)*entry->d_name))
			visit(context, atoi(entry->d_name));
	if (entries)
		closedir(entries);
}

void sideband_process(struct writer *to, pid_t pid, bool data)
{
	char tasks[64];
	struct threads threads = {to, pid};
	put_comm(to, pid, pid);
	snprintf(tasks, sizeof(tasks), "/proc/%d/task", pid);
	sideband_visit(tasks, put_thread, &threads);
	put_mappings(to, pid, data);
}

/*
 * The end of the kernel's text by the memory that it is in, which root is shown (kernel/resource.c,
 * Linux 6.18), or 0. It saves reading all of kallsyms, a hundred milliseconds.
 */
static uint64_t kernel_end(uint64_t address)
{
	char line[256];
	uint64_t first, last, end = 0;
	FILE *file = fopen("/proc/iomem", "re");
	while (file && !end && fgets(line, sizeof(line), file))
		if (strstr(line, ": Kernel code") &&
		    sscanf(line, " %" SCNx64 "-%" SCNx64, &first, &last) == 2 && first < last)
			end = address + (last - first) + 1;
	if (file)
		fclose(file);
	return end;
}

/* Where the kernel's text begins and ends; false when it is not to be seen. */
static bool find_kernel(uint64_t *text, uint64_t *end)
{
	char line[512], name[256], type;
	uint64_t address;
	FILE *file = fopen("/proc/kallsyms", "re");
	*text = *end = 0;
	while (file && !*end && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNx64 " %c %255s", &address, &type, name) != 3)
			continue;
		if (!strcmp(name, "_text")) {
			*text = address;
			*end = address ? kernel_end(address) : 0;
		} else if (!strcmp(name, "_etext"))
			*end = address;
	}
	if (file)
		fclose(file);
	return *text && *end > *text;
}

/* Kernel symbols are moved by the difference of _text here and where they are read. */
static void put_kernel(struct writer *to)
{
	uint64_t text, end;
	if (!find_kernel(&text, &end))
		return;
	struct mmap_record record = {.header = {PERF_RECORD_MMAP, PERF_RECORD_MISC_KERNEL, 0},
				     .pid = UINT32_MAX,
				     .start = text,
				     .length = end - text,
				     .offset = text};
	put_record(to, &record.header, sizeof(record), "[kernel.kallsyms]_text");
}

static void put_modules(struct writer *to)
{
	FILE *file = fopen("/proc/modules", "re");
	char line[1024], name[128], bracketed[132];
	uint64_t size, address;
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%127s %" SCNu64 " %*s %*s %*s %" SCNx64, name, &size, &address) !=
			    3 ||
		    !address)
			continue;
		struct mmap_record record = {
			.header = {PERF_RECORD_MMAP, PERF_RECORD_MISC_KERNEL, 0},
			.pid = UINT32_MAX,
			.start = address,
			.length = size};
		snprintf(bracketed, sizeof(bracketed), "[%s]", name);
		put_record(to, &record.header, sizeof(record), bracketed);
	}
	if (file)
		fclose(file);
}

void sideband_kernel(struct writer *to)
{
	put_kernel(to);
	put_modules(to);
}
