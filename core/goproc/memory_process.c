// SPDX-License-Identifier: GPL-2.0-only
/* Of a process that runs. Reading it neither stops nor traces it. */
#include "goproc/memory_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/hash.h"

enum { MAX_PIECES = 1024, PATH_SIZE = 4096 }; /* UIO_MAXIOV (linux/uio.h) */

struct process_memory {
	struct memory memory;
	int fd; /* of /proc/PID/mem: it stays with this memory when the process leaves it */
	bool by_fd;
};

static const char deleted[] = " (deleted)";

/* A file that was removed, or replaced, since it was mapped (proc(5)). */
static void cut_deleted(char *path)
{
	size_t length = strlen(path), suffix = strlen(deleted);
	if (length > suffix && !strcmp(path + length - suffix, deleted))
		path[length - suffix] = 0;
}

/* How many of the requests are served by one call that moved SIZE bytes. */
static size_t mark_done(struct memory_request *requests, size_t count, size_t size)
{
	size_t i = 0;
	for (; i < count && requests[i].size <= size; i++) {
		requests[i].done = true;
		size -= requests[i].size;
	}
	return i;
}

/* Reads until the first piece that is not there. Returns how many were read, -1 without rights. */
static ssize_t read_pieces(uint32_t pid, struct memory_request *requests, size_t count)
{
	struct iovec local[MAX_PIECES], remote[MAX_PIECES];
	for (size_t i = 0; i < count; i++) {
		local[i] = (struct iovec){requests[i].buffer, requests[i].size};
		remote[i] = (struct iovec){(void *)requests[i].address, requests[i].size};
	}
	ssize_t got = process_vm_readv((pid_t)pid, local, count, remote, count, 0);
	if (got < 0)
		return errno == EFAULT ? 0 : -1;
	return (ssize_t)mark_done(requests, count, (size_t)got);
}

static void read_by_fd(int fd, struct memory_request *requests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ssize_t got =
			pread(fd, requests[i].buffer, requests[i].size, (off_t)requests[i].address);
		requests[i].done = got >= 0 && (size_t)got == requests[i].size;
	}
}

static void read_many(struct memory *memory, struct memory_request *requests, size_t count)
{
	struct process_memory *process = (struct process_memory *)memory;
	while (count && !process->by_fd) {
		size_t now = count < MAX_PIECES ? count : MAX_PIECES;
		ssize_t done = read_pieces(memory->pid, requests, now);
		if (done < 0) {
			/* Filters of system calls often refuse this one (seccomp, containers). */
			process->by_fd = errno == EPERM || errno == ENOSYS;
			if (!process->by_fd)
				return;
			break;
		}
		/* The one that could not be read is passed over. */
		size_t past = (size_t)done < now ? (size_t)done + 1 : now;
		requests += past;
		count -= past;
	}
	if (count)
		read_by_fd(process->fd, requests, count);
}

/* Reads of the memory that the process has left give nothing (fs/proc/base.c, mem_rw). */
static bool is_there(struct memory *memory)
{
	char byte;
	const struct process_memory *process = (struct process_memory *)memory;
	for (size_t i = 0; i < memory->nr_mappings; i++)
		if (memory->mappings[i].readable && memory->mappings[i].executable)
			return pread(process->fd, &byte, 1, (off_t)memory->mappings[i].start) == 1;
	return false;
}

/* /proc/PID/exe leads to the executable itself, whatever has been put in its place. */
static const char *file(const struct memory *memory, const char *path, char buffer[PATH_SIZE])
{
	if (!strcmp(path, memory->executable))
		snprintf(buffer, PATH_SIZE, "/proc/%u/exe", memory->pid);
	else
		snprintf(buffer, PATH_SIZE, "/proc/%u/root%s", memory->pid, path);
	return buffer;
}

static void close_process(struct memory *memory)
{
	close(((struct process_memory *)memory)->fd);
	memory_free(memory);
}

static const struct memory_ops process_ops = {read_many, is_there, file, close_process};

static bool add_line(struct memory *memory, char *line)
{
	struct mapping mapping;
	char rights[5];
	int path = 0;
	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %*u %n", &mapping.start,
		   &mapping.end, rights, &mapping.offset, &path) < 4 ||
	    !path)
		return true;
	cut_deleted(line + path);
	mapping.readable = rights[0] == 'r';
	mapping.writable = rights[1] == 'w';
	mapping.executable = rights[2] == 'x';
	mapping.path = arena_string(&memory->arena, line + path);
	return mapping.path && memory_add_mapping(memory, &mapping);
}

static FILE *open_proc(uint32_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	return fopen(path, "re");
}

/* False without memory. */
static bool read_mappings(struct memory *memory)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	bool done = true;
	FILE *maps = open_proc(memory->pid, "maps");
	while (maps && done && getline(&line, &size, maps) > 0)
		done = add_line(memory, line);
	if (maps)
		fclose(maps);
	return done;
}

