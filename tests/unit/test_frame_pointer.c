// SPDX-License-Identifier: GPL-2.0-only
/* Whose the frame pointer is, by the instructions that Go's assembler makes frames with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>

#include "gobin/calls.h"
#include "gobin/frame_pointer.h"
#include "gofile.h"

enum { START = GOFILE_TEXT + 0x100 };

static struct image *image;
static bool link_register;

/* A binary of MACHINE whose function at START has this code. */
static void open_code(uint16_t machine, const uint8_t *code, size_t size)
{
	char path[] = "/tmp/perfgo-test-XXXXXX";
	struct gofile_bytes bytes = gofile_elf(NULL, 0, NULL, 0);
	gofile_set(&bytes, 18, machine, 2);
	memcpy(bytes.data + 0x1000 + START - GOFILE_TEXT, code, size);
	gofile_write(&bytes, path);
	free(bytes.data);
	assert_null(image_open(path, &image));
	unlink(path);
}

#define CODE(machine, ...)                                                                         \
	open_code(machine, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static enum frame_pointer at(uint64_t offset, int32_t depth)
{
	return gobin_frame_pointer(image, START, START + offset, depth, &link_register);
}

/* PUSHQ BP; MOVQ SP, BP; SUBQ $24, SP; NOP; ADDQ $24, SP; POPQ BP; RET */
static void a_frame_of_go1_21_is_its_own_from_mov_to_pop(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x18, 0x90, 0x48, 0x83, 0xc4,
	     0x18, 0x5d, 0xc3);
	assert_int_equal(at(0, 0), FRAME_POINTER_CALLERS);
	assert_int_equal(at(1, 8), FRAME_POINTER_CALLERS);
	assert_int_equal(at(4, 8), FRAME_POINTER_OWN);
	assert_int_equal(at(8, 32), FRAME_POINTER_OWN);
	assert_int_equal(at(9, 32), FRAME_POINTER_OWN);
	assert_int_equal(at(13, 8), FRAME_POINTER_OWN);
	assert_int_equal(at(14, 0), FRAME_POINTER_CALLERS);
	image_close(image);
}

/* SUBQ $32, SP; MOVQ BP, 24(SP); LEAQ 24(SP), BP; NOP; MOVQ 24(SP), BP; ADDQ $32, SP; RET */
static void a_frame_of_go1_20_is_its_own_from_lea_to_mov(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0x48, 0x83, 0xec, 0x20, 0x48, 0x89, 0x6c, 0x24, 0x18, 0x48, 0x8d, 0x6c,
	     0x24, 0x18, 0x90, 0x48, 0x8b, 0x6c, 0x24, 0x18, 0x48, 0x83, 0xc4, 0x20, 0xc3);
	assert_int_equal(at(0, 0), FRAME_POINTER_CALLERS);
	assert_int_equal(at(4, 32), FRAME_POINTER_CALLERS);
	assert_int_equal(at(9, 32), FRAME_POINTER_CALLERS);
	assert_int_equal(at(14, 32), FRAME_POINTER_OWN);
	assert_int_equal(at(15, 32), FRAME_POINTER_OWN);
	assert_int_equal(at(20, 32), FRAME_POINTER_CALLERS);
	assert_int_equal(at(24, 0), FRAME_POINTER_CALLERS);
	image_close(image);
}

/* SUBQ $256, SP; MOVQ BP, 248(SP); LEAQ 248(SP), BP; NOP */
static void displacements_of_large_frames_are_words(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0x48, 0x81, 0xec, 0x00, 0x01, 0x00, 0x00, 0x48, 0x89, 0xac, 0x24, 0xf8,
	     0x00, 0x00, 0x00, 0x48, 0x8d, 0xac, 0x24, 0xf8, 0x00, 0x00, 0x00, 0x90);
	assert_int_equal(at(7, 256), FRAME_POINTER_CALLERS);
	assert_int_equal(at(15, 256), FRAME_POINTER_CALLERS);
	assert_int_equal(at(23, 256), FRAME_POINTER_OWN);
	assert_int_equal(at(7, 248), FRAME_POINTER_UNKNOWN); /* it saves something else there */
	image_close(image);
}

/* PUSHQ BX; NOP: nothing makes the frame pointer the function's own. */
static void assembly_that_makes_no_frame_is_not_judged(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0x53, 0x90);
	assert_int_equal(at(1, 8), FRAME_POINTER_UNKNOWN);
	image_close(image);
}

/* MOVD.W R30, -32(SP); MOVD R29, -8(SP); SUB $8, SP, R29; NOP; LDP -8(SP), (R29, R30); ADD $32, SP;
 * RET */
static void on_arm64_lr_has_the_return_address_until_the_frame_is_made(void **state)
{
	(void)state;
	CODE(EM_AARCH64, 0xfe, 0x0f, 0x1e, 0xf8, 0xfd, 0x83, 0x1f, 0xf8, 0xfd, 0x23, 0x00, 0xd1,
	     0x1f, 0x20, 0x03, 0xd5, 0xfd, 0xfb, 0x7f, 0xa9, 0xff, 0x83, 0x00, 0x91, 0xc0, 0x03,
	     0x5f, 0xd6);
	const struct {
		enum frame_pointer whose;
		bool link;
	} expected[] = {
		{FRAME_POINTER_CALLERS, true}, {FRAME_POINTER_CALLERS, true},
		{FRAME_POINTER_CALLERS, true}, {FRAME_POINTER_OWN, false},
		{FRAME_POINTER_OWN, false},    {FRAME_POINTER_CALLERS, true},
		{FRAME_POINTER_CALLERS, true},
	};
	for (uint64_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		assert_int_equal(at(4 * i, i == 0 || i == 6 ? 0 : 32), expected[i].whose);
		assert_int_equal(link_register, expected[i].link);
	}
	image_close(image);
}

static void a_place_outside_of_the_file_is_not_judged(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0x90);
	assert_int_equal(at(0x100000, 8), FRAME_POINTER_UNKNOWN);
	assert_int_equal(at(-8ull, 8), FRAME_POINTER_UNKNOWN);
	image_close(image);
}

static bool returns_behind(uint64_t offset)
{
	return gobin_returns_to(image, START + offset);
}

/* CALL rel32; CALL AX; CALL R8; CALL 8(SP); CALL 0x100(BX); CALL rel32(IP); NOP × 8 */
static void calls_are_seen_from_behind(void **state)
{
	(void)state;
	CODE(EM_X86_64, 0xe8, 0, 0, 0, 0, 0xff, 0xd0, 0x41, 0xff, 0xd0, 0xff, 0x54, 0x24, 0x08,
	     0xff, 0x93, 0, 1, 0, 0, 0xff, 0x15, 0, 0, 0, 0, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
	     0x90, 0x90);
	static const uint64_t ends[] = {5, 7, 10, 14, 20, 26};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		assert_true(returns_behind(ends[i]));
	assert_false(returns_behind(34));
	assert_false(returns_behind(0x100000));
	image_close(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_of_go1_21_is_its_own_from_mov_to_pop),
		cmocka_unit_test(a_frame_of_go1_20_is_its_own_from_lea_to_mov),
		cmocka_unit_test(displacements_of_large_frames_are_words),
		cmocka_unit_test(assembly_that_makes_no_frame_is_not_judged),
		cmocka_unit_test(on_arm64_lr_has_the_return_address_until_the_frame_is_made),
		cmocka_unit_test(a_place_outside_of_the_file_is_not_judged),
		cmocka_unit_test(calls_are_seen_from_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
