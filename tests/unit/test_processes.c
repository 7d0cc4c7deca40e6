// SPDX-License-Identifier: GPL-2.0-only
/* What BPF is told of a process (record/processes.h), for processes that run here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "record/processes.h"
#include "record/switches.h"

enum { EXEC_ID = 5, MAX_TOLD = 16, TOLD = 8, MANY = 11 };

struct fixture {
	struct go_section_writer *section;
	struct processes *processes;
	struct go_row row; /* the latest that BPF was given */
	uint32_t pid;	   /* its process; 0 none */
	bool full;	   /* BPF takes no more */
	char told[MAX_TOLD][256];
	size_t nr_told;
};

static struct fixture *current;

/* In the places of record/programs.c, switches.c and watch.c. */

bool programs_set_row(struct programs *programs, uint32_t pid, const struct go_row *row)
{
	(void)programs;
	if (current->full)
		return false;
	current->pid = pid;
	current->row = *row;
	return true;
}

void programs_remove_row(struct programs *programs, uint32_t pid)
{
	(void)programs;
	if (current->pid == pid)
		current->pid = 0;
}

bool switches_add(struct switches *switches, const struct goproc *process)
{
	(void)switches;
	(void)process;
	return true;
}

void watch_add(struct watch *watch, struct memory *memory, struct goproc *process)
{
	(void)watch;
	(void)memory;
	(void)process;
	fail();
}

void watch_remove(struct watch *watch, uint32_t pid)
{
	(void)watch;
	(void)pid;
}

static void found(void *context, const char *text)
{
	struct fixture *fixture = context;
	if (fixture->nr_told < MAX_TOLD)
		snprintf(fixture->told[fixture->nr_told], sizeof(fixture->told[0]), "%s", text);
	fixture->nr_told++;
}

static int make(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){0};
	current = &fixture;
	assert_null(go_section_writer_new(&fixture.section));
	struct processes_options options = {.programs = (struct programs *)&fixture,
					    .section = fixture.section,
					    .found = found,
					    .context = &fixture};
	assert_null(processes_new(&options, &fixture.processes));
	*state = &fixture;
	return 0;
}

static int discard(void **state)
{
	struct fixture *fixture = *state;
	processes_free(fixture->processes);
	go_section_writer_free(fixture->section);
	return 0;
}

static char service[64]; /* a Go program; "" where it cannot be run */
static pid_t running;

/* One that has begun, and stands still. */
static pid_t run_service(void)
{
	pid_t pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(1);
		execl(service, service, "-load", "60s", NULL);
		_exit(1);
	}
	usleep(100000);
	kill(pid, SIGSTOP);
	return pid;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int start_service(void **state)
{
	(void)state;
#if defined(__x86_64__)
	char command[256];
	strcpy(service, "/tmp/perfgo-service-XXXXXX");
	int fd = mkstemp(service);
	if (fd < 0 || fchmod(fd, 0700) || close(fd))
		return -1;
	snprintf(command, sizeof(command), "xz -dc tests/data/service.xz >%s", service);
	if (system(command)) {
		unlink(service);
		*service = 0;
		return 0;
	}
	running = run_service();
#endif
	return 0;
}

static int end_service(void **state)
{
	(void)state;
	if (running > 0)
		end_process(running);
	if (*service)
		unlink(service);
	return 0;
}

static void a_process_without_go_gets_no_row(void **state)
{
	struct fixture *fixture = *state;
	processes_add(fixture->processes, (uint32_t)getpid(), 0);
	assert_int_equal(fixture->pid, 0);
	assert_int_equal(processes_kind(fixture->processes, (uint32_t)getpid()), PROCESS_OTHER);
	assert_int_equal(processes_count(fixture->processes), 0);
}

static void one_that_bpf_asks_for_is_not_asked_for_again(void **state)
{
	struct fixture *fixture = *state;
	for (int i = 0; i < 2; i++) {
		processes_add(fixture->processes, (uint32_t)getpid(), EXEC_ID);
		assert_int_equal(fixture->pid, getpid());
		assert_int_equal(fixture->row.exec_id, EXEC_ID);
		assert_true(fixture->row.no_go);
	}
}

