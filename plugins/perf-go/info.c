// SPDX-License-Identifier: GPL-2.0-only
/* perf go info: what is in a recording or in a Go binary. */
#include "info.h"

#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "pager.h"

static bool is_elf(const char *path)
{
	char magic[SELFMAG];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	       !memcmp(magic, ELFMAG, sizeof(magic));
}

void info_line(const struct info *info, const char *name, const char *format, ...)
{
	char text[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	writer_printf(info->out, "  %-14s  %s\n", name, text);
}

int cmd_info(int argc, char **argv)
{
	struct recording_options recording = {0};
	const char *format = "table";
	bool pager = true;
	const struct option_spec options[] = {
		RECORDING_OPTIONS(recording),
		{0, "format", OPTION_STRING, &format},
		{0, "pager", OPTION_FLAG, &pager},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status)
		status = recording_input(&recording, argc, argv, first);
	if (status)
		return status;
	bool json = !strcmp(format, "json");
	if (!json && strcmp(format, "table") != 0)
		return complain_usage(argv[0], "--format is table or json, not '%s'", format);
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	const struct info info = {
		.options = &recording,
		.json = json,
		.terminal = isatty(STDOUT_FILENO),
		.out = &out,
	};
	bool binary = is_elf(recording.input);
	struct perfgo_error *error = binary ? info_binary(&info) : info_recording(&info);
	if (pager && !error)
		pager_begin();
	struct perfgo_error *failed = writer_finish(&out);
	pager_end();
	if (error)
		perfgo_error_destroy(failed);
	status = complain(error ? error : failed);
	if (!status)
		suggest(binary ? "perf go addr2line -f -i -e FILE translates addresses"
			       : "perf go report shows where the samples are");
	return status;
}
