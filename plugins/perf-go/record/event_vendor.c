// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that the makers of CPUs name, "mem_load_retired.l3_miss": sysfs has them not, they are in
 * tables of tens of megabytes in perf itself. So the perf that is installed is asked, whose `list
 * --details` says what it makes of a name, as in
 *
 *     mem_load_retired.l3_miss
 *          [Retired load instructions missed L3 cache as data sources]
 *           cpu/event=0xd1,period=0x186a7,umask=0x20/
 */
#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "record/event_kinds.h"

enum { MAX_ANSWER = 1 << 20 };

extern char **environ;

/* A word that perf takes as a name, and not as one of its options or wildcards. */
static bool is_name(const char *text)
{
	if (!isalpha((unsigned char)*text))
		return false;
	while (isalnum((unsigned char)*text) || strchr("_.-", *text))
		if (!*text++)
			return true;
	return false;
}

/* Starts perf with its output in *FD_RET; 0 when there is none. */
static pid_t start_perf(const char *name, int *fd_ret)
{
	char *argv[] = {"perf", "list", "--details", (char *)name, NULL};
	posix_spawn_file_actions_t actions;
	int pipe_fds[2];
	pid_t pid = 0;
	if (pipe2(pipe_fds, O_CLOEXEC))
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		pid = 0;
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fds[1]);
	*fd_ret = pipe_fds[0];
	if (!pid)
		close(pipe_fds[0]);
	return pid;
}

/* All that perf says, or NULL. */
static char *ask_perf(const char *name)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, capacity = 0;
	int fd;
	pid_t pid = start_perf(name, &fd);
	bool read_all = pid;
	while (read_all && (read_all = array_reserve(text, capacity, size + 4096))) {
		ssize_t got = read(fd, text + size, capacity - size - 1);
		if (got <= 0 || (size += (size_t)got) > MAX_ANSWER)
			break;
	}
	if (!pid)
		return NULL;
	close(fd);
	waitpid(pid, NULL, 0);
	if (!read_all)
		return NULL;
	text[size] = 0;
	return no_cleanup(text);
}

/* The next line without the space around it; NULL behind the last. */
static char *next_line(char **text)
{
	char *line = *text, *end = strchrnul(line, '\n');
	if (!*line)
		return NULL;
	*text = end + (*end == '\n');
	*end = 0;
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = 0;
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

/* Cuts "cpu/event=0xd1,umask=0x20/" at its slashes; the PMU, or NULL where the line is no such. */
static const struct pmu *read_encoding(const struct pmus *pmus, char *line, char **terms_ret)
{
	char *slash = strchr(line, '/'), *end = slash ? strchr(slash + 1, '/') : NULL;
	if (!end || end[1] || strpbrk(line, " \t[]"))
		return NULL;
	*slash = *end = 0;
	*terms_ret = slash + 1;
	return pmus_find(pmus, line);
}

static struct perfgo_error *append_encoding(struct event_parser *parser,
					    const struct event_words *words, const struct pmu *pmu,
					    char *terms)
{
	struct event_words encoded = *words;
	encoded.weak_terms = terms;
	return event_append_of_pmu(parser, pmu, &encoded, words->head);
}

struct perfgo_error *event_add_vendor(struct event_parser *parser, const struct event_words *words,
				      bool *taken)
{
	_cleanup_free_ char *answer = is_name(words->head) ? ask_perf(words->head) : NULL;
	struct perfgo_error *error = NULL;
	char *at = answer, *line, *terms;
	bool here = false;
	*taken = false;
	while (answer && !error && (line = next_line(&at))) {
		const struct pmu *pmu = here ? read_encoding(&parser->pmus, line, &terms) : NULL;
		if (!strcasecmp(line, words->head))
			here = true;
		if (!pmu)
			continue;
		here = false;
		*taken = true;
		error = append_encoding(parser, words, pmu, terms);
	}
	return error;
}