static void a_process_that_has_ended_is_nothing(void **state)
{
	struct fixture *fixture = *state;
	processes_add(fixture->processes, 4194303, EXEC_ID);
	assert_int_equal(fixture->pid, 0);
	assert_int_equal(processes_unreadable(fixture->processes), 0);
	assert_false(processes_lives(4194303));
	assert_true(processes_lives((uint32_t)getpid()));
}

static void skip_without_service(void)
{
	if (running > 0)
		return;
	print_message("no Go program can be run here\n");
	skip();
}

static void a_go_process_gets_its_row(void **state)
{
	struct fixture *fixture = *state;
	skip_without_service();
	processes_add(fixture->processes, (uint32_t)running, EXEC_ID);
	const struct go_row *row = &fixture->row;
	assert_int_equal(fixture->pid, running);
	assert_false(row->no_go);
	assert_int_equal(row->exec_id, EXEC_ID);
	assert_int_equal(row->release, 26);
	assert_int_not_equal(row->start_stack, 0);
	assert_true(row->goid && row->labels && row->curg && row->sched_sp && row->gcphase);
	assert_true(row->has_tls && !row->labels_are_map);
	assert_true(row->goid < row->size && row->labels < row->size);
	assert_int_equal(processes_kind(fixture->processes, (uint32_t)running), PROCESS_GO);
	assert_non_null(strstr(fixture->told[0], "go1.26.8, goroutines by bpf"));
}

static void one_that_has_ended_has_none_any_more(void **state)
{
	struct fixture *fixture = *state;
	skip_without_service();
	processes_add(fixture->processes, (uint32_t)running, EXEC_ID);
	processes_remove(fixture->processes, (uint32_t)running);
	assert_int_equal(fixture->pid, 0);
	assert_int_equal(processes_kind(fixture->processes, (uint32_t)running), PROCESS_OTHER);
	assert_int_equal(processes_count(fixture->processes), 1);
}

static void more_than_bpf_takes_is_said(void **state)
{
	struct fixture *fixture = *state;
	skip_without_service();
	fixture->full = true;
	processes_add(fixture->processes, (uint32_t)running, EXEC_ID);
	assert_int_equal(processes_kind(fixture->processes, (uint32_t)running), PROCESS_OBSTACLE);
	assert_non_null(strstr(fixture->told[0], "too many processes"));
}

static void the_first_of_many_are_told(void **state)
{
	struct fixture *fixture = *state;
	skip_without_service();
	for (int i = 0; i < MANY; i++) {
		pid_t pid = run_service();
		processes_add(fixture->processes, (uint32_t)pid, EXEC_ID);
		end_process(pid);
	}
	assert_int_equal(processes_count(fixture->processes), MANY);
	assert_int_equal(fixture->nr_told, TOLD + 1);
	assert_non_null(strstr(fixture->told[TOLD], "counted at the end"));
}

static void the_same_program_counts_once(void **state)
{
	struct fixture *fixture = *state;
	skip_without_service();
	for (uint64_t i = 0; i < 3; i++)
		processes_add(fixture->processes, (uint32_t)running, EXEC_ID + i);
	assert_int_equal(processes_count(fixture->processes), 1);
	assert_int_equal(fixture->nr_told, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, discard)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_process_without_go_gets_no_row),
		TEST(one_that_bpf_asks_for_is_not_asked_for_again),
		TEST(a_process_that_has_ended_is_nothing),
		TEST(a_go_process_gets_its_row),
		TEST(one_that_has_ended_has_none_any_more),
		TEST(more_than_bpf_takes_is_said),
		TEST(the_first_of_many_are_told),
		TEST(the_same_program_counts_once),
	};
	return cmocka_run_group_tests(tests, start_service, end_service);
}
