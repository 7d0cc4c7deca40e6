// SPDX-License-Identifier: GPL-2.0-only
/* The pager, as perf has it (tools/lib/subcmd/pager.c, perf 6.12). */
#include "pager.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;

static const char *default_pager(void)
{
	static const char *const paths[] = {"/usr/bin/less", "/bin/less", "/usr/bin/pager"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return "";
}

static const char *pager_command(void)
{
	const char *command = getenv("PERF_PAGER");
	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = default_pager();
	return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

static void run_pager(const char *command, const int ends[2])
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	/* One screen is not paged, colours are kept, long lines are not wrapped. */
	setenv("LESS", "FRSX", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

void pager_begin(void)
{
	int ends[2];
	const char *command = pager_command();
	if (!command || !isatty(STDOUT_FILENO) || pipe(ends))
		return;
	fflush(stdout);
	pager = fork();
	if (!pager)
		run_pager(command, ends);
	if (pager > 0)
		dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
}

void pager_end(void)
{
	if (pager <= 0)
		return;
	fflush(stdout);
	close(STDOUT_FILENO);
	/* Ctrl-C is for the pager now. */
	signal(SIGINT, SIG_IGN);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
	pager = 0;
}
