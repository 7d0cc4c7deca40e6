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

/* Where registers stand in struct cfi_registers, by machine. */
struct unwind_machine {
	uint8_t stack_pointer, frame_pointer;
	uint8_t link_register; /* CFI_REGISTERS: none */
	uint8_t return_size;   /* of the address that a call pushes */
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

/*
 * Writes the return addresses above the place in REGISTERS, innermost first, at most MAX; returns
 * how many. A place that a signal interrupted is one too, though nobody returns there.
 */
size_t unwind(const struct unwind_context *context, struct cfi_registers *registers, uint64_t *ret,
	      size_t max, enum unwind_end *end_ret);

#endif
