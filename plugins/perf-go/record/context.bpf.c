// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs before a sample is written and tells of the goroutine it hits: a record of its own in the
 * same ring, which the recorder puts into the sample that follows (rings.c).
 *
 * g lies in thread-local storage, so it is found in kernel mode and in C code too. g0 and gsignal
 * have goid 0; the goroutine is then m.curg (runtime/runtime2.go, runtime/proc.go).
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

#include "context.h"

char LICENSE[] SEC("license") = "GPL";

#define RELOCATED __attribute__((preserve_access_index))

#if defined(__TARGET_ARCH_arm64)
struct thread_uw {
	unsigned long tp_value;
} RELOCATED;
struct thread_struct {
	struct thread_uw uw;
} RELOCATED;
#else
struct thread_struct {
	unsigned long fsbase;
} RELOCATED;
#endif

struct mm_struct {
	unsigned long start_stack;
} RELOCATED;

struct task_struct {
	struct mm_struct *mm;
	struct thread_struct thread;
	__u64 self_exec_id;
} RELOCATED;

/* From Linux 6.2 on the sample that is being made can be seen. */
struct perf_sample_data {
	__u64 time;
} RELOCATED;
struct bpf_perf_event_data_kern {
	void *regs;
	struct perf_sample_data *data;
} RELOCATED;
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PROCESSES);
	__type(key, __u32);
	__type(value, struct go_row);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} contexts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} notices SEC(".maps");

/* Processes that were asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_PROCESSES);
	__type(key, struct go_notice);
	__type(value, __u8);
} asked SEC(".maps");

/*
 * Label sets that have been sent. One that a sample has seen lives until the next sweep, which
 * begins with another sweepgen: until then its address stands for it (runtime/mgcsweep.go).
 */
struct label_key {
	__u64 labels;
	__u32 process, sweepgen; /* go_row.number */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct label_key);
	__type(value, __u8);
} sent SEC(".maps");

struct go_string {
	__u64 bytes, length;
};
struct pair {
	struct go_string key, value;
};
/* A bucket of map[string]string up to go1.23 (runtime/map.go). */
struct bucket {
	__u8 top[8];
	struct go_string keys[8], values[8];
	__u64 overflow;
};
struct hmap {
	__u64 count;
	__u8 flags, b;
	__u16 noverflow;
	__u32 hash0;
	__u64 buckets, old_buckets;
};
enum { MIN_TOP_HASH = 5, SAME_SIZE_GROW = 8, MAX_BUCKETS = 16, MAX_OVERFLOW = 4 };

/*
 * What is too large for the stack: one for each kind of program, as one of another kind may come
 * between.
 */
enum { SLOT_SAMPLE, SLOT_TRACEPOINT, SLOT_PROBE, NR_SLOTS };
struct scratch {
	struct go_context context;
	__u8 bytes[CONTEXT_BYTES];
	__u8 g[MAX_GOROUTINE_SIZE];
	__u64 slice[3];
	struct pair pairs[MAX_LABELS], pair;
	struct hmap map;
	__u8 top[8];
	__u64 overflow;
	__u32 busy; /* hit.bpf.h */
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_SLOTS);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* The recorder's namespace of processes, where it is not the first one; else 0. */
const volatile __u64 pid_namespace_device = 0, pid_namespace_inode = 0;

const volatile __u32 goroutine_stack = 0; /* how many bytes of it are wanted */
const volatile __u8 stack_top = 0;	  /* whether it is wanted */
const volatile __u8 callchain = 0;	  /* the same */

/* Hides where a number comes from: what is compared next is what the verifier knows of it. */
#define FORGET(number) asm volatile("" : "+r"(number))
#define READ(to, address) bpf_probe_read_user(&(to), sizeof(to), (void *)(address))
#define G64(scratch, offset) (*(__u64 *)((scratch)->g + ((offset) & (MAX_GOROUTINE_SIZE - 8))))
#define G32(scratch, offset) (*(__u32 *)((scratch)->g + ((offset) & (MAX_GOROUTINE_SIZE - 4))))

