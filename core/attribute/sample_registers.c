// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/sample_registers.h"

#include <string.h>

enum { PC = CFI_REGISTERS, NONE = CFI_REGISTERS + 1 };

/* arch/x86/include/uapi/asm/perf_regs.h: AX BX CX DX SI DI BP SP IP FLAGS … R8 … R15. */
static const uint8_t amd64[] = {0,    3,    2,	  1,	4, 5, 6,  7,  PC, NONE, NONE, NONE,
				NONE, NONE, NONE, NONE, 8, 9, 10, 11, 12, 13,	14,   15};

/* arch/arm64/include/uapi/asm/perf_regs.h: X0 … X29 LR SP PC. */
static const uint8_t arm64[] = {0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10, 11, 12, 13, 14, 15, 16,
				17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, PC};

struct sample_machine {
	const char *arch;
	const uint8_t *order;
	size_t count;
	const struct unwind_machine *unwind;
};

static const struct sample_machine machines[] = {
	{"x86_64", amd64, sizeof(amd64), &unwind_amd64},
	{"aarch64", arm64, sizeof(arm64), &unwind_arm64},
};

const struct sample_machine *sample_machine(const char *arch)
{
	for (size_t i = 0; arch && i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machines[i].arch, arch))
			return &machines[i];
	return NULL;
}

const struct unwind_machine *sample_machine_unwind(const struct sample_machine *machine)
{
	return machine->unwind;
}

enum sample_abi sample_registers(const struct sample_machine *machine,
				 const struct sample_regs *from, struct cfi_registers *ret)
{
	size_t at = 0;
	bool has_pc = false;
	ret->known = 0;
	ret->pc = 0;
	if (!from->values || from->abi == PERF_SAMPLE_REGS_ABI_NONE)
		return SAMPLE_NO_REGISTERS;
	if ((from->abi & ~(uint64_t)PERF_SAMPLE_REGS_ABI_SIMD) != PERF_SAMPLE_REGS_ABI_64)
		return SAMPLE_32_BIT;
	for (size_t bit = 0; bit < machine->count; bit++) {
		if (!(from->mask >> bit & 1))
			continue;
		uint64_t value = from->values[at++];
		uint8_t number = machine->order[bit];
		if (number == PC) {
			ret->pc = value;
			has_pc = true;
		} else if (number < CFI_REGISTERS) {
			ret->value[number] = value;
			ret->known |= 1ull << number;
		}
	}
	return has_pc && ret->known >> machine->unwind->stack_pointer & 1 ? SAMPLE_WHOLE
									  : SAMPLE_REGISTERS;
}
