/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and branches of a sample, in perf's words. */
#ifndef PERF_GO_REGISTERS_H
#define PERF_GO_REGISTERS_H

#include <stdint.h>

/* The name of a register by its bit, on a machine that `uname -m` calls ARCH; NULL unknown. */
const char *register_name(const char *arch, unsigned int bit);

/* The parts of sample_branch.flags (struct perf_branch_entry in include/uapi/linux/perf_event.h).
 */
struct branch_flags {
	unsigned int mispredicted : 1, predicted : 1, in_transaction : 1, abort : 1;
	unsigned int cycles;
	const char *kind;	 /* COND, CALL …; NULL not recorded */
	const char *speculation; /* NULL not recorded */
};
struct branch_flags branch_flags_of(uint64_t flags);

#endif
