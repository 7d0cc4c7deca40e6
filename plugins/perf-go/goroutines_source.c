// SPDX-License-Identifier: GPL-2.0-only
/* Where the snapshot of a command comes from. */
#include <limits.h>
#include <stdlib.h>

#include "goproc/process.h"
#include "commands.h"
#include "goroutines.h"

uint32_t parse_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);
	return end != text && !*end && pid > 0 && pid <= INT_MAX ? (uint32_t)pid : 0;
}

static struct perfgo_error *take(struct memory *memory, const struct snapshot_options *options,
				 struct snapshot **ret)
{
	struct goproc *process;
	struct perfgo_error *error = goproc_open(memory, &process);
	if (error)
		return error;
	if (!process)
		return perfgo_error_new("%s (%u) is no Go program", memory_comm(memory),
					memory_pid(memory));
	if (goproc_info(process)->other)
		observer_warn(
			&terminal_observer,
			"%s has a second Go runtime, in %s: its goroutines are not among these",
			memory_comm(memory), goproc_info(process)->other);
	error = snapshot_take(process, options, ret);
	goproc_close(process);
	return error;
}

struct perfgo_error *goroutines_take(const struct goroutines_source *source,
				     const struct snapshot_options *options, struct snapshot **ret)
{
	struct memory *memory;
	if (source->snapshot)
		return snapshot_open(source->snapshot, ret);
	struct perfgo_error *error = source->core
					     ? memory_open_core(source->core, &memory)
					     : memory_open_process(parse_pid(source->pid), &memory);
	if (error)
		return error;
	error = take(memory, options, ret);
	memory_close(memory);
	return error;
}
