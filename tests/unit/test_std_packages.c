// SPDX-License-Identifier: GPL-2.0-only
/* Which packages are Go's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gobin/std_packages.h"

static void standard_packages_are_those_go_lists(void **state)
{
	(void)state;
	static const char *const own[] = {
		"fmt",
		"net/http",
		"encoding/json",
		"archive/tar",
		"unsafe",
		"unique",
		"runtime",
		"runtime/pprof",
		"internal/abi",
		"vendor/golang.org/x/net/http2/hpack",
		"runtime/internal/atomic", /* until go1.23 */
		"internal/runtime/maps",   /* since go1.24 */
	};
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		assert_true(std_package(own[i]));
	static const char *const others[] = {
		"",	   "main", "github.com/a/fmt",	    "service/store",
		"fmt/sub", "fm",   "golang.org/x/net/http2"};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(std_package(others[i]));
}

static void the_runtime_is_what_it_is_made_of(void **state)
{
	(void)state;
	assert_true(std_package_of_runtime("runtime"));
	assert_true(std_package_of_runtime("internal/runtime/maps"));
	assert_true(std_package_of_runtime("runtime/internal/sys"));
	assert_true(std_package_of_runtime("internal/bytealg"));
	assert_false(std_package_of_runtime("runtime/pprof"));
	assert_false(std_package_of_runtime("runtime/debug"));
	assert_false(std_package_of_runtime("runtimex"));
	assert_false(std_package_of_runtime("internal/poll"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_packages_are_those_go_lists),
		cmocka_unit_test(the_runtime_is_what_it_is_made_of),
	};
	return cmocka_run_group_tests_name("std_packages", tests, NULL, NULL);
}
