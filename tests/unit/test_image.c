// SPDX-License-Identifier: GPL-2.0-only
/* The program asks about its own file, and about small files made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elf/image.h"
#include "gofile.h"

/* What the program looks up in itself. */

static int datum = 1;
static int *volatile pointer_to_datum = &datum;

/* Of aliases perf prefers global ones, then those with less underscores, then longer ones. */
int aliased(void);
int __aliased_too(void) __attribute__((alias("aliased")));
int alias(void) __attribute__((alias("aliased")));
int aliased_but_weak(void) __attribute__((weak, alias("aliased")));
__attribute__((noinline)) int aliased(void)
{
	return datum + 1;
}

/* As assembly often has it: no size, and two bytes on a symbol with one, then a gap. */
void sizeless(void);
void sized(void);
__asm__(".pushsection .text.test, \"ax\", %progbits\n"
	".globl sizeless, sized\n"
	".type sizeless, %function\n"
	".type sized, %function\n"
	"sizeless: .byte 0, 0, 0, 0\n"
	"sized: .byte 0, 0, 0, 0\n"
	".size sized, 4\n"
	".byte 0, 0, 0, 0\n"
	".popsection\n");

/* Its caller's address is in whatever its callers are inlined into. */
static __attribute__((noinline)) uintptr_t return_address(void)
{
	return (uintptr_t)__builtin_return_address(0);
}

static int inner_line, outer_line;

static inline __attribute__((always_inline)) uintptr_t inner(void)
{
	inner_line = __LINE__ + 1;
	uintptr_t here = return_address();
	datum++;
	return here;
}

static __attribute__((noinline)) uintptr_t outer(void)
{
	outer_line = __LINE__ + 1;
	uintptr_t here = inner();
	datum++;
	return here;
}

static struct image *self;

static int open_self(void **state)
{
	(void)state;
	return image_open("/proc/self/exe", &self) != NULL;
}

static int close_self(void **state)
{
	(void)state;
	image_close(self);
	return 0;
}

static uint64_t address_of(const char *name)
{
	uint64_t address = 0;
	assert_true(image_symbol_address(self, name, &address));
	return address;
}

/* The address in the file of one in memory. */
static uint64_t in_file(const volatile void *address)
{
	return (uintptr_t)address - ((uintptr_t)&sized - address_of("sized"));
}

static const char *symbol_name(uint64_t address)
{
	struct image_symbol symbol;
	return image_symbol(self, address, &symbol) ? symbol.name : "none";
}

static void a_symbol_covers_its_function_and_no_more(void **state)
{
	struct image_symbol symbol;
	(void)state;
	uint64_t address = address_of("sized");
	assert_true(image_symbol(self, address + 3, &symbol));
	assert_string_equal(symbol.name, "sized");
	assert_int_equal(symbol.start, address);
	assert_int_equal(symbol.end, address + 4);
	assert_string_not_equal(symbol_name(address + 4), "sized");
}

static void a_symbol_without_size_reaches_to_the_next(void **state)
{
	struct image_symbol symbol;
	(void)state;
	assert_true(image_symbol(self, address_of("sizeless") + 3, &symbol));
	assert_string_equal(symbol.name, "sizeless");
	assert_int_equal(symbol.end, address_of("sized"));
}

static void of_aliases_perfs_choice_is_taken(void **state)
{
	(void)state;
	assert_string_equal(symbol_name(in_file((void *)(uintptr_t)&alias)), "aliased");
}

static void data_and_nothing_have_no_symbol(void **state)
{
	(void)state;
	assert_string_equal(symbol_name(in_file(&datum)), "none");
	assert_string_equal(symbol_name(0), "none");
	assert_string_equal(symbol_name(UINT64_MAX), "none");
}

