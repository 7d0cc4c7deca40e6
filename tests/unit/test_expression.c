// SPDX-License-Identifier: GPL-2.0-only
/* DWARF expressions: what each operation gives, and how they end that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dwarf.h>

#include "elf/expression.h"

enum { RBX = 3, RSP = 7 };

static bool read_word(void *context, uint64_t address, uint64_t *ret)
{
	(void)context;
	*ret = 0x1122334455667788;
	return address == 0x100;
}

static enum cfi_result run(const Dwarf_Op *operations, size_t count, uint64_t *ret)
{
	const struct expression expression = {operations, count};
	const struct cfi_memory memory = {.read = read_word};
	struct cfi_registers registers = {.known = 1 << RBX | 1 << RSP};
	registers.value[RBX] = 0x100;
	registers.value[RSP] = 0x2000;
	const struct expression_input input = {
		.registers = &registers, .memory = &memory, .cfa = 0x3000};
	return expression_evaluate(&expression, &input, ret);
}

/* OPERATION on two constants. */
static uint64_t of_two(uint8_t atom, int64_t left, int64_t right)
{
	const Dwarf_Op operations[] = {{DW_OP_consts, left}, {DW_OP_const8u, right}, {atom}};
	uint64_t value = 0;
	assert_int_equal(run(operations, 3, &value), CFI_STEPPED);
	return value;
}

static void operations_on_two_values(void **state)
{
	(void)state;
	static const struct {
		uint8_t atom;
		int64_t left, right, result;
	} all[] = {
		{DW_OP_plus, 7, 3, 10},	 {DW_OP_minus, 3, 7, -4},   {DW_OP_mul, -3, 7, -21},
		{DW_OP_div, -21, 7, -3}, {DW_OP_mod, 23, 7, 2},	    {DW_OP_and, 6, 3, 2},
		{DW_OP_or, 6, 3, 7},	 {DW_OP_xor, 6, 3, 5},	    {DW_OP_shl, 1, 63, INT64_MIN},
		{DW_OP_shl, 1, 64, 0},	 {DW_OP_shr, -1, 63, 1},    {DW_OP_shr, -1, 64, 0},
		{DW_OP_shra, -8, 2, -2}, {DW_OP_shra, -8, 200, -1}, {DW_OP_eq, 1, 1, 1},
		{DW_OP_ne, 1, 1, 0},	 {DW_OP_lt, -1, 1, 1},	    {DW_OP_le, 1, 1, 1},
		{DW_OP_gt, -1, 1, 0},	 {DW_OP_ge, -1, 1, 0},
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		assert_int_equal(of_two(all[i].atom, all[i].left, all[i].right), all[i].result);
}

#define RESULT(result, value, ...)                                                                 \
	do {                                                                                       \
		const Dwarf_Op operations[] = {__VA_ARGS__};                                       \
		uint64_t got = 0;                                                                  \
		assert_int_equal(run(operations, sizeof(operations) / sizeof(*operations), &got),  \
				 result);                                                          \
		if ((result) == CFI_STEPPED)                                                       \
			assert_int_equal(got, value);                                              \
	} while (0)

static void operations_on_one_value(void **state)
{
	(void)state;
	RESULT(CFI_STEPPED, 5, {DW_OP_consts, -5}, {DW_OP_abs});
	RESULT(CFI_STEPPED, -5, {DW_OP_lit5}, {DW_OP_neg});
	RESULT(CFI_STEPPED, ~5ull, {DW_OP_lit5}, {DW_OP_not});
	RESULT(CFI_STEPPED, 105, {DW_OP_lit5}, {DW_OP_plus_uconst, 100});
}

static void registers_and_the_cfa(void **state)
{
	(void)state;
	RESULT(CFI_STEPPED, 0x1ff8, {DW_OP_breg7, -8});
	RESULT(CFI_STEPPED, 0x2008, {DW_OP_bregx, RSP, 8});
	RESULT(CFI_STEPPED, 0x100, {DW_OP_reg3});
	RESULT(CFI_STEPPED, 0x100, {DW_OP_regx, RBX});
	RESULT(CFI_STEPPED, 0x3000, {DW_OP_call_frame_cfa});
}

static void values_that_are_moved(void **state)
{
	(void)state;
	RESULT(CFI_STEPPED, 2, {DW_OP_lit1}, {DW_OP_dup}, {DW_OP_plus});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1}, {DW_OP_lit2}, {DW_OP_drop});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1}, {DW_OP_lit2}, {DW_OP_over});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1}, {DW_OP_lit2}, {DW_OP_lit3}, {DW_OP_pick, 2});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit2}, {DW_OP_lit3}, {DW_OP_swap}, {DW_OP_minus});
	/* The topmost goes below the two that were behind it (DWARF 5, 2.5.1.3). */
	RESULT(CFI_STEPPED, 2, {DW_OP_lit1}, {DW_OP_lit2}, {DW_OP_lit3}, {DW_OP_rot});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1}, {DW_OP_lit2}, {DW_OP_lit3}, {DW_OP_rot}, {DW_OP_drop});
}

