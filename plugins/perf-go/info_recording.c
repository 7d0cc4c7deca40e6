// SPDX-License-Identifier: GPL-2.0-only
/* perf go info of a recording. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "commands.h"
#include "info.h"
#include "numbers.h"
#include "out/table.h"

enum { WORDS_SIZE = 512 };

struct event_count {
	uint64_t samples, period;
};

/* What reading a recording to its end tells. */
struct survey {
	const struct info *info;
	struct recording recording;
	const struct perfdata *data;
	struct event_count *events;
	size_t nr_events, events_capacity;
	uint64_t *samples; /* by dso; 0 for those that only callers are in */
	bool *used;	   /* by dso */
	uint64_t total, first_time, last_time;
	struct goroutine_tally goroutines;
};

static void survey_deinit(struct survey *survey)
{
	free(survey->events);
	free(survey->samples);
	free(survey->used);
	recording_close(&survey->recording);
}

static struct perfgo_error *count_sample(struct survey *survey, const struct sample *sample)
{
	if (!array_reserve(survey->events, survey->events_capacity, (size_t)sample->event + 1))
		return perfgo_error_no_memory();
	for (; survey->nr_events <= sample->event; survey->nr_events++)
		survey->events[survey->nr_events] = (struct event_count){0};
	survey->events[sample->event].samples++;
	survey->events[sample->event].period += sample->period;
	survey->total++;
	if (sample->time && (!survey->first_time || sample->time < survey->first_time))
		survey->first_time = sample->time;
	if (sample->time > survey->last_time)
		survey->last_time = sample->time;
	return NULL;
}

/* Samples by location: dsos are not all known before the end. */
static struct perfgo_error *count_location(struct survey *survey, size_t *capacity,
					   uint32_t location)
{
	size_t before = *capacity;
	if (!array_reserve(survey->samples, *capacity, (size_t)location + 1))
		return perfgo_error_no_memory();
	memset(survey->samples + before, 0, (*capacity - before) * sizeof(*survey->samples));
	survey->samples[location]++;
	return NULL;
}

static struct perfgo_error *read_samples(struct survey *survey, size_t *capacity)
{
	const struct session *session = survey->recording.session;
	struct perfgo_error *error = NULL;
	struct batch batch;
	while (!error) {
		error = session_read(survey->recording.session, &batch);
		if (error || !batch.count)
			break;
		goroutine_tally_add(&survey->goroutines, session, &batch);
		for (size_t i = 0; i < batch.count && !error; i++) {
			error = count_sample(survey, &batch.samples[i]);
			if (!error)
				error = count_location(
					survey, capacity,
					session_address(session, batch.addresses[i])->location);
		}
	}
	return error;
}

/* Turns samples by location into samples by dso, and opens every binary there is code of. */
static struct perfgo_error *look_binaries_up(struct survey *survey, size_t counted)
{
	const struct session *session = survey->recording.session;
	uint64_t *samples = calloc(session_nr_dsos(session) + 1, sizeof(*samples));
	survey->used = calloc(session_nr_dsos(session) + 1, sizeof(*survey->used));
	if (!samples || !survey->used) {
		free(samples);
		return perfgo_error_no_memory();
	}
	for (uint32_t id = 0; id < session_nr_locations(session); id++) {
		uint32_t dso = session_location(session, id)->dso;
		attribution_frames(survey->recording.attribution, id);
		survey->used[dso] = true;
		samples[dso] += id < counted ? survey->samples[id] : 0;
	}
	free(survey->samples);
	survey->samples = samples;
	return NULL;
}

static struct perfgo_error *make_survey(struct survey *survey)
{
	size_t capacity = 0;
	struct perfgo_error *error = recording_open(survey->info->options, &survey->recording);
	if (error)
		return error;
	survey->data = session_data(survey->recording.session);
	error = read_samples(survey, &capacity);
	return error ? error : look_binaries_up(survey, capacity);
}

