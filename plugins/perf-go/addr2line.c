// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf go addr2line: GNU addr2line's options, input and output (binutils 2.40, addr2line.c), for Go
 * binaries whether stripped or not, and for all others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/binary.h"
#include "base/cleanup.h"
#include "commands.h"
#include "options.h"

struct addr2line {
	const char *executable, *section;
	bool functions, inlines, addresses, pretty, basenames, demangle;
	uint64_t base; /* addresses count from here */
	struct binary *binary;
	struct binary_location found;
};

static void print_frame(const struct addr2line *how, const struct binary_frame *frame)
{
	/* GNU addr2line repeats that of the innermost for the callers. */
	unsigned int discriminator = how->found.frames[0].discriminator;
	const char *function = how->demangle || frame->go ? frame->function : frame->linkage;
	const char *file = frame->file ? frame->file : "??";
	const char *slash = how->basenames ? strrchr(file, '/') : NULL;
	if (how->functions)
		printf("%s%s", function ? function : "??", how->pretty ? " at " : "\n");
	printf("%s:", slash ? slash + 1 : file);
	if (!frame->line)
		puts("?");
	else if (discriminator)
		printf("%d (discriminator %u)\n", frame->line, discriminator);
	else
		printf("%d\n", frame->line);
}

static void translate(struct addr2line *how, const char *text)
{
	uint64_t address = strtoull(text, NULL, 16) + how->base;
	if (how->addresses)
		printf("0x%016" PRIx64 "%s", address, how->pretty ? ": " : "\n");
	binary_locate(how->binary, address, BINARY_ALL_LINES, &how->found);
	size_t count = how->inlines ? how->found.count : how->found.count > 0;
	for (size_t i = 0; i < count; i++) {
		if (i && how->pretty)
			fputs(" (inlined by) ", stdout);
		print_frame(how, &how->found.frames[i]);
	}
	if (!count)
		printf("%s??:0\n", !how->functions ? "" : how->pretty ? "?? " : "??\n");
}

/* An answer a line, and at once: others use the command as a coprocess. */
static void translate_lines(struct addr2line *how)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) >= 0) {
		translate(how, line);
		fflush(stdout);
	}
}

static struct perfgo_error *open_binary(struct addr2line *how)
{
	struct perfgo_error *error = binary_open(how->executable, &how->binary);
	if (error)
		return error;
	struct perfgo_error *without_go = binary_take_go_error(how->binary);
	if (without_go)
		observer_warn(&terminal_observer, "%s", perfgo_error_text(without_go));
	perfgo_error_destroy(without_go);
	return NULL;
}

static struct perfgo_error *find_base(struct addr2line *how)
{
	struct image_section section;
	if (!how->section)
		return NULL;
	if (!image_section(binary_image(how->binary), how->section, &section))
		return perfgo_error_new("%s: no section %s", how->executable, how->section);
	how->base = section.address;
	return NULL;
}

int cmd_addr2line(int argc, char **argv)
{
	struct addr2line how = {.executable = "a.out"};
	const struct option_spec options[] = {
		{'e', "exe", OPTION_STRING, &how.executable},
		{'f', "functions", OPTION_FLAG, &how.functions},
		{'i', "inlines", OPTION_FLAG, &how.inlines},
		{'a', "addresses", OPTION_FLAG, &how.addresses},
		{'p', "pretty-print", OPTION_FLAG, &how.pretty},
		{'s', "basenames", OPTION_FLAG, &how.basenames},
		{'C', "demangle", OPTION_FLAG, &how.demangle},
		{'j', "section", OPTION_STRING, &how.section},
		{0},
	};
	int first;
	if (options_parse(argc, argv, options, &first))
		return 2;
	struct perfgo_error *error = open_binary(&how);
	if (!error)
		error = find_base(&how);
	if (!error && first == argc)
		translate_lines(&how);
	for (int i = first; i < argc && !error; i++)
		translate(&how, argv[i]);
	binary_close(how.binary);
	return complain(error);
}
