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
#include "record/event_vendor.h"

enum { MAX_ANSWER = 1 << 20, MAX_NAME = 128 };

/* A word that perf takes as a name, and not as one of its options or wildcards, in small letters.
 */
static bool read_name(const char *text, char ret[MAX_NAME])
{
	size_t length = strlen(text);
	if (!isalpha((unsigned char)*text) || length >= MAX_NAME)
		return false;
	for (size_t i = 0; i <= length; i++) {
		if (!isalnum((unsigned char)text[i]) && !strchr("_.-", text[i]))
			return false;
		ret[i] = (char)tolower((unsigned char)text[i]);
	}
	return true;
}

/* Starts perf with its output in *FD_RET; 0 when there is none. */
static pid_t start_perf(char *name, int *fd_ret)
{
	char *argv[] = {"perf", "list", "--details", name, NULL};
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

char *vendor_ask(const char *name)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, capacity = 0;
	char word[MAX_NAME];
	int fd;
	pid_t pid = read_name(name, word) ? start_perf(word, &fd) : 0;
	bool enough = pid;
	while (enough && (enough = array_reserve(text, capacity, size + 4096))) {
		ssize_t got = read(fd, text + size, capacity - size - 1);
		if (got <= 0 || (size += (size_t)got) > MAX_ANSWER)
			break;
	}
	if (!pid)
		return NULL;
	close(fd);
	waitpid(pid, NULL, 0);
	if (!enough)
		return NULL;
	text[size] = 0;
	return no_cleanup(text);
}

/* A line without the space around it. */
struct line {
	const char *text;
	size_t length;
};

/* Goes on to the next; false behind the last. */
static bool next_line(const char **at, struct line *ret)
{
	const char *end = strchrnul(*at, '\n');
	*ret = (struct line){*at, (size_t)(end - *at)};
	if (!**at)
		return false;
	*at = end + (*end == '\n');
	while (ret->length && isspace((unsigned char)*ret->text))
		*ret = (struct line){ret->text + 1, ret->length - 1};
	while (ret->length && isspace((unsigned char)ret->text[ret->length - 1]))
		ret->length--;
	return true;
}

static bool is_line(const struct line *line, const char *text)
{
	return strlen(text) == line->length && !strncasecmp(line->text, text, line->length);
}

/* What is between the slashes of "cpu/event=0xd1,umask=0x20/"; NULL where the line is no such. */
static char *read_encoding(const struct line *line, const struct pmu *pmu)
{
	size_t length = strlen(pmu->name) + 1;
	if (line->length <= length || strncmp(line->text, pmu->name, length - 1) ||
	    line->text[length - 1] != '/' || line->text[line->length - 1] != '/' ||
	    memchr(line->text, ' ', line->length))
		return NULL;
	return strndup(line->text + length, line->length - length - 1);
}

char *vendor_terms(const char *answer, const char *name, const struct pmu *pmu)
{
	struct line line;
	bool here = false;
	while (next_line(&answer, &line)) {
		char *terms = here ? read_encoding(&line, pmu) : NULL;
		if (terms)
			return terms;
		/* Two PMUs have the name one after the other. */
		here = is_line(&line, name) || (here && line.length);
	}
	return NULL;
}