/* The words of perf evlist -v for a sample type. */
static const char *sample_words(uint64_t type, char buffer[WORDS_SIZE])
{
	static const char *const words[] = {
		"IP",
		"TID",
		"TIME",
		"ADDR",
		"READ",
		"CALLCHAIN",
		"ID",
		"CPU",
		"PERIOD",
		"STREAM_ID",
		"RAW",
		"BRANCH_STACK",
		"REGS_USER",
		"STACK_USER",
		"WEIGHT",
		"DATA_SRC",
		"IDENTIFIER",
		"TRANSACTION",
		"REGS_INTR",
		"PHYS_ADDR",
		"AUX",
		"CGROUP",
		"DATA_PAGE_SIZE",
		"CODE_PAGE_SIZE",
		"WEIGHT_STRUCT",
	};
	char *to = buffer;
	*to = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (type >> i & 1)
			to += snprintf(to, (size_t)(buffer + WORDS_SIZE - to), "%s%s",
				       to > buffer ? "|" : "", words[i]);
	return buffer;
}

static struct event_count count_of(const struct survey *survey, size_t event)
{
	return event < survey->nr_events ? survey->events[event] : (struct event_count){0};
}

static const char *dso_path(const struct survey *survey, uint32_t dso)
{
	const struct session *session = survey->recording.session;
	const char *name = strings_text(session_strings(survey->recording.session),
					session_dso(session, dso)->name);
	return name ? name : "[unknown]";
}

/* The build id as recorded; false when there is none. */
static bool dso_build_id(const struct survey *survey, uint32_t id, char text[BUILD_ID_TEXT_SIZE])
{
	size_t size;
	const uint8_t *build_id = session_build_id(survey->recording.session, id, &size);
	hex_text(build_id, size, text, BUILD_ID_TEXT_SIZE);
	return *text;
}

static const char *dso_found(const struct survey *survey, uint32_t id)
{
	if (session_dso(survey->recording.session, id)->kind != DSO_FILE)
		return "";
	return attribution_binary(survey->recording.attribution, id) ? "yes" : "no";
}

static const char *dso_release(const struct survey *survey, uint32_t id)
{
	const struct binary *binary = attribution_binary(survey->recording.attribution, id);
	if (!binary || !binary_go(binary))
		return NULL;
	const char *version = gobin_info(binary_go(binary))->version;
	return version ? version : "?";
}

static void print_header(const struct survey *survey)
{
	const struct info *info = survey->info;
	const struct perfdata_header *header = perfdata_header(survey->data);
	writer_printf(
		info->out, "%s: a recording in %s%s, %s-endian%s%s\n", perfdata_path(survey->data),
		header->pipe ? "pipe mode" : "file mode", header->directory ? ", a directory" : "",
		header->big_endian ? "big" : "little", header->compressed ? ", compressed" : "",
		header->truncated ? ", cut off" : "");
	if (header->hostname)
		info_line(info, "machine", "%s, %s %s, %u of %u CPUs (%s)", header->hostname,
			  header->arch ? header->arch : "?",
			  header->osrelease ? header->osrelease : "?", header->nr_cpus_online,
			  header->nr_cpus_available, header->cpudesc ? header->cpudesc : "?");
	if (header->version)
		info_line(info, "perf", "%s", header->version);
	struct writer words = writer_of_memory();
	size_t size;
	for (size_t i = 0; i < header->nr_command_line; i++)
		writer_printf(&words, "%s%s", i ? " " : "", header->command_line[i]);
	const char *text = writer_text(&words, &size);
	if (size)
		info_line(info, "command", "%.*s", (int)size, text);
	perfgo_error_destroy(writer_finish(&words));
}

static void print_counts(const struct survey *survey)
{
	const struct info *info = survey->info;
	const struct perfdata_counts *counts = perfdata_counts(survey->data);
	char samples[NUMBER_TEXT_SIZE], lost[NUMBER_TEXT_SIZE];
	bool grouped = info->terminal;
	info_line(info, "samples", "%s over %.3f s, %s lost",
		  number_text(survey->total, grouped, samples),
		  (double)(survey->last_time - survey->first_time) / 1e9,
		  number_text(counts->lost + counts->lost_samples, grouped, lost));
	if (counts->throttled)
		info_line(info, "throttled", "%s times",
			  number_text(counts->throttled, grouped, samples));
	if (counts->bad_samples)
		info_line(info, "damaged", "%s samples",
			  number_text(counts->bad_samples, grouped, samples));
	if (counts->auxtrace_bytes)
		info_line(info, "AUX data", "%s bytes, not read",
			  number_text(counts->auxtrace_bytes, grouped, samples));
}

