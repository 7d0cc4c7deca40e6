// SPDX-License-Identifier: GPL-2.0-only
/* perf go report: samples grouped by any keys. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "pager.h"
#include "view.h"

static const char default_sort[] = "comm,dso,sym";

static const struct format {
	const char *name;
	view_writer *write;
	double percent_limit;
} formats[] = {
	{"table", view_table, 0.5},
	{"json", view_json, 0},
	{"csv", view_csv, 0},
};

struct report_command {
	struct recording_options recording;
	const char *sort, *format, *callgraph;
	int children; /* -1: as the recording suggests */
	bool show_samples, inverted, stdio, pager;
	int inlines; /* 0: none, 1: those of C too, else only Go's */
	double percent_limit;
};

static void set_absolute(struct view *view)
{
	view->graph_form = GRAPH_AS_TREE;
	view->fractal = false;
}

static void set_fractal(struct view *view)
{
	view->graph_form = GRAPH_AS_TREE;
	view->fractal = true;
}

static void set_flat(struct view *view)
{
	view->graph_form = GRAPH_FLAT;
}

static void set_folded(struct view *view)
{
	view->graph_form = GRAPH_FOLDED;
}

static void set_percent(struct view *view)
{
	view->graph_value = GRAPH_PERCENT;
}

static void set_period(struct view *view)
{
	view->graph_value = GRAPH_PERIOD;
}

static void set_count(struct view *view)
{
	view->graph_value = GRAPH_COUNT;
}

static void set_caller(struct view *view)
{
	view->graph_order = GRAPH_OF_CALLER;
}

static void set_callee(struct view *view)
{
	view->graph_order = GRAPH_OF_CALLEE;
}

static void set_function(struct view *view)
{
	view->options.graph_by = GRAPH_BY_FUNCTION;
}

static void set_address(struct view *view)
{
	view->options.graph_by = GRAPH_BY_ADDRESS;
}

static void set_line(struct view *view)
{
	view->options.graph_by = GRAPH_BY_LINE;
}

static void set_none(struct view *view)
{
	view->graph = false;
}

/* The words of perf's --call-graph. */
static const struct {
	const char *word;
	void (*set)(struct view *view);
} graph_words[] = {
	{"graph", set_absolute},    {"fractal", set_fractal}, {"flat", set_flat},
	{"folded", set_folded},	    {"caller", set_caller},   {"callee", set_callee},
	{"function", set_function}, {"address", set_address}, {"srcline", set_line},
	{"percent", set_percent},   {"period", set_period},   {"count", set_count},
	{"none", set_none},
};

/* The first number is the least percentage, the second how many entries are shown at most. */
static bool parse_graph_number(const char *word, size_t nr_numbers, struct view *view)
{
	char *end;
	double number = strtod(word, &end);
	if (end == word || *end || !(number >= 0 && number <= UINT32_MAX) || nr_numbers > 1)
		return false;
	if (nr_numbers)
		view->graph_entries = (size_t)number;
	else
		view->graph_limit = number;
	return true;
}

/* One word of the list; false when it is none that is known. */
static bool parse_graph_word(const char *word, size_t *nr_numbers, struct view *view)
{
	for (size_t i = 0; i < sizeof(graph_words) / sizeof(*graph_words); i++) {
		if (strcmp(word, graph_words[i].word))
			continue;
		graph_words[i].set(view);
		return true;
	}
	return parse_graph_number(word, (*nr_numbers)++, view);
}

/* perf's list of words: graph,0.5,caller. Without a percentage in it, calls are left out as rows
 * are, if that is asked for (parse_percent_limit(), tools/perf/builtin-report.c, perf 6.12). */
static struct perfgo_error *parse_callgraph(const char *text, double row_limit, struct view *view)
{
	char word[32];
	size_t nr_numbers = 0;
	view->graph = text;
	view->graph_limit = isnan(row_limit) ? 0.5 : row_limit;
	while (text && *text) {
		size_t length = strcspn(text, ",");
		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (!parse_graph_word(word, &nr_numbers, view))
			return perfgo_error_hint(perfgo_error_new("-g does not take '%s'", word),
						 "its words are those of perf report -g: "
						 "graph,0.5,caller,function,percent");
		text += length + (text[length] != 0);
	}
	return NULL;
}

/* Takes WORD, with which perf's lists may begin, off the list: rows are sorted by it anyhow. */
static void drop_word(char *list, const char *word)
{
	size_t length = strlen(word);
	if (!strncmp(list, word, length) && (list[length] == ',' || !list[length]))
		memmove(list, list + length + (list[length] == ','),
			strlen(list + length + (list[length] == ',')) + 1);
}

