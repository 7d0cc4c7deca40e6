// SPDX-License-Identifier: GPL-2.0-only
/* perf go timeline: what goroutines did all the time, from a recording with --sched. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "numbers.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/table.h"
#include "recording.h"
#include "report/timeline.h"
#include "timeline_trace.h"

enum { DEFAULT_ROWS = 40 };

static const char default_keys[] = "goid,goroutine";

struct timeline_command {
	struct recording_options recording;
	const char *by, *format, *trace;
	double rows; /* 0: all */
	struct recording data;
	struct timeline_options options;
	struct losses losses, known_losses; /* as they are read; of the time before */
	struct timeline *timeline;
	const struct timeline_row *found;
	size_t count;
	struct writer out;
};

/* A column besides those of the keys. TEXT is what a table shows, VALUE what programs read. */
struct measure {
	const char *name; /* in tables; times have _ns behind it elsewhere */
	bool is_time;
	uint64_t (*value)(const struct timeline_row *row);
};

#define MEASURE(name, expression)                                                                  \
	static uint64_t name##_of(const struct timeline_row *row)                                  \
	{                                                                                          \
		return expression;                                                                 \
	}
MEASURE(goroutines, row->goroutines)
MEASURE(running, row->time[TIMELINE_RUNNING])
MEASURE(runnable, row->time[TIMELINE_RUNNABLE])
MEASURE(waiting, row->time[TIMELINE_WAITING])
MEASURE(runs, row->runs)
MEASURE(delay_median, row->delay_median)
MEASURE(delay_99, row->delay_99)
MEASURE(delay_max, row->delay_max)
#undef MEASURE

static const struct measure measures[] = {
	{"goroutines", false, goroutines_of},
	{"running", true, running_of},
	{"runnable", true, runnable_of},
	{"waiting", true, waiting_of},
	{"runs", false, runs_of},
	{"delay_p50", true, delay_median_of},
	{"delay_p99", true, delay_99_of},
	{"delay_max", true, delay_max_of},
};

enum { MEASURES = sizeof(measures) / sizeof(*measures) };

static const char *reason_name(const struct timeline_command *command,
			       const struct timeline_reason *reason)
{
	const char *text = strings_text(session_strings(command->data.session), reason->reason);
	return text && *text ? text : "?";
}

static const char *key_value(const struct timeline_command *command, const struct timeline_row *row,
			     size_t i, char buffer[KEY_TEXT_SIZE])
{
	uint64_t value;
	bool known = timeline_value(command->timeline, row, i, &value);
	return key_text(command->options.keys.keys[i], command->data.facts, value, known, buffer);
}

/* "chan receive 98 %, sleep 2 %" */
static void add_reasons(const struct timeline_command *command, const struct timeline_row *row,
			struct table *table)
{
	char text[256] = "";
	size_t length = 0;
	for (size_t i = 0; i < row->nr_reasons && i < 2 && row->time[TIMELINE_WAITING]; i++) {
		double percent =
			100.0 * (double)row->reasons[i].time / (double)row->time[TIMELINE_WAITING];
		if (percent < 0.5)
			break;
		length += snprintf(text + length, sizeof(text) - length, "%s%s %.0f %%",
				   i ? ", " : "", reason_name(command, &row->reasons[i]), percent);
	}
	table_cell(table, text);
}

static void add_row(const struct timeline_command *command, const struct timeline_row *row,
		    struct table *table, bool terminal)
{
	char text[KEY_TEXT_SIZE], number[NUMBER_TEXT_SIZE];
	table_row(table);
	for (size_t i = 0; i < command->options.keys.count; i++)
		table_cell(table, key_value(command, row, i, text));
	for (size_t i = 0; i < MEASURES; i++) {
		uint64_t value = measures[i].value(row);
		table_cell(table, measures[i].is_time ? duration_text(value, number)
						      : number_text(value, terminal, number));
	}
	add_reasons(command, row, table);
}

static void write_header(struct timeline_command *command)
{
	char number[NUMBER_TEXT_SIZE], duration[NUMBER_TEXT_SIZE];
	const struct timeline_totals *totals = timeline_totals(command->timeline);
	writer_printf(&command->out, "# %s switches of goroutines over %s, from %s\n",
		      number_text(totals->switches, isatty(STDOUT_FILENO), number),
		      duration_text(totals->last - totals->first, duration),
		      perfdata_path(session_data(command->data.session)));
}

