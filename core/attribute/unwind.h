/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Callers of a place in a process, from registers and pieces of its stack: Go's by pclntab, others
 * by call frame information.
 */
#ifndef ATTRIBUTE_UNWIND_H
#define ATTRIBUTE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/unwind_code.h"
#include "elf/cfi.h"

/* A piece of memory as it was. */
struct unwind_window {
	uint64_t start;
	const uint8_t *bytes;
	uint64_t size;
};

/* The word at an ADDRESS; false when it is not there. */
bool unwind_window_word(const struct unwind_window *window, uint64_t address, uint64_t *ret);

/* Where registers stand in struct cfi_registers, by machine. */
struct unwind_machine {
	uint8_t stack_pointer, frame_pointer;
	uint8_t link_register; /* CFI_REGISTERS: none */
	uint8_t return_size;   /* of the address that a call pushes */
	bool signs_addresses;  /* return addresses may have a signature in their high bits */
	/* Has SP as it was while Go code calls the vdso on g0; CFI_REGISTERS: not known. */
	uint8_t vdso_caller_sp;
	/* The kernel's frame of a signal: where the interrupted registers are, from SP on. */
	uint16_t signal_registers;
	uint8_t signal_count;
	const uint8_t *signal_order; /* the DWARF number of each; CFI_REGISTERS: the pc */
};
extern const struct unwind_machine unwind_amd64, unwind_arm64;

/* Why there are no more callers. */
enum unwind_end {
	UNWIND_GOES_ON,	     /* there are */
	UNWIND_ROOT,	     /* a function that nobody called: goexit, mstart, rt0_go, _start … */
	UNWIND_SWITCH,	     /* the stack was switched: systemstack, mcall, morestack, cgo */
	UNWIND_LEFT,	     /* the same, and a goroutine's was left that it comes back to */
	UNWIND_NO_MEMORY,    /* the dump is too short */
	UNWIND_UNKNOWN_CODE, /* no binary, or a place that its tables do not tell of */
	UNWIND_BAD,	     /* what the tables say cannot be: it leads nowhere, or back */
	UNWIND_FULL,	     /* more callers than room */
	/* Why there was nothing to unwind, though it was asked for. */
	UNWIND_NO_DUMP,	     /* nothing of the stack was copied */
	UNWIND_NO_REGISTERS, /* the stack pointer or the program counter was not recorded */
	UNWIND_32_BIT,	     /* a process of another kind */
	UNWIND_ENDS,
};

struct unwind_context {
	struct unwind_codes *codes;
	const struct maps *maps;
	const struct unwind_machine *machine;
	struct unwind_window window;
	/* Is taken off return addresses: 1 as perf has them in stacks it unwinds, 0 as they are. */
	uint8_t back;
};

/* Callers, innermost first. */
struct unwound {
	uint64_t *entries; /* their return addresses */
	uint64_t *slots;   /* NULL, or where each of them was on the stack; 0 nowhere */
	size_t max;
	enum unwind_end end;
	uint64_t
		next_slot; /* where the next one is, which the window does not reach; 0 not known */
};

/*
 * Writes the return addresses above the place in REGISTERS to RET, and returns how many. A place
 * that a signal interrupted is one too, though nobody returns there.
 */
size_t unwind(const struct unwind_context *context, struct cfi_registers *registers,
	      struct unwound *ret);

#endif
