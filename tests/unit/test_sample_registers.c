// SPDX-License-Identifier: GPL-2.0-only
/* The registers of a sample, by the mask of its event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/sample_registers.h"

enum {
	AMD64_BP = 6,
	AMD64_SP = 7,
	AMD64_IP = 8,
	AMD64_FLAGS = 9,
	AMD64_R14 = 22,
	ARM64_LR = 30,
	ARM64_SP = 31,
	ARM64_PC = 32,
};

#define BIT(number) (1ull << (number))

static enum sample_abi read_registers(const char *arch, uint64_t abi, uint64_t mask,
				      const uint64_t *values, struct cfi_registers *ret)
{
	const struct sample_machine *machine = sample_machine(arch);
	assert_non_null(machine);
	*ret = (struct cfi_registers){.pc = 1, .known = ~0ull};
	return sample_registers(machine, &(struct sample_regs){abi, mask, values}, ret);
}

static void values_go_by_the_bits_of_the_mask(void **state)
{
	(void)state;
	struct cfi_registers registers;
	const uint64_t values[] = {0xb9, 0x59, 0x19, 0xf1a9, 0x14};
	uint64_t mask =
		BIT(AMD64_BP) | BIT(AMD64_SP) | BIT(AMD64_IP) | BIT(AMD64_FLAGS) | BIT(AMD64_R14);
	assert_int_equal(
		read_registers("x86_64", PERF_SAMPLE_REGS_ABI_64, mask, values, &registers),
		SAMPLE_WHOLE);
	assert_int_equal(registers.pc, 0x19);
	assert_int_equal(registers.value[unwind_amd64.stack_pointer], 0x59);
	assert_int_equal(registers.value[unwind_amd64.frame_pointer], 0xb9);
	assert_int_equal(registers.value[14], 0x14);
	assert_int_equal(registers.known, BIT(6) | BIT(7) | BIT(14));
}

/* What perf records on arm64 for a callchain by frame pointers (perf 6.12, util/evsel.c). */
static void a_link_register_alone_is_some(void **state)
{
	(void)state;
	struct cfi_registers registers;
	const uint64_t values[] = {0x401234};
	assert_int_equal(read_registers("aarch64", PERF_SAMPLE_REGS_ABI_64, BIT(ARM64_LR), values,
					&registers),
			 SAMPLE_REGISTERS);
	assert_int_equal(registers.value[unwind_arm64.link_register], 0x401234);
	assert_int_equal(registers.known, BIT(30));
	assert_int_equal(registers.pc, 0);
}

static void without_the_stack_pointer_nothing_can_be_unwound(void **state)
{
	(void)state;
	struct cfi_registers registers;
	const uint64_t values[] = {1, 2};
	assert_int_equal(read_registers("x86_64", PERF_SAMPLE_REGS_ABI_64,
					BIT(AMD64_BP) | BIT(AMD64_IP), values, &registers),
			 SAMPLE_REGISTERS);
	assert_int_equal(read_registers("aarch64", PERF_SAMPLE_REGS_ABI_64,
					BIT(ARM64_SP) | BIT(ARM64_LR), values, &registers),
			 SAMPLE_REGISTERS);
	assert_int_equal(read_registers("aarch64", PERF_SAMPLE_REGS_ABI_64,
					BIT(ARM64_SP) | BIT(ARM64_PC), values, &registers),
			 SAMPLE_WHOLE);
}

static void registers_of_32_bits_are_others(void **state)
{
	(void)state;
	struct cfi_registers registers;
	const uint64_t values[] = {1, 2};
	assert_int_equal(read_registers("x86_64", PERF_SAMPLE_REGS_ABI_32,
					BIT(AMD64_SP) | BIT(AMD64_IP), values, &registers),
			 SAMPLE_32_BIT);
	assert_int_equal(registers.known, 0);
}

static void vector_registers_beside_them_change_nothing(void **state)
{
	(void)state;
	struct cfi_registers registers;
	const uint64_t values[] = {1, 2};
	assert_int_equal(read_registers("x86_64",
					PERF_SAMPLE_REGS_ABI_64 | PERF_SAMPLE_REGS_ABI_SIMD,
					BIT(AMD64_SP) | BIT(AMD64_IP), values, &registers),
			 SAMPLE_WHOLE);
}

static void a_kernel_thread_has_none(void **state)
{
	(void)state;
	struct cfi_registers registers;
	assert_int_equal(read_registers("x86_64", PERF_SAMPLE_REGS_ABI_NONE, 0, NULL, &registers),
			 SAMPLE_NO_REGISTERS);
	assert_int_equal(registers.known, 0);
	assert_int_equal(registers.pc, 0);
}

static void other_machines_are_not_known(void **state)
{
	(void)state;
	assert_null(sample_machine("riscv64"));
	assert_null(sample_machine(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_by_the_bits_of_the_mask),
		cmocka_unit_test(a_link_register_alone_is_some),
		cmocka_unit_test(without_the_stack_pointer_nothing_can_be_unwound),
		cmocka_unit_test(registers_of_32_bits_are_others),
		cmocka_unit_test(vector_registers_beside_them_change_nothing),
		cmocka_unit_test(a_kernel_thread_has_none),
		cmocka_unit_test(other_machines_are_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
