// SPDX-License-Identifier: GPL-2.0-only
#include "record/processes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "elf/image.h"
#include "gobin/gobin.h"
#include "goproc/memory.h"
#include "goproc/process.h"
#include "record/no_go_files.h"
#include "record/switches.h"

struct go_process {
	uint32_t pid;
	uint64_t exec_id; /* 0 not known */
	struct stat file; /* that has the Go */
	bool obstacle;	  /* its goroutines cannot be known */
};

/* The same program is looked at again when it has loaded Go, or BPF was too early. */
struct told_process {
	uint32_t pid;
	uint64_t start_stack;
	char why_not[128];
};

/* One with a Go library that the loader may not have finished with. */
struct loading_process {
	uint32_t pid;
	uint64_t exec_id;
	int64_t until;
};

struct processes {
	struct processes_options options;
	struct go_process *running;
	size_t nr_running, capacity;
	size_t unreadable;
	size_t found;
	struct told_process last; /* told of */
	struct loading_process *loading;
	size_t nr_loading, loading_capacity;
	struct no_go_files no_go;
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
	free(processes->loading);
	no_go_files_deinit(&processes->no_go);
	free(processes);
}

static bool stat_executable(uint32_t pid, struct stat *ret)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	return !stat(path, ret);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Why the goroutines of a process cannot be known; "" when they can. */
static const char *obstacle(const struct goproc_info *info, char text[128])
{
	*text = 0;
	if (!info->layout && info->version)
		snprintf(text, 128, "%s is newer than what is known here", info->version);
	else if (!info->layout)
		snprintf(text, 128, "its Go release is not known");
	else if (info->other)
		snprintf(text, 128, "it has a second Go runtime, in %s", base_name(info->other));
#if !defined(__aarch64__)
	else if (!info->has_tls)
		snprintf(text, 128, "where it keeps its goroutine is not known");
#endif
	return text;
}

static void fill_row(const struct goproc_info *info, struct go_row *row)
{
	const struct runtime_layout *layout = info->layout;
	row->text = info->text_start;
	row->text_size = info->text_end - info->text_start;
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

static void add_running(struct processes *processes, const struct memory *memory,
			const struct goproc_info *info, uint64_t exec_id, bool obstacle)
{
	char buffer[4096];
	struct go_process running = {
		.pid = memory_pid(memory), .exec_id = exec_id, .obstacle = obstacle};
	if (stat(memory_file(memory, info->path, buffer), &running.file))
		running.file = (struct stat){0};
	if (array_reserve(processes->running, processes->capacity, processes->nr_running + 1))
		processes->running[processes->nr_running++] = running;
}

static void note_found(struct processes *processes, const struct memory *memory,
		       const struct goproc_info *info, uint64_t start_stack, const char *why_not)
{
	struct told_process *last = &processes->last;
	struct go_section_process told = {.pid = memory_pid(memory),
					  .executable = memory_executable(memory),
					  .version = info->version ? info->version : "",
					  .no_goroutine = why_not};
	bool again = last->pid == told.pid && last->start_stack == start_stack;
	processes->found += !again;
	if (again && !strcmp(last->why_not, why_not))
		return;
	*last = (struct told_process){.pid = told.pid, .start_stack = start_stack};
	snprintf(last->why_not, sizeof(last->why_not), "%s", why_not);
	go_section_add_process(processes->options.section, &told);
	tell(processes, memory, info, why_not);
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
	add_running(processes, memory, info, exec_id, *why_not);
	note_found(processes, memory, info, row.start_stack, why_not);
}

enum { TOLD_UNREADABLE = 3 };

/* A process that lives, but is not ours to look into. */
static void tell_unreadable(struct processes *processes, const char *why)
{
	if (processes->unreadable++ < TOLD_UNREADABLE)
		processes->options.found(processes->options.context, why);
}

enum { LOADING_NS = 2000000000 };

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static struct loading_process *find_loading(struct processes *processes, uint32_t pid)
{
	for (size_t i = 0; i < processes->nr_loading; i++)
		if (processes->loading[i].pid == pid)
			return &processes->loading[i];
	return NULL;
}

static void add_loading(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	if (!find_loading(processes, pid) &&
	    array_reserve(processes->loading, processes->loading_capacity,
			  processes->nr_loading + 1))
		processes->loading[processes->nr_loading++] = (struct loading_process){
			.pid = pid, .exec_id = exec_id, .until = now_ns() + LOADING_NS};
}

/* Where the loader has not written yet, it is asked again. */
static bool is_loading(struct processes *processes, const struct goproc *go, uint64_t exec_id)
{
	const struct goproc_info *info = goproc_info(go);
	uint32_t pid = memory_pid(goproc_memory(go));
	if (!info->tls_slot || info->has_tls)
		return false;
	add_loading(processes, pid, exec_id);
	const struct loading_process *loading = find_loading(processes, pid);
	return loading && now_ns() < loading->until;
}

/* Takes over both. */
static void take(struct processes *processes, struct memory *memory, struct goproc *go,
		 uint64_t exec_id)
{
	bool loading = is_loading(processes, go, exec_id);
	if (!loading)
		add_go(processes, memory, go, exec_id);
	if (!loading && processes->options.watch && goproc_info(go)->layout) {
		watch_add(processes->options.watch, memory, go);
		return;
	}
	goproc_close(go);
	memory_close(memory);
}

/* False where there is surely no Go. What cannot be read has ended, or is not ours to read. */
static bool look(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	struct memory *memory = NULL;
	struct goproc *go = NULL;
	struct perfgo_error *error = memory_open_process(pid, &memory);
	if (!error && !no_go_files_have(&processes->no_go, memory))
		error = goproc_open(memory, &go);
	if (!error && go) {
		take(processes, memory, go, exec_id);
		return true;
	}
	bool found = error;
	if (!error)
		no_go_files_learn(&processes->no_go, memory);
	else if (processes_lives(pid))
		tell_unreadable(processes, perfgo_error_text(error));
	perfgo_error_destroy(error);
	memory_close(memory);
	return found;
}

/* BPF has asked once more before it got the answer. */
static bool is_answered(const struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	for (size_t i = 0; i < processes->nr_running && exec_id; i++)
		if (processes->running[i].pid == pid && processes->running[i].exec_id == exec_id)
			return true;
	return false;
}

static void look_into(struct processes *processes, uint32_t pid, uint64_t exec_id)
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
	if (!look(processes, pid, exec_id) && exec_id)
		set_no_go(processes, pid, exec_id);
}

