// SPDX-License-Identifier: GPL-2.0-only
/* perf go record: records as perf record does, and the goroutine behind each sample. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "options.h"
#include "record/events.h"
#include "record/mem_events.h"
#include "record/pmu.h"
#include "record/recorder.h"
#include "record/status.h"
#include "record/tracepoint_formats.h"

enum {
	DEFAULT_PAGES = 128,
	LARGE_PAGES = 1024, /* for what writes much */
	LEAST_PAGES = 16,
	DEFAULT_GOROUTINE_STACK = 1024,
	MAX_PAGES = 1 << 18 /* what the kernel still makes a ring of */
};

/* What is on the command line. */
struct record {
	const char *event, *output, *pids, *threads, *cpus, *callgraph, *registers, *clock;
	const char *pages, *compression, *rate;
	double count, frequency, goroutine_stack, ldlat;
	bool all, graph, addresses, weights, mem, sched, verbose, quiet;
	int inherit, bpf;
};

static volatile int stopped; /* the signal that ended the recording */

static void stop(int number)
{
	stopped = number;
}

static void wake(int number)
{
	(void)number;
}

/* The end of the command interrupts the waiting, too. */
static void catch_signals(void)
{
	struct sigaction end = {.sa_handler = stop}, child = {.sa_handler = wake};
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	/* A write that fails says so itself: nobody reads what is told, or the file is too large.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigaction(SIGCHLD, &child, NULL);
}

/* "512", "4M": pages, or bytes, as perf's -m takes them; 0 when wrong. */
static unsigned int parse_pages(const char *text)
{
	static const char units[] = "BKMG";
	char *end;
	unsigned long long number = strtoull(text, &end, 0);
	const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (end == text || (*end && (!unit || !*unit || end[1])))
		return 0;
	if (unit) {
		unsigned long long page = (unsigned long long)getpagesize();
		number <<= 10 * (unit - units);
		number = (number + page - 1) / page;
	}
	unsigned long long pages = 1;
	while (pages < number && pages <= MAX_PAGES)
		pages *= 2;
	return number && pages <= MAX_PAGES ? (unsigned int)pages : 0;
}

/* zstd's level, which perf takes from 1 to 22; 0 none, -1 wrong. */
static int compression_level(const char *text)
{
	if (!text || !*text)
		return text != NULL;
	char *end;
	long level = strtol(text, &end, 10);
	return end != text && !*end && level >= 1 && level <= 22 ? (int)level : -1;
}

static int complain_pages(const char *text)
{
	return complain_usage("record",
			      "-m takes a number of pages, or bytes with K or M, not '%s'", text);
}

static const char rate_limit[] = "/proc/sys/kernel/perf_event_max_sample_rate";

/* The most samples a second that the kernel allows; 0 when it does not say. */
static double most_allowed(void)
{
	double most = 0;
	FILE *file = fopen(rate_limit, "re");
	if (file && fscanf(file, "%lf", &most) != 1)
		most = 0;
	if (file)
		fclose(file);
	return most;
}

static int parse_rate(struct record *record)
{
	char *end = "";
	if (!record->rate)
		return 0;
	bool most = !strcmp(record->rate, "max");
	record->frequency = most ? most_allowed() : strtod(record->rate, &end);
	if (!*end && isfinite(record->frequency) && record->frequency > 0)
		return 0;
	return complain_usage("record", "-F takes samples a second, or max, not '%s'",
			      record->rate);
}

static int check_usage(const struct record *record, bool command)
{
	if (record->all && (record->pids || record->threads))
		return complain_usage("record", "-a goes with neither -p nor -t");
	if (!command && !record->all && !record->pids && !record->threads && !record->cpus)
		return complain_usage("record", "what is to be recorded? a command, -p PID or -a");
	if (!strcmp(record->output, "-"))
		return complain_usage("record", "-o takes a file: the recording cannot go into a "
						"pipe, as its header is written last");
	if (record->count && record->frequency)
		return complain_usage("record", "-c and -F do not go together");
	if (record->goroutine_stack > MAX_GOROUTINE_STACK)
		return complain_usage("record", "--goroutine-stack takes at most %d bytes",
				      MAX_GOROUTINE_STACK);
	return 0;
}

static struct perfgo_error *fill_sampling(const struct record *record, struct sampling *sampling)
{
	struct perfgo_error *error = NULL;
	*sampling = (struct sampling){
		.period = (uint64_t)record->count,
		.frequency = (uint64_t)record->frequency,
		.callgraph = record->graph ? CALLGRAPH_FP : CALLGRAPH_NONE,
		.addresses = record->addresses,
		.weights = record->weights,
		.inherit = record->inherit,
		.clock = CLOCK_MONOTONIC,
	};
	if (record->callgraph)
		error = sampling_callgraph(sampling, record->callgraph);
	if (!error && record->registers)
		error = sampling_registers(sampling, record->registers);
	if (!error && record->clock)
		error = sampling_clock(sampling, record->clock);
	return error;
}

/* Names and attrs of what is to be sampled. */
static struct perfgo_error *fill_events(const struct event_list *list,
					const struct sampling *sampling, struct opened_event **ret)
{
	*ret = calloc(list->count, sizeof(**ret));
	if (!*ret)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < list->count; i++) {
		const struct event *from = &list->events[i];
		bool leads = from->leader == i;
		if (from->aux_area)
			return perfgo_error_new("%s writes no samples but an AUX area, which is "
						"not recorded here",
						from->name);
		(*ret)[i] = (struct opened_event){.name = from->name,
						  .attr = from->attr,
						  .system_wide = from->system_wide,
						  .most_precise = from->most_precise,
						  .cpus = from->cpus,
						  .leader = from->leader};
		sampling_apply(sampling, from->weak_period, &(*ret)[i].attr);
		if (from->group_read)
			sampling_read_group(&(*ret)[i].attr, leads);
		/* A member of a group goes with its leader. */
		if (!leads)
			(*ret)[i].attr.disabled = 0;
		if (from->no_inherit)
			(*ret)[i].attr.inherit = 0;
	}
	return NULL;
}

