// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/process_internal.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096, HEAD_SIZE = 1024 };

/*
 * The file may have been replaced, and a core file has come from elsewhere: the ELF header, the
 * program headers and most often a build id are in memory as well.
 */
static bool is_in_memory(struct memory *memory, const struct image *image, const char *path)
{
	size_t count, segments;
	uint8_t head[HEAD_SIZE];
	const struct mapping *mappings = memory_mappings(memory, &count);
	const struct image_segment *segment = image_segments(image, &segments);
	for (size_t i = 0; i < count; i++) {
		uint64_t left;
		if (mappings[i].offset || strcmp(mappings[i].path, path) || !segments)
			continue;
		const uint8_t *bytes = image_bytes(image, segment[0].vaddr, &left);
		if (segment[0].offset || !bytes || left < sizeof(head) ||
		    !memory_read(memory, mappings[i].start, head, sizeof(head)))
			return true;
		return !memcmp(bytes, head, sizeof(head));
	}
	return true;
}

/* By the mapping of its code. */
static bool find_bias(struct goproc *process, const char *path)
{
	size_t count;
	uint64_t address;
	const struct mapping *mappings = memory_mappings(process->memory, &count);
	for (size_t i = 0; i < count; i++) {
		if (!mappings[i].executable || strcmp(mappings[i].path, path) ||
		    !image_address_of_offset(process->image, mappings[i].offset, &address))
			continue;
		process->info.bias = mappings[i].start - address;
		process->info.code = &mappings[i];
		return true;
	}
	return false;
}

static uint64_t biased(const struct goproc *process, uint64_t address)
{
	return address ? address + process->info.bias : 0;
}

/*
 * What the loader has put there, once it has: on amd64, the only machine with slots, storage lies
 * below the thread pointer (ELF Handling For Thread-Local Storage, variant II).
 */
static bool read_tls_slot(const struct goproc *process, int64_t *ret)
{
	int64_t offset;
	if (!memory_read(process->memory, process->info.tls_slot, &offset, sizeof(offset)) ||
	    offset >= 0)
		return false;
	*ret = offset;
	return true;
}

static void fill_info(struct goproc *process, const char *path)
{
	struct goproc_info *info = &process->info;
	const struct gobin_info *go = gobin_info(process->go);
	const struct gobin_runtime *runtime = &process->runtime;
	info->version = go->version;
	info->release = go->release;
	info->path = path;
	info->text_start = biased(process, go->text_start);
	info->text_end = biased(process, go->text_end);
	info->layout = runtime->layout;
	info->gcphase = biased(process, runtime->gcphase);
	info->allgs = biased(process, runtime->allgs);
	info->has_tls = runtime->has_tls;
	info->tls_offset = runtime->tls_offset;
	info->tls_slot = biased(process, runtime->tls_slot);
	if (info->tls_slot)
		info->has_tls = read_tls_slot(process, &info->tls_offset);
	if (runtime->mheap && runtime->layout)
		info->sweepgen = biased(process, runtime->mheap) + runtime->layout->sweepgen;
}

/* *FOUND_RET false: not Go. */
static struct perfgo_error *open_file(struct goproc *process, const char *name, bool *found_ret)
{
	char buffer[PATH_SIZE];
	const char *path = memory_file(process->memory, name, buffer);
	struct perfgo_error *error = image_open(path, &process->image);
	*found_ret = false;
	if (!error)
		error = gobin_open(process->image, &process->go);
	if (error || !process->go)
		return error;
	if (!is_in_memory(process->memory, process->image, name))
		return perfgo_error_new("%s is not the file that %s (%u) has in its memory", name,
					memory_comm(process->memory), memory_pid(process->memory));
	*found_ret = find_bias(process, name);
	/* As while a program is being executed. */
	return *found_ret ? NULL
			  : perfgo_error_new("%s (%u) has no code of %s in its memory",
					     memory_comm(process->memory),
					     memory_pid(process->memory), name);
}

static void close_files(struct goproc *process)
{
	gobin_close(process->go);
	image_close(process->image);
	process->go = NULL;
	process->image = NULL;
}

/* What can't be opened is no Go, unless it is the executable: then the error tells. */
static struct perfgo_error *try_file(struct goproc *process, const char *name, bool *found_ret)
{
	struct perfgo_error *error = open_file(process, name, found_ret);
	if (!error && *found_ret) {
		gobin_runtime(process->go, process->image, &process->runtime);
		fill_info(process, name);
		return NULL;
	}
	close_files(process);
	if (!strcmp(name, memory_executable(process->memory)))
		return error;
	perfgo_error_destroy(error);
	return NULL;
}

/* Files have several mappings, one behind the other. */
static bool is_new_file(const struct mapping *mappings, size_t i)
{
	return mappings[i].executable && mappings[i].path[0] == '/' &&
	       (!i || strcmp(mappings[i].path, mappings[i - 1].path) != 0 ||
		!mappings[i - 1].executable);
}

static struct perfgo_error *find_go(struct goproc *process, bool *found_ret)
{
	size_t count;
	const struct mapping *mappings = memory_mappings(process->memory, &count);
	const char *executable = memory_executable(process->memory);
	struct perfgo_error *error = NULL;
	*found_ret = false;
	if (*executable)
		error = try_file(process, executable, found_ret);
	for (size_t i = 0; i < count && !error && !*found_ret; i++)
		if (is_new_file(mappings, i) && strcmp(mappings[i].path, executable) != 0)
			error = try_file(process, mappings[i].path, found_ret);
	return error;
}

/* Plugins and libraries of -linkshared share the runtime of their program. */
static bool has_runtime(const struct gobin *go)
{
	struct gobin_function function;
	size_t count = gobin_info(go)->functions;
	for (size_t i = 0; i < count; i++)
		if (gobin_function_at(go, i, &function) &&
		    !strcmp(function.name, "runtime.schedinit"))
			return true;
	return false;
}

static bool file_has_runtime(struct memory *memory, const char *name)
{
	char buffer[PATH_SIZE];
	struct image *image = NULL;
	struct gobin *go = NULL;
	struct perfgo_error *error = image_open(memory_file(memory, name, buffer), &image);
	if (!error)
		error = gobin_open(image, &go);
	bool ret = go && has_runtime(go);
	perfgo_error_destroy(error);
	gobin_close(go);
	image_close(image);
	return ret;
}

static void find_other(struct goproc *process)
{
	size_t count;
	const struct mapping *mappings = memory_mappings(process->memory, &count);
	for (size_t i = 0; i < count && !process->info.other; i++)
		if (is_new_file(mappings, i) && strcmp(mappings[i].path, process->info.path) != 0 &&
		    file_has_runtime(process->memory, mappings[i].path))
			process->info.other = mappings[i].path;
}

struct perfgo_error *goproc_open(struct memory *memory, struct goproc **ret)
{
	bool found;
	struct goproc *process = calloc(1, sizeof(*process));
	*ret = NULL;
	if (!process)
		return perfgo_error_no_memory();
	process->memory = memory;
	struct perfgo_error *error = find_go(process, &found);
	if (error || !found) {
		goproc_close(process);
		return error;
	}
	find_other(process);
	*ret = process;
	return NULL;
}

void goproc_close(struct goproc *process)
{
	if (!process)
		return;
	close_files(process);
	free(process);
}

const struct goproc_info *goproc_info(const struct goproc *process)
{
	return &process->info;
}

struct memory *goproc_memory(const struct goproc *process)
{
	return process->memory;
}

const struct gobin *goproc_gobin(const struct goproc *process)
{
	return process->go;
}

const struct image *goproc_image(const struct goproc *process)
{
	return process->image;
}
