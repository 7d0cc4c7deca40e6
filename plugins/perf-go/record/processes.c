// SPDX-License-Identifier: GPL-2.0-only
#include "record/processes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "goproc/memory.h"
#include "goproc/process.h"
#include "record/switches.h"

/* A file that is known to be no Go program, so that it is not looked into for each process. */
struct no_go_file {
	dev_t device;
	ino_t inode;
	struct timespec modified;
};

struct go_process {
	uint32_t pid;
	bool obstacle; /* its goroutines cannot be known */
};

struct processes {
	struct processes_options options;
	struct go_process *running;
	size_t nr_running, capacity;
	size_t unreadable;
	size_t found;
	struct no_go_file *files;
	size_t nr_files, files_capacity;
	struct idmap index; /* of files */
};

struct perfgo_error *processes_new(const struct processes_options *options, struct processes **ret)
{
	struct processes *processes = calloc(1, sizeof(*processes));
	if (!processes)
		return perfgo_error_no_memory();
	processes->options = *options;
	*ret = processes;
	return NULL;
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	free(processes->running);
	free(processes->files);
	idmap_deinit(&processes->index);
	free(processes);
}

static bool stat_executable(uint32_t pid, struct stat *ret)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	return !stat(path, ret);
}

static uint32_t hash_of_file(const struct stat *status)
{
	return hash_fold(hash_word(status->st_dev, status->st_ino));
}

