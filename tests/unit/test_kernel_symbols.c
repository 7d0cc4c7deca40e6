// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's symbols from a table in the build-id cache, which may be of another boot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/kernel_symbols.h"

static const char table[] = "ffffffff81000000 T _text\n"
			    "ffffffff81000100 t first\n"
			    "ffffffff81000100 T alias_of_first\n"
			    "ffffffff81000180 D data\n"
			    "ffffffff81000200 T __pfx_last\n"
			    "ffffffff81000210 T last\n"
			    "ffffffffc0000000 t of_module\t[one]\n"
			    "ffffffffc0000800 t of_other\t[other]\n"
			    "ffffffffc0000900 t \n"
			    "ffffffffc0000900 ";

static const uint8_t build_id[20] = {0xab, 0xcd};

struct fixture {
	char directory[32];
	struct kernel_symbols *symbols;
};

static void write_table(const char *directory)
{
	char command[160], path[128];
	snprintf(path, sizeof(path), "%s/.build-id/ab/cd%036d", directory, 0);
	snprintf(command, sizeof(command), "mkdir -p %s", path);
	assert_int_equal(system(command), 0);
	strcat(path, "/kallsyms");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(table, file);
	fclose(file);
}

static int set_up(void **state)
{
	static struct fixture f;
	f = (struct fixture){.directory = "/tmp/perfgo-test-XXXXXX"};
	assert_non_null(mkdtemp(f.directory));
	write_table(f.directory);
	const struct attribution_options options = {.buildid_dir = f.directory};
	assert_null(kernel_symbols_open(&options, build_id, sizeof(build_id), &f.symbols));
	assert_non_null(f.symbols);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[64];
	kernel_symbols_close(f->symbols);
	snprintf(command, sizeof(command), "rm -rf %s", f->directory);
	return system(command);
}

static const char *find(const struct fixture *f, uint64_t address, const char *module)
{
	uint64_t start;
	const char *name = kernel_symbols_find(f->symbols, address, module, &start);
	return name ? name : "?";
}

static void a_function_reaches_to_the_next(void **state)
{
	const struct fixture *f = *state;
	assert_string_equal(find(f, 0xffffffff80ffffff, NULL), "?");
	assert_string_equal(find(f, 0xffffffff81000000, NULL), "_text");
	assert_string_equal(find(f, 0xffffffff810000ff, NULL), "_text");
	assert_string_equal(find(f, 0xffffffff8100020f, NULL), "alias_of_first");
	assert_string_equal(find(f, 0xffffffff81000210, NULL), "last");
}

static void the_last_function_has_an_end(void **state)
{
	const struct fixture *f = *state;
	assert_string_equal(find(f, 0xffffffff81001fff, NULL), "last");
	assert_string_equal(find(f, 0xffffffff81002000, NULL), "?");
	assert_string_equal(find(f, 0xffffffffc00007ff, "[one]"), "of_module");
	assert_string_equal(find(f, 0xffffffffc0001fff, "[other]"), "of_other");
	assert_string_equal(find(f, 0xffffffffc0002000, "[other]"), "?");
}

static void a_function_counts_only_where_it_belongs(void **state)
{
	const struct fixture *f = *state;
	assert_string_equal(find(f, 0xffffffffc0000000, "[one]"), "of_module");
	assert_string_equal(find(f, 0xffffffffc0000000, "[other]"), "?");
	assert_string_equal(find(f, 0xffffffffc0000000, NULL), "?");
	assert_string_equal(find(f, 0xffffffff81000000, "[one]"), "?");
}

static void another_boot_moves_the_kernel_but_loses_its_modules(void **state)
{
	const struct fixture *f = *state;
	assert_false(kernel_symbols_relocate(f->symbols, "of_module", 0xffffffff92000000));
	assert_true(kernel_symbols_relocate(f->symbols, "_text", 0xffffffff92000000));
	assert_string_equal(find(f, 0xffffffff92000210, NULL), "last");
	assert_string_equal(find(f, 0xffffffff81000210, NULL), "?");
	assert_string_equal(find(f, 0xffffffffd1000000, "[one]"), "?");
	assert_string_equal(find(f, 0xffffffffc0000000, "[one]"), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_function_reaches_to_the_next, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_function_has_an_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_function_counts_only_where_it_belongs, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_boot_moves_the_kernel_but_loses_its_modules,
						set_up, tear_down),
	};
	return cmocka_run_group_tests_name("kernel_symbols", tests, NULL, NULL);
}