/* Keys to sort by; those behind a + come after the default ones. */
static struct perfgo_error *parse_sort(const char *text, struct key_list *ret)
{
	char all[1024];
	const char *before = text && *text == '+' ? default_sort : "";
	snprintf(all, sizeof(all), "%s%s%s", before, *before ? "," : "",
		 text ? text + (*text == '+') : default_sort);
	drop_word(all, "overhead");
	struct perfgo_error *error = key_list_parse(*all ? all : default_sort, ret);
	for (size_t i = 0; !error && i < ret->count; i++)
		if (ret->keys[i]->kind == KEY_STACK || ret->keys[i]->kind == KEY_RECORD)
			error = perfgo_error_hint(
				perfgo_error_new("samples cannot be grouped by %s",
						 ret->keys[i]->name),
				ret->keys[i]->kind == KEY_STACK
					? "-g shows the calls below each row"
					: "perf go script shows it for each sample");
	return error;
}

static void prepare_keys(const struct view *view, struct recording *recording)
{
	recording_prepare_all(recording, &view->options.keys, view->options.filter);
	if (view->inlines || view->options.graph_by != GRAPH_BY_FUNCTION)
		attribution_want_lines(recording->attribution, BINARY_ALL_LINES);
}

static void note_times(struct view *view, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint64_t time = batch->samples[i].time;
		if (!time)
			continue;
		if (!view->first_time || time < view->first_time)
			view->first_time = time;
		if (time > view->last_time)
			view->last_time = time;
	}
}

static struct perfgo_error *add_samples(struct view *view, struct recording *recording)
{
	struct batch batch;
	struct perfgo_error *error = NULL;
	while (recording_next(recording, &batch, &error)) {
		error = report_add(view->report, &batch);
		note_times(view, &batch);
		goroutine_tally_add(&view->goroutines, recording->session, &batch);
	}
	return error ? error : report_finish(view->report, &view->events, &view->nr_events);
}

/* What can be wrong with the words of the command line. */
static struct perfgo_error *parse(const struct report_command *command, struct view *view)
{
	struct perfgo_error *error = parse_sort(command->sort, &view->options.keys);
	if (!error)
		error = parse_callgraph(command->callgraph, command->percent_limit, view);
	if (!error && command->inverted) {
		view->graph |= !command->callgraph;
		set_caller(view);
	}
	return error ? error : recording_filter(&command->recording, &view->options.filter);
}

static struct perfgo_error *make(const struct report_command *command, struct view *view,
				 struct recording *recording)
{
	struct perfgo_error *error = recording_open(&command->recording, recording);
	if (error)
		return error;
	bool callchains = key_answered(key_find("callchain"), recording->session);
	view->options.children = command->children < 0 ? callchains : command->children;
	view->options.callgraph = view->graph;
	prepare_keys(view, recording);
	error = report_new(recording->facts, &view->options, &view->report);
	return error ? error : add_samples(view, recording);
}

static struct perfgo_error *show(const struct report_command *command, const struct format *format,
				 struct view *view)
{
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	view->out = &out;
	progress_clear();
	if (command->pager)
		pager_begin();
	struct perfgo_error *error = format->write(view);
	struct perfgo_error *failed = writer_finish(&out);
	pager_end();
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

static int run(const struct report_command *command, const struct format *format)
{
	struct recording recording = {0};
	struct view view = {
		.recording = &recording,
		.input = command->recording.input,
		.show_samples = command->show_samples,
		.inlines = command->inlines == 1,
		.options.no_inlines = command->inlines == 0,
		.terminal = isatty(STDOUT_FILENO),
		.percent_limit = isnan(command->percent_limit) ? format->percent_limit
							       : command->percent_limit,
	};
	int status = complain_wrong(parse(command, &view));
	if (!status)
		status = complain(make(command, &view, &recording));
	if (!status)
		status = complain(show(command, format, &view));
	report_free(view.report);
	filter_free(view.options.filter);
	recording_close(&recording);
	return status;
}

int cmd_report(int argc, char **argv)
{
	struct report_command command = {
		.format = formats[0].name,
		.children = -1,
		.inlines = -1,
		.pager = true,
		.percent_limit = NAN,
	};
	const struct option_spec options[] = {
		RECORDING_OPTIONS(command.recording),
		FILTER_OPTIONS(command.recording),
		SNAPSHOT_OPTIONS(command.recording),
		{'s', "sort", OPTION_LIST, &command.sort},
		{0, "children", OPTION_CHOICE, &command.children},
		{'n', "show-nr-samples", OPTION_FLAG, &command.show_samples},
		{'g', "call-graph", OPTION_OPTIONAL, &command.callgraph},
		{'G', "inverted", OPTION_FLAG, &command.inverted},
		{0, "inline", OPTION_CHOICE, &command.inlines},
		{0, "format", OPTION_STRING, &command.format},
		{0, "percent-limit", OPTION_NUMBER, &command.percent_limit},
		{0, "stdio", OPTION_FLAG, &command.stdio},
		{0, "pager", OPTION_FLAG, &command.pager},
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
	if (!status)
		suggest(command.callgraph ? "perf go keys shows what else to sort by"
					  : "perf go report -g shows the calls below each row; "
					    "perf go keys what else to sort by");
	return status;
}