/* Where there is a PMU perf's default, else the clock. */
static struct perfgo_error *default_events(const struct status *status, struct event_list *list)
{
	_cleanup_(pmus_deinit) struct pmus pmus = {0};
	struct perfgo_error *error = pmus_read("/sys", &pmus);
	if (!error && pmus.nr_core)
		return events_parse("cycles", list);
	if (!error)
		status_say((void *)status,
			   "no PMU on this machine: sampling cpu-clock (-e chooses)");
	return error ? error : events_parse("cpu-clock", list);
}

static bool writes_aux_area(const struct event_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->events[i].aux_area)
			return true;
	return false;
}

/* What samples loads and stores here; the clock and all registers where nothing does. */
static struct perfgo_error *choose_mem(struct record *record, const struct status *status,
				       struct event_list *list)
{
	const char *reason;
	char text[256];
	struct perfgo_error *error = mem_events((unsigned int)record->ldlat, list, &reason);
	if (error)
		return error;
	if (!reason && writes_aux_area(list)) {
		event_list_deinit(list);
		*list = (struct event_list){0};
		reason = "SPE writes an AUX area, which is not recorded here";
	}
	if (!reason) {
		record->addresses = record->weights = true;
		return NULL;
	}
	snprintf(text, sizeof(text), "cpu-clock with registers in the place of loads: %s", reason);
	status_say((void *)status, text);
	if (!record->registers)
		record->registers = "";
	return events_parse("cpu-clock", list);
}

static struct perfgo_error *choose_events(struct record *record, const struct status *status,
					  struct event_list *list)
{
	struct perfgo_error *error = NULL;
	if (record->mem)
		error = choose_mem(record, status, list);
	if (!error && record->event)
		error = events_parse(record->event, list);
	return error || list->count ? error : default_events(status, list);
}

/*
 * perf runs this as a process of its own and waits for it: a signal for perf alone would leave it
 * recording for ever.
 */