static void add_event(const struct survey *survey, struct table *table, size_t i)
{
	const struct perfdata_event *event = perfdata_event(survey->data, i);
	const struct perfdata_attr *attr = &event->attr;
	struct event_count count = count_of(survey, i);
	char number[NUMBER_TEXT_SIZE], rate[48], words[WORDS_SIZE];
	bool grouped = survey->info->terminal;
	table_row(table);
	table_cell(table, event->name);
	table_cell(table, number_text(count.samples, grouped, number));
	table_cell(table, number_text(count.period, grouped, number));
	snprintf(rate, sizeof(rate),
		 attr->flags & PERF_ATTR_FREQ ? "%" PRIu64 " Hz" : "every %" PRIu64,
		 attr->sample_period);
	table_cell(table, rate);
	table_cell(table, sample_words(attr->sample_type, words));
}

static struct perfgo_error *write_and_free(struct table *table, struct writer *out)
{
	writer_char(out, '\n');
	struct perfgo_error *error = table_write(table, "  ", out);
	table_free(table);
	return error;
}

static struct perfgo_error *print_events(const struct survey *survey)
{
	struct table *table;
	struct perfgo_error *error = table_new(false, &table);
	if (error)
		return error;
	table_column(table, "event", false);
	table_column(table, "samples", true);
	table_column(table, "period", true);
	table_column(table, "rate", true);
	table_column(table, "recorded of each sample", false);
	for (size_t i = 0; i < perfdata_nr_events(survey->data); i++)
		add_event(survey, table, i);
	return write_and_free(table, survey->info->out);
}

static void add_binary(const struct survey *survey, struct table *table, uint32_t id)
{
	char number[NUMBER_TEXT_SIZE], build_id[BUILD_ID_TEXT_SIZE];
	const char *release = dso_release(survey, id);
	table_row(table);
	table_cell(table, dso_path(survey, id));
	table_cell(table, number_text(survey->samples[id], survey->info->terminal, number));
	table_cell(table, dso_found(survey, id));
	table_cell(table, release ? release : "");
	table_cell(table, dso_build_id(survey, id, build_id) ? build_id : "?");
}

static struct perfgo_error *print_binaries(const struct survey *survey)
{
	struct table *table;
	struct perfgo_error *error = table_new(false, &table);
	if (error)
		return error;
	table_column(table, "binary", false);
	table_column(table, "samples", true);
	table_column(table, "found", false);
	table_column(table, "Go", false);
	table_column(table, "build id", false);
	for (uint32_t id = 1; id <= session_nr_dsos(survey->recording.session); id++)
		if (survey->used[id])
			add_binary(survey, table, id);
	return write_and_free(table, survey->info->out);
}

static struct perfgo_error *print_survey(const struct survey *survey)
{
	print_header(survey);
	print_counts(survey);
	info_goroutines(survey->info, survey->recording.session, &survey->goroutines);
	struct perfgo_error *error = print_events(survey);
	if (!error)
		error = print_binaries(survey);
	return error ? error : info_go_processes(survey->info, survey->recording.session);
}

static void json_machine(struct json *json, const struct perfdata_header *header)
{
	json_key(json, "hostname");
	json_string(json, header->hostname);
	json_key(json, "arch");
	json_string(json, header->arch);
	json_key(json, "osrelease");
	json_string(json, header->osrelease);
	json_key(json, "cpu");
	json_string(json, header->cpudesc);
	json_key(json, "cpus_online");
	json_unsigned(json, header->nr_cpus_online);
	json_key(json, "cpus_available");
	json_unsigned(json, header->nr_cpus_available);
	json_key(json, "perf_version");
	json_string(json, header->version);
	json_key(json, "command_line");
	json_begin(json, '[');
	for (size_t i = 0; i < header->nr_command_line; i++)
		json_string(json, header->command_line[i]);
	json_end(json, ']');
}

