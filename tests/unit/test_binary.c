// SPDX-License-Identifier: GPL-2.0-only
/* C in this program's own file, Go in small files made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attribute/binary.h"
#include "attribute/binary_demangle.h"
#include "gofile.h"

enum { WRAPPER_126 = 23 };

static struct binary_location found;

static struct binary *open_file(const char *path)
{
	struct binary *binary;
	assert_null(binary_open(path, &binary));
	return binary;
}

static struct binary *open_go(const struct gofile *file)
{
	char path[] = "/tmp/test_binary.XXXXXX";
	struct gofile_bytes bytes = gofile_make(file);
	gofile_write(&bytes, path);
	struct binary *binary = open_file(path);
	unlink(path);
	free(bytes.data);
	return binary;
}

static const struct gofile_function go_functions[] = {
	{.name = "main.f",
	 .lines = {{0x10, 11}, {0x20, 21}},
	 .inlined = {{0x10, -1}, {0x20, 0}},
	 .calls = {{0, "main.g", 0x4}}},
	{.start = 0x40,
	 .id = WRAPPER_126,
	 .name = "main.(*T).M",
	 .lines = {{0x10, 1}, {0x20, 31}},
	 .inlined = {{0x10, -1}, {0x20, 0}},
	 .calls = {{0, "main.T.M", 0x4}}},
};

static const struct gofile go_file = {.release = 26, .functions = go_functions, .count = 2};

static void go_code_has_the_frames_of_gos_tables(void **state)
{
	(void)state;
	struct binary *binary = open_go(&go_file);
	binary_locate(binary, GOFILE_TEXT + 0x18, BINARY_ALL_LINES, &found);
	assert_string_equal(found.symbol, "main.f");
	assert_int_equal(found.symbol_start, GOFILE_TEXT);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.frames[0].function, "main.g");
	assert_int_equal(found.frames[0].line, 21);
	assert_true(found.frames[0].go && found.frames[0].inlined);
	assert_string_equal(found.frames[1].function, "main.f");
	assert_int_equal(found.frames[1].line, 11);
	assert_true(found.frames[1].go && !found.frames[1].inlined);
	binary_close(binary);
}

static void a_hidden_wrapper_is_still_the_symbol(void **state)
{
	(void)state;
	struct binary *binary = open_go(&go_file);
	binary_locate(binary, GOFILE_TEXT + 0x58, BINARY_ALL_LINES, &found);
	assert_string_equal(found.symbol, "main.(*T).M");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.frames[0].function, "main.T.M");
	binary_close(binary);
}

static void padding_between_go_functions_is_nothing(void **state)
{
	(void)state;
	struct binary *binary = open_go(&go_file);
	binary_locate(binary, GOFILE_TEXT + 0x28, BINARY_ALL_LINES, &found);
	assert_null(found.symbol);
	assert_int_equal(found.count, 0);
	binary_close(binary);
}

static void unreadable_go_tables_leave_the_elf_symbols_and_a_reason(void **state)
{
	(void)state;
	char path[] = "/tmp/test_binary.XXXXXX";
	struct gofile_bytes bytes = gofile_make(&go_file);
	uint8_t *table = memmem(bytes.data, bytes.size, "\xf1\xff\xff\xff\0\0", 6);
	assert_non_null(table);
	memset(table + 8, 0xff, 8);
	gofile_write(&bytes, path);
	struct binary *binary = open_file(path);
	struct perfgo_error *error = binary_take_go_error(binary);
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), path));
	assert_null(binary_take_go_error(binary));
	assert_null(binary_go(binary));
	perfgo_error_destroy(error);
	binary_close(binary);
	unlink(path);
	free(bytes.data);
}

static __attribute__((noinline)) uintptr_t return_address(void)
{
	return (uintptr_t)__builtin_return_address(0);
}

static inline __attribute__((always_inline)) uintptr_t c_inner(volatile int *n)
{
	uintptr_t here = return_address();
	++*n;
	return here;
}

__attribute__((noinline)) uintptr_t c_outer(volatile int *n)
{
	uintptr_t here = c_inner(n);
	++*n;
	return here;
}

/* An address in the middle of c_outer, in a call that is inlined from c_inner. */
static uint64_t address_in_c(const struct binary *binary)
{
	int n = 0;
	uint64_t start = 0;
	uintptr_t here = c_outer(&n);
	assert_true(image_symbol_address(binary_image(binary), "c_outer", &start));
	return start + (here - (uintptr_t)&c_outer) - 1;
}

