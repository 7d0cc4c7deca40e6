// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/unwind.h"

#include <string.h>

enum { WORD = 8 };

/* struct ucontext behind the return address: arch/x86/include/uapi/asm/sigcontext.h. */
static const uint8_t amd64_signal[] = {8, 9, 10, 11, 12, 13, 14, 15,	       5,
				       4, 6, 3,	 1,  0,	 2,  7,	 CFI_REGISTERS};
const struct unwind_machine unwind_amd64 = {.stack_pointer = 7,
					    .frame_pointer = 6,
					    .link_register = CFI_REGISTERS,
					    .return_size = WORD,
					    .vdso_caller_sp = 12,
					    .signal_registers = 40,
					    .signal_count = sizeof(amd64_signal),
					    .signal_order = amd64_signal};

/* struct rt_sigframe: arch/arm64/kernel/signal.c, include/uapi/asm/sigcontext.h. */
static const uint8_t arm64_signal[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
				       11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
				       22, 23, 24, 25, 26, 27, 28, 29, 30, 31, CFI_REGISTERS};
const struct unwind_machine unwind_arm64 = {.stack_pointer = 31,
					    .frame_pointer = 29,
					    .link_register = 30,
					    .vdso_caller_sp = 20,
					    .signs_addresses = true,
					    .signal_registers = 312,
					    .signal_count = sizeof(arm64_signal),
					    .signal_order = arm64_signal};

bool unwind_window_word(const struct unwind_window *window, uint64_t address, uint64_t *ret)
{
	if (address < window->start || window->size < WORD ||
	    address - window->start > window->size - WORD)
		return false;
	memcpy(ret, window->bytes + (address - window->start), WORD);
	return true;
}

static bool read_word(void *context, uint64_t address, uint64_t *ret)
{
	return unwind_window_word(context, address, ret);
}

static void set(struct cfi_registers *registers, uint8_t number, uint64_t value)
{
	registers->value[number] = value;
	registers->known |= 1ull << number;
}

/* Only the stack and the frame pointer survive a call of Go code. */
static void forget_others(const struct unwind_machine *machine, struct cfi_registers *registers)
{
	registers->known &= 1ull << machine->stack_pointer | 1ull << machine->frame_pointer;
}

/*
 * A signal handler that made an arm64 thread call something has put LR below the stack pointer
 * (runtime/signal_arm64.go, preparePanic(); runtime/traceback.go, go1.26).
 */
static enum unwind_end restore_link(struct unwind_window *window,
				    const struct unwind_machine *machine,
				    struct cfi_registers *registers)
{
	uint64_t sp = registers->value[machine->stack_pointer], link;
	if (!read_word(window, sp, &link))
		return UNWIND_NO_MEMORY;
	set(registers, machine->link_register, link);
	set(registers, machine->stack_pointer, sp + 2 * WORD);
	return UNWIND_GOES_ON;
}

/*
 * A frame of Go code. On amd64 it has `depth` bytes below the return address, the lowest of which
 * hold the caller's frame pointer; on arm64 the return address is at its lower end, or, where the
 * frame is not there yet, in LR (cmd/internal/obj).
 */
static enum unwind_end step_go(struct unwind_window *window, const struct unwind_machine *machine,
			       const struct unwind_code *code, struct cfi_registers *registers)
{
	uint64_t sp = registers->value[machine->stack_pointer], bp;
	uint64_t top = sp + (uint64_t)code->depth;
	uint64_t link = machine->return_size ? top : sp + (uint64_t)code->link_at;
	if (code->link_register) {
		if (!(registers->known >> machine->link_register & 1))
			return UNWIND_BAD;
		registers->pc = registers->value[machine->link_register];
	} else if (!read_word(window, link, &registers->pc)) {
		return UNWIND_NO_MEMORY;
	}
	if (machine->return_size && code->frame_pointer == FRAME_POINTER_OWN && code->depth &&
	    read_word(window, top - WORD, &bp))
		set(registers, machine->frame_pointer, bp);
	if (code->frame_at_link && !code->link_register && read_word(window, link - WORD, &bp))
		set(registers, machine->frame_pointer, bp);
	set(registers, machine->stack_pointer, top + machine->return_size);
	forget_others(machine, registers);
	return code->injected && !machine->return_size ? restore_link(window, machine, registers)
						       : UNWIND_GOES_ON;
}