static void json_counts(struct json *json, const struct survey *survey)
{
	const struct perfdata_counts *counts = perfdata_counts(survey->data);
	const struct count_name {
		const char *name;
		uint64_t value;
	} names[] = {
		{"samples", survey->total},
		{"first_time", survey->first_time},
		{"last_time", survey->last_time},
		{"lost", counts->lost},
		{"lost_samples", counts->lost_samples},
		{"throttled", counts->throttled},
		{"bad_samples", counts->bad_samples},
		{"unknown_records", counts->unknown_records},
		{"unknown_ids", counts->unknown_ids},
		{"auxtrace_bytes", counts->auxtrace_bytes},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_key(json, names[i].name);
		json_unsigned(json, names[i].value);
	}
}

static void json_words(struct json *json, const char *words)
{
	json_begin(json, '[');
	while (*words) {
		size_t length = strcspn(words, "|");
		json_string_of(json, words, length);
		words += length + (words[length] == '|');
	}
	json_end(json, ']');
}

static void json_event(struct json *json, const struct survey *survey, size_t i)
{
	const struct perfdata_event *event = perfdata_event(survey->data, i);
	const struct perfdata_attr *attr = &event->attr;
	struct event_count count = count_of(survey, i);
	char words[WORDS_SIZE];
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "name");
	json_string(json, event->name);
	json_key(json, "type");
	json_unsigned(json, attr->type);
	json_key(json, "config");
	json_hex(json, attr->config);
	json_key(json, attr->flags & PERF_ATTR_FREQ ? "frequency" : "sample_period");
	json_unsigned(json, attr->sample_period);
	json_key(json, "sample_type");
	json_words(json, sample_words(attr->sample_type, words));
	json_key(json, "attr_size");
	json_unsigned(json, attr->size);
	json_key(json, "samples");
	json_unsigned(json, count.samples);
	json_key(json, "period");
	json_unsigned(json, count.period);
	json_end(json, '}');
}

static void json_binary(struct json *json, const struct survey *survey, uint32_t id)
{
	char build_id[BUILD_ID_TEXT_SIZE];
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "path");
	json_string(json, dso_path(survey, id));
	json_key(json, "samples");
	json_unsigned(json, survey->samples[id]);
	json_key(json, "build_id");
	json_string(json, dso_build_id(survey, id, build_id) ? build_id : NULL);
	json_key(json, "found");
	if (*dso_found(survey, id))
		json_bool(json, attribution_binary(survey->recording.attribution, id));
	else
		json_null(json);
	json_key(json, "go");
	json_string(json, dso_release(survey, id));
	json_end(json, '}');
}

static void json_survey(const struct survey *survey)
{
	struct json json = {.writer = survey->info->out};
	const struct perfdata_header *header = perfdata_header(survey->data);
	json_begin(&json, '{');
	json_key(&json, "file");
	json_string(&json, perfdata_path(survey->data));
	json_key(&json, "kind");
	json_string(&json, "recording");
	json_key(&json, "mode");
	json_string(&json, header->directory ? "directory" : header->pipe ? "pipe" : "file");
	json_key(&json, "byte_order");
	json_string(&json, header->big_endian ? "big" : "little");
	json_key(&json, "compressed");
	json_bool(&json, header->compressed);
	json_key(&json, "truncated");
	json_bool(&json, header->truncated);
	json_machine(&json, header);
	json_counts(&json, survey);
	json_goroutines(&json, survey->recording.session, &survey->goroutines);
	json_key(&json, "events");
	json_begin(&json, '[');
	for (size_t i = 0; i < perfdata_nr_events(survey->data); i++)
		json_event(&json, survey, i);
	json_end(&json, ']');
	json_key(&json, "binaries");
	json_begin(&json, '[');
	for (uint32_t id = 1; id <= session_nr_dsos(survey->recording.session); id++)
		if (survey->used[id])
			json_binary(&json, survey, id);
	json_end(&json, ']');
	json_end(&json, '}');
	json_end_document(&json);
}

struct perfgo_error *info_recording(const struct info *info)
{
	_cleanup_(survey_deinit) struct survey survey = {.info = info};
	struct perfgo_error *error = make_survey(&survey);
	if (error)
		return error;
	progress_clear();
	if (!info->json)
		return print_survey(&survey);
	json_survey(&survey);
	return NULL;
}
