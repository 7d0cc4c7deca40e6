// SPDX-License-Identifier: GPL-2.0-only
/* Call frame information made by hand: what a step up gives, and that bad input ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <dwarf.h>

#include "cfi_file.h"
#include "elf/cfi.h"

enum { RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP, R12 = 12, RIP = 16, STACK = 0x7000 };

/* Each word of the stack is its own number. */
static bool read_word(void *context, uint64_t address, uint64_t *ret)
{
	(void)context;
	*ret = (address - STACK) / 8;
	return address >= STACK && address < STACK + 8 * 64;
}

struct made {
	uint8_t bytes[512];
	size_t size;
};

/* An entry of .debug_frame: its length comes first. */
static void add_entry(struct made *made, uint32_t id, const void *head, size_t head_size,
		      const void *instructions, size_t count)
{
	uint32_t words[2] = {(uint32_t)(4 + head_size + count), id};
	memcpy(made->bytes + made->size, words, sizeof(words));
	memcpy(made->bytes + made->size + 8, head, head_size);
	memcpy(made->bytes + made->size + 8 + head_size, instructions, count);
	made->size += 8 + head_size + count;
}

/* The function of the whole text, or of SIZE bytes, by INSTRUCTIONS: CFA is RSP + 8 at first. */
static struct made make(const uint8_t *instructions, size_t count, uint64_t size)
{
	static const uint8_t cie[] = {1, 0, 1, 0x78, RIP}; /* version, "", factors 1 and -8 */
	static const uint8_t first[] = {DW_CFA_def_cfa, RSP, 8, DW_CFA_offset | RIP, 1};
	const uint64_t range[] = {CFI_TEXT, size};
	struct made made = {0};
	add_entry(&made, UINT32_MAX, cie, sizeof(cie), first, sizeof(first));
	add_entry(&made, 0, range, sizeof(range), instructions, count);
	return made;
}

struct stepped {
	enum cfi_result result;
	struct cfi_registers registers;
};

