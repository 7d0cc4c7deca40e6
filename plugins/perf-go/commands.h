/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of `perf go` share. Every command is one file and one row in main.c's table. */
#ifndef PERF_GO_COMMANDS_H
#define PERF_GO_COMMANDS_H

#include "base/error.h"
#include "base/observer.h"

/* A command gets its own name as argv[0]; exit status 0, 1 for a failure, 2 for wrong usage. */
int cmd_addr2line(int argc, char **argv);
int cmd_firefox(int argc, char **argv);
int cmd_flame(int argc, char **argv);
int cmd_folded(int argc, char **argv);
int cmd_goroutines(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_inject(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_pprof(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_script(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_timeline(int argc, char **argv);

/* Shows the manual page of a command, "" for that of perf-go itself; returns an exit status. */
int help_show(const char *command);

/* The table of keys as a list in a manual page. */
struct writer;
void write_keys_manual(struct writer *out);

/* Prints the error and its hint on stderr, frees it, returns 1. NULL prints nothing, returns 0. */
int complain(struct perfgo_error *error);

/* The same, but for wrong usage: returns 2. */
int complain_wrong(struct perfgo_error *error);

/* Says what is wrong with the usage of COMMAND: and where to read on, returns 2. */
int complain_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Warnings as lines on stderr, progress as one line there when it is a terminal. */
extern const struct observer terminal_observer;

/* What may come next, on a terminal only. */
void suggest(const char *next);

/* Takes the progress line away before something else is printed. */
void progress_clear(void);

/* Shows no more progress: what a command prints meanwhile tells it, and would be torn by it. */
void progress_end(void);

#endif