static bool read_threads(struct memory *memory)
{
	char path[64];
	bool done = true;
	struct dirent *entry;
	snprintf(path, sizeof(path), "/proc/%u/task", memory->pid);
	DIR *tasks = opendir(path);
	while (tasks && done && (entry = readdir(tasks))) {
		struct memory_thread thread = {.tid = (uint32_t)atoi(entry->d_name)};
		if (thread.tid)
			done = memory_add_thread(memory, &thread);
	}
	if (tasks)
		closedir(tasks);
	return done;
}

static bool read_names(struct memory *memory)
{
	char path[64], text[PATH_SIZE] = "";
	FILE *comm = open_proc(memory->pid, "comm");
	if (comm && fgets(text, sizeof(text), comm))
		text[strcspn(text, "\n")] = 0;
	if (comm)
		fclose(comm);
	memory->comm = arena_string(&memory->arena, text);
	snprintf(path, sizeof(path), "/proc/%u/exe", memory->pid);
	ssize_t length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = 0;
	cut_deleted(text);
	memory->executable = arena_string(&memory->arena, text);
	return memory->comm && memory->executable;
}

/* Of what is read at once; a file of /proc. 0 where it can't be. */
static uint64_t hash_file(uint32_t pid, const char *name)
{
	uint8_t bytes[4096];
	FILE *file = open_proc(pid, name);
	size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
	if (file)
		fclose(file);
	return size ? hash_bytes(bytes, size) : 0;
}

/* When the process began, and where the stack of its program did (proc(5), stat). */
static uint64_t hash_start(uint32_t pid)
{
	enum { BEGAN = 22, STACK = 28 };
	char line[1024] = "";
	uint64_t hash = 0;
	FILE *file = open_proc(pid, "stat");
	if (file && !fgets(line, sizeof(line), file))
		*line = 0;
	if (file)
		fclose(file);
	const char *at = strrchr(line, ')');
	for (int field = 2; at && field <= STACK; field++, at = strchr(at + 1, ' '))
		if (field == BEGAN || field == STACK)
			hash = hash_word(hash, strtoull(at, NULL, 10));
	return hash;
}

/* Whether a program has its stack and vDSO at another place each time (personality(2)). */
static bool is_randomized(uint32_t pid)
{
	unsigned int personality = ADDR_NO_RANDOMIZE;
	char everywhere = '0';
	FILE *own = open_proc(pid, "personality");
	FILE *all = fopen("/proc/sys/kernel/randomize_va_space", "re");
	bool known = own && all && fscanf(own, "%x", &personality) == 1 &&
		     fscanf(all, "%c", &everywhere) == 1;
	if (own)
		fclose(own);
	if (all)
		fclose(all);
	return known && !(personality & ADDR_NO_RANDOMIZE) && everywhere != '0';
}

/*
 * An exec has a number nowhere; but it puts stack and vDSO, which the auxiliary vector tells, to
 * other places. Where that is switched off, only what is read through this memory is known to be of
 * the same program.
 */
static uint64_t find_execution(uint32_t pid)
{
	const uint64_t high = UINT64_C(1) << 62; /* so that snapshots of the same have one size */
	uint64_t chance = 0;
	if (is_randomized(pid))
		return hash_word(hash_start(pid), hash_file(pid, "auxv")) >> 2 | high | 1;
	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		return 0;
	return (chance >> 2 | high) & ~UINT64_C(1);
}

static struct perfgo_error *refused(const struct memory *memory, int errnum)
{
	if (errnum == ENOENT || errnum == ESRCH)
		return perfgo_error_new("there is no process %u", memory->pid);
	struct perfgo_error *error = perfgo_error_new(
		"cannot read the memory of %s (%u): %s", memory->comm, memory->pid,
		errnum == EACCES || errnum == EPERM ? "permission denied" : strerror(errnum));
	return errnum == EACCES || errnum == EPERM
		       ? perfgo_error_hint(error, "run as its user with kernel.yama.ptrace_scope "
						  "0, or with CAP_SYS_PTRACE")
		       : error;
}

static struct perfgo_error *load(struct process_memory *process)
{
	char path[64];
	struct memory *memory = &process->memory;
	if (!read_names(memory))
		return perfgo_error_no_memory();
	snprintf(path, sizeof(path), "/proc/%u/mem", memory->pid);
	process->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (process->fd < 0)
		return refused(memory, errno);
	memory->execution = find_execution(memory->pid);
	if (!read_mappings(memory) || !read_threads(memory))
		return perfgo_error_no_memory();
	if (!memory->nr_mappings)
		return perfgo_error_new("%s (%u) has no memory: it has ended, or is a thread of "
					"the kernel",
					memory->comm, memory->pid);
	return NULL;
}

struct perfgo_error *memory_open_process(uint32_t pid, struct memory **ret)
{
	struct process_memory *process = calloc(1, sizeof(*process));
	if (!process)
		return perfgo_error_no_memory();
	process->memory.ops = &process_ops;
	process->memory.pid = pid;
	process->fd = -1;
	struct perfgo_error *error = load(process);
	if (error) {
		if (process->fd >= 0)
			close(process->fd);
		memory_free(&process->memory);
		return error;
	}
	*ret = &process->memory;
	return NULL;
}
