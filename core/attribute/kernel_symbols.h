/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's symbols, from a copy of /proc/kallsyms. */
#ifndef ATTRIBUTE_KERNEL_SYMBOLS_H
#define ATTRIBUTE_KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "attribute/attribution.h"

struct kernel_symbols;

/*
 * The symbols of the kernel with BUILD_ID: those that perf put into the build-id cache, else this
 * machine's, if it is the same kernel. *RET is NULL when neither is there (kptr_restrict hides
 * them). The caller frees it.
 */
struct perfgo_error *kernel_symbols_open(const struct attribution_options *options,
					 const uint8_t *build_id, size_t build_id_size,
					 struct kernel_symbols **ret);
void kernel_symbols_close(struct kernel_symbols *symbols);

/*
 * The kernel is loaded at another address at each boot: tells where the recording had the symbol
 * NAME (_text, _stext), so that its addresses can be looked up. False when the symbol is missing.
 */
bool kernel_symbols_relocate(struct kernel_symbols *symbols, const char *name, uint64_t address);

/*
 * The function at an address of the recorded kernel, or of its MODULE, as "[name]"; NULL unknown.
 * Those of modules only where the kernel has not been moved: else the table is of another boot, at
 * which modules were elsewhere. Valid as long as SYMBOLS.
 */
const char *kernel_symbols_find(const struct kernel_symbols *symbols, uint64_t address,
				const char *module, uint64_t *start_ret);

#endif
