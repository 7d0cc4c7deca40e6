/* SPDX-License-Identifier: GPL-2.0-only */
/* Callers of C code by its call frame information: .eh_frame and .debug_frame through libdw. */
#ifndef ELF_CFI_H
#define ELF_CFI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "elf/image.h"

struct cfi;

/* Borrows IMAGE. The caller frees *RET with cfi_close(). */
struct perfgo_error *cfi_open(const struct image *image, struct cfi **ret);
void cfi_close(struct cfi *cfi);

/* Registers by their DWARF numbers (amd64: RSP is 7, RBP 6; arm64: SP is 31, X29 29, X30 30). */
enum { CFI_REGISTERS = 33 };
struct cfi_registers {
	uint64_t pc;
	uint64_t value[CFI_REGISTERS];
	uint64_t known; /* a bit a register */
};

struct cfi_memory {
	bool (*read)(void *context, uint64_t address, uint64_t *ret); /* a word; false: not there */
	void *context;
};

enum cfi_result {
	CFI_STEPPED,
	CFI_NONE,      /* there is none for the address */
	CFI_OUTERMOST, /* it says that nobody called the function */
	CFI_NO_MEMORY, /* it asks for memory that is not there */
	CFI_BAD,       /* it asks for what cannot be: an unknown register, an unknown operation */
};

/* How the caller of an address is found. */
struct cfi_row;

/*
 * That of link-time ADDRESS, which for a return address is the one before; NULL when there is none.
 * It is read anew each time, and valid as long as CFI is.
 */
const struct cfi_row *cfi_find(struct cfi *cfi, uint64_t address);

/*
 * The registers of the caller; ROW may be NULL. SIGNAL_RET: the frame is that of a signal handler,
 * so the caller was interrupted, not called from.
 */
enum cfi_result cfi_step(const struct cfi_row *row, struct cfi_registers *registers,
			 const struct cfi_memory *memory, bool *signal_ret);

#endif
