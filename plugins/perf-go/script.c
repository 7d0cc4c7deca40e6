// SPDX-License-Identifier: GPL-2.0-only
/* perf go script: the samples of a recording, one after another. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "pager.h"
#include "script.h"

static const struct script_format *const formats[] = {&script_text, &script_json};

struct script_command {
	struct recording_options recording;
	const char *keys, *format;
	bool pager;
};

static const struct script_format *find_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

static void note_need(const struct key *key, void *context)
{
	struct script *script = context;
	script->needs_frames |= key->of == KEY_OF_CODE;
	recording_prepare(&script->recording, key);
}

void script_write_and_keep(struct script *script, struct writer *made, struct pieces *pieces,
			   uint32_t id)
{
	size_t size;
	const char *text = writer_text(made, &size);
	writer_bytes(script->to, text, size);
	pieces_keep(pieces, id, text, size);
	writer_clear(made);
}

static void fill_fields(struct script *script)
{
	for (size_t i = 0; i < script->fields.count; i++) {
		struct field *field = &script->fields.fields[i];
		if (field->key->kind != KEY_RECORD && !field->by_thing)
			key_fill(field->key, script->recording.facts, &script->batch,
				 script->frames, &field->column);
	}
}

static void write_batch(struct script *script)
{
	bool pass[BATCH_SIZE];
	memset(pass, true, script->batch.count);
	if (script->needs_frames)
		facts_frames(script->recording.facts, &script->batch, script->frames);
	filter_apply(script->filter, script->recording.facts, &script->batch, script->frames, pass);
	fill_fields(script);
	for (size_t i = 0; i < script->batch.count; i++)
		if (pass[i])
			script->format->write_sample(script, i);
}

/* What can be wrong with the words of the command line. */
static struct perfgo_error *parse(struct script *script, const struct script_command *command)
{
	struct perfgo_error *error =
		fields_parse(command->keys, script->format, NULL, &script->fields);
	script->fields.count = 0;
	return error ? error : recording_filter(&command->recording, &script->filter);
}

static struct perfgo_error *prepare(struct script *script, const struct script_command *command)
{
	struct perfgo_error *error = recording_open(&command->recording, &script->recording);
	if (error)
		return error;
	session_forget_exited(script->recording.session);
	const struct perfdata *data = session_data(script->recording.session);
	error = fields_parse(command->keys, script->format, script->recording.session,
			     &script->fields);
	if (error)
		return error;
	for (size_t i = 0; i < script->fields.count; i++)
		note_need(script->fields.fields[i].key, script);
	filter_keys(script->filter, note_need, script);
	script->arch = perfdata_header(data)->arch;
	return script->format->prepare(script);
}

static struct perfgo_error *write_all(struct script *script)
{
	struct perfgo_error *error = NULL;
	while (!error && !writer_failed(&script->out)) {
		error = session_read(script->recording.session, &script->batch);
		if (error || !script->batch.count)
			break;
		write_batch(script);
	}
	struct perfgo_error *failed = writer_finish(&script->out);
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

/* A terminal or a pipe shows samples while they are read, a file does not. */
static bool output_is_watched(void)
{
	struct stat stat;
	return !fstat(STDOUT_FILENO, &stat) && !S_ISREG(stat.st_mode);
}

static struct perfgo_error *show(struct script *script, bool pager)
{
	if (output_is_watched())
		progress_end();
	if (pager)
		pager_begin();
	struct perfgo_error *error = write_all(script);
	pager_end();
	return error;
}

static void deinit(struct script *script)
{
	for (size_t i = 0; i < script->fields.count; i++)
		free(script->fields.fields[i].label);
	free(script->fields.fields);
	for (size_t i = 0; i < script->nr_runs; i++)
		pieces_deinit(&script->runs[i].pieces);
	free(script->runs);
	pieces_deinit(&script->strings);
	pieces_deinit(&script->addresses);
	perfgo_error_destroy(writer_finish(&script->scratch));
	perfgo_error_destroy(writer_finish(&script->thing));
	filter_free(script->filter);
	recording_close(&script->recording);
}

int cmd_script(int argc, char **argv)
{
	struct script_command command = {.format = script_text.name, .pager = true};
	const struct option_spec options[] = {
		RECORDING_OPTIONS(command.recording),
		FILTER_OPTIONS(command.recording),
		SNAPSHOT_OPTIONS(command.recording),
		{'F', "fields", OPTION_LIST, &command.keys},
		{0, "format", OPTION_STRING, &command.format},
		{0, "pager", OPTION_FLAG, &command.pager},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status)
		status = recording_input(&command.recording, argc, argv, first);
	if (status)
		return status;
	struct script script = {
		.format = find_format(command.format),
		.out = writer_of_fd(STDOUT_FILENO, "standard output"),
		.scratch = writer_of_memory(),
		.thing = writer_of_memory(),
	};
	script.to = &script.out;
	if (!script.format)
		return complain_usage(argv[0], "--format is text or json, not '%s'",
				      command.format);
	status = complain_wrong(parse(&script, &command));
	if (!status)
		status = complain(prepare(&script, &command));
	if (!status)
		status = complain(show(&script, command.pager));
	deinit(&script);
	return status;
}