void processes_add(struct processes *processes, uint32_t pid, uint64_t exec_id)
{
	if (!is_answered(processes, pid, exec_id))
		look_into(processes, pid, exec_id);
}

/* False where that is not known. */
static bool is_go_file(const char *path, bool *ret)
{
	struct image *image = NULL;
	struct gobin *go = NULL;
	struct perfgo_error *error = image_open(path, &image);
	if (!error)
		error = gobin_open(image, &go);
	bool known = !error;
	*ret = go;
	perfgo_error_destroy(error);
	gobin_close(go);
	image_close(image);
	return known;
}

static bool is_known_go(const struct processes *processes, uint32_t pid, const struct stat *file)
{
	for (size_t i = 0; i < processes->nr_running; i++)
		if (processes->running[i].pid == pid &&
		    same_file(&processes->running[i].file, file))
			return true;
	return false;
}

void processes_see_code(struct processes *processes, uint32_t pid, const char *path)
{
	char buffer[4096];
	bool is_go;
	struct stat file, executable;
	snprintf(buffer, sizeof(buffer), "/proc/%u/root%s", pid, path);
	if (path[0] != '/' || !stat_executable(pid, &executable) || stat(buffer, &file) ||
	    no_go_files_has(&processes->no_go, &file) || same_file(&file, &executable) ||
	    is_known_go(processes, pid, &file) || !is_go_file(buffer, &is_go))
		return;
	if (is_go)
		add_loading(processes, pid, 0);
	else
		no_go_files_add(&processes->no_go, &file);
}

void processes_look_again(struct processes *processes)
{
	for (size_t i = processes->nr_loading; i-- > 0;) {
		const struct loading_process loading = processes->loading[i];
		uint32_t pid = loading.pid;
		bool late = now_ns() >= loading.until;
		look_into(processes, pid, loading.exec_id);
		if (late || processes_kind(processes, pid) != PROCESS_OTHER ||
		    !processes_lives(pid))
			processes->loading[i] = processes->loading[--processes->nr_loading];
	}
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
