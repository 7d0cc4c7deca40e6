// SPDX-License-Identifier: GPL-2.0-only
#include "flame_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "out/writer.h"
#include "sampled_event.h"

enum { MAX_NAMES = 3 };

/* Takes what was written as a string, which the caller frees; NULL without memory. */
static char *take(struct writer *out)
{
	size_t size;
	const char *written = writer_text(out, &size);
	char *ret = written ? strndup(written, size) : NULL;
	struct perfgo_error *error = writer_finish(out);
	if (!error)
		return ret;
	perfgo_error_destroy(error);
	free(ret);
	return NULL;
}

static bool add_line(struct flame_text *text, struct writer *out)
{
	char *line = take(out);
	if (line)
		text->lines[text->nr_lines++] = line;
	return line;
}

static const struct gobin_info *go_of(const struct recording *recording, uint32_t dso)
{
	const struct binary *binary = attribution_binary(recording->attribution, dso);
	return binary && binary_go(binary) ? gobin_info(binary_go(binary)) : NULL;
}

/* The Go programs that stacks led into, "api (go1.26.8), b"; how many there are. */
static size_t write_programs(struct writer *out, const struct recording *recording, bool versions)
{
	const struct session *session = recording->session;
	const struct strings *strings = session_strings(recording->session);
	size_t count = 0;
	for (uint32_t dso = 1; dso <= session_nr_dsos(session); dso++) {
		const struct gobin_info *go = go_of(recording, dso);
		if (!go || count++ >= MAX_NAMES)
			continue;
		writer_printf(out, "%s%s", count > 1 ? ", " : "",
			      strings_text(strings, session_dso(session, dso)->short_name));
		if (versions && go->version)
			writer_printf(out, " (%s)", go->version);
	}
	if (count > MAX_NAMES)
		writer_printf(out, " and %zu more", count - MAX_NAMES);
	return count;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_of_several_events(const struct stack_profile_summary *summary)
{
	return summary->nr_events > 1 && !summary->of_other_events;
}

static const char *event_name(const struct recording *recording,
			      const struct stack_profile_summary *summary)
{
	if (is_of_several_events(summary))
		return "several events";
	return perfdata_event(session_data(recording->session), summary->event)->name;
}

/* "mem_cycles (latency of the access in cycles)" */
static bool make_weight(struct flame_text *text, const struct key *weight,
			const struct recording *recording,
			const struct stack_profile_summary *summary)
{
	const struct perfdata *data = session_data(recording->session);
	bool is_time = weight == key_find("period") && !is_of_several_events(summary) &&
		       event_is_clock(perfdata_event(data, summary->event));
	struct writer out = writer_of_memory();
	if (is_time)
		text->unit = " ns";
	if (weight)
		writer_printf(&out, "%s (%s)", weight->name,
			      is_time ? "CPU time in ns" : weight->doc);
	else
		writer_string(&out, "samples");
	text->weight = take(&out);
	return text->weight;
}

/* The weight is told where it is another than the event's own. */
static bool make_title(struct flame_text *text, const struct key *weight,
		       const struct recording *recording,
		       const struct stack_profile_summary *summary)
{
	struct writer out = writer_of_memory();
	if (!write_programs(&out, recording, false))
		writer_string(&out, base_name(perfdata_path(session_data(recording->session))));
	writer_printf(&out, ": %s", event_name(recording, summary));
	if (weight && weight != key_find("period"))
		writer_printf(&out, " by %s", weight->name);
	text->title = take(&out);
	return text->title;
}

static void write_time(struct writer *out, const char *what, time_t seconds)
{
	struct tm parts;
	char text[64];
	if (gmtime_r(&seconds, &parts) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts))
		writer_printf(out, "%s %s", what, text);
}

/* When it was: known where the recording has the time of day (perf record -k), else the file's. */
static void write_date(struct writer *out, const struct recording *recording,
		       const struct stack_profile_summary *summary)
{
	const struct perfdata *data = session_data(recording->session);
	const struct perfdata_header *header = perfdata_header(data);
	struct stat status;
	if (header->has_clock && summary->first_time) {
		uint64_t ns = header->wall_clock_ns + summary->first_time - header->clock_ns;
		write_time(out, "; recorded", (time_t)(ns / 1000000000));
	} else if (!stat(perfdata_path(data), &status)) {
		write_time(out, "; file of", status.st_mtime);
	}
	if (header->hostname)
		writer_printf(out, " on %s", header->hostname);
	if (header->arch)
		writer_printf(out, ", %s", header->arch);
}

static void write_samples(struct writer *out, const struct recording *recording,
			  const struct stack_profile_summary *summary)
{
	const struct perfdata_counts *counts = perfdata_counts(session_data(recording->session));
	uint64_t lost = counts->lost + counts->lost_samples;
	double seconds = (double)(summary->last_time - summary->first_time) / 1e9;
	writer_grouped(out, summary->samples);
	writer_printf(out, " sample%s of %s", summary->samples == 1 ? "" : "s",
		      event_name(recording, summary));
	if (seconds > 0)
		writer_printf(out, " over %.*f s", seconds < 10 ? 2 : 1, seconds);
	if (lost) {
		writer_string(out, ", ");
		writer_grouped(out, lost);
		writer_string(out, " lost");
	}
	if (summary->filtered) {
		writer_string(out, ", ");
		writer_grouped(out, summary->filtered);
		writer_string(out, " filtered out");
	}
}

bool flame_text_add(struct flame_text *text, const struct gather *gather,
		    const struct recording *recording, const struct stack_profile_summary *summary,
		    enum stack_side side)
{
	const struct key *weight = gather->stacks.weight;
	struct writer out = writer_of_memory();
	if (side == STACKS_BEFORE)
		writer_string(&out, "before: ");
	write_samples(&out, recording, summary);
	writer_string(&out, "; ");
	if (!write_programs(&out, recording, true))
		writer_string(&out, base_name(perfdata_path(session_data(recording->session))));
	write_date(&out, recording, summary);
	return add_line(text, &out) &&
	       (text->title || make_title(text, weight, recording, summary)) &&
	       (text->weight || make_weight(text, weight, recording, summary));
}

static void write_selection(struct writer *out, const char *what, const char *values)
{
	if (values)
		writer_printf(out, "; only %s%s", what, values);
}

bool flame_text_add_options(struct flame_text *text, const struct gather_options *options,
			    bool compared)
{
	const struct recording_options *recording = &options->recording;
	struct writer out = writer_of_memory();
	writer_printf(&out, "width: %s of %s",
		      compared ? "mean of now's and before's share" : "share", text->weight);
	writer_string(&out, options->reverse ? "; callers below what they called" : "");
	if (options->by)
		writer_printf(&out, "; told apart by %s", options->by);
	write_selection(&out, "", recording->filter);
	write_selection(&out, "comm ", recording->comm);
	write_selection(&out, "dso ", recording->dso);
	write_selection(&out, "symbol ", recording->symbol);
	return add_line(text, &out);
}

void flame_text_deinit(struct flame_text *text)
{
	free(text->title);
	free(text->weight);
	for (size_t i = 0; i < text->nr_lines; i++)
		free(text->lines[i]);
}
