// SPDX-License-Identifier: GPL-2.0-only
#include "record/programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "goproc/switch.h"
#include "record/context.skel.h"
#include "record/refusal.h"

struct programs {
	struct context *skeleton;
	uint32_t nr_rows; /* that were set */
	int *holders;	  /* events that hold programs of tracepoints */
	size_t nr_holders, holders_capacity;
};

/* By enum go_switch_kind. */
static struct bpf_program *switch_program(const struct context *skeleton, unsigned int kind)
{
	struct bpf_program *const programs[GO_SWITCH_KINDS] = {
		[GO_SWITCH_RUN] = skeleton->progs.on_run,
		[GO_SWITCH_PARK] = skeleton->progs.on_park,
		[GO_SWITCH_READY] = skeleton->progs.on_ready,
		[GO_SWITCH_CREATE] = skeleton->progs.on_create,
		[GO_SWITCH_YIELD] = skeleton->progs.on_yield,
		[GO_SWITCH_RETURN] = skeleton->progs.on_return,
		[GO_SWITCH_EXIT] = skeleton->progs.on_exit,
	};
	return programs[kind];
}

/* Of processes, where it is not the first one, whose ids BPF has by itself; else empty. */
static void find_namespace(struct stat *ret)
{
	static const ino_t first = 0xeffffffc; /* PROC_PID_INIT_INO, linux/proc_ns.h */
	if (stat("/proc/self/ns/pid", ret) || ret->st_ino == first)
		*ret = (struct stat){0};
}

/* From Linux 5.15 on. */
static bool has_user_registers(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_PERF_EVENT, BPF_FUNC_task_pt_regs, NULL) == 1;
}

struct perfgo_error *programs_load(const struct programs_options *options, struct programs **ret)
{
	struct stat namespace;
	libbpf_set_print(NULL);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	struct programs *programs = calloc(1, sizeof(*programs));
	if (!programs)
		return perfgo_error_no_memory();
	programs->skeleton = context__open();
	int status = programs->skeleton ? 0 : -errno;
	if (!status) {
		programs->skeleton->rodata->goroutine_stack = options->goroutine_stack;
		programs->skeleton->rodata->stack_top = options->stack_top && has_user_registers();
		programs->skeleton->rodata->callchain = options->callchain && has_user_registers();
		find_namespace(&namespace);
		programs->skeleton->rodata->pid_namespace_device = namespace.st_dev;
		programs->skeleton->rodata->pid_namespace_inode = namespace.st_ino;
		for (unsigned int kind = 0; kind < GO_SWITCH_KINDS; kind++)
			bpf_program__set_autoload(switch_program(programs->skeleton, kind),
						  options->switches);
		bpf_program__set_autoload(programs->skeleton->progs.on_tracepoint, options->hits);
		bpf_program__set_autoload(programs->skeleton->progs.on_probe, options->hits);
		status = context__load(programs->skeleton);
	}
	if (status) {
		programs_free(programs);
		return refusal_of_bpf(-status, obstacles_here());
	}
	*ret = programs;
	return NULL;
}

void programs_free(struct programs *programs)
{
	if (!programs)
		return;
	for (size_t i = 0; i < programs->nr_holders; i++)
		close(programs->holders[i]);
	free(programs->holders);
	context__destroy(programs->skeleton);
	free(programs);
}

static int put_output(void *map, int cpu, int fd)
{
	uint32_t key = (uint32_t)cpu;
	return bpf_map_update_elem(*(int *)map, &key, &fd, BPF_ANY) ? errno : 0;
}

struct perfgo_error *programs_set_output(struct programs *programs, struct opened *opened,
					 size_t contexts, size_t notices)
{
	int to_contexts = bpf_map__fd(programs->skeleton->maps.contexts);
	int to_notices = bpf_map__fd(programs->skeleton->maps.notices);
	int errnum = opened_visit(opened, contexts, put_output, &to_contexts);
	if (!errnum)
		errnum = opened_visit(opened, notices, put_output, &to_notices);
	return errnum ? perfgo_error_errno(errnum, "cannot give BPF its output") : NULL;
}

