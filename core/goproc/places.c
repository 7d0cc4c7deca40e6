// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/places.h"

#include "goproc/payload.h"

/* runtime.g.atomicstatus (runtime/runtime2.go, go1.17 to go1.27) and the state it stands for. */
uint8_t goroutine_state(const struct goroutine_fields *fields)
{
	return fields->status < GOSTATE_DEADEXTRA ? (uint8_t)(fields->status + 1) : GOSTATE_UNKNOWN;
}

bool goroutine_waits(uint8_t state)
{
	return state == GOSTATE_WAITING || state == GOSTATE_LEAKED;
}

static bool read_word(struct goproc *process, uint64_t address, uint64_t *ret)
{
	return memory_read(goproc_memory(process), address, ret, sizeof(*ret));
}

/* Its M, if it runs the goroutine, is a thread. */
static bool find_thread(struct goproc *process, const struct goroutine_fields *fields,
			uint64_t *thread_ret)
{
	const struct runtime_layout *layout = goproc_info(process)->layout;
	uint64_t current;
	return fields->m && read_word(process, fields->m + layout->m.curg, &current) &&
	       current == fields->g && read_word(process, fields->m + layout->m.procid, thread_ret);
}

/* Of one in a system call its P may be another's by now. */
struct goroutine_thread goroutine_thread(struct goproc *process,
					 const struct goroutine_fields *fields)
{
	const struct runtime_layout *layout = goproc_info(process)->layout;
	struct goroutine_thread ret = {.processor = -1};
	uint8_t state = goroutine_state(fields);
	uint64_t thread, p;
	int32_t id;
	if ((state != GOSTATE_RUNNING && state != GOSTATE_SYSCALL) ||
	    !find_thread(process, fields, &thread))
		return ret;
	ret.thread = (uint32_t)thread;
	if (state == GOSTATE_RUNNING && read_word(process, fields->m + layout->m.p, &p) && p &&
	    memory_read(goproc_memory(process), p + layout->p.id, &id, sizeof(id)))
		ret.processor = id;
	return ret;
}

static bool is_on_stack(const struct goroutine_fields *fields, uint64_t sp)
{
	return sp >= fields->stack_lo && sp < fields->stack_hi;
}

static bool is_on_system_stack(struct goproc *process, const struct goroutine_fields *fields,
			       uint64_t sp)
{
	const struct runtime_layout *layout = goproc_info(process)->layout;
	uint64_t g0, lo, hi;
	return read_word(process, fields->m + layout->m.g0, &g0) &&
	       read_word(process, g0 + layout->g.stack_lo, &lo) &&
	       read_word(process, g0 + layout->g.stack_hi, &hi) && sp >= lo && sp < hi;
}

static const struct memory_thread *registers_of(struct goproc *process,
						const struct goroutine_fields *fields)
{
	size_t count;
	uint64_t thread;
	const struct memory_thread *threads = memory_threads(goproc_memory(process), &count);
	if (!count || !threads[0].pc || !find_thread(process, fields, &thread))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (threads[i].tid == thread)
			return &threads[i];
	return NULL;
}

/*
 * One that runs, in a core file: where its thread is; when that is on g0, where it left the
 * goroutine. A signal handler has a third stack, and neither is known.
 */
static struct stack_place running_place(struct goproc *process,
					const struct goroutine_fields *fields)
{
	struct stack_place place = {.hi = fields->stack_hi, .none = true};
	const struct memory_thread *thread = registers_of(process, fields);
	if (!thread)
		return place;
	if (is_on_stack(fields, thread->sp)) {
		place.pc = thread->pc;
		place.sp = thread->sp;
		place.lr = thread->lr;
		place.exact = true;
		place.none = false;
	} else if (is_on_system_stack(process, fields, thread->sp)) {
		place.pc = fields->pc;
		place.sp = fields->sp;
		place.none = !is_on_stack(fields, fields->sp);
	}
	return place;
}

/*
 * g.sched, or in a system call what was saved before it (runtime/traceback.go, (*unwinder).initAt).
 * One whose stack is moved stands nowhere.
 */
struct stack_place goroutine_place(struct goproc *process, const struct goroutine_fields *fields)
{
	uint8_t state = goroutine_state(fields);
	if (state == GOSTATE_RUNNING)
		return running_place(process, fields);
	struct stack_place place = {
		.pc = fields->pc, .sp = fields->sp, .lr = fields->lr, .hi = fields->stack_hi};
	if (fields->syscall_sp) {
		place.pc = fields->syscall_pc;
		place.sp = fields->syscall_sp;
		place.lr = 0;
	}
	place.none = (!goroutine_waits(state) && state != GOSTATE_RUNNABLE &&
		      state != GOSTATE_SYSCALL && state != GOSTATE_PREEMPTED) ||
		     !is_on_stack(fields, place.sp);
	return place;
}