static void c_has_symbols_and_the_frames_of_dwarf(void **state)
{
	(void)state;
	struct binary *binary = open_file("/proc/self/exe");
	assert_null(binary_go(binary));
	binary_locate(binary, address_in_c(binary), BINARY_ALL_LINES, &found);
	assert_string_equal(found.symbol, "c_outer");
	assert_int_equal(found.count, 2);
	assert_string_equal(found.frames[0].function, "c_inner");
	assert_true(found.frames[0].inlined && !found.frames[0].go);
	assert_string_equal(found.frames[1].function, "c_outer");
	assert_true(found.frames[1].line > found.frames[0].line);
	binary_close(binary);
}

static void without_lines_the_symbol_is_the_only_frame(void **state)
{
	(void)state;
	struct binary *binary = open_file("/proc/self/exe");
	binary_locate(binary, address_in_c(binary), BINARY_NO_LINES, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.frames[0].function, "c_outer");
	assert_null(found.frames[0].file);
	binary_close(binary);
}

/* This program without its symbols at DIR/stripped, its debug file beside it. */
static bool split_off_debug_file(const char *dir)
{
	char command[1024];
	snprintf(command, sizeof(command),
		 "cd %s && objcopy --only-keep-debug /proc/%d/exe split.debug && "
		 "objcopy --strip-all --remove-section=.note.gnu.build-id "
		 "--add-gnu-debuglink=split.debug /proc/%d/exe stripped",
		 dir, getpid(), getpid());
	return !system(command);
}

static void remove_dir(const char *dir)
{
	char command[256];
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void a_stripped_file_has_the_symbols_of_its_debug_file(void **state)
{
	char dir[] = "/tmp/test_binary.XXXXXX", path[64], debug[64];
	(void)state;
	assert_non_null(mkdtemp(dir));
	if (!split_off_debug_file(dir)) {
		remove_dir(dir);
		skip();
	}
	struct binary *binary = open_file("/proc/self/exe");
	uint64_t address = address_in_c(binary);
	binary_close(binary);
	snprintf(path, sizeof(path), "%s/stripped", dir);
	binary = open_file(path);
	binary_locate(binary, address, BINARY_ALL_LINES, &found);
	assert_string_equal(found.symbol, "c_outer");
	assert_int_equal(found.count, 2);
	binary_close(binary);

	/* One whose checksum is wrong is another program's. */
	snprintf(debug, sizeof(debug), "%s/split.debug", dir);
	FILE *file = fopen(debug, "a");
	assert_non_null(file);
	fputc(0, file);
	fclose(file);
	binary = open_file(path);
	binary_locate(binary, address, BINARY_ALL_LINES, &found);
	assert_null(found.symbol);
	assert_int_equal(found.count, 0);
	binary_close(binary);
	remove_dir(dir);
}

static void cxx_names_are_demangled_once(void **state)
{
	(void)state;
	struct demangler demangler = {0};
	const char *plain = demangler_name(&demangler, "_ZN2ns3BoxIdE3getEi");
	assert_string_equal(plain, "ns::Box<double>::get(int)");
	assert_ptr_equal(demangler_name(&demangler, "_ZN2ns3BoxIdE3getEi"), plain);
	assert_string_equal(demangler_name(&demangler, "_Z_is_no_mangled_name"),
			    "_Z_is_no_mangled_name");
	assert_string_equal(demangler_name(&demangler, "main"), "main");
	assert_null(demangler_name(&demangler, NULL));
	demangler_deinit(&demangler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(go_code_has_the_frames_of_gos_tables),
		cmocka_unit_test(a_hidden_wrapper_is_still_the_symbol),
		cmocka_unit_test(padding_between_go_functions_is_nothing),
		cmocka_unit_test(unreadable_go_tables_leave_the_elf_symbols_and_a_reason),
		cmocka_unit_test(c_has_symbols_and_the_frames_of_dwarf),
		cmocka_unit_test(without_lines_the_symbol_is_the_only_frame),
		cmocka_unit_test(a_stripped_file_has_the_symbols_of_its_debug_file),
		cmocka_unit_test(cxx_names_are_demangled_once),
	};
	return cmocka_run_group_tests_name("binary", tests, NULL, NULL);
}
