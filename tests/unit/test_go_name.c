// SPDX-License-Identifier: GPL-2.0-only
/* From a Go function's name to its package. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "attribute/go_name.h"

static const struct {
	const char *function, *package;
} names[] = {
	{"main.main", "main"},
	{"runtime.mallocgc", "runtime"},
	{"encoding/json.(*decodeState).object", "encoding/json"},
	{"net/http.(*conn).serve.func1.2", "net/http"},
	{"main.glob..func1", "main"},
	{"main.Map[...]", "main"},
	{"main.(*List[go.shape.int]).Push", "main"},
	{"example.com/x/y.F[github.com/a/b.T]", "example.com/x/y"},
	{"vendor/golang.org/x/net/http/httpguts.ValidHeaderFieldName",
	 "vendor/golang.org/x/net/http/httpguts"},
	{"go.uber.org/zap.(*Logger).Info", "go.uber.org/zap"},
	{"go.(*struct { sync.Mutex }).Lock", NULL},
	{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3"},
	{"main._Cfunc_work", "main"},
	{"type:.eq.main.T", NULL},
	{"type..eq.[2]string", NULL},
	{"go:buildid", NULL},
	{"memeqbody", NULL},
	{"_cgo_0123_Cfunc_work", NULL},
	{"_rt0_amd64_linux", NULL},
	{"", NULL},
	{".x", NULL},
	{"a%2", NULL},
	{"a%2.b", "a%2"},
};

static void packages_are_import_paths(void **state)
{
	(void)state;
	struct strings strings = {0};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *package =
			strings_text(&strings, go_package(&strings, names[i].function));
		if (!names[i].package)
			assert_null(package);
		else
			assert_string_equal(package, names[i].package);
	}
	strings_deinit(&strings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(packages_are_import_paths)};
	return cmocka_run_group_tests_name("go_name", tests, NULL, NULL);
}