static bool is_no_go_file(const struct processes *processes, const struct stat *status)
{
	uint32_t hash = hash_of_file(status), id;
	for (size_t probe = hash;
	     (id = idmap_probe(&processes->index, hash, &probe)) != IDMAP_NONE;) {
		const struct no_go_file *file = &processes->files[id];
		if (file->device == status->st_dev && file->inode == status->st_ino &&
		    file->modified.tv_sec == status->st_mtim.tv_sec &&
		    file->modified.tv_nsec == status->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

static void remember_no_go(struct processes *processes, const struct stat *status)
{
	if (!array_reserve(processes->files, processes->files_capacity, processes->nr_files + 1) ||
	    !idmap_insert(&processes->index, hash_of_file(status), (uint32_t)processes->nr_files))
		return;
	processes->files[processes->nr_files++] =
		(struct no_go_file){status->st_dev, status->st_ino, status->st_mtim};
}

/* Why the goroutines of a process cannot be known; "" when they can. */
static const char *obstacle(const struct goproc_info *info, char text[128])
{
	*text = 0;
	if (!info->layout && info->version)
		snprintf(text, 128, "%s is newer than what is known here", info->version);
	else if (!info->layout)
		snprintf(text, 128, "its Go release is not known");
#if !defined(__aarch64__)
	else if (!info->has_tls)
		snprintf(text, 128, "where it keeps its goroutine is not known");
#endif
	return text;
}

static void fill_row(const struct goproc_info *info, struct go_row *row)
{
	const struct runtime_layout *layout = info->layout;
	row->gcphase = info->gcphase;
	row->sweepgen = info->sweepgen;
	row->has_tls = info->has_tls;
	row->tls_offset = info->tls_offset;
	row->labels_are_map = layout->labels_are_map;
	row->goid = layout->g.goid;
	row->parent = layout->g.parent_goid;
	row->creator = layout->g.creator_pc;
	row->start = layout->g.start_pc;
	row->labels = layout->g.labels;
	row->status = layout->g.status;
	row->m = layout->g.m;
	row->sched_pc = layout->g.sched + layout->gobuf.pc;
	row->sched_sp = layout->g.sched + layout->gobuf.sp;
	row->sched_bp = layout->g.sched + layout->gobuf.bp;
	row->g0 = layout->m.g0;
	row->curg = layout->m.curg;
	row->size = layout->g.labels + sizeof(uint64_t);
	row->wait_reason = layout->g.wait_reason;
	row->release = (uint8_t)info->release;
}

/* A row that asks for nothing, unless BPF is to ask again when the process has executed a program.
 */
static void set_no_go(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	struct go_row row = {.exec_id = exec_id, .no_go = true};
	if (processes->options.programs)
		programs_set_row(processes->options.programs, pid, &row);
}

/* A build starts hundreds of compilers: the first processes are told of, and those with a trouble.
 */
enum { TOLD_FOUND = 8 };

static void tell(struct processes *processes, const struct memory *memory,
		 const struct goproc_info *info, const char *why_not)
{
	const struct processes_options *options = &processes->options;
	char text[512];
	if (processes->found == TOLD_FOUND + 1)
		options->found(options->context, "more Go processes are counted at the end");
	if (processes->found > TOLD_FOUND && !*why_not)
		return;
	const char *version = info->version ? info->version : "Go of an unknown release";
	if (*why_not)
		snprintf(text, sizeof(text), "%s %u: %s, no goroutines: %s", memory_comm(memory),
			 memory_pid(memory), version, why_not);
	else
		snprintf(text, sizeof(text), "%s %u: %s, goroutines by %s", memory_comm(memory),
			 memory_pid(memory), version, options->programs ? "bpf" : "snapshots");
	options->found(options->context, text);
}

static void tell_no_switches(struct processes *processes, const struct memory *memory)
{
	char text[128];
	snprintf(text, sizeof(text), "%s %u: no probes where its goroutines switch",
		 memory_comm(memory), memory_pid(memory));
	processes->options.found(processes->options.context, text);
}

/* Where the stack of the program began; 0 where that may not be known (man proc, startstack). */
static uint64_t start_of_stack(uint32_t pid)
{
	enum { FIELDS_BEFORE = 25 }; /* behind the state, which follows the name */
	char path[64], line[1024] = "";
	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	FILE *file = fopen(path, "re");
	if (file && !fgets(line, sizeof(line), file))
		*line = 0;
	if (file)
		fclose(file);
	const char *at = strrchr(line, ')');
	at = at && at[1] ? strchr(at + 2, ' ') : NULL;
	for (int i = 0; at && i < FIELDS_BEFORE - 1; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static void add_go(struct processes *processes, const struct memory *memory,
		   const struct goproc *go, uint64_t exec_id)
{
	char why_not[128];
	uint32_t pid = memory_pid(memory);
	const struct goproc_info *info = goproc_info(go);
	struct go_row row = {.exec_id = exec_id, .start_stack = start_of_stack(pid)};
	obstacle(info, why_not);
	if (*why_not)
		row.no_go = true;
	else
		fill_row(info, &row);
	if (processes->options.programs &&
	    !programs_set_row(processes->options.programs, pid, &row))
		snprintf(why_not, sizeof(why_not), "there are too many processes");
	if (!*why_not && processes->options.switches &&
	    !switches_add(processes->options.switches, go))
		tell_no_switches(processes, memory);
	struct go_section_process told = {.pid = pid,
					  .executable = memory_executable(memory),
					  .version = info->version ? info->version : "",
					  .no_goroutine = why_not};
	go_section_add_process(processes->options.section, &told);
	if (array_reserve(processes->running, processes->capacity, processes->nr_running + 1))
		processes->running[processes->nr_running++] =
			(struct go_process){.pid = pid, .obstacle = *why_not};
	processes->found++;
	tell(processes, memory, info, why_not);
}

enum { TOLD_UNREADABLE = 3 };

/* A process that lives, but is not ours to look into. */
static void tell_unreadable(struct processes *processes, const char *why)
{
	if (processes->unreadable++ < TOLD_UNREADABLE)
		processes->options.found(processes->options.context, why);
}

/* False where there is surely no Go. What cannot be read has ended, or is not ours to read. */
static bool look(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	struct memory *memory = NULL;
	struct goproc *go = NULL;
	struct perfgo_error *error = memory_open_process(pid, &memory);
	if (!error)
		error = goproc_open(memory, &go);
	if (!error && go)
		add_go(processes, memory, go, exec_id);
	bool found = error || go;
	if (error && processes_lives(pid))
		tell_unreadable(processes, perfgo_error_text(error));
	perfgo_error_destroy(error);
	if (go && processes->options.watch && goproc_info(go)->layout) {
		watch_add(processes->options.watch, memory, go);
		return true;
	}
	goproc_close(go);
	memory_close(memory);
	return found;
}

void processes_add(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	struct stat status;
	processes_remove(processes, pid);
	if (!stat_executable(pid, &status)) {
		char why[64];
		if (errno != EACCES && errno != EPERM && errno != EMFILE)
			return;
		snprintf(why, sizeof(why), "cannot look into process %u: %s", pid, strerror(errno));
		tell_unreadable(processes, why);
		return;
	}
	bool known = is_no_go_file(processes, &status);
	if (!known && look(processes, pid, exec_id))
		return;
	if (!known)
		remember_no_go(processes, &status);
	if (exec_id)
		set_no_go(processes, pid, exec_id);
}

void processes_remove(struct processes *processes, uint32_t pid)
{
	if (processes->options.programs)
		programs_remove_row(processes->options.programs, pid);
	if (processes->options.watch)
		watch_remove(processes->options.watch, pid);
	for (size_t i = 0; i < processes->nr_running; i++)
		if (processes->running[i].pid == pid)
			processes->running[i--] = processes->running[--processes->nr_running];
}

bool processes_lives(uint32_t pid)
{
	struct stat status;
	return stat_executable(pid, &status);
}

enum process_kind processes_kind(const struct processes *processes, uint32_t pid)
{
	for (size_t i = 0; i < processes->nr_running; i++)
		if (processes->running[i].pid == pid)
			return processes->running[i].obstacle ? PROCESS_OBSTACLE : PROCESS_GO;
	return PROCESS_OTHER;
}

size_t processes_unreadable(const struct processes *processes)
{
	return processes->unreadable;
}

size_t processes_count(const struct processes *processes)
{
	return processes->found;
}
