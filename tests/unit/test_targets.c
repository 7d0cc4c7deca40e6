// SPDX-License-Identifier: GPL-2.0-only
/* What is recorded, and the command that is started for it (record/targets.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "record/targets.h"

static char mark[64]; /* a file that the command makes */

static int make_place(void **state)
{
	char place[] = "/tmp/perfgo-targets-XXXXXX";
	(void)state;
	if (!mkdtemp(place))
		return -1;
	snprintf(mark, sizeof(mark), "%s/mark", place);
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	unlink(mark);
	*strrchr(mark, '/') = 0;
	return rmdir(mark);
}

static struct targets *start(char **command)
{
	struct targets *targets;
	struct targets_options options = {.command = command};
	assert_null(targets_new(&options, &targets));
	return targets;
}

static int end(struct targets *targets)
{
	while (targets_alive(targets))
		usleep(1000);
	int status = targets_status(targets);
	targets_free(targets);
	return status;
}

/* The exit status of what sh does. */
static int status_of(const char *script)
{
	char *command[] = {"sh", "-c", (char *)script, NULL};
	struct targets *targets = start(command);
	assert_null(targets_exec(targets));
	targets_go(targets);
	return end(targets);
}

static struct targets *start_marking(void)
{
	static char *command[] = {"touch", mark, NULL};
	unlink(mark);
	return start(command);
}

static void a_command_stops_before_its_first_instruction(void **state)
{
	(void)state;
	struct targets *targets = start_marking();
	assert_null(targets_exec(targets));
	usleep(20000);
	assert_int_not_equal(access(mark, F_OK), 0);
	targets_go(targets);
	assert_int_equal(end(targets), 0);
	assert_int_equal(access(mark, F_OK), 0);
}

static void another_stop_is_not_taken_for_that(void **state)
{
	(void)state;
	struct targets *targets = start_marking();
	pid_t command = targets_command(targets), child;
	kill(command, SIGSTOP);
	child = fork();
	if (!child) {
		usleep(50000);
		kill(command, SIGCONT);
		_exit(0);
	}
	assert_null(targets_exec(targets));
	waitpid(child, NULL, 0); /* so it has gone on */
	usleep(20000);
	assert_int_not_equal(access(mark, F_OK), 0);
	targets_go(targets);
	assert_int_equal(end(targets), 0);
	assert_int_equal(access(mark, F_OK), 0);
}

static void how_the_command_ends_is_told_as_by_a_shell(void **state)
{
	(void)state;
	assert_int_equal(status_of("exit 3"), 3);
	assert_int_equal(status_of("kill -KILL $$"), 128 + SIGKILL);
	assert_int_equal(status_of("kill -TERM $$"), 128 + SIGTERM);
}

static void a_command_that_is_not_there_is_an_error(void **state)
{
	char *command[] = {"/nonexistent/command", NULL};
	(void)state;
	struct targets *targets = start(command);
	struct perfgo_error *error = targets_exec(targets);
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), command[0]));
	perfgo_error_destroy(error);
	targets_free(targets);
}

static void a_command_that_was_not_let_go_does_not_run(void **state)
{
	(void)state;
	targets_free(start_marking());
	struct targets *targets = start_marking();
	assert_null(targets_exec(targets));
	targets_free(targets);
	usleep(20000);
	assert_int_not_equal(access(mark, F_OK), 0);
}

static void a_command_that_still_runs_is_ended(void **state)
{
	char *command[] = {"sleep", "60", NULL};
	(void)state;
	struct targets *targets = start(command);
	assert_null(targets_exec(targets));
	targets_go(targets);
	assert_true(targets_alive(targets));
	targets_stop(targets);
	assert_int_equal(targets_status(targets), 128 + SIGTERM);
	targets_free(targets);
}

static void the_command_is_what_is_recorded(void **state)
{
	char *command[] = {"true", NULL};
	size_t count;
	(void)state;
	struct targets *targets = start(command);
	const pid_t *pids = targets_pids(targets, &count);
	assert_int_equal(count, 1);
	assert_int_equal(pids[0], targets_command(targets));
	pid_t *threads = targets_threads(targets, &count);
	assert_int_equal(count, 1);
	assert_int_equal(threads[0], pids[0]);
	free(threads);
	targets_free(targets);
}

static void beside_a_process_a_command_says_only_how_long(void **state)
{
	char self[16], *command[] = {"true", NULL};
	struct targets *targets;
	struct targets_options options = {.command = command, .pids = self};
	size_t count;
	(void)state;
	snprintf(self, sizeof(self), "%d", getpid());
	assert_null(targets_new(&options, &targets));
	assert_int_equal(targets_pids(targets, &count)[0], getpid());
	assert_int_equal(count, 1);
	targets_free(targets);
}

static void a_process_that_ends_ends_the_recording(void **state)
{
	char pid[16];
	struct targets *targets;
	struct targets_options options = {.pids = pid};
	(void)state;
	pid_t child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	snprintf(pid, sizeof(pid), "%d", child);
	assert_null(targets_new(&options, &targets));
	assert_true(targets_alive(targets));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(targets_alive(targets));
	assert_int_equal(targets_status(targets), 0);
	targets_free(targets);
}

static void what_is_no_process_is_refused(void **state)
{
	static const struct targets_options wrong[] = {
		{.pids = "4194303"}, {.threads = "4194303"}, {.pids = "one"},
		{.pids = "1,,2"},    {.threads = "-3"},	     {.pids = "99999999999"},
	};
	struct targets *targets;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct perfgo_error *error = targets_new(&wrong[i], &targets);
		assert_non_null(error);
		perfgo_error_destroy(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_stops_before_its_first_instruction),
		cmocka_unit_test(another_stop_is_not_taken_for_that),
		cmocka_unit_test(how_the_command_ends_is_told_as_by_a_shell),
		cmocka_unit_test(a_command_that_is_not_there_is_an_error),
		cmocka_unit_test(a_command_that_was_not_let_go_does_not_run),
		cmocka_unit_test(a_command_that_still_runs_is_ended),
		cmocka_unit_test(the_command_is_what_is_recorded),
		cmocka_unit_test(beside_a_process_a_command_says_only_how_long),
		cmocka_unit_test(a_process_that_ends_ends_the_recording),
		cmocka_unit_test(what_is_no_process_is_refused),
	};
	return cmocka_run_group_tests(tests, make_place, remove_place);
}