static void write_footer(struct timeline_command *command, size_t shown)
{
	const struct timeline_totals *totals = timeline_totals(command->timeline);
	const struct perfdata_counts *counts = perfdata_counts(session_data(command->data.session));
	writer_string(&command->out, "# delay: from ready to running\n");
	if (shown < command->count)
		writer_printf(&command->out, "# %zu more rows: --rows 0 shows them\n",
			      command->count - shown);
	if (totals->inconsistent)
		writer_printf(&command->out,
			      "# %" PRIu64
			      " switches did not fit the one before: the time between is "
			      "not counted\n",
			      totals->inconsistent);
	if (counts->lost && command->options.losses)
		writer_printf(&command->out,
			      "# %" PRIu64 " records lost: %" PRIu64
			      " times in which they were are not counted; a larger -m loses "
			      "fewer\n",
			      counts->lost, totals->lost);
	else if (counts->lost)
		writer_printf(&command->out,
			      "# %" PRIu64
			      " records lost: times around them may be wrong; in a file they are "
			      "left out\n",
			      counts->lost);
}

static void cleanup_table(struct table **table)
{
	table_free(*table);
}

static struct perfgo_error *write_table(struct timeline_command *command)
{
	_cleanup_(cleanup_table) struct table *table = NULL;
	bool terminal = isatty(STDOUT_FILENO);
	size_t shown = command->count;
	struct perfgo_error *error = table_new(terminal, &table);
	if (error)
		return error;
	if (command->rows && shown > command->rows)
		shown = command->rows;
	write_header(command);
	for (size_t i = 0; i < command->options.keys.count; i++) {
		const struct key *key = command->options.keys.keys[i];
		table_column(table, key->name, key->kind != KEY_TEXT);
	}
	for (size_t i = 0; i < MEASURES; i++)
		table_column(table, measures[i].name, true);
	table_column(table, "waits for", false);
	for (size_t i = 0; i < shown; i++)
		add_row(command, &command->found[i], table, terminal);
	if (shown)
		error = table_write(table, "  ", &command->out);
	if (!error)
		write_footer(command, shown);
	return error;
}

static void json_keys(struct json *json, const struct timeline_command *command,
		      const struct timeline_row *row)
{
	char text[KEY_TEXT_SIZE];
	uint64_t value;
	for (size_t i = 0; i < command->options.keys.count; i++) {
		const struct key *key = command->options.keys.keys[i];
		json_key(json, key->name);
		if (!timeline_value(command->timeline, row, i, &value))
			json_null(json);
		else if (key->kind == KEY_NUMBER)
			json_unsigned(json, value);
		else if (key->kind == KEY_SIGNED)
			json_signed(json, (int32_t)value);
		else
			json_string(json, key_value(command, row, i, text));
	}
}

static struct perfgo_error *write_json(struct timeline_command *command)
{
	struct json json = {.writer = &command->out};
	char name[32];
	for (size_t r = 0; r < command->count; r++) {
		const struct timeline_row *row = &command->found[r];
		json_begin(&json, '{');
		json_keys(&json, command, row);
		for (size_t i = 0; i < MEASURES; i++) {
			snprintf(name, sizeof(name), "%s%s", measures[i].name,
				 measures[i].is_time ? "_ns" : "");
			json_key(&json, name);
			json_unsigned(&json, measures[i].value(row));
		}
		json_key(&json, "waiting_for_ns");
		json_begin(&json, '{');
		for (size_t i = 0; i < row->nr_reasons; i++) {
			json_key(&json, reason_name(command, &row->reasons[i]));
			json_unsigned(&json, row->reasons[i].time);
		}
		json_end(&json, '}');
		json_end(&json, '}');
		json_end_document(&json);
	}
	return NULL;
}

static struct perfgo_error *write_csv(struct timeline_command *command)
{
	char text[KEY_TEXT_SIZE];
	uint64_t value;
	for (size_t i = 0; i < command->options.keys.count; i++)
		writer_printf(&command->out, "%s,", command->options.keys.keys[i]->name);
	for (size_t i = 0; i < MEASURES; i++)
		writer_printf(&command->out, "%s%s%c", measures[i].name,
			      measures[i].is_time ? "_ns" : "", i + 1 < MEASURES ? ',' : '\n');
	for (size_t r = 0; r < command->count; r++) {
		const struct timeline_row *row = &command->found[r];
		for (size_t i = 0; i < command->options.keys.count; i++) {
			if (timeline_value(command->timeline, row, i, &value))
				csv_field(&command->out, key_value(command, row, i, text));
			writer_char(&command->out, ',');
		}
		for (size_t i = 0; i < MEASURES; i++) {
			writer_unsigned(&command->out, measures[i].value(row));
			writer_char(&command->out, i + 1 < MEASURES ? ',' : '\n');
		}
	}
	return NULL;
}

static const struct format {
	const char *name;
	struct perfgo_error *(*write)(struct timeline_command *command);
} formats[] = {{"table", write_table}, {"json", write_json}, {"csv", write_csv}};

