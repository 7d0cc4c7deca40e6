// SPDX-License-Identifier: GPL-2.0-only
#include "record/targets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "record/sideband.h"

struct targets {
	struct targets_options options;
	pid_t *pids; /* with the command's */
	size_t nr_pids, pids_capacity;
	size_t nr_recorded; /* of them, those with all of their threads; the others are owners */
	pid_t *threads;	    /* of options.threads; the processes that own them are pids too */
	size_t nr_threads, threads_capacity;
	int *pidfds;
	size_t nr_pidfds, pidfds_capacity;
	pid_t command;
	int go;	      /* closed when the command may execute its program */
	int why;      /* errno of an execution that failed comes here */
	bool waiting; /* in the stop behind the execution */
	bool ended;
	int wait_status;
};

/* "1,2" to numbers; false where it is none. */
static bool parse_ids(const char *text, pid_t **ids, size_t *count, size_t *capacity)
{
	for (const char *at = text; at; at = *at == ',' ? at + 1 : NULL) {
		char *end;
		long id = strtol(at, &end, 10);
		if (end == at || (*end && *end != ',') || id <= 0 || id > INT32_MAX)
			return false;
		if (!array_reserve(*ids, *capacity, *count + 1))
			return false;
		(*ids)[(*count)++] = (pid_t)id;
		at = end;
	}
	return true;
}

/* Notices the end of processes that are not children; a kernel without pidfds notices none. */
static struct perfgo_error *watch(struct targets *targets, pid_t id)
{
	if (kill(id, 0) && errno == ESRCH)
		return perfgo_error_errno(ESRCH, "process %d", id);
	int fd = (int)syscall(SYS_pidfd_open, id, 0);
	if (fd < 0)
		return NULL;
	if (!array_reserve(targets->pidfds, targets->pidfds_capacity, targets->nr_pidfds + 1)) {
		close(fd);
		return perfgo_error_no_memory();
	}
	targets->pidfds[targets->nr_pidfds++] = fd;
	return NULL;
}

/* The process that a thread belongs to. */
static struct perfgo_error *add_owner(struct targets *targets, pid_t thread)
{
	char path[64], line[256];
	pid_t owner = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", thread);
	FILE *file = fopen(path, "re");
	while (file && !owner && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &owner) != 1)
			owner = 0;
	if (file)
		fclose(file);
	if (!owner)
		return perfgo_error_errno(ESRCH, "thread %d", thread);
	for (size_t i = 0; i < targets->nr_pids; i++)
		if (targets->pids[i] == owner)
			return NULL;
	if (!array_reserve(targets->pids, targets->pids_capacity, targets->nr_pids + 1))
		return perfgo_error_no_memory();
	targets->pids[targets->nr_pids++] = owner;
	return NULL;
}

static struct perfgo_error *find_running(struct targets *targets)
{
	const struct targets_options *options = &targets->options;
	if (options->pids &&
	    !parse_ids(options->pids, &targets->pids, &targets->nr_pids, &targets->pids_capacity))
		return perfgo_error_new("-p takes process ids, not '%s'", options->pids);
	if (options->threads && !parse_ids(options->threads, &targets->threads,
					   &targets->nr_threads, &targets->threads_capacity))
		return perfgo_error_new("-t takes thread ids, not '%s'", options->threads);
	struct perfgo_error *error = NULL;
	targets->nr_recorded = targets->nr_pids;
	for (size_t i = 0; !error && i < targets->nr_threads; i++)
		error = add_owner(targets, targets->threads[i]);
	for (size_t i = 0; !error && i < targets->nr_pids; i++)
		error = watch(targets, targets->pids[i]);
	return error;
}