static void a_local_symbol_tells_its_source_file(void **state)
{
	struct image_symbol symbol;
	(void)state;
	assert_true(image_symbol(self, in_file((void *)(uintptr_t)&outer), &symbol));
	assert_string_equal(symbol.name, "outer");
	assert_string_equal(symbol.file, "test_image.c");
	assert_true(image_symbol(self, address_of("sized"), &symbol));
	assert_null(symbol.file);
}

static void plt_entries_have_the_name_of_what_they_call(void **state)
{
	static const char *const names[] = {".plt", ".plt.sec", ".plt.got"};
	bool found = false;
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct image_section plt = {0};
		image_section(self, names[i], &plt);
		for (uint64_t at = 0; at < plt.size; at += 8)
			found |= !strcmp(symbol_name(plt.address + at), "unlink@plt");
	}
	assert_true(found);
	unlink("");
}

static void pointers_are_as_the_loader_leaves_them(void **state)
{
	uint64_t value = 0, variable = in_file(&pointer_to_datum), at = variable;
	(void)state;
	assert_true(image_pointer(self, variable, &value));
	assert_int_equal(value, in_file(&datum));
	assert_true(image_find_pointer(self, in_file(&datum), &at));
	assert_int_equal(at, variable);
	assert_false(image_pointer(self, 0x7, &value) && !image_bytes(self, 0x7, &at));
}

/* By the segment that holds it. */
static uint64_t offset_of(uint64_t address)
{
	size_t count;
	const struct image_segment *segments = image_segments(self, &count);
	for (size_t i = 0; i < count; i++)
		if (address - segments[i].vaddr < segments[i].file_size)
			return segments[i].offset + (address - segments[i].vaddr);
	fail();
	return 0;
}

static void offsets_in_code_have_an_address_others_none(void **state)
{
	uint64_t address, left, sized_at = address_of("sized");
	(void)state;
	assert_true(image_address_of_offset(self, offset_of(sized_at), &address));
	assert_int_equal(address, sized_at);
	assert_non_null(image_bytes(self, sized_at, &left));
	assert_true(left >= 8);
	assert_false(image_address_of_offset(self, offset_of(in_file(&datum)), &address));
}

static void dwarf_tells_inlined_callers_innermost_first(void **state)
{
	struct image_frame frames[8];
	(void)state;
	uint64_t call = in_file((void *)outer()) - 1;
	size_t count = image_frames(self, call, frames, 8);
	assert_int_equal(count, 2);
	assert_string_equal(frames[0].function, "inner");
	assert_int_equal(frames[0].line, inner_line);
	assert_string_equal(frames[1].function, "outer");
	assert_int_equal(frames[1].line, outer_line);
	assert_non_null(strstr(frames[1].file, "tests/unit/test_image.c"));
	assert_int_equal(frames[1].file[0], '/');
	assert_int_equal(image_frames(self, call, frames, 1), 1);
	assert_int_equal(image_frames(self, in_file(&datum), frames, 8), 0);
}

/* Opens bytes as a file; *ERROR_RET is what came of it. */
static struct image *open_bytes(const void *data, size_t size, struct perfgo_error **error_ret)
{
	char path[] = "/tmp/test_image.XXXXXX";
	struct image *image = NULL;
	struct gofile_bytes bytes = {(uint8_t *)data, size, size};
	gofile_write(&bytes, path);
	*error_ret = image_open(path, &image);
	unlink(path);
	return image;
}

static void build_ids_are_found_through_program_headers(void **state)
{
	static const char notes[] = "\4\0\0\0\3\0\0\0\1\0\0\0XYZ\0abc\0"
				    "\4\0\0\0\5\0\0\0\4\0\0\0Go\0\0id/45\0\0\0"
				    "\4\0\0\0\4\0\0\0\3\0\0\0GNU\0\1\2\3\4";
	struct perfgo_error *error;
	size_t size;
	(void)state;
	struct gofile_bytes bytes = gofile_elf(NULL, 0, notes, sizeof(notes) - 1);
	gofile_set(&bytes, 64 + 2 * 56, 4, 4); /* PT_NOTE */
	struct image *image = open_bytes(bytes.data, bytes.size, &error);
	assert_null(error);
	const uint8_t *id = image_build_id(image, &size);
	assert_int_equal(size, 4);
	assert_memory_equal(id, "\1\2\3\4", 4);
	const char *go_id = image_go_build_id(image, &size);
	assert_int_equal(size, 5);
	assert_memory_equal(go_id, "id/45", 5);
	image_close(image);
	free(bytes.data);
}