static struct perfgo_error *add_switches(struct timeline_command *command)
{
	struct batch batch;
	struct perfgo_error *error = NULL;
	while (recording_next(&command->data, &batch, &error)) {
		error = timeline_add(command->timeline, &batch);
		if (!error && !losses_add(&command->losses, command->data.session, &batch))
			error = perfgo_error_no_memory();
	}
	return error ? error : timeline_finish(command->timeline, &command->found, &command->count);
}

static struct perfgo_error *no_switches(const struct timeline_command *command)
{
	if (timeline_totals(command->timeline)->switches)
		return NULL;
	return perfgo_error_hint(
		perfgo_error_new("%s has no switches of goroutines", command->recording.input),
		"record them with: perf go record --sched");
}

static struct perfgo_error *read_once(struct timeline_command *command,
				      struct timeline_trace **trace)
{
	struct recording *data = &command->data;
	struct perfgo_error *error = recording_open(&command->recording, data);
	if (!error && command->trace)
		error = timeline_trace_new(command->trace, session_strings(data->session), trace);
	if (error)
		return error;
	if (*trace) {
		command->options.visit = timeline_trace_add;
		command->options.context = *trace;
	}
	recording_prepare_all(data, &command->options.keys, command->options.filter);
	error = timeline_new(data->facts, &command->options, &command->timeline);
	if (!error)
		error = add_switches(command);
	return error ? error : no_switches(command);
}

/* Where something is missing is known when all has been read: what is piped in comes once only. */
static bool is_to_be_read_again(struct timeline_command *command)
{
	losses_finish(&command->losses);
	return command->losses.count && strcmp(command->recording.input, "-") != 0;
}

/* All but what was lost. */
static struct perfgo_error *read_again(struct timeline_command *command,
				       struct timeline_trace **trace)
{
	timeline_trace_free(*trace);
	*trace = NULL;
	timeline_free(command->timeline);
	command->timeline = NULL;
	recording_close(&command->data);
	command->data = (struct recording){0};
	command->known_losses = command->losses;
	command->losses = (struct losses){0};
	command->options.losses = &command->known_losses;
	/* It knows texts by their numbers in what was read before. */
	filter_free(command->options.filter);
	command->options.filter = NULL;
	struct perfgo_error *error =
		recording_filter(&command->recording, &command->options.filter);
	return error ? error : read_once(command, trace);
}

static struct perfgo_error *make(struct timeline_command *command, struct timeline_trace **trace)
{
	struct perfgo_error *error = read_once(command, trace);
	if (!error && is_to_be_read_again(command))
		error = read_again(command, trace);
	return error || !*trace ? error : timeline_trace_finish(*trace);
}

static struct perfgo_error *show(struct timeline_command *command, const struct format *format)
{
	command->out = writer_of_fd(STDOUT_FILENO, "standard output");
	progress_clear();
	struct perfgo_error *error = format->write(command);
	struct perfgo_error *failed = writer_finish(&command->out);
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

static int run(struct timeline_command *command, const struct format *format)
{
	struct timeline_trace *trace = NULL;
	struct perfgo_error *error =
		key_list_parse(command->by ? command->by : default_keys, &command->options.keys);
	if (!error)
		error = recording_filter(&command->recording, &command->options.filter);
	int status = complain_wrong(error);
	if (!status)
		status = complain(make(command, &trace));
	if (!status)
		status = complain(show(command, format));
	timeline_trace_free(trace);
	timeline_free(command->timeline);
	losses_deinit(&command->losses);
	losses_deinit(&command->known_losses);
	filter_free(command->options.filter);
	recording_close(&command->data);
	return status;
}

int cmd_timeline(int argc, char **argv)
{
	struct timeline_command command = {.format = formats[0].name, .rows = DEFAULT_ROWS};
	const struct option_spec options[] = {
		RECORDING_OPTIONS(command.recording),
		FILTER_OPTIONS(command.recording),
		{0, "by", OPTION_LIST, &command.by},
		{0, "rows", OPTION_NUMBER, &command.rows},
		{0, "format", OPTION_STRING, &command.format},
		{0, "trace", OPTION_STRING, &command.trace},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status)
		status = recording_input(&command.recording, argc, argv, first);
	if (status)
		return status;
	int chosen = options_choose(argv[0], "format", command.format, formats,
				    sizeof(formats) / sizeof(*formats), sizeof(*formats));
	if (chosen < 0)
		return 2;
	const struct format *format = &formats[chosen];
	status = run(&command, format);
	if (!status && command.trace)
		suggest("open the trace in Perfetto's UI, or in chrome://tracing");
	return status;
}
