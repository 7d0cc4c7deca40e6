/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Goroutines that change their state, at the places that goproc/switch_points.c finds: part of
 * context.bpf.c. The goroutine is in the register of a first result.
 *
 * A probe can be interrupted by a sample, and preempted by a probe of another thread on the same
 * CPU: everything is on the stack here.
 */
#if defined(__TARGET_ARCH_arm64)
/* struct pt_regs begins with it (arch/arm64/include/asm/ptrace.h). */
#define FIRST_RESULT(registers) (((struct user_pt_regs *)(registers))->regs[0])
#else
#define FIRST_RESULT(registers) ((registers)->rax)
#endif

#include "../../../core/goproc/switch_kind.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} switches SEC(".maps");

#define FIELD(to, g, offset) bpf_probe_read_user(&(to), sizeof(to), (void *)((g) + (offset)))

/* The goid of who runs on the thread; 0 none, or not known. */
static __always_inline __u64 running_goid(void *ctx, struct task_struct *task,
					  const struct go_row *row)
{
	__u64 goid = 0, m = 0, current = 0, g = current_g(ctx, task, row);
	if (!g || FIELD(goid, g, row->goid) || goid)
		return goid;
	if (FIELD(m, g, row->m) || FIELD(current, m, row->curg) || !current ||
	    FIELD(goid, current, row->goid))
		return 0;
	return goid;
}

static __always_inline int on_switch(struct pt_regs *registers, __u8 kind)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 pid = current_pid(), status = 0;
	struct go_row *row = bpf_map_lookup_elem(&processes, &pid);
	__u64 g = FIRST_RESULT(registers);
	struct go_switch_context change = {};
	if (!row || row->no_go || !is_of_program(row, task))
		return 0;
	change.context.pid = pid;
	change.context.process = row->number;
	if (FIELD(change.context.goid, g, row->goid) || !change.context.goid)
		return 0;
	change.context.flags = CONTEXT_GO | CONTEXT_CURRENT;
	if (row->parent)
		FIELD(change.context.parent, g, row->parent);
	FIELD(change.context.creator, g, row->creator);
	FIELD(change.context.start, g, row->start);
	FIELD(change.context.labels, g, row->labels);
	FIELD(status, g, row->status);
	FIELD(change.reason, g, row->wait_reason);
	if (row->sweepgen)
		READ(change.context.sweepgen, row->sweepgen);
	change.context.status = status;
	change.kind = kind;
	change.release = row->release;
	if (kind == GO_SWITCH_READY || kind == GO_SWITCH_CREATE)
		change.by = running_goid(registers, task, row);
	bpf_perf_event_output(registers, &switches, BPF_F_CURRENT_CPU, &change, sizeof(change));
	return 0;
}

#define SWITCH(name, kind)                                                                         \
	SEC("uprobe") int name(struct pt_regs *registers)                                          \
	{                                                                                          \
		return on_switch(registers, kind);                                                 \
	}
SWITCH(on_run, GO_SWITCH_RUN)
SWITCH(on_park, GO_SWITCH_PARK)
SWITCH(on_ready, GO_SWITCH_READY)
SWITCH(on_create, GO_SWITCH_CREATE)
SWITCH(on_yield, GO_SWITCH_YIELD)
SWITCH(on_return, GO_SWITCH_RETURN)
SWITCH(on_exit, GO_SWITCH_EXIT)
