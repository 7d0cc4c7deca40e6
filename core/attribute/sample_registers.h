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

/* What can be done with them. */
enum sample_abi {
	SAMPLE_NO_REGISTERS, /* none recorded: the mask has none, or nothing of the sample is user's
			      */
	SAMPLE_32_BIT,	     /* those of a process of another kind */
	SAMPLE_REGISTERS,    /* some */
	SAMPLE_WHOLE,	     /* program counter and stack pointer at least */
};

/* Those of *RET that are known; `pc` is 0 where it is not. */
enum sample_abi sample_registers(const struct sample_machine *machine,
				 const struct sample_regs *from, struct cfi_registers *ret);

#endif
