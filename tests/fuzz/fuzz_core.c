// SPDX-License-Identifier: GPL-2.0-only
/* Core files: mappings, threads and memory of whatever bytes there are. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "goproc/memory.h"

static uint64_t seen;

static void look_at(struct memory *memory)
{
	size_t count;
	char bytes[64];
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count && i < 256; i++) {
		seen += strlen(mappings[i].path);
		seen += memory_read(memory, mappings[i].start, bytes, sizeof(bytes));
		seen += memory_read(memory, mappings[i].end - 1, bytes, sizeof(bytes));
	}
	const struct memory_thread *threads = memory_threads(memory, &count);
	for (size_t i = 0; i < count; i++)
		seen += threads[i].pc;
	seen += strlen(memory_comm(memory)) + strlen(memory_executable(memory));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory *memory;
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct perfgo_error *error = memory_open_core(path, &memory);
	close(fd);
	if (!error) {
		look_at(memory);
		memory_close(memory);
	}
	perfgo_error_destroy(error);
	return 0;
}
