// SPDX-License-Identifier: GPL-2.0-only
/* perf go pprof: the samples of a recording as a profile for `go tool pprof` and `go build -pgo`.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "out/replace_file.h"
#include "out/writer.h"
#include "pprof_profile.h"

static const char default_output[] = "perf.pb.gz";

struct pprof_command {
	struct recording_options recording;
	const char *output, *labels, *event;
	struct key_list keys;
	struct sample_classes_options classes;
};

static bool to_stdout(const struct pprof_command *command)
{
	return !strcmp(command->output, "-");
}

/* A recording is never written over. */
static struct perfgo_error *check_output(const struct pprof_command *command,
					 const struct recording *recording)
{
	struct stat status;
	if (!to_stdout(command) && !stat(command->output, &status) &&
	    perfdata_reads(session_data(recording->session), &status))
		return perfgo_error_new("%s: is the recording itself, which stays as it is",
					command->output);
	return NULL;
}

/* As in the profiles of runtime/pprof, a goroutine's own labels are there unasked. */
static void choose_labels(struct pprof_command *command, const struct recording *recording)
{
	const struct key *own = key_find("golabels");
	if (!command->labels && key_answered(own, recording->session))
		command->keys = (struct key_list){.count = 1, .keys = {own}};
	command->classes.by = command->keys;
}

static void note_need(const struct key *key, void *context)
{
	recording_prepare(context, key);
}

static void prepare(struct pprof_command *command, struct recording *recording)
{
	const struct key *cycles = key_find("mem_cycles");
	if (key_answered(cycles, recording->session))
		command->classes.sum = cycles;
	choose_labels(command, recording);
	for (size_t i = 0; i < command->keys.count; i++)
		recording_prepare(recording, command->keys.keys[i]);
	filter_keys(command->classes.filter, note_need, recording);
	attribution_want_lines(recording->attribution, BINARY_ALL_LINES);
}

static struct perfgo_error *read_all(struct recording *recording, struct sample_classes *classes)
{
	struct batch batch;
	for (;;) {
		struct perfgo_error *error = session_read(recording->session, &batch);
		if (!error && !batch.count)
			return NULL;
		if (!error)
			error = sample_classes_add(classes, &batch);
		if (error)
			return error;
	}
}

/* The names of a recording's events, for an error's hint. */
static void list_events(const struct perfdata *data, char *text, size_t size)
{
	size_t used = 0;
	*text = 0;
	for (size_t i = 0; i < perfdata_nr_events(data) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 perfdata_event(data, i)->name);
}

/* -1 stands for all. */
static struct perfgo_error *find_event(const char *name, const struct perfdata *data, int *ret)
{
	char names[512];
	*ret = -1;
	if (!name)
		return NULL;
	for (size_t i = 0; i < perfdata_nr_events(data); i++)
		if (!strcmp(perfdata_event(data, i)->name, name))
			*ret = (int)i;
	if (*ret >= 0)
		return NULL;
	list_events(data, names, sizeof(names));
	return perfgo_error_hint(perfgo_error_new("%s: has no event %s", perfdata_path(data), name),
				 "its events are: %s", names);
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

static struct perfgo_error *write_output(const struct pprof_command *command, const void *bytes,
					 size_t size)
{
	if (!to_stdout(command))
		return replace_file(command->output, bytes, size);
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	writer_bytes(&out, bytes, size);
	return writer_finish(&out);
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
		error = find_event(command->event, data, &options.event);
	if (!error)
		error = check_samples(command, classes, data, options.event);
	if (!error)
		error = pprof_profile(recording, classes, &options, &bytes, &size);
	progress_clear();
	return error ? error : write_output(command, bytes, size);
}

static struct perfgo_error *run(struct pprof_command *command)
{
	struct recording recording = {0};
	struct sample_classes *classes = NULL;
	struct perfgo_error *error = recording_open(&command->recording, &recording);
	if (!error)
		error = check_output(command, &recording);
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
	if (!status && !to_stdout(&command))
		suggest("go tool pprof -http=: shows it; go build -pgo= builds with it");
	return status;
}
