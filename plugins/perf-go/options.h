/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines in perf's manner from one table a command. */
#ifndef PERF_GO_OPTIONS_H
#define PERF_GO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG,   /* bool: --x, --no-x */
	OPTION_STRING, /* const char * */
	OPTION_NUMBER, /* double */
	OPTION_LIST,   /* const char *: repeated use is joined by commas */
	OPTION_CHOICE, /* int: 1 for --x, 0 for --no-x, else left as it is */
	/* const char *: "" without a value, which is the next word unless that is an option, as
	 * for perf's -g. */
	OPTION_OPTIONAL,
	OPTION_ATTACHED, /* the same, but a value is attached to it: -z9, --x=VALUE */
};

struct option_spec {
	char letter; /* 0: none */
	const char *name;
	enum option_kind kind;
	void *value;
};

/*
 * Parses argv[1..] by OPTIONS, which end with a row without name and letter. Words that are no
 * options are moved to the end; *FIRST_RET is the index of the first. Returns 0, or 2 after
 * complaining of the one option that was wrong. -h and --help show the command's manual page and
 * end the program.
 */
int options_parse(int argc, char **argv, const struct option_spec *options, int *first_ret);

/* The same where the first word that is no option is a command, with options of its own. */
int options_parse_command(int argc, char **argv, const struct option_spec *options, int *first_ret);

/*
 * The index of VALUE among COUNT rows of SIZE bytes that each begin with a name; -1 after
 * complaining that --OPTION of COMMAND takes only these.
 */
int options_choose(const char *command, const char *option, const char *value, const void *rows,
		   size_t count, size_t size);

#endif
