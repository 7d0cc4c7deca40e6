/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints and probes: part of context.bpf.c. A program runs at each hit, sampled or not, and
 * whether the hit is of a Go process or not, before the kernel writes the samples of the hit into
 * the ring of the same CPU. So the newest context in the ring is that of the sample's own hit,
 * because a hit without one takes the one before it back (CONTEXT_NO_HIT), and where the ring is
 * full the kernel says that something was lost.
 *
 * Between the program and the sample the thread cannot leave the CPU, but for probes in user code
 * (kernel/trace/trace_uprobe.c, __uprobe_perf_func()): there the ring has a record of the switch.
 */

struct hits {
	__u32 told; /* the newest hit has a context */
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hits);
} hits SEC(".maps");

enum { BUSY = -16 /* -EBUSY: too many programs write at once */ };

/*
 * Whether the sample may follow. If neither a context could be written nor that there is none, the
 * one before it would be taken for its own. The kernel leaves a hit out in the same situation, a
 * program inside of others (kernel/trace/bpf_trace.c, trace_call_bpf()).
 */
static __always_inline int lets_follow(long status)
{
	return status != BUSY;
}

static __always_inline int tell_nothing(void *ctx, struct hits *state)
{
	struct go_context context = {.flags = CONTEXT_HIT | CONTEXT_NO_HIT};
	if (!state->told)
		return 1;
	int follows = lets_follow(bpf_perf_event_output(ctx, &contexts, BPF_F_CURRENT_CPU, &context,
							sizeof(context)));
	state->told = !follows;
	return follows;
}

static __always_inline int tell_hit(void *ctx, struct hits *state, struct scratch *s,
				    struct go_row *row, struct task_struct *task, __u32 pid,
				    __u32 slot)
{
	begin(s, row, pid);
	s->context.flags = CONTEXT_HIT;
	__u64 g = current_g(0, task, row);
	if (g)
		read_goroutine(s, row, slot, g);
#if !defined(__TARGET_ARCH_arm64)
	if (stack_top)
		add_stack_top(s, row, task, 0);
#endif
	if (callchain)
		add_callchain(s, task, slot);
	long status = send(ctx, s);
	state->told = 1;
	return lets_follow(status);
}

static __always_inline int on_hit(void *ctx, __u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 pid = current_pid(), zero = 0;
	struct go_row *row = find_row(task, pid);
	struct hits *state = bpf_map_lookup_elem(&hits, &zero);
	struct scratch *s = scratch(slot);
	if (!state || !s)
		return 1;
	/* A probe's program may be interrupted by another thread's. */
	if (!row || row->no_go || __sync_val_compare_and_swap(&s->busy, 0, 1))
		return tell_nothing(ctx, state);
	int follows = tell_hit(ctx, state, s, row, task, pid, slot);
	s->busy = 0;
	return follows;
}

SEC("tp") int on_tracepoint(void *ctx)
{
	return on_hit(ctx, SLOT_TRACEPOINT);
}

SEC("kprobe") int on_probe(struct pt_regs *ctx)
{
	return on_hit(ctx, SLOT_PROBE);
}
