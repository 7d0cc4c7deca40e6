// SPDX-License-Identifier: GPL-2.0-only
/* perf go snapshot: all goroutines of a process at a moment, into a file. */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "goroutines.h"
#include "numbers.h"
#include "options.h"
#include "out/replace_file.h"

static struct perfgo_error *write_snapshot(struct snapshot *snapshot, const char *path)
{
	size_t size;
	const void *bytes = snapshot_bytes(snapshot, &size);
	if (!bytes)
		return perfgo_error_no_memory();
	return replace_file(path, bytes, size);
}

static void tell(const struct snapshot_info *info, const char *path)
{
	char took[NUMBER_TEXT_SIZE];
	fprintf(stderr, "%" PRIu64 " goroutines of %s (%u), %s, taken in %s, in %s\n",
		info->nr_goroutines, info->comm, info->pid,
		*info->version ? info->version : "release unknown",
		duration_text(info->end - info->begin, took), path);
	if (info->torn)
		observer_warn(&terminal_observer,
			      "%" PRIu64 " could not be read, or kept changing, and are missing",
			      info->torn);
}

static struct perfgo_error *run(const struct goroutines_source *source,
				const struct snapshot_options *options, const char *output)
{
	struct snapshot *snapshot;
	struct perfgo_error *error = goroutines_take(source, options, &snapshot);
	if (error)
		return error;
	error = write_snapshot(snapshot, output);
	if (!error)
		tell(snapshot_info(snapshot), output);
	snapshot_free(snapshot);
	return error;
}

int cmd_snapshot(int argc, char **argv)
{
	struct goroutines_source source = {0};
	struct snapshot_options take = {.stacks = true, .labels = true, .names = true};
	const char *output = NULL;
	const struct option_spec options[] = {
		{'p', "pid", OPTION_STRING, &source.pid},
		{0, "core", OPTION_STRING, &source.core},
		{'o', "output", OPTION_STRING, &output},
		{0, "stacks", OPTION_FLAG, &take.stacks},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status && first < argc)
		status = complain_usage(argv[0], "what is '%s'? a process is given by -p",
					argv[first]);
	if (status)
		return status;
	if (!source.pid == !source.core)
		return complain_usage(argv[0], "a snapshot of what? give -p PID or --core FILE");
	if (source.pid && !parse_pid(source.pid))
		return complain_usage(argv[0], "-p takes the id of a process, not '%s'",
				      source.pid);
	if (!output)
		return complain_usage(argv[0], "where to? give -o FILE");
	status = complain(run(&source, &take, output));
	if (!status)
		suggest("perf go goroutines --snapshot FILE --by gostate,goroutine");
	return status;
}