static void end_with_perf(void)
{
	char path[64], name[32] = "";
	snprintf(path, sizeof(path), "/proc/%d/comm", getppid());
	FILE *file = fopen(path, "re");
	if (file && !fgets(name, sizeof(name), file))
		*name = 0;
	if (file)
		fclose(file);
	if (!strncmp(name, "perf", 4))
		prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* The kernel refuses more than its limit; perf lowers what is asked for, too. */
static void limit_frequency(struct record *record)
{
	double most = most_allowed();
	if (most <= 0 || record->frequency <= most)
		return;
	observer_warn(&terminal_observer, "-F %.0f is more than %s allows: %.0f", record->frequency,
		      rate_limit, most);
	record->frequency = most;
}

static int exit_status(struct perfgo_error *error, const struct recorder_summary *summary)
{
	if (error)
		return complain(error);
	if (stopped)
		return 128 + stopped;
	return summary->status;
}

static void cleanup_writer(struct writer *writer)
{
	perfgo_error_destroy(writer_finish(writer));
}

static int run(const struct record *record, const struct sampling *sampling,
	       const struct event_list *list, char **command, char **words, size_t nr_words)
{
	_cleanup_(cleanup_writer) struct writer tracing_data = writer_of_memory();
	_cleanup_free_ struct opened_event *events = NULL;
	bool much = record->sched || sampling->callgraph == CALLGRAPH_DWARF;
	unsigned int pages = record->pages ? parse_pages(record->pages)
			     : much	   ? LARGE_PAGES
					   : DEFAULT_PAGES;
	if (!pages)
		return complain_pages(record->pages);
	int compression = compression_level(record->compression);
	if (compression < 0)
		return complain_usage("record", "-z takes a level from 1 to 22, not '%s'",
				      record->compression);
	struct perfgo_error *error = fill_events(list, sampling, &events);
	if (!error)
		error = tracing_data_collect(list, &tracing_data);
	if (error)
		return complain(error);
	bool stacks = sampling->callgraph != CALLGRAPH_NONE;
	double stack = record->goroutine_stack;
	if (stack < 0)
		stack = stacks ? DEFAULT_GOROUTINE_STACK : 0;
	struct status status = {.quiet = record->quiet, .verbose = record->verbose};
	struct recorder_options options = {
		.output = record->output,
		.targets = {command, record->pids, record->threads,
			    record->all || (record->cpus && !record->pids && !record->threads)},
		.cpus = record->cpus,
		.events = events,
		.nr_events = list->count,
		.sampling = *sampling,
		.pages = pages,
		.least_pages = record->pages ? pages : LEAST_PAGES,
		.compression = compression,
		.bpf = record->bpf,
		.switches = record->sched,
		.goroutine_stack = (uint32_t)stack,
		.command_line = words,
		.nr_words = nr_words,
		.say = status_say,
		.tick = status_tick,
		.context = &status,
		.stop = &stopped,
	};
	options.tracing_data = writer_text(&tracing_data, &options.tracing_data_size);
	struct recorder_summary summary;
	end_with_perf();
	catch_signals();
	error = recorder_run(&options, &summary);
	status_end(&status, &summary, record->output, !error);
	return exit_status(error, &summary);
}

int cmd_record(int argc, char **argv)
{
	struct record record = {
		.output = "perf.data", .inherit = true, .bpf = true, .goroutine_stack = -1};
	const struct option_spec options[] = {
		{'e', "event", OPTION_LIST, &record.event},
		{'c', "count", OPTION_NUMBER, &record.count},
		{'F', "freq", OPTION_STRING, &record.rate},
		{'g', NULL, OPTION_FLAG, &record.graph},
		{0, "call-graph", OPTION_STRING, &record.callgraph},
		{0, "user-regs", OPTION_ATTACHED, &record.registers},
		{'d', "data", OPTION_FLAG, &record.addresses},
		{'W', "weight", OPTION_FLAG, &record.weights},
		{'o', "output", OPTION_STRING, &record.output},
		{'z', "compression-level", OPTION_ATTACHED, &record.compression},
		{'m', "mmap-pages", OPTION_STRING, &record.pages},
		{'k', "clockid", OPTION_STRING, &record.clock},
		{'p', "pid", OPTION_LIST, &record.pids},
		{'t', "tid", OPTION_LIST, &record.threads},
		{'a', "all-cpus", OPTION_FLAG, &record.all},
		{'C', "cpu", OPTION_LIST, &record.cpus},
		{0, "goroutine-stack", OPTION_NUMBER, &record.goroutine_stack},
		{0, "mem", OPTION_FLAG, &record.mem},
		{0, "ldlat", OPTION_NUMBER, &record.ldlat},
		{0, "bpf", OPTION_CHOICE, &record.bpf},
		{0, "sched", OPTION_FLAG, &record.sched},
		{'i', "inherit", OPTION_CHOICE, &record.inherit},
		{'v', "verbose", OPTION_FLAG, &record.verbose},
		{'q', "quiet", OPTION_FLAG, &record.quiet},
		{0},
	};
	int first;
	int status = options_parse_command(argc, argv, options, &first);
	if (!status)
		status = parse_rate(&record);
	if (!status)
		status = check_usage(&record, first < argc);
	if (status)
		return status;
	struct sampling sampling;
	struct event_list list = {0};
	const struct status quiet = {.quiet = record.quiet};
	struct perfgo_error *error = choose_events(&record, &quiet, &list);
	limit_frequency(&record);
	if (!error)
		error = fill_sampling(&record, &sampling);
	if (error) {
		event_list_deinit(&list);
		return complain_wrong(error);
	}
	status = run(&record, &sampling, &list, first < argc ? argv + first : NULL, argv,
		     (size_t)argc);
	event_list_deinit(&list);
	return status;
}
