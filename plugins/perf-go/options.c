// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "commands.h"

enum {
	MAX_OPTIONS = 64,
	NEGATED = 1 << 16, /* added to the value getopt returns for --no-x */
	LONG_ONLY = 1 << 8,
};

/* The same table in getopt's words: each flag a second time with "no-" before or taken off. */
struct getopt_table {
	struct option longs[2 * MAX_OPTIONS + 2];
	char shorts[3 * MAX_OPTIONS + 5];
	char negated[MAX_OPTIONS][32];
};

static bool is_end(const struct option_spec *option)
{
	return !option->name && !option->letter;
}

static int argument_of(enum option_kind kind)
{
	switch (kind) {
	case OPTION_FLAG:
	case OPTION_CHOICE:
		return no_argument;
	case OPTION_OPTIONAL:
	case OPTION_ATTACHED:
		return optional_argument;
	default:
		return required_argument;
	}
}

static void build_table(const struct option_spec *options, bool command, struct getopt_table *table)
{
	struct option *next = table->longs;
	char *letter = table->shorts;
	if (command)
		*letter++ = '+';
	*letter++ = ':';
	for (int i = 0; !is_end(&options[i]) && i < MAX_OPTIONS; i++) {
		const struct option_spec *option = &options[i];
		int argument = argument_of(option->kind);
		if (option->letter) {
			*letter++ = option->letter;
			for (int colon = 0; colon < argument; colon++)
				*letter++ = ':';
		}
		if (!option->name)
			continue;
		*next++ = (struct option){option->name, argument, NULL, LONG_ONLY + i};
		if (argument != no_argument)
			continue;
		snprintf(table->negated[i], sizeof(table->negated[i]), "no-%s", option->name);
		*next++ = (struct option){table->negated[i], no_argument, NULL,
					  (LONG_ONLY + i) | NEGATED};
	}
	*letter = 'h';
	*next = (struct option){"help", no_argument, NULL, 'h'};
}

static const struct option_spec *option_of_letter(const struct option_spec *options, int letter)
{
	for (; !is_end(options); options++)
		if (options->letter == letter)
			return options;
	return NULL;
}

/* Joins repeated lists. What is joined lives as long as the program, like argv. */
static const char *join(const char *before, const char *more)
{
	char *both;
	return before && asprintf(&both, "%s,%s", before, more) > 0 ? both : more;
}

/* Takes the next word as the value of an option that may have one. */
static const char *optional_value(int argc, char **argv)
{
	if (optarg)
		return optarg;
	return optind < argc && argv[optind][0] != '-' ? argv[optind++] : "";
}

static int set_option(const struct option_spec *option, bool negated, int argc, char **argv)
{
	char *end;
	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)option->value = !negated;
		return 0;
	case OPTION_STRING:
		*(const char **)option->value = optarg;
		return 0;
	case OPTION_LIST:
		*(const char **)option->value = join(*(const char **)option->value, optarg);
		return 0;
	case OPTION_CHOICE:
		*(int *)option->value = !negated;
		return 0;
	case OPTION_OPTIONAL:
		*(const char **)option->value = optional_value(argc, argv);
		return 0;
	case OPTION_ATTACHED:
		*(const char **)option->value = optarg ? optarg : "";
		return 0;
	case OPTION_NUMBER:
		*(double *)option->value = strtod(optarg, &end);
		if (end != optarg && !*end && isfinite(*(double *)option->value) &&
		    *(double *)option->value >= 0)
			return 0;
		return complain_usage(argv[0], "--%s takes a number from 0 on, not '%s'",
				      option->name, optarg);
	}
	return 0;
}

/* Of several letters in a word getopt says which it is. */
static int complain_option(bool needs_value, char **argv)
{
	char letter[] = {'-', (char)optopt, 0};
	const char *option = optopt > 0 && optopt < LONG_ONLY ? letter : argv[optind - 1];
	return needs_value ? complain_usage(argv[0], "%s needs a value", option)
			   : complain_usage(argv[0], "unknown option %s", option);
}

static int parse(int argc, char **argv, const struct option_spec *options, bool command,
		 int *first_ret)
{
	_cleanup_free_ struct getopt_table *table = calloc(1, sizeof(*table));
	if (!table)
		return complain(perfgo_error_no_memory());
	build_table(options, command, table);
	optind = 1;
	int got, status = 0;
	while (!status && (got = getopt_long(argc, argv, table->shorts, table->longs, NULL)) >= 0) {
		if (got == ':' || got == '?')
			return complain_option(got == ':', argv);
		if (got == 'h')
			exit(help_show(argv[0]));
		bool negated = got & NEGATED;
		const struct option_spec *option = got >= LONG_ONLY
							   ? &options[(got & ~NEGATED) - LONG_ONLY]
							   : option_of_letter(options, got);
		status = set_option(option, negated, argc, argv);
	}
	*first_ret = optind;
	return status;
}

int options_parse(int argc, char **argv, const struct option_spec *options, int *first_ret)
{
	return parse(argc, argv, options, false, first_ret);
}

int options_parse_command(int argc, char **argv, const struct option_spec *options, int *first_ret)
{
	return parse(argc, argv, options, true, first_ret);
}

int options_choose(const char *command, const char *option, const char *value, const void *rows,
		   size_t count, size_t size)
{
	char names[256] = "";
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = *(const char *const *)((const char *)rows + i * size);
		if (!strcmp(name, value))
			return (int)i;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 !i		  ? ""
					 : i + 1 == count ? " or "
							  : ", ",
					 name);
	}
	complain_usage(command, "--%s is %s, not '%s'", option, names, value);
	return -1;
}