/*
 * What calls the vdso, or the race detector: on its own stack until it has put SP into a register
 * that C code leaves alone; then on g0, or still there.
 */
static enum unwind_end step_vdso(struct unwind_window *window, const struct unwind_machine *machine,
				 const struct unwind_code *code, struct cfi_registers *registers)
{
	uint8_t from = machine->vdso_caller_sp;
	if (from == CFI_REGISTERS)
		return UNWIND_SWITCH;
	if (!code->keeps_sp)
		return step_go(window, machine, code, registers);
	if (!(registers->known >> from & 1))
		return UNWIND_SWITCH;
	set(registers, machine->stack_pointer, registers->value[from]);
	enum unwind_end end = step_go(window, machine, code, registers);
	return end == UNWIND_NO_MEMORY ? UNWIND_LEFT : end;
}

/* asmcgocall has aligned SP for C, and kept its own. */
static enum unwind_end step_kept(struct unwind_window *window, const struct unwind_machine *machine,
				 const struct unwind_code *code, struct cfi_registers *registers)
{
	uint64_t sp = registers->value[machine->stack_pointer], own;
	if (!read_word(window, sp + (uint64_t)code->kept_sp, &own))
		return UNWIND_NO_MEMORY;
	if (own <= sp)
		return UNWIND_BAD;
	set(registers, machine->stack_pointer, own);
	return step_go(window, machine, code, registers);
}

/* The frame that the kernel has put on the stack for a signal. */
static enum unwind_end step_signal(struct unwind_window *window,
				   const struct unwind_machine *machine,
				   struct cfi_registers *registers)
{
	uint64_t at = registers->value[machine->stack_pointer] + machine->signal_registers, value;
	struct cfi_registers found = {0};
	for (size_t i = 0; i < machine->signal_count; i++, at += WORD) {
		if (!read_word(window, at, &value))
			return UNWIND_NO_MEMORY;
		if (machine->signal_order[i] == CFI_REGISTERS)
			found.pc = value;
		else
			set(&found, machine->signal_order[i], value);
	}
	*registers = found;
	return UNWIND_GOES_ON;
}

/* A walk up the stack. */
struct walk {
	struct unwind_codes *codes;
	struct unwind_window window;
	const struct unwind_machine *machine;
	struct cfi_registers *registers;
	bool caller;  /* the pc is a return address */
	bool go;      /* there was a frame of Go's */
	bool handler; /* the frame before is that of Go's signal handler */
	bool signal;  /* the frame before is a signal's */
	bool left;    /* a signal's stack for the one it interrupted, which is not in the window */
};

static enum unwind_end step_other(struct walk *walk, const struct unwind_code *code,
				  bool *signal_ret)
{
	static const enum unwind_end ends[] = {
		[CFI_STEPPED] = UNWIND_GOES_ON, [CFI_NONE] = UNWIND_UNKNOWN_CODE,
		[CFI_OUTERMOST] = UNWIND_ROOT,	[CFI_NO_MEMORY] = UNWIND_NO_MEMORY,
		[CFI_BAD] = UNWIND_BAD,
	};
	const struct cfi_memory memory = {.read = read_word, .context = &walk->window};
	const struct cfi_row *row = unwind_codes_row(walk->codes, code);
	return ends[cfi_step(row, walk->registers, &memory, signal_ret)];
}

/* What nothing is known of but that a signal handler returns there. */
static enum unwind_kind kind_after(const struct walk *walk, const struct unwind_code *code)
{
	return code->kind == UNWIND_CODE_KERNEL && walk->handler ? UNWIND_CODE_SIGNAL : code->kind;
}

static enum unwind_end step_kind(struct walk *walk, const struct unwind_code *code,
				 bool *signal_ret)
{
	struct unwind_window *window = &walk->window;
	switch (kind_after(walk, code)) {
	case UNWIND_CODE_GO:
		return step_go(window, walk->machine, code, walk->registers);
	case UNWIND_CODE_VDSO:
		return step_vdso(window, walk->machine, code, walk->registers);
	case UNWIND_CODE_KEPT:
		return step_kept(window, walk->machine, code, walk->registers);
	case UNWIND_CODE_SIGNAL:
		*signal_ret = true;
		return step_signal(window, walk->machine, walk->registers);
	default:
		return step_other(walk, code, signal_ret);
	}
}

static bool is_outside(const struct unwind_window *window, uint64_t address)
{
	return address < window->start || address - window->start >= window->size;
}