static struct stepped step_in(const struct made *made, uint64_t address)
{
	static const struct cfi_memory memory = {.read = read_word};
	struct stepped ret = {.registers = {.pc = address, .known = 0xffff}};
	struct image *image;
	struct cfi *cfi;
	char path[64];
	size_t size;
	bool signal;
	uint8_t *file = cfi_file(".debug_frame", made->bytes, made->size, 0, &size);
	int fd = memfd_create("cfi", MFD_CLOEXEC);
	assert_int_equal(write(fd, file, size), size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_null(image_open(path, &image));
	assert_null(cfi_open(image, &cfi));
	for (size_t i = 0; i < 16; i++)
		ret.registers.value[i] = 1000 + i;
	ret.registers.value[RSP] = STACK;
	ret.registers.value[RBP] = STACK + 80;
	ret.result = cfi_step(cfi_find(cfi, address), &ret.registers, &memory, &signal);
	cfi_close(cfi);
	image_close(image);
	close(fd);
	free(file);
	return ret;
}

#define STEP(...)                                                                                  \
	({                                                                                         \
		const uint8_t instructions[] = {__VA_ARGS__};                                      \
		struct made made = make(instructions, sizeof(instructions), CFI_TEXT_SIZE);        \
		step_in(&made, CFI_TEXT + 16);                                                     \
	})

static bool knows(const struct stepped *stepped, unsigned int number)
{
	return stepped->registers.known >> number & 1;
}

static void the_return_address_is_below_the_cfa(void **state)
{
	(void)state;
	struct stepped stepped = STEP(DW_CFA_nop);
	assert_int_equal(stepped.result, CFI_STEPPED);
	assert_int_equal(stepped.registers.pc, 0);
	assert_int_equal(stepped.registers.value[RSP], STACK + 8);
	stepped = STEP(DW_CFA_advance_loc | 2, DW_CFA_def_cfa_offset, 32);
	assert_int_equal(stepped.registers.pc, 3);
	stepped = STEP(DW_CFA_advance_loc1, 17, DW_CFA_def_cfa_offset, 32); /* not yet */
	assert_int_equal(stepped.registers.pc, 0);
	stepped = STEP(DW_CFA_def_cfa_register, RBP);
	assert_int_equal(stepped.registers.value[RSP], STACK + 88);
	stepped = STEP(DW_CFA_def_cfa_sf, RBP, 0x7e); /* -2 * -8 */
	assert_int_equal(stepped.registers.value[RSP], STACK + 96);
}

static void calls_leave_alone_what_the_abi_says(void **state)
{
	(void)state;
	struct stepped stepped = STEP(DW_CFA_nop);
	assert_true(knows(&stepped, RBX) && knows(&stepped, RBP) && knows(&stepped, R12));
	assert_false(knows(&stepped, RAX) || knows(&stepped, RCX) || knows(&stepped, RDI));
	assert_int_equal(stepped.registers.value[RBX], 1000 + RBX);
}

static void registers_by_each_kind_of_rule(void **state)
{
	(void)state;
	struct stepped stepped = STEP(DW_CFA_def_cfa_offset, 64, DW_CFA_offset | RBX, 2);
	assert_int_equal(stepped.registers.value[RBX], 6);
	stepped = STEP(DW_CFA_def_cfa_offset, 64, DW_CFA_offset_extended_sf, RBX, 3);
	assert_int_equal(stepped.registers.value[RBX], 5);
	stepped = STEP(DW_CFA_val_offset, RBX, 2);
	assert_int_equal(stepped.registers.value[RBX], STACK + 8 - 16);
	stepped = STEP(DW_CFA_register, RBP, R12);
	assert_int_equal(stepped.registers.value[RBP], 1000 + R12);
	stepped = STEP(DW_CFA_expression, RBX, 2, DW_OP_breg6, 8);
	assert_int_equal(stepped.registers.value[RBX], 11);
	stepped = STEP(DW_CFA_val_expression, RBX, 2, DW_OP_plus_uconst, 24);
	assert_int_equal(stepped.registers.value[RBX], STACK + 8 + 24);
	stepped = STEP(DW_CFA_undefined, R12);
	assert_false(knows(&stepped, R12));
	stepped = STEP(DW_CFA_offset | R12, 2, DW_CFA_same_value, R12);
	assert_int_equal(stepped.registers.value[R12], 1000 + R12);
	/* RBP in a register that has changed by then is what that was before. */
	stepped =
		STEP(DW_CFA_def_cfa_offset, 64, DW_CFA_offset | RBX, 2, DW_CFA_register, RBP, RBX);
	assert_int_equal(stepped.registers.value[RBP], 1000 + RBX);
}

static void states_are_remembered(void **state)
{
	(void)state;
	struct stepped stepped = STEP(DW_CFA_remember_state, DW_CFA_def_cfa_offset, 64,
				      DW_CFA_offset | R12, 2, DW_CFA_restore_state);
	assert_int_equal(stepped.registers.value[RSP], STACK + 8);
	assert_int_equal(stepped.registers.value[R12], 1000 + R12);
	stepped = STEP(DW_CFA_def_cfa_offset, 64, DW_CFA_offset | RIP, 3, DW_CFA_restore | RIP);
	assert_int_equal(stepped.registers.pc, 7);
}

static void the_cfa_by_an_expression(void **state)
{
	(void)state;
	struct stepped stepped = STEP(DW_CFA_def_cfa_expression, 3, DW_OP_breg7, 40, DW_OP_deref);
	assert_int_equal(stepped.registers.value[RSP], 5);
	assert_int_equal(stepped.result, CFI_NO_MEMORY); /* there is no stack at 5 */
}

static void nobody_calls_the_outermost(void **state)
{
	(void)state;
	assert_int_equal(STEP(DW_CFA_undefined, RIP).result, CFI_OUTERMOST);
}

static void functions_without_bytes_have_none(void **state)
{
	(void)state;
	static const uint8_t nothing = DW_CFA_nop;
	struct made made = make(&nothing, 1, 0);
	assert_int_equal(step_in(&made, CFI_TEXT).result, CFI_NONE);
	made = make(&nothing, 1, 16);
	assert_int_equal(step_in(&made, CFI_TEXT + 15).result, CFI_STEPPED);
	assert_int_equal(step_in(&made, CFI_TEXT + 16).result, CFI_NONE);
}

static void bad_input_ends(void **state)
{
	(void)state;
	/* A register that no machine has: elfutils would make room for all below it. */
	assert_int_equal(STEP(DW_CFA_undefined, 0xff, 0xff, 0xff, 0x7f).result, CFI_NONE);
	assert_int_equal(STEP(DW_CFA_def_cfa_expression, 3, DW_OP_skip, 0xfd, 0xff).result,
			 CFI_BAD);
	assert_int_equal(STEP(DW_CFA_def_cfa_expression, 1, DW_OP_drop).result, CFI_BAD);
	assert_int_not_equal(STEP(DW_CFA_def_cfa_expression, 0xff, 0xff, 0x7f).result, CFI_STEPPED);
	assert_int_not_equal(STEP(DW_CFA_restore_state).result, CFI_STEPPED);
	assert_int_not_equal(STEP(0x3f).result, CFI_STEPPED);
	uint8_t deep[200];
	memset(deep, DW_CFA_remember_state, sizeof(deep));
	struct made made = make(deep, sizeof(deep), 16);
	assert_int_equal(step_in(&made, CFI_TEXT + 8).result, CFI_NONE);
	for (size_t cut = 0; cut < 40; cut++) {
		made.size = cut;
		assert_int_equal(step_in(&made, CFI_TEXT + 8).result, CFI_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_return_address_is_below_the_cfa),
		cmocka_unit_test(calls_leave_alone_what_the_abi_says),
		cmocka_unit_test(registers_by_each_kind_of_rule),
		cmocka_unit_test(states_are_remembered),
		cmocka_unit_test(the_cfa_by_an_expression),
		cmocka_unit_test(nobody_calls_the_outermost),
		cmocka_unit_test(functions_without_bytes_have_none),
		cmocka_unit_test(bad_input_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
