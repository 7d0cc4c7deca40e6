/* SPDX-License-Identifier: GPL-2.0-only */
/* DWARF expressions as call frame information has them. */
#ifndef ELF_EXPRESSION_H
#define ELF_EXPRESSION_H

#include <elfutils/libdw.h>

#include <stddef.h>
#include <stdint.h>

#include "elf/cfi.h"

struct expression {
	const Dwarf_Op *operations;
	size_t count;
};

struct expression_input {
	const struct cfi_registers *registers;
	const struct cfi_memory *memory;
	uint64_t cfa;
};

/* CFI_STEPPED and a value, or why there is none: CFI_NO_MEMORY, CFI_BAD. */
enum cfi_result expression_evaluate(const struct expression *expression,
				    const struct expression_input *input, uint64_t *ret);

#endif
