// SPDX-License-Identifier: GPL-2.0-only
/* perf go help: the manual pages, through man where it is there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "manual.h"
#include "options.h"

/* The line of a page that stands for the table of keys. */
static const char keys_here[] = ".\\\" The table of keys.\n";

/* The page as it is installed: with what the program itself knows put in. */
static struct writer complete_page(const char *page, size_t size)
{
	struct writer ret = writer_of_memory();
	const char *here = memmem(page, size, keys_here, strlen(keys_here));
	size_t before = here ? (size_t)(here - page) : size;
	writer_bytes(&ret, page, before);
	if (here)
		write_keys_manual(&ret);
	if (here)
		writer_bytes(&ret, here + strlen(keys_here), size - before - strlen(keys_here));
	return ret;
}

static bool has_man(void)
{
	return !access("/usr/bin/man", X_OK) || !access("/usr/local/bin/man", X_OK);
}

/* man pages by itself. False when it could not be run. */
static bool show_by_man(const char *page, size_t size)
{
	FILE *man = popen("man -l -", "w");
	if (!man)
		return false;
	fwrite(page, 1, size, man);
	int status = pclose(man);
	return WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

static int show(const char *command, bool raw)
{
	size_t size;
	const char *page = manual_page(command, &size);
	if (!page)
		return complain_usage("", "there is no command '%s'", command);
	struct writer complete = complete_page(page, size);
	page = writer_text(&complete, &size);
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	if (raw)
		writer_bytes(&out, page, size);
	else if (!isatty(STDOUT_FILENO) || !has_man() || !show_by_man(page, size))
		manual_render(page, size, &out);
	int status = complain(writer_finish(&out));
	perfgo_error_destroy(writer_finish(&complete));
	return status;
}

int help_show(const char *command)
{
	return show(command, false);
}

int cmd_help(int argc, char **argv)
{
	bool raw = false;
	const struct option_spec options[] = {
		{0, "raw", OPTION_FLAG, &raw},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (status)
		return status;
	if (argc > first + 1)
		return complain_usage(argv[0], "one command at a time: what is '%s'?",
				      argv[first + 1]);
	return show(first < argc ? argv[first] : "", raw);
}
