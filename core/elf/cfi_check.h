/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether libdw may be let near call frame information. */
#ifndef ELF_CFI_CHECK_H
#define ELF_CFI_CHECK_H

#include <gelf.h>

#include <stdbool.h>

/*
 * Whether all entries of section NAME ask for what machines have: libdw makes room for whatever
 * register is named, up to 4 GB (libdw/cfi.c, enough_registers(), 0.188), and a copy of it each
 * time that a state is to be remembered. False where there is no such section.
 */
bool cfi_check(Elf *elf, const char *name);

#endif
