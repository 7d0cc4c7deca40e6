// SPDX-License-Identifier: GPL-2.0-only
/* perf-go COMMAND …; perf itself runs it for `perf go COMMAND …`. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"addr2line", cmd_addr2line},
	{"info", cmd_info},
	{"keys", cmd_keys},
	{"report", cmd_report},
	{"script", cmd_script},
};

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	if (argc < 2)
		return complain_usage("", "which command?");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return complain_usage("", "unknown command '%s'", argv[1]);
}