static void what_is_no_elf_file_is_an_error_that_names_it(void **state)
{
	struct image *image;
	struct perfgo_error *error = image_open("/nowhere/at/all", &image);
	(void)state;
	assert_string_equal(perfgo_error_text(error), "/nowhere/at/all: No such file or directory");
	perfgo_error_destroy(error);
	error = image_open("/", &image);
	assert_string_equal(perfgo_error_text(error), "/: not a regular file");
	perfgo_error_destroy(error);
	open_bytes("", 0, &error);
	assert_non_null(strstr(perfgo_error_text(error), "not an ELF file"));
	perfgo_error_destroy(error);
	open_bytes("#!/bin/sh\n# a script\n", 21, &error);
	assert_non_null(strstr(perfgo_error_text(error), "not an ELF file"));
	perfgo_error_destroy(error);
	open_bytes("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0", 18, &error);
	assert_non_null(strstr(perfgo_error_text(error), "cut at offset 18"));
	perfgo_error_destroy(error);
}

static void ask_all(struct image *image)
{
	struct image_symbol symbol;
	struct image_section section;
	uint64_t value;
	size_t size;
	image_build_id(image, &size);
	image_section(image, ".text", &section);
	image_symbol(image, GOFILE_TEXT, &symbol);
	image_pointer(image, GOFILE_DATA, &value);
	image_symbol_address(image, "main", &value);
}

static void cut_and_damaged_files_are_survived(void **state)
{
	struct perfgo_error *error;
	(void)state;
	struct gofile_bytes bytes = gofile_elf("rodata", 6, "data", 4);
	gofile_set(&bytes, 40, 0x1100, 8); /* e_shoff */
	gofile_set(&bytes, 58, 64, 2);
	gofile_set(&bytes, 60, 16, 2);
	for (size_t size = 16; size < bytes.size; size += size < 256 ? 1 : 509) {
		struct image *image = open_bytes(bytes.data, size, &error);
		perfgo_error_destroy(error);
		if (image)
			ask_all(image);
		image_close(image);
	}
	for (size_t at = 16; at < 64 + 3 * 56; at++) {
		uint8_t kept = bytes.data[at];
		bytes.data[at] = 0xff;
		struct image *image = open_bytes(bytes.data, bytes.size, &error);
		perfgo_error_destroy(error);
		if (image)
			ask_all(image);
		image_close(image);
		bytes.data[at] = kept;
	}
	free(bytes.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_symbol_covers_its_function_and_no_more),
		cmocka_unit_test(a_symbol_without_size_reaches_to_the_next),
		cmocka_unit_test(of_aliases_perfs_choice_is_taken),
		cmocka_unit_test(data_and_nothing_have_no_symbol),
		cmocka_unit_test(a_local_symbol_tells_its_source_file),
		cmocka_unit_test(plt_entries_have_the_name_of_what_they_call),
		cmocka_unit_test(pointers_are_as_the_loader_leaves_them),
		cmocka_unit_test(offsets_in_code_have_an_address_others_none),
		cmocka_unit_test(dwarf_tells_inlined_callers_innermost_first),
		cmocka_unit_test(build_ids_are_found_through_program_headers),
		cmocka_unit_test(what_is_no_elf_file_is_an_error_that_names_it),
		cmocka_unit_test(cut_and_damaged_files_are_survived),
	};
	return cmocka_run_group_tests_name("image", tests, open_self, close_self);
}