struct perfgo_error *programs_set_switches(struct programs *programs, struct opened *opened,
					   size_t switches)
{
	int to_switches = bpf_map__fd(programs->skeleton->maps.switches);
	int errnum = opened_visit(opened, switches, put_output, &to_switches);
	return errnum ? perfgo_error_errno(errnum, "cannot give BPF its output") : NULL;
}

struct program_link *programs_probe(struct programs *programs, unsigned int kind, const char *path,
				    uint64_t offset)
{
	struct bpf_link *link = bpf_program__attach_uprobe(switch_program(programs->skeleton, kind),
							   false, -1, path, offset);
	return (struct program_link *)link;
}

void program_link_free(struct program_link *link)
{
	bpf_link__destroy((struct bpf_link *)link);
}

/* Not bpf_program__attach_perf_event(), which enables the event too. */
static int attach(void *program, int cpu, int fd)
{
	(void)cpu;
	return ioctl(fd, PERF_EVENT_IOC_SET_BPF, *(int *)program) ? errno : 0;
}

struct perfgo_error *programs_attach(struct programs *programs, struct opened *opened, size_t event)
{
	int program = bpf_program__fd(programs->skeleton->progs.on_sample);
	int errnum = opened_visit(opened, event, attach, &program);
	return errnum ? perfgo_error_errno(errnum, "the kernel refuses BPF on the event") : NULL;
}

/* Who may not ask gets the answer that is right for any. */
static bool is_in_user_code(int fd)
{
	char name[256];
	uint32_t length = sizeof(name), program = 0, type = BPF_FD_TYPE_UPROBE;
	__u64 offset, address;
	return bpf_task_fd_query(getpid(), fd, 0, name, &length, &program, &type, &offset,
				 &address) ||
	       type == BPF_FD_TYPE_UPROBE || type == BPF_FD_TYPE_URETPROBE;
}

/* Another event of the same tracepoint may have it already. */
static bool set_program(int fd, const struct bpf_program *program)
{
	return !ioctl(fd, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(program)) || errno == EEXIST;
}

/*
 * An event of its own holds the program, which runs wherever the tracepoint is hit: from those that
 * record it would be taken as soon as a thread ends that has inherited one (kernel/events/core.c,
 * perf_event_alloc() and _free_event(), Linux 6.18).
 */
bool programs_attach_hits(struct programs *programs, uint64_t tracepoint, bool *moves_ret)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .type = PERF_TYPE_TRACEPOINT,
				       .config = tracepoint,
				       .disabled = 1};
	if (!array_reserve(programs->holders, programs->holders_capacity, programs->nr_holders + 1))
		return false;
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return false;
	programs->holders[programs->nr_holders++] = fd;
	if (set_program(fd, programs->skeleton->progs.on_tracepoint))
		return true;
	if (errno != EINVAL || !set_program(fd, programs->skeleton->progs.on_probe))
		return false;
	*moves_ret = *moves_ret || is_in_user_code(fd);
	return true;
}

bool programs_set_row(struct programs *programs, uint32_t pid, const struct go_row *row)
{
	struct go_row numbered = *row;
	numbered.number = ++programs->nr_rows;
	return !bpf_map_update_elem(bpf_map__fd(programs->skeleton->maps.processes), &pid,
				    &numbered, BPF_ANY);
}

/* BPF is to ask anew of one that gets the same id: its count of execs may be the same, too. */
void programs_remove_row(struct programs *programs, uint32_t pid)
{
	int processes = bpf_map__fd(programs->skeleton->maps.processes);
	struct go_notice asked = {.pid = pid};
	struct go_row row;
	if (bpf_map_lookup_elem(processes, &pid, &row))
		return;
	asked.exec_id = row.exec_id;
	bpf_map_delete_elem(processes, &pid);
	bpf_map_delete_elem(bpf_map__fd(programs->skeleton->maps.asked), &asked);
}