static void memory_is_read(void **state)
{
	(void)state;
	RESULT(CFI_STEPPED, 0x1122334455667788, {DW_OP_breg3}, {DW_OP_deref});
	RESULT(CFI_STEPPED, 0x55667788, {DW_OP_breg3}, {DW_OP_deref_size, 4});
	RESULT(CFI_NO_MEMORY, 0, {DW_OP_breg7}, {DW_OP_deref});
	RESULT(CFI_BAD, 0, {DW_OP_breg3}, {DW_OP_deref_size, 0});
	RESULT(CFI_BAD, 0, {DW_OP_breg3}, {DW_OP_deref_size, 9});
}

static void branches(void **state)
{
	(void)state;
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1, 0, 0, 0}, {DW_OP_skip, 1, 0, 1}, {DW_OP_lit2, 0, 0, 4},
	       {DW_OP_nop, 0, 0, 5});
	RESULT(CFI_STEPPED, 1, {DW_OP_lit1, 0, 0, 0}, {DW_OP_lit1, 0, 0, 1}, {DW_OP_bra, 1, 0, 2},
	       {DW_OP_lit2, 0, 0, 5});
	RESULT(CFI_STEPPED, 2, {DW_OP_lit1, 0, 0, 0}, {DW_OP_lit0, 0, 0, 1}, {DW_OP_bra, 1, 0, 2},
	       {DW_OP_lit2, 0, 0, 5});
}

static void what_cannot_be(void **state)
{
	(void)state;
	RESULT(CFI_BAD, 0, {DW_OP_plus}); /* of nothing */
	RESULT(CFI_BAD, 0, {DW_OP_nop});  /* no result */
	RESULT(CFI_BAD, 0, {DW_OP_lit1}, {DW_OP_lit0}, {DW_OP_div});
	RESULT(CFI_BAD, 0, {DW_OP_lit1}, {DW_OP_lit0}, {DW_OP_mod});
	RESULT(CFI_BAD, 0, {DW_OP_const8s, INT64_MIN}, {DW_OP_consts, -1}, {DW_OP_div});
	RESULT(CFI_BAD, 0, {DW_OP_breg0, 8}); /* a register not known */
	RESULT(CFI_BAD, 0, {DW_OP_bregx, UINT64_MAX, 8});
	RESULT(CFI_BAD, 0, {DW_OP_lit1}, {DW_OP_pick, 1});
	RESULT(CFI_BAD, 0, {DW_OP_lit1}, {DW_OP_lit1}, {DW_OP_push_object_address});
	RESULT(CFI_BAD, 0, {DW_OP_lit1, 0, 0, 0}, {DW_OP_skip, -5, 0, 1}); /* to nowhere */
}

static void loops_end(void **state)
{
	(void)state;
	RESULT(CFI_BAD, 0, {DW_OP_skip, -3, 0, 0});
	RESULT(CFI_BAD, 0, {DW_OP_lit1, 0, 0, 0}, {DW_OP_skip, -4, 0, 1}); /* pushes on and on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_on_two_values),
		cmocka_unit_test(operations_on_one_value),
		cmocka_unit_test(registers_and_the_cfa),
		cmocka_unit_test(values_that_are_moved),
		cmocka_unit_test(memory_is_read),
		cmocka_unit_test(branches),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(loops_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
