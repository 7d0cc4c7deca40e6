// SPDX-License-Identifier: GPL-2.0-only
/* What a report says around its table: what it is about, what is left out, how far facts reach. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/binary.h"
#include "attribute/unwind.h"
#include "base/cleanup.h"
#include "numbers.h"
#include "perfdata/abi.h"
#include "view.h"

enum { MAX_NAMES = 3, BUILD_ID_DIGITS = 8 };

static const char *dso_name(const struct view *view, uint32_t id)
{
	const struct session *session = view->recording->session;
	return strings_text(session_strings((struct session *)session),
			    session_dso(session, id)->short_name);
}

/* Where a list of names stands: the first ones are told, then how many there are. */
static bool begin_name(const struct view *view, size_t count)
{
	if (count < MAX_NAMES && count)
		writer_string(view->out, ", ");
	return count < MAX_NAMES;
}

static void end_names(const struct view *view, size_t count)
{
	if (count > MAX_NAMES)
		writer_printf(view->out, " and %zu more", count - MAX_NAMES);
}

/* "api (go1.26.8, stripped, build id 9c41e0d2…)" */
static void write_go_binary(const struct view *view, uint32_t id, const struct binary *binary)
{
	const struct image *image = binary_image(binary);
	const char *version = gobin_info(binary_go(binary))->version;
	struct image_section symbols;
	size_t size = 0;
	const uint8_t *build_id = image_build_id(image, &size);
	writer_printf(view->out, "%s (%s", dso_name(view, id), version ? version : "Go");
	if (!image_section(image, ".symtab", &symbols))
		writer_string(view->out, ", stripped");
	if (size)
		writer_string(view->out, ", build id ");
	for (size_t i = 0; i < size && i < BUILD_ID_DIGITS / 2; i++)
		writer_printf(view->out, "%02x", build_id[i]);
	writer_string(view->out, size > BUILD_ID_DIGITS / 2 ? "…)" : ")");
}

/* The Go programs that were recorded, else the recording's own name. */
static void write_origin(const struct view *view)
{
	const struct recording *recording = view->recording;
	size_t count = 0, dsos = session_nr_dsos(recording->session);
	writer_string(view->out, ", from ");
	for (uint32_t id = 1; id <= dsos; id++) {
		const struct binary *binary = attribution_binary(recording->attribution, id);
		if (!binary || !binary_go(binary))
			continue;
		if (begin_name(view, count++))
			write_go_binary(view, id, binary);
	}
	end_names(view, count);
	if (!count)
		writer_string(view->out, perfdata_path(session_data(recording->session)));
}

void view_header(const struct view *view, const struct report_event *event)
{
	const struct perfdata_counts *counts =
		perfdata_counts(session_data(view->recording->session));
	uint64_t lost = counts->lost + counts->lost_samples;
	char count[NUMBER_TEXT_SIZE];
	writer_printf(view->out, "# %s sample%s of %s",
		      number_text(event->samples, view->terminal, count),
		      event->samples == 1 ? "" : "s", view_event_name(view, event));
	double seconds = (double)(view->last_time - view->first_time) / 1e9;
	if (seconds > 0)
		writer_printf(view->out, " over %.*f s", seconds < 10 ? 2 : 1, seconds);
	if (lost)
		writer_printf(view->out, ", %s lost", number_text(lost, view->terminal, count));
	write_origin(view);
	writer_char(view->out, '\n');
}

static void say_filtered(const struct view *view, const struct report_event *event)
{
	char passed[NUMBER_TEXT_SIZE], all[NUMBER_TEXT_SIZE];
	if (event->filtered_samples)
		writer_printf(view->out,
			      "# %s of %s samples pass the filter; percentages are of all\n",
			      number_text(event->samples - event->filtered_samples, view->terminal,
					  passed),
			      number_text(event->samples, view->terminal, all));
}

/* SHOWN rows stand in the table, those behind them are below the limit. */
static void say_left_out(const struct view *view, const struct report_event *event, size_t shown)
{
	uint64_t period = 0;
	size_t left_out = event->count - shown;
	if (!left_out)
		return;
	for (size_t i = shown; i < event->count; i++)
		period += event->rows[i].period;
	writer_printf(view->out,
		      "# %zu row%s below %g %% (%.1f %%%s) left out: --percent-limit 0 shows %s\n",
		      left_out, left_out == 1 ? "" : "s", view->percent_limit,
		      percent(period, event->period), view->options.children ? " self" : "",
		      left_out == 1 ? "it" : "them");
}

/* How many of an event's samples a key is known for. */
static uint64_t known_samples(const struct view *view, const struct report_event *event, size_t key)
{
	uint64_t known = 0, value;
	for (size_t i = 0; i < event->count; i++)
		if (report_value(view->report, &event->rows[i], key, &value))
			known += event->rows[i].samples;
	return known;
}

