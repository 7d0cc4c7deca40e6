// SPDX-License-Identifier: GPL-2.0-only
/* perf go firefox: the samples of a recording, one by one in time, for profiler.firefox.com. */
#include <string.h>

#include "base/cleanup.h"
#include "commands.h"
#include "firefox_profile.h"
#include "output.h"

static const char default_output[] = "firefox.json.gz";

struct firefox_command {
	struct recording_options recording;
	struct firefox_options options;
	const char *output, *by;
};

static struct perfgo_error *convert(struct firefox_command *command, struct recording *recording)
{
	_cleanup_free_ void *bytes = NULL;
	size_t size = 0;
	recording_prepare_all(recording, NULL, command->options.filter);
	attribution_want_lines(recording->attribution, BINARY_ALL_LINES);
	struct perfgo_error *error = firefox_profile(recording, &command->options, &bytes, &size);
	progress_clear();
	return error ? error : output_write(command->output, bytes, size);
}

static struct perfgo_error *run(struct firefox_command *command)
{
	struct recording recording = {0};
	struct perfgo_error *error = recording_open(&command->recording, &recording);
	if (!error)
		error = output_check(command->output, &recording);
	if (!error)
		error = convert(command, &recording);
	recording_close(&recording);
	return error;
}

static int parse_by(const char *command, const char *by, bool *by_goroutine_ret)
{
	*by_goroutine_ret = !strcmp(by, "goroutine");
	if (*by_goroutine_ret || !strcmp(by, "thread"))
		return 0;
	return complain_usage(command, "--by is thread or goroutine, not '%s'", by);
}

int cmd_firefox(int argc, char **argv)
{
	struct firefox_command command = {.output = default_output, .by = "thread"};
	const struct option_spec specs[] = {
		RECORDING_OPTIONS(command.recording),
		FILTER_OPTIONS(command.recording),
		SNAPSHOT_OPTIONS(command.recording),
		{'o', "output", OPTION_STRING, &command.output},
		{0, "by", OPTION_STRING, &command.by},
		{0, "event", OPTION_STRING, &command.options.event},
		{0},
	};
	int first, status = options_parse(argc, argv, specs, &first);
	if (!status)
		status = recording_input(&command.recording, argc, argv, first);
	if (!status)
		status = parse_by(argv[0], command.by, &command.options.by_goroutine);
	if (!status)
		status = complain_wrong(
			recording_filter(&command.recording, &command.options.filter));
	if (!status)
		status = complain(run(&command));
	filter_free(command.options.filter);
	if (!status && !output_is_stdout(command.output))
		suggest("profiler.firefox.com opens it: nothing is sent anywhere");
	return status;
}
