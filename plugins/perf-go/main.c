// SPDX-License-Identifier: GPL-2.0-only
/* perf-go COMMAND …; perf itself runs it for `perf go COMMAND …`. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
} commands[] = {
	{"record", cmd_record, "record a program, and the goroutine behind each sample"},
	{"report", cmd_report, "group the samples of a recording by any keys"},
	{"script", cmd_script, "print the samples, one a line, as text or JSON"},
	{"flame", cmd_flame, "draw the stacks of a recording as one SVG file"},
	{"folded", cmd_folded, "print the stacks, one a line with its weight"},
	{"pprof", cmd_pprof,
	 "write the stacks as a profile for go tool pprof, and for go build -pgo"},
	{"firefox", cmd_firefox, "write the samples, in time, for profiler.firefox.com"},
	{"inject", cmd_inject, "write a recording that stock perf sorts by the keys"},
	{"timeline", cmd_timeline, "tell how long goroutines ran, could have run, waited for what"},
	{"goroutines", cmd_goroutines,
	 "show the goroutines of a process, what they wait for, who started them"},
	{"snapshot", cmd_snapshot, "keep all goroutines of a process at a moment"},
	{"addr2line", cmd_addr2line, "translate addresses of a binary, inlined calls too"},
	{"info", cmd_info, "say what is in a recording or in a Go binary"},
	{"keys", cmd_keys, "list the keys to sort, print and filter by"},
	{"help", cmd_help, "show the manual page of a command"},
};

static int list_commands(void)
{
	puts("perf go: Linux perf, with an understanding of Go\n\nusage: perf go COMMAND …\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].doc);
	puts("\nperf go help COMMAND tells more.");
	return 0;
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return list_commands();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-v"))
		return printf("perf-go version %s\n", PERFGO_VERSION) < 0;
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help_show("");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return complain_usage("", "unknown command '%s'", argv[1]);
}

/* What is not written must not go unnoticed. The errno of an earlier failure is no longer known. */
static int finish_stdout(int status)
{
	bool failed_before = ferror(stdout);
	if (fflush(stdout))
		return complain(perfgo_error_errno(errno, "cannot write standard output"));
	return failed_before ? complain(perfgo_error_new("cannot write standard output")) : status;
}

/*
 * The reader has enough, as head does or a pager that was left. Of a command that dies of the
 * signal perf says that it cannot be run (execv_dashed_external, tools/perf/perf.c, perf 6.12), so
 * this exits, with the status a shell would give.
 */
static void stop_writing(int number)
{
	_exit(128 + number);
}

int main(int argc, char **argv)
{
	if (signal(SIGPIPE, stop_writing) == SIG_IGN)
		signal(SIGPIPE, SIG_IGN);
	/* Names are shown as UTF-8; numbers stay as C writes them. */
	setlocale(LC_CTYPE, "");
	return finish_stdout(run(argc, argv));
}
