// SPDX-License-Identifier: GPL-2.0-only
#include "registers.h"

#include <stddef.h>
#include <string.h>

/* tools/perf/util/perf-regs-arch/, perf 6.12; an XMM register has two bits, of its two halves. */
static const char *const x86_names[] = {
	"AX",	 "BX",	   "CX",    "DX",     "SI",    "DI",	 "BP",	  "SP",
	"IP",	 "FLAGS",  "CS",    "SS",     "DS",    "ES",	 "FS",	  "GS",
	"R8",	 "R9",	   "R10",   "R11",    "R12",   "R13",	 "R14",	  "R15",
	NULL,	 NULL,	   NULL,    NULL,     NULL,    NULL,	 NULL,	  NULL,
	"XMM0",	 "XMM0H",  "XMM1",  "XMM1H",  "XMM2",  "XMM2H",	 "XMM3",  "XMM3H",
	"XMM4",	 "XMM4H",  "XMM5",  "XMM5H",  "XMM6",  "XMM6H",	 "XMM7",  "XMM7H",
	"XMM8",	 "XMM8H",  "XMM9",  "XMM9H",  "XMM10", "XMM10H", "XMM11", "XMM11H",
	"XMM12", "XMM12H", "XMM13", "XMM13H", "XMM14", "XMM14H", "XMM15", "XMM15H",
};

static const char *const arm64_names[] = {
	"x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",	 "x7",	"x8",  "x9",	    "x10", "x11",
	"x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",	    "x22", "x23",
	"x24", "x25", "x26", "x27", "x28", "x29", "lr",	 "sp",	"pc",  [46] = "vg",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct machine {
	const char *arch;
	const char *const *names;
	size_t count;
} machines[] = {
	{"x86_64", x86_names, COUNT(x86_names)},      {"i686", x86_names, COUNT(x86_names)},
	{"i586", x86_names, COUNT(x86_names)},	      {"i386", x86_names, COUNT(x86_names)},
	{"aarch64", arm64_names, COUNT(arm64_names)},
};

const char *register_name(const char *arch, unsigned int bit)
{
	for (size_t i = 0; arch && i < COUNT(machines); i++)
		if (!strcmp(machines[i].arch, arch))
			return bit < machines[i].count ? machines[i].names[bit] : NULL;
	return NULL;
}

/* tools/perf/util/branch.c, perf 6.12, branch_type_name(), branch_new_type_name(). */
static const char *const kinds[] = {NULL,  "COND",    "UNCOND", "IND",	     "CALL",	 "IND_CALL",
				    "RET", "SYSCALL", "SYSRET", "COND_CALL", "COND_RET", "ERET",
				    "IRQ", "SERROR",  "NO_TX",	NULL};
static const char *const new_kinds[] = {"FAULT_ALGN", "FAULT_DATA", "FAULT_INST", "ARCH_1",
					"ARCH_2",     "ARCH_3",	    "ARCH_4",	  "ARCH_5"};
static const char *const speculations[] = {NULL, "SPEC_WRONG_PATH", "NON_SPEC_CORRECT_PATH",
					   "SPEC_CORRECT_PATH"};
enum { KIND_EXTENDED = 15 };

struct branch_flags branch_flags_of(uint64_t flags)
{
	unsigned int kind = flags >> 20 & 15, new_kind = flags >> 26 & 15;
	struct branch_flags ret = {
		.mispredicted = flags & 1,
		.predicted = flags >> 1 & 1,
		.in_transaction = flags >> 2 & 1,
		.abort = flags >> 3 & 1,
		.cycles = flags >> 4 & 0xffff,
		.kind = kinds[kind],
		.speculation = speculations[flags >> 24 & 3],
	};
	if (kind == KIND_EXTENDED && new_kind < COUNT(new_kinds))
		ret.kind = new_kinds[new_kind];
	return ret;
}