static _Noreturn void run_command(char **command, int go, int why)
{
	char byte;
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	execvp(command[0], command);
	int errnum = errno;
	if (write(why, &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(errnum == ENOENT ? 127 : 126);
}

static struct perfgo_error *fork_command(struct targets *targets)
{
	int go[2], why[2];
	if (pipe2(go, O_CLOEXEC))
		return perfgo_error_errno(errno, "pipe");
	if (pipe2(why, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return perfgo_error_errno(errno, "pipe");
	}
	pid_t pid = fork();
	if (!pid) {
		close(go[1]);
		run_command(targets->options.command, go[0], why[1]);
	}
	int errnum = errno;
	close(go[0]);
	close(why[1]);
	targets->go = go[1];
	targets->why = why[0];
	if (pid < 0)
		return perfgo_error_errno(errnum, "cannot fork");
	targets->command = pid;
	return NULL;
}

struct perfgo_error *targets_new(const struct targets_options *options, struct targets **ret)
{
	struct targets *targets = calloc(1, sizeof(*targets));
	if (!targets)
		return perfgo_error_no_memory();
	targets->options = *options;
	targets->go = targets->why = -1;
	struct perfgo_error *error = find_running(targets);
	if (!error && options->command)
		error = fork_command(targets);
	/* A command beside other targets says only how long. */
	if (!error && targets->command && !options->all && !targets->nr_pids &&
	    !targets->nr_threads) {
		if (array_reserve(targets->pids, targets->pids_capacity, 1))
			targets->pids[targets->nr_pids++] = targets->command;
		else
			error = perfgo_error_no_memory();
		targets->nr_recorded = targets->nr_pids;
	}
	if (error)
		targets_free(targets);
	else
		*ret = targets;
	return error;
}

void targets_free(struct targets *targets)
{
	if (!targets)
		return;
	if (targets->command && !targets->ended && (targets->go >= 0 || targets->waiting)) {
		kill(targets->command, SIGKILL);
		waitpid(targets->command, NULL, 0);
	}
	cleanup_close(&targets->go);
	cleanup_close(&targets->why);
	for (size_t i = 0; i < targets->nr_pidfds; i++)
		close(targets->pidfds[i]);
	free(targets->pidfds);
	free(targets->pids);
	free(targets->threads);
	free(targets);
}

const pid_t *targets_pids(const struct targets *targets, size_t *count_ret)
{
	*count_ret = targets->nr_pids;
	return targets->pids;
}

struct list {
	pid_t *ids;
	size_t count, capacity;
	bool failed;
};

static void add_id(void *context, pid_t id)
{
	struct list *list = context;
	if (array_reserve(list->ids, list->capacity, list->count + 1))
		list->ids[list->count++] = id;
	else
		list->failed = true;
}

pid_t *targets_threads(const struct targets *targets, size_t *count_ret)
{
	struct list list = {.ids = malloc(sizeof(*list.ids)), .capacity = 1};
	list.failed = !list.ids;
	for (size_t i = 0; !list.failed && i < targets->nr_recorded; i++) {
		char tasks[64];
		snprintf(tasks, sizeof(tasks), "/proc/%d/task", targets->pids[i]);
		sideband_visit(tasks, add_id, &list);
	}
	for (size_t i = 0; !list.failed && i < targets->nr_threads; i++)
		add_id(&list, targets->threads[i]);
	if (list.failed) {
		free(list.ids);
		return NULL;
	}
	*count_ret = list.count;
	return list.ids;
}

pid_t targets_command(const struct targets *targets)
{
	return targets->command;
}

static void note_end(struct targets *targets, int wait_status)
{
	targets->ended = true;
	targets->wait_status = wait_status;
}

/* Where execvp() finds the command; false when it does not. */
static bool find_program(const char *command, struct stat *ret)
{
	char path[PATH_MAX];
	const char *directory = getenv("PATH");
	if (strchr(command, '/'))
		return !stat(command, ret);
	while (directory && *directory) {
		size_t length = strcspn(directory, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)length, directory, command);
		if (!access(path, X_OK) && !stat(path, ret))
			return true;
		directory += length + (directory[length] == ':');
	}
	return false;
}

/* A program that is traced does not get the rights of its file's owner (ptrace(2)). */
static bool takes_rights(const char *command)
{
	struct stat status;
	return geteuid() && find_program(command, &status) && status.st_mode & (S_ISUID | S_ISGID);
}

static bool is_event(int status, int event)
{
	return status >> 16 == event;
}

/* A stop that is the command's own lasts until SIGCONT, of which there is one with SIGTRAP. */
static void resume(pid_t command, int status)
{
	bool of_ptrace = is_event(status, PTRACE_EVENT_STOP);
	if (of_ptrace && WSTOPSIG(status) != SIGTRAP)
		ptrace(PTRACE_LISTEN, command, 0, 0);
	else
		ptrace(PTRACE_CONT, command, 0, of_ptrace ? 0 : WSTOPSIG(status));
}

/*
 * Until the command has executed its program or has ended. Signals that come before are its own;
 * one that stops it does so.
 */
static struct perfgo_error *wait_for_stop(struct targets *targets)
{
	for (int status;;) {
		while (waitpid(targets->command, &status, 0) < 0)
			if (errno != EINTR)
				return perfgo_error_errno(errno, "cannot wait for the command");
		targets->waiting = WIFSTOPPED(status) && is_event(status, PTRACE_EVENT_EXEC);
		if (!WIFSTOPPED(status))
			note_end(targets, status);
		if (targets->waiting || targets->ended)
			return NULL;
		resume(targets->command, status);
	}
}

/* Why the program could not be executed; NULL when it was, as the descriptor is closed then. */
static struct perfgo_error *execution_error(struct targets *targets)
{
	int errnum = 0;
	ssize_t size;
	while ((size = read(targets->why, &errnum, sizeof(errnum))) < 0 && errno == EINTR)
		;
	return size != sizeof(errnum) ? NULL
				      : perfgo_error_errno(errnum, "cannot execute %s",
							   targets->options.command[0]);
}

struct perfgo_error *targets_exec(struct targets *targets)
{
	if (!targets->command)
		return NULL;
	bool traced = !takes_rights(targets->options.command[0]) &&
		      !ptrace(PTRACE_SEIZE, targets->command, 0, PTRACE_O_TRACEEXEC);
	cleanup_close(&targets->go);
	targets->go = -1;
	struct perfgo_error *error = traced ? wait_for_stop(targets) : NULL;
	if (error || targets->waiting)
		return error;
	return execution_error(targets);
}

void targets_go(struct targets *targets)
{
	if (targets->waiting)
		ptrace(PTRACE_DETACH, targets->command, 0, 0);
	targets->waiting = false;
}

/* Forgets those that have ended. */
static bool others_alive(struct targets *targets)
{
	for (size_t i = targets->nr_pidfds; i-- > 0;) {
		struct pollfd poll_fd = {.fd = targets->pidfds[i], .events = POLLIN};
		if (poll(&poll_fd, 1, 0) <= 0)
			continue;
		close(targets->pidfds[i]);
		targets->pidfds[i] = targets->pidfds[--targets->nr_pidfds];
	}
	return targets->nr_pidfds > 0;
}

bool targets_alive(struct targets *targets)
{
	int status;
	if (targets->command) {
		if (!targets->ended && waitpid(targets->command, &status, WNOHANG) > 0)
			note_end(targets, status);
		if (targets->ended)
			return false;
	}
	bool others = targets->nr_pidfds > 0;
	return !others || others_alive(targets);
}

void targets_stop(struct targets *targets)
{
	int status;
	if (!targets->command || targets->ended)
		return;
	kill(targets->command, SIGTERM);
	while (waitpid(targets->command, &status, 0) < 0)
		if (errno != EINTR)
			return;
	note_end(targets, status);
}

int targets_status(const struct targets *targets)
{
	int status = targets->wait_status;
	if (!targets->ended)
		return 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
