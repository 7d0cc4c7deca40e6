/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a sample as DWARF numbers them. */
#ifndef ATTRIBUTE_SAMPLE_REGISTERS_H
#define ATTRIBUTE_SAMPLE_REGISTERS_H

#include "attribute/unwind.h"
#include "perfdata/perfdata.h"

struct sample_machine;

/* ARCH as in the recording's header; NULL for one that is not known. */
const struct sample_machine *sample_machine(const char *arch);
const struct unwind_machine *sample_machine_unwind(const struct sample_machine *machine);

/* False without a program counter and a stack pointer, and of a 32-bit process. */
bool sample_registers(const struct sample_machine *machine, const struct sample_regs *from,
		      struct cfi_registers *ret);

#endif
