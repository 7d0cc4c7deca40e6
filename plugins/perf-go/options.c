// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
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
	struct option longs[2 * MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 3];
	char negated[MAX_OPTIONS][32];
};

static bool is_end(const struct option_spec *option)
{
	return !option->name && !option->letter;
}

static void build_table(const struct option_spec *options, struct getopt_table *table)
{
	struct option *next = table->longs;
	char *letter = table->shorts;
	*letter++ = ':';
	for (int i = 0; !is_end(&options[i]) && i < MAX_OPTIONS; i++) {
		const struct option_spec *option = &options[i];
		int has_value = option->kind == OPTION_FLAG ? no_argument : required_argument;
		if (option->letter) {
			*letter++ = option->letter;
			if (has_value)
				*letter++ = ':';
		}
		if (!option->name)
			continue;
		*next++ = (struct option){option->name, has_value, NULL, LONG_ONLY + i};
		if (has_value)
			continue;
		snprintf(table->negated[i], sizeof(table->negated[i]), "no-%s", option->name);
		*next++ = (struct option){table->negated[i], no_argument, NULL,
					  (LONG_ONLY + i) | NEGATED};
	}
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

static int set_option(const struct option_spec *option, bool negated, const char *command)
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
	case OPTION_NUMBER:
		*(double *)option->value = strtod(optarg, &end);
		if (end != optarg && !*end)
			return 0;
		return complain_usage(command, "--%s takes a number, not '%s'", option->name,
				      optarg);
	}
	return 0;
}

int options_parse(int argc, char **argv, const struct option_spec *options, int *first_ret)
{
	_cleanup_free_ struct getopt_table *table = calloc(1, sizeof(*table));
	if (!table)
		return complain(perfgo_error_no_memory());
	build_table(options, table);
	optind = 1;
	int got, status = 0;
	while (!status && (got = getopt_long(argc, argv, table->shorts, table->longs, NULL)) >= 0) {
		if (got == ':')
			return complain_usage(argv[0], "%s needs a value", argv[optind - 1]);
		if (got == '?')
			return complain_usage(argv[0], "unknown option %s", argv[optind - 1]);
		bool negated = got & NEGATED;
		const struct option_spec *option = got >= LONG_ONLY
							   ? &options[(got & ~NEGATED) - LONG_ONLY]
							   : option_of_letter(options, got);
		status = set_option(option, negated, argv[0]);
	}
	*first_ret = optind;
	return status;
}