/* One frame up. */
static enum unwind_end step(struct walk *walk, const struct unwind_code *code)
{
	uint64_t before = walk->registers->value[walk->machine->stack_pointer];
	bool signal = false;
	enum unwind_end end = step_kind(walk, code, &signal);
	uint64_t after = walk->registers->value[walk->machine->stack_pointer];
	walk->go |= code->kind == UNWIND_CODE_GO;
	/* Go's signal handlers have their own stack (runtime/os_linux.go, minitSignalStack()). */
	if (end == UNWIND_NO_MEMORY && walk->left && walk->go)
		return UNWIND_LEFT;
	/* A stack that does not become smaller is none, but for leaf functions with LR. */
	bool leaf = !walk->caller && walk->machine->link_register != CFI_REGISTERS;
	if (end == UNWIND_GOES_ON && !signal && after <= before && !(leaf && after == before))
		return UNWIND_BAD;
	if (end == UNWIND_GOES_ON && signal)
		walk->left = is_outside(&walk->window, after);
	walk->signal = signal;
	walk->caller = !signal && !code->injected;
	walk->handler = code->handler;
	return end;
}

/* Where the return address of the frame is that the walk has just left; 0 not known. */
static uint64_t slot_behind(const struct walk *walk)
{
	const struct unwind_machine *machine = walk->machine;
	return machine->return_size && walk->caller
		       ? walk->registers->value[machine->stack_pointer] - machine->return_size
		       : 0;
}

/* Where the return address must be that the window does not have; 0 not known. */
static uint64_t slot_beyond(const struct walk *walk, const struct unwind_code *code,
			    enum unwind_end end)
{
	const struct unwind_machine *machine = walk->machine;
	return end == UNWIND_NO_MEMORY && code->kind == UNWIND_CODE_GO && machine->return_size
		       ? walk->registers->value[machine->stack_pointer] + (uint64_t)code->depth
		       : 0;
}

/*
 * Code that authenticates pointers (PACIASP) puts a signature into the bits of a return address
 * that no address has: from 48 on, or 39, as the kernel was built (Documentation/arch/arm64/
 * pointer-authentication.rst).
 */
static uint64_t without_signature(const struct unwind_context *context, uint64_t pc)
{
	static const uint64_t mask = (1ull << 48) - 1, short_mask = (1ull << 39) - 1;
	if (!context->machine->signs_addresses)
		return pc;
	if ((pc & mask) > short_mask && !maps_find(context->maps, pc & mask) &&
	    maps_find(context->maps, pc & short_mask))
		return pc & short_mask;
	return pc & mask;
}

size_t unwind(const struct unwind_context *context, struct cfi_registers *registers,
	      struct unwound *ret)
{
	static const enum unwind_end ends[] = {
		[UNWIND_CODE_UNKNOWN] = UNWIND_UNKNOWN_CODE, [UNWIND_CODE_ROOT] = UNWIND_ROOT,
		[UNWIND_CODE_SWITCH] = UNWIND_SWITCH,	     [UNWIND_CODE_LEFT] = UNWIND_LEFT,
		[UNWIND_CODE_KERNEL] = UNWIND_UNKNOWN_CODE,
	};
	struct walk walk = {.codes = context->codes,
			    .window = context->window,
			    .machine = context->machine,
			    .registers = registers};
	ret->next_slot = 0;
	for (size_t count = 0;; count++) {
		const struct unwind_code *code = unwind_codes_find(context->codes, context->maps,
								   registers->pc, walk.caller);
		uint64_t pc = registers->pc;
		bool caller = walk.caller;
		enum unwind_kind kind = kind_after(&walk, code);
		ret->end = kind < UNWIND_CODE_GO ? ends[kind]
			   : count == ret->max	 ? UNWIND_FULL
						 : step(&walk, code);
		/* The kernel made it return there: no call is before it. */
		if (count && caller && (code->begins || walk.signal))
			ret->entries[count - 1] = pc;
		if (ret->end != UNWIND_GOES_ON) {
			ret->next_slot = slot_beyond(&walk, code, ret->end);
			return count;
		}
		registers->pc = without_signature(context, registers->pc);
		ret->entries[count] = registers->pc - (walk.caller ? context->back : 0);
		if (ret->slots)
			ret->slots[count] = slot_behind(&walk);
	}
}
