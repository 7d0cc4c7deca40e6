// SPDX-License-Identifier: GPL-2.0-only
/* perf go inject: writes a recording that stock perf sorts by the keys. */
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "inject.h"
#include "numbers.h"
#include "out/conversion.h"
#include "out/recorded_fields.h"
#include "out/tracing_data.h"
#include "recording.h"

struct inject {
	struct recording_options options;
	const char *output, *keys, *count_by, *symbols;
	bool force, as_threads;
	struct recording recording;
	struct payload_options payload_options;
	struct payload *payload; /* NULL: no keys */
	struct goroutine_threads *threads;
	struct recorded_fields *recorded; /* NULL: not possible */
	struct sample_fields fields;
	struct perfdata_writer *writer;
	struct conversion_counts counts;
	struct inject_symbols written;
};

static const char default_keys[] =
	"gofunc,gopkg,goline,goid,goroutine,gocreator,golabels,gostate,gcphase,"
	"mem_op,mem_level,mem_snoop,mem_tlb,mem_lock,mem_cycles,mem_loads";
static const char default_count_by[] = "comm,dso,sym";

/* For the signal handler. */
static char unfinished[PATH_MAX];

static void remove_unfinished(int number)
{
	if (*unfinished)
		unlink(unfinished);
	signal(number, SIG_DFL);
	raise(number);
}

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