/* The keys that are known for none of the samples, else the share of those that miss some. */
static void say_known(const struct view *view, const struct report_event *event)
{
	uint64_t passed = event->samples - event->filtered_samples;
	const char *none = "# not known here: ", *some = "# ";
	for (size_t i = 0; i < view->options.keys.count; i++) {
		if (known_samples(view, event, i) || !passed)
			continue;
		writer_printf(view->out, "%s%s", none, view->options.keys.keys[i]->name);
		none = ", ";
	}
	if (*none == ',')
		writer_char(view->out, '\n');
	for (size_t i = 0; i < view->options.keys.count; i++) {
		const struct key *key = view->options.keys.keys[i];
		uint64_t known = known_samples(view, event, i);
		/* Of all goroutines view_goroutines() tells, but labels have gaps of their own. */
		if (key->of == KEY_OF_GOROUTINE && !key->labels && !key->label)
			continue;
		if (!known || known >= passed)
			continue;
		/* Neither none nor all, so never 0.00 or 100.00. */
		writer_printf(view->out, "%s%s known for %.2f %%", some, key->name,
			      fmin(fmax(percent(known, passed), 0.01), 99.99));
		some = ", ";
	}
	if (*some == ',')
		writer_string(view->out, " of samples\n");
}

void view_footer(const struct view *view, const struct report_event *event, size_t shown)
{
	say_filtered(view, event);
	say_left_out(view, event, shown);
	say_known(view, event);
}

/* Marks the dsos that samples led into: only their files have been looked for. */
static bool *dsos_in_use(const struct view *view)
{
	const struct attribution *attribution = view->recording->attribution;
	bool *used = calloc(session_nr_dsos(view->recording->session) + 1, sizeof(*used));
	for (uint32_t i = 0; used && i < attribution_nr_frames(attribution); i++)
		used[attribution_frame(attribution, i)->dso] = true;
	return used;
}

static void say_missing_binaries(const struct view *view)
{
	const struct recording *recording = view->recording;
	_cleanup_free_ bool *used = dsos_in_use(view);
	size_t count = 0, dsos = session_nr_dsos(recording->session);
	for (uint32_t id = 1; used && id <= dsos; id++) {
		if (!used[id] || session_dso(recording->session, id)->kind != DSO_FILE ||
		    attribution_binary(recording->attribution, id))
			continue;
		if (!count)
			writer_string(view->out, "# not found, or not the file that ran: ");
		if (begin_name(view, count++))
			writer_string(view->out, dso_name(view, id));
	}
	end_names(view, count);
	if (count)
		writer_string(view->out, " (--symfs DIR says where)\n");
}

static bool needs_binaries(const struct view *view)
{
	for (size_t i = 0; i < view->options.keys.count; i++)
		if (view->options.keys.keys[i]->of == KEY_OF_CODE)
			return true;
	return view->graph;
}

/* Stacks that end before their root, and why. */
static const struct {
	enum unwind_end end;
	const char *why;
} cuts[] = {
	{UNWIND_NO_MEMORY, "dump too short"}, {UNWIND_UNKNOWN_CODE, "unknown code"},
	{UNWIND_BAD, "damaged stack"},	      {UNWIND_FULL, "too deep"},
	{UNWIND_NO_DUMP, "no dump"},	      {UNWIND_NO_REGISTERS, "registers not recorded"},
	{UNWIND_32_BIT, "32-bit process"},
};

/* "# 41 of 9,874 stacks cut: 38 dump too short, 3 unknown code" */
static void say_cut_stacks(const struct view *view, const uint64_t *ends)
{
	char text[NUMBER_TEXT_SIZE];
	uint64_t all = 0, cut = 0;
	for (size_t i = 0; i < UNWIND_ENDS; i++)
		all += ends[i];
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++)
		cut += ends[cuts[i].end];
	if (!cut)
		return;
	writer_printf(view->out, "# %s of ", number_text(cut, view->terminal, text));
	writer_printf(view->out, "%s stacks cut:", number_text(all, view->terminal, text));
	const char *separator = " ";
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		uint64_t count = ends[cuts[i].end];
		if (!count)
			continue;
		writer_printf(view->out, "%s%s %s", separator,
			      number_text(count, view->terminal, text), cuts[i].why);
		separator = ", ";
	}
	writer_char(view->out, '\n');
}

/* Why callers are missing that were asked for. */
static void say_stacks(const struct view *view)
{
	const struct perfdata *data = session_data(view->recording->session);
	uint64_t recorded = 0;
	for (size_t i = 0; i < perfdata_nr_events(data); i++)
		recorded |= perfdata_event(data, i)->attr.sample_type;
	if (!view->graph && !view->options.children)
		return;
	say_cut_stacks(view, attribution_stack_ends(view->recording->attribution));
	if (!(recorded & (PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_STACK_USER)))
		writer_string(view->out, "# no callchains were recorded: perf record --call-graph "
					 "fp has the callers\n");
}

void view_closing(const struct view *view)
{
	const struct perfdata *data = session_data(view->recording->session);
	const struct perfdata_counts *counts = perfdata_counts(data);
	char count[NUMBER_TEXT_SIZE];
	if (counts->throttled)
		writer_printf(view->out, "# throttled %s times: the kernel dropped samples\n",
			      number_text(counts->throttled, view->terminal, count));
	if (counts->bad_samples)
		writer_printf(view->out, "# %s damaged samples skipped\n",
			      number_text(counts->bad_samples, view->terminal, count));
	if (perfdata_header(data)->truncated)
		writer_string(view->out, "# the recording is cut off: what follows is not known\n");
	view_goroutines(view);
	say_stacks(view);
	if (needs_binaries(view))
		say_missing_binaries(view);
}
