// SPDX-License-Identifier: GPL-2.0-only
/* What is said where the kernel refuses BPF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "record/refusal.h"

static void the_hint_is_about_what_is_in_the_way(void **state)
{
	static const struct {
		int errnum;
		unsigned int obstacles;
		const char *hint; /* NULL none */
	} cases[] = {
		{EPERM, OBSTACLE_NO_RIGHTS, "CAP_BPF"},
		{EACCES, OBSTACLE_NO_RIGHTS, "CAP_PERFMON"},
		{EPERM, OBSTACLE_LOCKED_DOWN, "lockdown"},
		{EPERM, OBSTACLE_LOCKED_DOWN | OBSTACLE_NO_RIGHTS, "lockdown"},
		{EPERM, 0, "container"},
		{ENOENT, OBSTACLE_NO_BTF, "BTF"},
		{EPERM, OBSTACLE_NO_BTF | OBSTACLE_NO_RIGHTS, "BTF"},
		{ESRCH, OBSTACLE_NO_BTF | OBSTACLE_LOCKED_DOWN, "BTF"},
		{EINVAL, 0, "5.11"},
		{EINVAL, OBSTACLE_NO_RIGHTS, "5.11"},
		{ENOSYS, 0, "without the system call"},
		{ENOMEM, OBSTACLE_NO_RIGHTS, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct perfgo_error *error = refusal_of_bpf(cases[i].errnum, cases[i].obstacles);
		const char *hint = perfgo_error_hint_text(error);
		assert_non_null(strstr(perfgo_error_text(error), "the kernel refuses BPF"));
		assert_non_null(strstr(perfgo_error_text(error), strerror(cases[i].errnum)));
		assert_true(cases[i].hint ? hint && strstr(hint, cases[i].hint) : !hint);
		perfgo_error_destroy(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hint_is_about_what_is_in_the_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