/* Begins the output so that no signal finds a file without a name to remove it by. */
static struct perfgo_error *begin_output(struct inject *inject)
{
	const struct perfdata *data = session_data(inject->recording.session);
	sigset_t set, before;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		signal(ends[i], remove_unfinished);
		sigaddset(&set, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &before);
	struct perfgo_error *error = perfdata_writer_new(inject->output, inject->force,
							 perfdata_swapped(data), &inject->writer);
	if (!error)
		snprintf(unfinished, sizeof(unfinished), "%s",
			 perfdata_writer_temporary(inject->writer));
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* Keys that were named have to fit; of the others those are taken that the recording answers. */
static struct perfgo_error *choose_keys(struct inject *inject)
{
	struct key_list *keys = &inject->payload_options.keys;
	const struct perfdata *data = session_data(inject->recording.session);
	if (inject->keys || inject->as_threads)
		return NULL;
	size_t kept = 0;
	for (size_t i = 0; i < keys->count; i++)
		if (key_answered(keys->keys[i], inject->recording.session))
			keys->keys[kept++] = keys->keys[i];
	keys->count = kept;
	return kept ? NULL
		    : perfgo_error_hint(perfgo_error_new("%s answers none of the keys %s",
							 perfdata_path(data), default_keys),
					"name others with --keys");
}

/* What can be wrong with the words of the command line. */
static struct perfgo_error *parse(struct inject *inject)
{
	struct payload_options *options = &inject->payload_options;
	struct perfgo_error *error = NULL;
	if (inject->keys || !inject->as_threads)
		error = key_list_parse(inject->keys ? inject->keys : default_keys, &options->keys);
	if (!error)
		error = key_list_parse(inject->count_by ? inject->count_by : default_count_by,
				       &options->sum_by);
	for (size_t i = 0; !error && i < options->keys.count; i++)
		if (!payload_takes(options->keys.keys[i]))
			error = perfgo_error_new("--keys: %s is more than one value",
						 options->keys.keys[i]->name);
	for (size_t i = 0; !error && i < options->sum_by.count; i++)
		if (!payload_takes(options->sum_by.keys[i]) || options->sum_by.keys[i]->sums)
			error = perfgo_error_new("--count-by: %s cannot be counted by",
						 options->sum_by.keys[i]->name);
	return error;
}

static struct perfgo_error *check_output(const struct inject *inject)
{
	struct stat status;
	const struct perfdata *data = session_data(inject->recording.session);
	if (!stat(inject->output, &status) && perfdata_reads(data, &status))
		return perfgo_error_new("%s: is the recording itself, which stays as it is",
					inject->output);
	return NULL;
}

static void want_lines(struct inject *inject, const struct key_list *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		recording_prepare(&inject->recording, keys->keys[i]);
}

static struct perfgo_error *prepare_payload(struct inject *inject)
{
	struct payload_options *options = &inject->payload_options;
	const struct perfdata *data = session_data(inject->recording.session);
	size_t size;
	const void *tracing = perfdata_feature(data, HEADER_TRACING_DATA, &size);
	if (!tracing_data_text_size(tracing, size, &options->text_size))
		return perfgo_error_new("%s: its tracing data cannot be read", perfdata_path(data));
	options->swap = perfdata_swapped(data);
	options->start = has_go_payloads(data) ? sizeof(struct go_payload) : TRACEPOINT_COMMON_SIZE;
	want_lines(inject, &options->keys);
	want_lines(inject, &options->sum_by);
	struct perfgo_error *error =
		payload_new(inject->recording.facts, options, &inject->payload);
	if (!error && !inject->as_threads && recorded_fields_possible(data, &options->keys))
		error = recorded_fields_new(inject->recording.facts, &options->keys,
					    &inject->recorded);
	return error;
}

static struct perfgo_error *prepare(struct inject *inject)
{
	struct perfgo_error *error = recording_open(&inject->options, &inject->recording);
	if (!error)
		error = check_output(inject);
	if (!error)
		error = choose_keys(inject);
	if (error)
		return error;
	session_limit_stacks(inject->recording.session, 0);
	if (inject->as_threads)
		error = goroutine_threads_new(inject->recording.facts, &inject->threads);
	if (!error && inject->payload_options.keys.count)
		error = prepare_payload(inject);
	return error;
}

static struct perfgo_error *gather_batch(struct inject *inject, const struct batch *batch)
{
	struct perfgo_error *error = NULL;
	if (inject->payload)
		error = payload_add(inject->payload, batch);
	if (!error && inject->recorded)
		error = recorded_fields_add(inject->recorded, batch);
	if (!error && inject->threads)
		error = goroutine_threads_add(inject->threads, batch);
	return error;
}

static struct perfgo_error *gather(struct inject *inject)
{
	struct batch batch;
	struct perfgo_error *error;
	do {
		error = session_read(inject->recording.session, &batch);
		if (!error && batch.count)
			error = gather_batch(inject, &batch);
	} while (!error && batch.count);
	if (!error && inject->payload)
		error = payload_finish(inject->payload);
	if (!error && inject->threads)
		error = goroutine_threads_finish(inject->threads);
	return error;
}

/* Those of the samples themselves where they do, else those of the payload. */
static void choose_fields(struct inject *inject)
{
	bool recorded =
		inject->recorded && recorded_fields_describe(inject->recorded, &inject->fields);
	if (inject->payload && !recorded)
		inject->fields = payload_describe(inject->payload);
}

static struct perfgo_error *write_output(struct inject *inject)
{
	const struct conversion_options options = {
		.first = session_data(inject->recording.session),
		.input = inject->options.input,
		.threads = inject->threads,
		.fields = inject->payload ? &inject->fields : NULL,
		.payload = inject->payload,
		.writer = inject->writer,
		.observer = &terminal_observer,
		.build_ids = inject->written.build_ids,
		.nr_build_ids = inject->written.nr_build_ids,
	};
	return conversion_run(&options, &inject->counts);
}

static struct perfgo_error *convert(struct inject *inject)
{
	struct perfgo_error *error = prepare(inject);
	if (!error)
		error = begin_output(inject);
	if (!error)
		error = gather(inject);
	if (!error && inject->symbols)
		error = inject_symbols_write(inject->recording.attribution, inject->symbols,
					     &inject->written);
	if (error)
		return error;
	choose_fields(inject);
	return write_output(inject);
}

static void warn(const struct inject *inject, uint64_t count, const char *what)
{
	if (count)
		observer_warn(&terminal_observer, "%s: %" PRIu64 " %s", inject->output, count,
			      what);
}

static void tell_keys(const struct inject *inject)
{
	char number[NUMBER_TEXT_SIZE], next[2 * PATH_MAX + 64];
	fprintf(stderr, "%s samples in %s with", number_text(inject->counts.samples, true, number),
		inject->output);
	for (size_t i = 0; i < inject->payload_options.keys.count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", inject->payload_options.keys.keys[i]->name);
	fputc('\n', stderr);
	snprintf(next, sizeof(next), "perf%s%s report -i %s --sort comm,dso,sym,%s",
		 inject->written.count ? " --buildid-dir " : "",
		 inject->written.count ? inject->symbols : "", inject->output,
		 inject->fields.fields[0].name);
	suggest(next);
}

static void tell_threads(const struct inject *inject)
{
	char samples[NUMBER_TEXT_SIZE], number[NUMBER_TEXT_SIZE], next[PATH_MAX + 64];
	fprintf(stderr, "%s samples in %s have one of %s goroutines for their thread\n",
		number_text(inject->counts.goroutines, true, samples), inject->output,
		number_text(goroutine_threads_counts(inject->threads).goroutines, true, number));
	snprintf(next, sizeof(next), "perf report -i %s --sort comm,pid", inject->output);
	suggest(next);
}

static void warn_threads(const struct inject *inject)
{
	if (!inject->threads)
		return;
	struct goroutine_threads_counts counts = goroutine_threads_counts(inject->threads);
	warn(inject, counts.moved - counts.counted,
	     "goroutines have a multiple of 10000000 added to their goid, which a thread has");
	warn(inject, counts.counted,
	     "goroutines are numbered from 1000000000 on: a thread id cannot be that large");
}

static void tell(const struct inject *inject)
{
	const struct conversion_counts *counts = &inject->counts;
	warn_threads(inject);
	warn(inject, counts->tracepoints,
	     "samples stay as they are: their tracepoint has no room for the keys");
	warn(inject, counts->damaged, "samples stay as they are: they are damaged");
	warn(inject, counts->shortened,
	     "samples lost the end of their copy of the stack: a record has at most 64 kB");
	warn(inject, counts->left_out, "records left out: they would have more than 64 kB");
	progress_clear();
	if (!isatty(STDERR_FILENO))
		return;
	if (inject->threads)
		tell_threads(inject);
	if (inject->payload)
		tell_keys(inject);
}

static void deinit(struct inject *inject)
{
	payload_free(inject->payload);
	recorded_fields_free(inject->recorded);
	goroutine_threads_free(inject->threads);
	perfdata_writer_free(inject->writer);
	inject_symbols_deinit(&inject->written);
	recording_close(&inject->recording);
}

int cmd_inject(int argc, char **argv)
{
	struct inject inject = {0};
	const struct option_spec options[] = {
		{'i', "input", OPTION_STRING, &inject.options.input},
		{'o', "output", OPTION_STRING, &inject.output},
		{'k', "keys", OPTION_LIST, &inject.keys},
		{0, "count-by", OPTION_LIST, &inject.count_by},
		{0, "symfs", OPTION_STRING, &inject.options.symfs},
		{0, "buildid-dir", OPTION_STRING, &inject.options.buildid_dir},
		{0, "symbols", OPTION_STRING, &inject.symbols},
		{'f', "force", OPTION_FLAG, &inject.force},
		{0, "goroutines-as-threads", OPTION_FLAG, &inject.as_threads},
		SNAPSHOT_OPTIONS(inject.options),
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status)
		status = recording_input(&inject.options, argc, argv, first);
	if (!status && (!inject.output || !strcmp(inject.output, "-")))
		status = complain_usage(argv[0], "-o FILE is needed: a recording with tracepoints "
						 "cannot be piped into perf report");
	if (!status)
		status = complain_wrong(parse(&inject));
	if (!status)
		status = complain(inject_spool(&inject.options.input, inject.output));
	if (!status)
		status = complain(convert(&inject));
	if (!status)
		tell(&inject);
	deinit(&inject);
	return status;
}
