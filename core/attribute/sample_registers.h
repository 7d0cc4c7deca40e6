/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a sample as DWARF numbers them. */
#ifndef ATTRIBUTE_SAMPLE_REGISTERS_H
#define ATTRIBUTE_SAMPLE_REGISTERS_H

#include "attribute/unwind.h"
#include "perfdata/perfdata.h"

/*
 * False without a program counter and a stack pointer, of a 32-bit process, and of a machine that
 * is not known. ARCH as in the recording's header.
 */
bool sample_registers(const struct sample_regs *from, const char *arch, struct cfi_registers *ret,
		      const struct unwind_machine **machine_ret);

#endif