static __always_inline struct scratch *scratch(__u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

/*
 * Appends a text at OFFSET and returns where it ends. Global functions, as this one, are verified
 * once, not for each path that leads to them.
 */
__attribute__((noinline)) int put_text(__u32 slot, __u32 offset, __u64 bytes, __u64 length)
{
	struct scratch *s = scratch(slot);
	if (!s)
		return offset;
	__u32 size = length > MAX_LABEL_TEXT ? MAX_LABEL_TEXT : length;
	FORGET(size);
	if (size > MAX_LABEL_TEXT)
		return offset;
	if (offset > LABELS_SIZE - sizeof(struct go_text) - MAX_LABEL_TEXT) {
		s->context.flags |= CONTEXT_LABELS_SHORT;
		return offset;
	}
	struct go_text *text = (void *)(s->bytes + (offset & ~3u));
	if (size && bpf_probe_read_user(text + 1, size, (void *)bytes)) {
		s->context.flags |= CONTEXT_LABELS_SHORT;
		size = 0;
	}
	if (length > MAX_LABEL_TEXT)
		s->context.flags |= CONTEXT_LABELS_SHORT;
	text->length = length > 0xffff ? 0xffff : length;
	text->size = size;
	s->context.nr_texts++;
	return (offset & ~3u) + sizeof(*text) + ((size + 3) & ~3u);
}

/* The same for a key and its value; none of them when both may not fit. */
__attribute__((noinline)) int put_pair(__u32 slot, __u32 offset)
{
	struct scratch *s = scratch(slot);
	if (!s)
		return offset;
	enum { PAIR = 2 * (sizeof(struct go_text) + MAX_LABEL_TEXT) };
	if (s->context.nr_texts >= 2 * MAX_LABELS || offset > LABELS_SIZE - PAIR) {
		s->context.flags |= CONTEXT_LABELS_SHORT;
		return offset;
	}
	struct go_string key = s->pair.key, value = s->pair.value;
	offset = put_text(slot, offset, key.bytes, key.length);
	return put_text(slot, offset, value.bytes, value.length);
}

/*
 * Only what is used is read: the rest may lie in pages that nobody has touched yet, which cannot be
 * read here.
 */
__attribute__((noinline)) int put_bucket(__u32 slot, __u32 offset, __u64 address)
{
	struct scratch *s = scratch(slot);
	struct bucket *bucket = (void *)address;
	if (!s)
		return offset;
	s->overflow = 0;
	if (READ(s->top, bucket->top))
		return offset;
	for (int i = 0; i < 8; i++)
		if (s->top[i] >= MIN_TOP_HASH && !READ(s->pair.key, &bucket->keys[i]) &&
		    !READ(s->pair.value, &bucket->values[i]))
			offset = put_pair(slot, offset);
	if (READ(s->overflow, &bucket->overflow))
		s->overflow = 0;
	return offset;
}

/* A bucket and those that it overflows into. */
__attribute__((noinline)) int put_chain(__u32 slot, __u32 offset, __u64 address)
{
	struct scratch *s = scratch(slot);
	if (!s)
		return offset;
	for (int i = 0; i < MAX_OVERFLOW && address; i++) {
		offset = put_bucket(slot, offset, address);
		address = s->overflow;
	}
	return offset;
}

/*
 * Up to go1.23: *map[string]string. While the map grows, what has not yet moved is in the old
 * buckets; there, what has moved has a top hash below MIN_TOP_HASH.
 */
__attribute__((noinline)) int put_map(__u32 slot, __u64 labels)
{
	struct scratch *s = scratch(slot);
	__u64 map = 0;
	__u32 offset = 0;
	if (!s)
		return 0;
	if (READ(map, labels) || READ(s->map, map))
		return -1;
	if (!s->map.count)
		return 0;
	__u32 count = 1u << (s->map.b & 3), old = 0;
	if (s->map.old_buckets)
		old = s->map.flags & SAME_SIZE_GROW ? count : count >> 1;
	for (__u32 i = 0; i < MAX_BUCKETS; i++) {
		if (i < count)
			offset =
				put_chain(slot, offset, s->map.buckets + i * sizeof(struct bucket));
		else if (i < count + old)
			offset =
				put_chain(slot, offset,
					  s->map.old_buckets + (i - count) * sizeof(struct bucket));
	}
	if (s->context.nr_texts / 2 < s->map.count)
		s->context.flags |= CONTEXT_LABELS_SHORT;
	return offset;
}

/* From go1.24 on: *[]struct{key, value string}, in the order of keys (runtime/pprof/label.go). */
__attribute__((noinline)) int put_slice(__u32 slot, __u64 labels)
{
	struct scratch *s = scratch(slot);
	__u32 offset = 0;
	if (!s)
		return 0;
	if (READ(s->slice, labels))
		return -1;
	__u64 count = s->slice[1];
	FORGET(count);
	if (count > MAX_LABELS) {
		count = MAX_LABELS;
		s->context.flags |= CONTEXT_LABELS_SHORT;
	}
	if (count && bpf_probe_read_user(s->pairs, count * sizeof(*s->pairs), (void *)s->slice[0]))
		return -1;
	for (__u32 i = 0; i < MAX_LABELS; i++) {
		if (i >= count)
			break;
		s->pair = s->pairs[i];
		offset = put_pair(slot, offset);
	}
	return offset;
}

static __always_inline void read_labels(struct scratch *s, const struct go_row *row, __u32 slot)
{
	__u64 labels = s->context.labels;
	int size = row->labels_are_map ? put_map(slot, labels) : put_slice(slot, labels);
	if (size < 0)
		return;
	s->context.labels_size = size;
	s->context.flags |= CONTEXT_LABELS;
}

/* Its labels, unless they have been sent. */
static __always_inline void add_labels(struct scratch *s, const struct go_row *row, __u32 slot)
{
	struct go_context *context = &s->context;
	struct label_key key = {context->labels, context->process, context->sweepgen};
	if (!context->labels)
		return;
	if (!context->sweepgen || !bpf_map_lookup_elem(&sent, &key))
		read_labels(s, row, slot);
}

/* As frame pointers chain them, on amd64 and on arm64. */
struct frame {
	__u64 next, returns;
};

/* Appends return addresses at OFFSET, from the frame on, and returns where they end. */
__attribute__((noinline)) int put_callers(__u32 slot, __u32 offset, __u64 address)
{
	struct scratch *s = scratch(slot);
	struct frame frame;
	if (!s)
		return offset;
	for (int i = 1; i < MAX_CALLCHAIN; i++) {
		if (!address || READ(frame, address) || !frame.returns)
			break;
		__u32 at = offset;
		FORGET(at);
		if (at > sizeof(s->bytes) - sizeof(frame.returns))
			break;
		__builtin_memcpy(s->bytes + at, &frame.returns, sizeof(frame.returns));
		offset += sizeof(frame.returns);
		address = frame.next;
	}
	return offset;
}

/* Puts a callchain behind the labels and the stack, and returns its size. */
static __always_inline __u32 put_callchain(struct scratch *s, __u32 slot, __u64 pc, __u64 frame)
{
	__u32 at = s->context.labels_size + s->context.stack_size + s->context.sched_callchain_size;
	FORGET(at);
	if (at > LABELS_SIZE + MAX_GOROUTINE_STACK + CALLCHAIN_SIZE)
		return 0;
	__builtin_memcpy(s->bytes + at, &pc, sizeof(pc));
	return put_callers(slot, at + sizeof(pc), frame) - at;
}

/*
 * Where the goroutine was when it left its stack for g0's, the top of its stack, and where that
 * does not hold all, its callchain.
 */
static __always_inline void add_sched(struct scratch *s, const struct go_row *row, __u32 slot)
{
	struct go_context *context = &s->context;
	__u64 low = G64(s, 0), high = G64(s, 8), sp = G64(s, row->sched_sp);
	if (sp < low || sp >= high)
		return;
	context->sched_pc = G64(s, row->sched_pc);
	context->sched_sp = sp;
	context->sched_bp = G64(s, row->sched_bp);
	context->flags |= CONTEXT_SCHED;
	__u32 wanted = goroutine_stack, at = context->labels_size;
	if (!wanted)
		return;
	if (wanted > high - sp)
		wanted = high - sp;
	if (wanted > MAX_GOROUTINE_STACK)
		wanted = MAX_GOROUTINE_STACK;
	FORGET(at);
	FORGET(wanted);
	if (at > LABELS_SIZE || wanted > MAX_GOROUTINE_STACK)
		return;
	if (wanted && !bpf_probe_read_user(s->bytes + at, wanted, (void *)sp))
		context->stack_size = wanted;
	if (goroutine_stack < high - sp)
		context->sched_callchain_size =
			put_callchain(s, slot, context->sched_pc, context->sched_bp);
}

static __always_inline int read_g(struct scratch *s, const struct go_row *row, __u64 g)
{
	return bpf_probe_read_user(s->g, row->size & (MAX_GOROUTINE_SIZE - 1), (void *)g);
}

static __always_inline void read_goroutine(struct scratch *s, const struct go_row *row, __u32 slot,
					   __u64 g)
{
	struct go_context *context = &s->context;
	__u64 g0 = 0, current = 0, m;
	context->flags |= CONTEXT_GO;
	if (read_g(s, row, g))
		goto fault;
	if (!G64(s, row->goid)) {
		context->flags |= CONTEXT_SYSTEM;
		m = G64(s, row->m);
		if (READ(current, m + row->curg) || READ(g0, m + row->g0))
			goto fault;
		if (!current)
			return;
		if (read_g(s, row, current))
			goto fault;
	}
	context->flags |= CONTEXT_CURRENT;
	context->goid = G64(s, row->goid);
	context->parent = row->parent ? G64(s, row->parent) : 0;
	context->creator = G64(s, row->creator);
	context->start = G64(s, row->start);
	context->status = G32(s, row->status);
	context->labels = G64(s, row->labels);
	add_labels(s, row, slot);
	/* A signal stops it where it is: what the scheduler saved then is old. */
	if (g == g0)
		add_sched(s, row, slot);
	return;
fault:
	context->flags |= CONTEXT_FAULT;
}

/* CTX has the registers; NULL where a program is not given any. */
static __always_inline __u64 current_g(void *ctx, struct task_struct *task,
				       const struct go_row *row)
{
	__u64 g = 0;
#if defined(__TARGET_ARCH_arm64)
	/* Without cgo g is only in a register, X28 (runtime/tls_arm64.s). */
	if (!row->has_tls) {
		__u64 pstate = 0xc;
		if (ctx) {
			g = ((struct bpf_perf_event_data *)ctx)->regs.regs[28];
			pstate = ((struct bpf_perf_event_data *)ctx)->regs.pstate;
		}
		/* Both before the branch: two kinds of pointers must not become one load. */
		FORGET(g);
		FORGET(pstate);
		if (pstate & 0xc) {
			struct user_pt_regs *user = (void *)bpf_task_pt_regs((void *)task);
			g = user->regs[28];
		}
		return g;
	}
	unsigned long thread_pointer = task->thread.uw.tp_value;
#else
	unsigned long thread_pointer = task->thread.fsbase;
#endif
	if (!thread_pointer || READ(g, thread_pointer + row->tls_offset))
		return 0;
	return g;
}

static __always_inline long send(void *ctx, struct scratch *s)
{
	struct go_context *context = &s->context;
	__u64 size = sizeof(*context) + context->labels_size + context->stack_size +
		     context->sched_callchain_size + context->callchain_size;
	FORGET(size);
	if (size > sizeof(*context) + sizeof(s->bytes))
		return 0;
	long status = bpf_perf_event_output(ctx, &contexts, BPF_F_CURRENT_CPU, s, size);
	if (status || !(context->flags & CONTEXT_LABELS) || !context->sweepgen)
		return status;
	/* Only now: another CPU may leave out what it finds here. */
	struct label_key key = {context->labels, context->process, context->sweepgen};
	__u8 one = 1;
	bpf_map_update_elem(&sent, &key, &one, BPF_ANY);
	return 0;
}

static __always_inline void ask(void *ctx, __u32 pid, __u64 exec_id)
{
	struct go_notice notice = {.pid = pid, .exec_id = exec_id};
	__u8 one = 1;
	if (bpf_map_lookup_elem(&asked, &notice))
		return;
	if (!bpf_perf_event_output(ctx, &notices, BPF_F_CURRENT_CPU, &notice, sizeof(notice)))
		bpf_map_update_elem(&asked, &notice, &one, BPF_ANY);
}

/* The id of the current process as the recorder has it; 0 outside of its namespace. */
static __always_inline __u32 current_pid(void)
{
	struct bpf_pidns_info info = {};
	if (!pid_namespace_inode)
		return bpf_get_current_pid_tgid() >> 32;
	if (bpf_get_ns_current_pid_tgid(pid_namespace_device, pid_namespace_inode, &info,
					sizeof(info)))
		return 0;
	return info.tgid;
}

/* In user mode what a process executes is mapped; and it is no thread of the kernel. */
static __always_inline int is_user_mode(struct bpf_perf_event_data *ctx)
{
#if defined(__TARGET_ARCH_arm64)
	return !(ctx->regs.pstate & 0xf);
#else
	return ctx->regs.cs & 3;
#endif
}

/*
 * Whether the row is that of the program that runs: by its exec_id, and before that is known by
 * where its stack began, which is another place with each exec.
 */
static __always_inline int is_of_program(const struct go_row *row, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	if (row->exec_id)
		return row->exec_id == task->self_exec_id;
	return !row->start_stack || (mm && mm->start_stack == row->start_stack);
}

/* The row of the program that runs; NULL when there is none yet. */
static __always_inline struct go_row *find_row(struct task_struct *task, __u32 pid)
{
	struct go_row *row = bpf_map_lookup_elem(&processes, &pid);
	__u64 exec_id = task->self_exec_id;
	if (row && !row->exec_id && is_of_program(row, task))
		row->exec_id = exec_id;
	return row && row->exec_id == exec_id ? row : 0;
}

/* The same if it is a Go process; one that is not known is asked for. */
static __always_inline struct go_row *current_row(struct bpf_perf_event_data *ctx,
						  struct task_struct *task, __u32 pid)
{
	struct go_row *row = find_row(task, pid);
	if (!row && is_user_mode(ctx))
		ask(ctx, pid, task->self_exec_id);
	return row && !row->no_go ? row : 0;
}

#if !defined(__TARGET_ARCH_arm64)
static __always_inline int is_go(const struct go_row *row, __u64 address)
{
	return address - row->text < row->text_size;
}

/*
 * The words on the user's stack that may be return addresses without a frame. A sample that the
 * hardware made is of a moment before: they are only its own where the stack pointer is still the
 * same. Where Go code runs and neither of the words leads to Go code, it has a frame, and so it has
 * where the frame pointer is the stack pointer.
 */
static __always_inline void add_stack_top(struct scratch *s, const struct go_row *row,
					  struct task_struct *task, __u64 stack_pointer)
{
	struct pt_regs *user = (void *)bpf_task_pt_regs((void *)task);
	__u64 now = user->rsp, *words = s->context.stack_words;
	if ((stack_pointer && stack_pointer != now) || READ(s->context.stack_words, now))
		return;
	if (!is_go(row, user->rip) || is_go(row, words[0]))
		s->context.flags |= CONTEXT_STACK_TOP;
	if (user->rbp != now && is_go(row, words[1]))
		s->context.flags |= CONTEXT_STACK_SECOND;
}

/* The sample's, in user mode; 0 in the kernel, where the user's does not move. */
static __always_inline __u64 sampled_stack_pointer(struct bpf_perf_event_data *ctx)
{
	__u64 stack_pointer = ctx->regs.rsp, segment = ctx->regs.cs;
	FORGET(stack_pointer);
	FORGET(segment);
	return segment & 3 ? stack_pointer : 0;
}
#endif

/* The user's callchain, where a copy of the stack may be too short to tell it. */
static __always_inline void add_callchain(struct scratch *s, struct task_struct *task, __u32 slot)
{
#if defined(__TARGET_ARCH_arm64)
	struct user_pt_regs *user = (void *)bpf_task_pt_regs((void *)task);
	__u64 pc = user->pc, frame = user->regs[29];
#else
	struct pt_regs *user = (void *)bpf_task_pt_regs((void *)task);
	__u64 pc = user->rip, frame = user->rbp;
#endif
	s->context.callchain_size = put_callchain(s, slot, pc, frame);
}

/* Begins anew, with what is of the process. */
static __always_inline void begin(struct scratch *s, const struct go_row *row, __u32 pid)
{
	struct go_context *context = &s->context;
	__u32 gcphase = 0;
	__builtin_memset(context, 0, sizeof(*context));
	context->pid = pid;
	context->process = row->number;
	if (row->gcphase && !READ(gcphase, row->gcphase))
		context->gcphase = gcphase + 1;
	if (row->sweepgen && READ(context->sweepgen, row->sweepgen))
		context->sweepgen = 0;
}

/* Always lets the sample follow. */
SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 pid = current_pid();
	struct go_row *row = current_row(ctx, task, pid);
	struct scratch *s = row ? scratch(SLOT_SAMPLE) : 0;
	if (!s)
		return 1;
	begin(s, row, pid);
	if (bpf_cast_to_kern_ctx) {
		struct bpf_perf_event_data_kern *kern = bpf_cast_to_kern_ctx(ctx);
		s->context.time = kern->data->time;
	}
	__u64 g = current_g(ctx, task, row);
	if (g)
		read_goroutine(s, row, SLOT_SAMPLE, g);
#if !defined(__TARGET_ARCH_arm64)
	if (stack_top)
		add_stack_top(s, row, task, sampled_stack_pointer(ctx));
#endif
	if (callchain)
		add_callchain(s, task, SLOT_SAMPLE);
	send(ctx, s);
	return 1;
}

#include "hit.bpf.h"
#include "switch.bpf.h"
