// SPDX-License-Identifier: GPL-2.0-only
/* perf go pprof: the samples of a recording as a profile for `go tool pprof` and `go build -pgo`.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "commands.h"
#include "output.h"
#include "pprof_profile.h"
#include "sampled_event.h"

static const char default_output[] = "perf.pb.gz";

struct pprof_command {
	struct recording_options recording;
	const char *output, *labels, *event;
	struct key_list keys;
	struct sample_classes_options classes;
};

/* As in the profiles of runtime/pprof, a goroutine's own labels are there unasked. */
static void choose_labels(struct pprof_command *command, const struct recording *recording)
{
	const struct key *own = key_find("golabels");
	if (!command->labels && key_answered(own, recording->session))
		command->keys = (struct key_list){.count = 1, .keys = {own}};
	command->classes.by = command->keys;
}

static void prepare(struct pprof_command *command, struct recording *recording)
{
	const struct key *cycles = key_find("mem_cycles");
	if (key_answered(cycles, recording->session))
		command->classes.sum = cycles;
	choose_labels(command, recording);
	recording_prepare_all(recording, &command->keys, command->classes.filter);
	attribution_want_lines(recording->attribution, BINARY_ALL_LINES);
}

static struct perfgo_error *read_all(struct recording *recording, struct sample_classes *classes)
{
	struct batch batch;
	struct perfgo_error *error = NULL;
	while (recording_next(recording, &batch, &error))
		error = sample_classes_add(classes, &batch);
	return error;
}

/* An empty profile would be taken for a program that did nothing. */
static struct perfgo_error *check_samples(const struct pprof_command *command,
					  const struct sample_classes *classes,
					  const struct perfdata *data, int event)
{
	size_t count;
	const struct sample_class *class = sample_classes_get(classes, &count);
	for (size_t i = 0; i < count; i++)
		if (event < 0 || class[i].event == (uint32_t)event)
			return NULL;
	if (sample_classes_totals(classes)->filtered)
		return perfgo_error_new("%s: no sample passes the filter", perfdata_path(data));
	return event < 0 ? perfgo_error_new("%s: there are no samples", perfdata_path(data))
			 : perfgo_error_new("%s: there are no samples of %s", perfdata_path(data),
					    command->event);
}

static struct perfgo_error *convert(struct pprof_command *command, struct recording *recording,
				    struct sample_classes *classes)
{
	_cleanup_free_ void *bytes = NULL;
	size_t size = 0;
	struct profile_options options = {
		.labels = &command->keys,
		.sum_unit = command->classes.sum ? "cycles" : NULL,
	};
	const struct perfdata *data = session_data(recording->session);
	struct perfgo_error *error = read_all(recording, classes);
	if (!error)
		error = event_by_name(data, command->event, &options.event);
	if (!error)
		error = check_samples(command, classes, data, options.event);
	if (!error)
		error = pprof_profile(recording, classes, &options, &bytes, &size);
	progress_clear();
	return error ? error : output_write(command->output, bytes, size);
}

static struct perfgo_error *run(struct pprof_command *command)
{
	struct recording recording = {0};
	struct sample_classes *classes = NULL;
	struct perfgo_error *error = recording_open(&command->recording, &recording);
	if (!error)
		error = output_check(command->output, &recording);
	if (!error) {
		prepare(command, &recording);
		error = sample_classes_new(recording.facts, &command->classes, &classes);
	}
	if (!error)
		error = convert(command, &recording, classes);
	sample_classes_free(classes);
	recording_close(&recording);
	return error;
}

/* What can be wrong with the words of the command line. */
static struct perfgo_error *check(struct pprof_command *command)
{
	struct perfgo_error *error = NULL;
	if (command->labels && *command->labels)
		error = key_list_parse(command->labels, &command->keys);
	command->classes.by = command->keys;
	if (!error)
		error = sample_classes_check(&command->classes);
	return error ? error : recording_filter(&command->recording, &command->classes.filter);
}

int cmd_pprof(int argc, char **argv)
{
	struct pprof_command command = {.output = default_output};
	const struct option_spec specs[] = {
		RECORDING_OPTIONS(command.recording),
		FILTER_OPTIONS(command.recording),
		SNAPSHOT_OPTIONS(command.recording),
		{'o', "output", OPTION_STRING, &command.output},
		{0, "labels", OPTION_LIST, &command.labels},
		{0, "event", OPTION_STRING, &command.event},
		{0},
	};
	int first, status = options_parse(argc, argv, specs, &first);
	if (!status)
		status = recording_input(&command.recording, argc, argv, first);
	if (!status)
		status = complain_wrong(check(&command));
	if (!status)
		status = complain(run(&command));
	filter_free(command.classes.filter);
	if (!status && !output_is_stdout(command.output))
		suggest("go tool pprof -http=: shows it; go build -pgo= builds with it");
	return status;
}
