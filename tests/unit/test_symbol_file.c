// SPDX-License-Identifier: GPL-2.0-only
/* Files that have but the symbols of another one. The other one is this very program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/dso_file.h"
#include "elf/symbol_file.h"

static const uint8_t build_id[20] = {0xab, 0xcd, [19] = 0xef};

struct fixture {
	char program[PATH_MAX], directory[32], path[PATH_MAX];
	struct image *program_image, *image;
	uint64_t text; /* where the program's code begins */
};

static struct symbol_file_function functions[2];

static const struct image_segment *code_of(const struct image *image)
{
	size_t count;
	const struct image_segment *segments = image_segments(image, &count);
	while (!segments->executable)
		segments++;
	return segments;
}

static int set_up(void **state)
{
	static struct fixture f;
	f = (struct fixture){.directory = "/tmp/perfgo-test-XXXXXX"};
	assert_non_null(mkdtemp(f.directory));
	assert_true(readlink("/proc/self/exe", f.program, sizeof(f.program) - 1) > 0);
	assert_null(image_open(f.program, &f.program_image));
	f.text = code_of(f.program_image)->vaddr;
	functions[0] = (struct symbol_file_function){"main.main", f.text + 16, f.text + 32};
	functions[1] =
		(struct symbol_file_function){"main.(*T).Get[...]", f.text + 48, f.text + 56};
	snprintf(f.path, sizeof(f.path), "%s/.build-id/ab/cd%034x%s", f.directory, 0, "ef");
	char command[PATH_MAX + 16];
	snprintf(command, sizeof(command), "mkdir -p %s", f.path);
	assert_int_equal(system(command), 0);
	strcat(f.path, "/elf");
	assert_null(symbol_file_write(f.path, f.program_image, build_id, 20, functions, 2));
	assert_null(image_open(f.path, &f.image));
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[64];
	image_close(f->image);
	image_close(f->program_image);
	snprintf(command, sizeof(command), "rm -rf %s", f->directory);
	return system(command);
}

static void functions_are_found_and_nothing_between_them(void **state)
{
	const struct fixture *f = *state;
	struct image_symbol symbol;
	assert_true(image_symbol(f->image, f->text + 16, &symbol));
	assert_string_equal(symbol.name, "main.main");
	assert_true(image_symbol(f->image, f->text + 55, &symbol));
	assert_string_equal(symbol.name, "main.(*T).Get[...]");
	assert_int_equal(symbol.start, f->text + 48);
	assert_false(image_symbol(f->image, f->text + 32, &symbol));
	assert_false(image_symbol(f->image, f->text + 56, &symbol));
}

static void code_lies_where_it_lies_in_the_program(void **state)
{
	const struct fixture *f = *state;
	const struct image_segment *code = code_of(f->program_image);
	uint64_t address;
	assert_true(
		image_address_of_offset(f->image, code->offset + code->file_size - 1, &address));
	assert_int_equal(address, code->vaddr + code->file_size - 1);
	assert_int_equal(image_machine(f->image), image_machine(f->program_image));
	assert_int_equal(image_position_independent(f->image),
			 image_position_independent(f->program_image));
}

static void the_build_id_is_the_one_given(void **state)
{
	const struct fixture *f = *state;
	size_t size;
	const uint8_t *id = image_build_id(f->image, &size);
	assert_int_equal(size, 20);
	assert_memory_equal(id, build_id, 20);
}

static void what_was_there_is_replaced_and_not_written_into(void **state)
{
	const struct fixture *f = *state;
	char other[PATH_MAX + 8];
	struct stat before, after;
	snprintf(other, sizeof(other), "%s/link", f->directory);
	assert_int_equal(link(f->path, other), 0);
	assert_int_equal(stat(other, &before), 0);
	assert_null(symbol_file_write(f->path, f->program_image, NULL, 0, functions, 1));
	assert_int_equal(stat(other, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
}

/* The program itself tells more, such as Go's inlined calls. */
static void a_file_with_code_is_preferred_to_one_in_the_cache_without(void **state)
{
	const struct fixture *f = *state;
	size_t size;
	const uint8_t *id = image_build_id(f->program_image, &size);
	struct attribution_options options = {.buildid_dir = f->directory};
	struct dso_file file = {
		.name = f->program, .kind = DSO_FILE, .build_id = build_id, .build_id_size = 20};
	struct binary *binary;
	assert_null(dso_file_open(&file, &options, "perf.data", &binary));
	assert_string_equal(image_path(binary_image(binary)), f->path);
	binary_close(binary);
	if (!id)
		return;
	char path[PATH_MAX], hex[41];
	for (size_t i = 0; i < 20; i++)
		sprintf(hex + 2 * i, "%02x", i < size ? id[i] : 0);
	snprintf(path, sizeof(path), "mkdir -p %s/.build-id/%.2s/%s", f->directory, hex, hex + 2);
	assert_int_equal(system(path), 0);
	snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s/elf", f->directory, hex, hex + 2);
	assert_null(symbol_file_write(path, f->program_image, id, size, functions, 2));
	file.build_id = id;
	file.build_id_size = size;
	assert_null(dso_file_open(&file, &options, "perf.data", &binary));
	assert_string_equal(image_path(binary_image(binary)), f->program);
	binary_close(binary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions_are_found_and_nothing_between_them,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(code_lies_where_it_lies_in_the_program, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_build_id_is_the_one_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_there_is_replaced_and_not_written_into,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_with_code_is_preferred_to_one_in_the_cache_without, set_up,
			tear_down),
	};
	return cmocka_run_group_tests_name("symbol_file", tests, NULL, NULL);
}
