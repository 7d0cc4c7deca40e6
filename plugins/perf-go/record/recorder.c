// SPDX-License-Identifier: GPL-2.0-only
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "goproc/switch.h"
#include "record/features.h"
#include "record/file.h"
#include "record/build_ids.h"
#include "record/labels.h"
#include "record/processes.h"
#include "record/programs.h"
#include "record/sideband.h"
#include "record/switches.h"
#include "record/watch.h"

/* Of all that runs, or of threads that come and go while they are being opened. */
enum { MAX_ATTEMPTS = 20, TICK_MS = 100, OWN_EVENTS = 4 };

struct recorder {
	const struct recorder_options *options;
	/* Those to be sampled; then the side-band and, with BPF, contexts and notices. */
	struct opened_event *events;
	size_t nr_events;
	bool *told;		   /* by event: BPF runs before each of its samples */
	bool moves;		   /* … but the thread may have been switched between */
	bool asks;		   /* BPF, for processes that it does not know */
	struct programs *programs; /* NULL: without BPF */
	struct targets *targets;
	struct opened *opened;
	struct go_section_writer *section;
	struct labels *labels;
	struct processes *processes;
	struct switches *switches; /* with --sched */
	struct watch *watch;	   /* without BPF, as: */
	uint32_t *executed; /* processes that have executed a program and were not looked at */
	size_t nr_executed, executed_capacity;
	struct build_ids *build_ids;
	struct rings *rings;
	struct file *file;
	struct file_event *file_events;
	struct perf_event_attr switch_attr; /* as it is in the file */
	uint64_t *ids;			    /* of the file's first event */
};

static size_t sideband_event(const struct recorder *recorder)
{
	return recorder->options->nr_events;
}

static int contexts_event(const struct recorder *recorder)
{
	return recorder->programs ? (int)recorder->options->nr_events + 1 : NO_EVENT;
}

static int notices_event(const struct recorder *recorder)
{
	return recorder->programs ? (int)recorder->options->nr_events + 2 : NO_EVENT;
}

static int switches_event(const struct recorder *recorder)
{
	return recorder->switches ? (int)recorder->options->nr_events + 3 : NO_EVENT;
}

static void say(const struct recorder *recorder, const char *text)
{
	recorder->options->say(recorder->options->context, text);
}

/* Says why something is done without, and forgets the error. */
static void say_error(const struct recorder *recorder, const char *consequence,
		      struct perfgo_error *error)
{
	char text[1024];
	const char *hint = perfgo_error_hint_text(error);
	snprintf(text, sizeof(text), "%s: %s%s%s", consequence, perfgo_error_text(error),
		 hint ? "; " : "", hint ? hint : "");
	say(recorder, text);
	perfgo_error_destroy(error);
}

static void set_events(struct recorder *recorder)
{
	const struct recorder_options *options = recorder->options;
	uint32_t half = options->pages * (uint32_t)getpagesize() / 2;
	struct opened_event *own = recorder->events + options->nr_events;
	own[0] = (struct opened_event){.name = "side-band",
				       .attr = sampling_sideband(&options->sampling)};
	own[0].attr.context_switch = recorder->moves;
	own[1] = (struct opened_event){.name = "bpf-output",
				       .attr = sampling_output(&options->sampling),
				       .system_wide = true};
	own[2] = own[1];
	own[3] = own[1];
	own[3].name = GO_SWITCH_EVENT;
	recorder->nr_events = options->nr_events + (recorder->switches	 ? 4
						    : recorder->programs ? 3
									 : 1);
	for (size_t i = 0; i < recorder->nr_events; i++) {
		if (i >= options->nr_events)
			recorder->events[i].leader = i;
		recorder->events[i].attr.watermark = 1;
		recorder->events[i].attr.wakeup_watermark = half;
	}
	/* Who asks is answered at once. */
	own[2].attr.watermark = 0;
	own[2].attr.wakeup_events = 1;
}

static bool is_tracepoint(const struct recorder *recorder, size_t event)
{
	return recorder->events[event].attr.type == PERF_TYPE_TRACEPOINT;
}

static bool has_tracepoints(const struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->options->nr_events; i++)
		if (is_tracepoint(recorder, i))
			return true;
	return false;
}

/* Lets BPF run before each sample, and write into the rings. */
static struct perfgo_error *attach_programs(struct recorder *recorder)
{
	if (!recorder->programs)
		return NULL;
	struct perfgo_error *error = NULL;
	for (size_t i = 0; !error && i < recorder->options->nr_events; i++)
		if (!is_tracepoint(recorder, i))
			error = programs_attach(recorder->programs, recorder->opened, i);
	if (error)
		return error;
	error = programs_set_output(recorder->programs, recorder->opened,
				    (size_t)contexts_event(recorder),
				    (size_t)notices_event(recorder));
	return error || !recorder->switches
		       ? error
		       : programs_set_switches(recorder->programs, recorder->opened,
					       (size_t)switches_event(recorder));
}

/* Whether all of the threads NOW are among those BEFORE; both as they were listed. */
static bool all_known(const pid_t *before, size_t nr_before, const pid_t *now, size_t nr_now)
{
	for (size_t i = 0, at = 0; i < nr_now; i++, at++) {
		while (at < nr_before && before[at] != now[i])
			at++;
		if (at == nr_before)
			return false;
	}
	return true;
}

/*
 * Opens the events for the threads that there are. A thread that is born meanwhile has no event, or
 * one without the program: *AGAIN.
 */
static struct perfgo_error *open_once(struct recorder *recorder, bool *again,
				      struct opened_failure *failure)
{
	struct opened_targets targets = {.cpus = recorder->options->cpus};
	_cleanup_free_ pid_t *threads = targets_threads(recorder->targets, &targets.nr_threads);
	if (!threads)
		return perfgo_error_no_memory();
	targets.threads = threads;
	struct perfgo_error *error = opened_open(recorder->events, recorder->nr_events, &targets,
						 &recorder->opened, failure);
	*again = error && failure->errnum == ESRCH;
	if (error)
		return error;
	error = attach_programs(recorder);
	if (error)
		return error;
	size_t nr_now = 0;
	_cleanup_free_ pid_t *now = targets_threads(recorder->targets, &nr_now);
	*again = now && !all_known(threads, targets.nr_threads, now, nr_now);
	return NULL;
}

static struct perfgo_error *open_for_all(struct recorder *recorder, struct opened_failure *failure)
{
	for (int attempt = 0;; attempt++) {
		bool again = false;
		struct perfgo_error *error = open_once(recorder, &again, failure);
		if (!again || attempt == MAX_ATTEMPTS)
			return error;
		perfgo_error_destroy(error);
		opened_close(recorder->opened);
		recorder->opened = NULL;
	}
}

/* g in its register, and snapshots, in the place of BPF. */
static void use_registers(struct recorder *recorder)
{
	if (recorder->options->switches)
		say(recorder, "without switches of goroutines: they take BPF");
	for (size_t i = 0; i < recorder->options->nr_events; i++) {
		struct perf_event_attr *attr = &recorder->events[i].attr;
		attr->sample_type |= PERF_SAMPLE_REGS_USER;
		attr->sample_regs_user |= sampling_g_registers();
	}
}

static void give_up_bpf(struct recorder *recorder, struct perfgo_error *why)
{
	say_error(recorder, "goroutines by registers and snapshots only", why);
	switches_free(recorder->switches);
	recorder->switches = NULL;
	programs_free(recorder->programs);
	recorder->programs = NULL;
	memset(recorder->told, 0, recorder->options->nr_events * sizeof(*recorder->told));
	recorder->moves = recorder->asks = false;
	use_registers(recorder);
}

/* What would let the event be opened. */
static struct perfgo_error *explain_open(struct perfgo_error *error,
					 const struct opened_failure *failure)
{
	if (failure->errnum == EACCES || failure->errnum == EPERM) {
		int level = 4;
		FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
		if (file && fscanf(file, "%d", &level) != 1)
			level = 4;
		if (file)
			fclose(file);
		return perfgo_error_hint(error,
					 "it takes CAP_PERFMON, or kernel.perf_event_paranoid "
					 "lower than %d",
					 level);
	}
	if (failure->errnum == EMFILE)
		return perfgo_error_hint(error, "more files may be open with ulimit -n");
	if (failure->errnum == ENOENT || failure->errnum == EOPNOTSUPP)
		return perfgo_error_hint(error, "this machine does not have it; cpu-clock is "
						"everywhere");
	return error;
}

/* Switches are a tracepoint in the file, behind the events that are sampled. */
static uint16_t switch_id(const struct recorder *recorder)
{
	return (uint16_t)(GO_PAYLOAD_ID + recorder->options->nr_events);
}

static void add_switch_event(struct recorder *recorder)
{
	size_t nr_ids, event = (size_t)switches_event(recorder);
	const uint64_t *ids = opened_ids(recorder->opened, event, &nr_ids);
	struct perf_event_attr *attr = &recorder->switch_attr;
	*attr = recorder->events[event].attr;
	attr->type = PERF_TYPE_TRACEPOINT;
	attr->config = switch_id(recorder);
	recorder->file_events[recorder->options->nr_events] =
		(struct file_event){attr, attr->size, GO_SWITCH_EVENT, ids, nr_ids};
}

/* The events of the file: those that are sampled. The first takes the ids of the others too. */
static struct perfgo_error *list_file_events(struct recorder *recorder)
{
	size_t count = recorder->options->nr_events, total = 0, at = 0, nr_ids;
	recorder->file_events = calloc(count + 1, sizeof(*recorder->file_events));
	for (size_t i = 0; i < recorder->nr_events; i++) {
		opened_ids(recorder->opened, i, &nr_ids);
		total += nr_ids;
	}
	recorder->ids = calloc(total + 1, sizeof(*recorder->ids));
	if (!recorder->file_events || !recorder->ids)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < recorder->nr_events; i++) {
		const uint64_t *ids = opened_ids(recorder->opened, i, &nr_ids);
		if (i < count) {
			const struct opened_event *event = &recorder->events[i];
			recorder->file_events[i] = (struct file_event){
				&event->attr, event->attr.size, event->name, ids, nr_ids};
		}
		if ((i && i < count) || (int)i == switches_event(recorder))
			continue;
		memcpy(recorder->ids + at, ids, nr_ids * sizeof(*ids));
		at += nr_ids;
	}
	recorder->file_events[0].ids = recorder->ids;
	recorder->file_events[0].nr_ids = at;
	if (recorder->switches)
		add_switch_event(recorder);
	return NULL;
}

static struct perfgo_error *begin_file(struct recorder *recorder)
{
	struct perfgo_error *error = list_file_events(recorder);
	if (error)
		return error;
	struct file_options options = {
		.path = recorder->options->output,
		.events = recorder->file_events,
		.nr_events = recorder->options->nr_events + (recorder->switches != NULL),
		.compression = recorder->options->compression,
	};
	return file_open(&options, &recorder->file);
}

/*
 * Without BPF nobody asks for a process, nor do tracepoints, which are hit in processes that are
 * not recorded too. What it has executed may not be mapped yet.
 */
static void note_executed(struct recorder *recorder, const struct perf_event_header *record)
{
	if (recorder->asks || !(record->misc & PERF_RECORD_MISC_COMM_EXEC) ||
	    !array_reserve(recorder->executed, recorder->executed_capacity,
			   recorder->nr_executed + 1))
		return;
	memcpy(&recorder->executed[recorder->nr_executed++], record + 1, sizeof(uint32_t));
}

static bool is_looked_at(const struct recorder *recorder, uint32_t pid)
{
	return recorder->watch ? watch_has(recorder->watch, pid)
			       : processes_kind(recorder->processes, pid) != PROCESS_OTHER;
}

static void look_at_executed(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->nr_executed; i++)
		if (!is_looked_at(recorder, recorder->executed[i]))
			processes_add(recorder->processes, recorder->executed[i], 0);
	recorder->nr_executed = 0;
}

/* Offsets in the records of what comes behind numbers (perf_event_open(2)). */
enum { MMAP_PATH = 40, MMAP2_PATH = 72 };

/* Of a library that is loaded; data is marked (PERF_RECORD_MISC_MMAP_DATA). */
static void note_code(struct recorder *recorder, const struct perf_event_header *record)
{
	uint32_t pid;
	const size_t path = record->type == PERF_RECORD_MMAP2 ? MMAP2_PATH : MMAP_PATH;
	const uint16_t cpumode = record->misc & PERF_RECORD_MISC_CPUMODE_MASK;
	if (record->misc & PERF_RECORD_MISC_MMAP_DATA || cpumode != PERF_RECORD_MISC_USER)
		return;
	memcpy(&pid, record + 1, sizeof(pid));
	processes_see_code(recorder->processes, pid, (const char *)record + path);
}

static void see_record(void *context, const struct perf_event_header *record)
{
	struct recorder *recorder = context;
	build_ids_see(recorder->build_ids, record);
	if (record->type == PERF_RECORD_MMAP || record->type == PERF_RECORD_MMAP2)
		note_code(recorder, record);
	if (record->type == PERF_RECORD_COMM)
		note_executed(recorder, record);
	if (record->type != PERF_RECORD_EXIT)
		return;
	uint32_t ids[4]; /* pid, parent, tid, parent's tid */
	memcpy(ids, record + 1, sizeof(ids));
	if (ids[0] == ids[2] && !processes_lives(ids[0]))
		processes_remove(recorder->processes, ids[0]);
}

static void answer_notice(void *context, const struct go_notice *notice)
{
	struct recorder *recorder = context;
	processes_add(recorder->processes, notice->pid, notice->exec_id);
}

static enum process_kind process_kind(void *context, uint32_t pid)
{
	return processes_kind(((struct recorder *)context)->processes, pid);
}

static struct perfgo_error *begin_rings(struct recorder *recorder)
{
	struct rings_options options = {
		.opened = recorder->opened,
		.events = recorder->events,
		.nr_events = recorder->nr_events,
		.contexts = contexts_event(recorder),
		.notices = notices_event(recorder),
		.switches = switches_event(recorder),
		.told = recorder->told,
		.switch_id = switch_id(recorder),
		.labels = recorder->labels,
		.record = see_record,
		.notice = answer_notice,
		.process_kind = process_kind,
		.context = recorder,
	};
	return rings_new(&options, &recorder->rings);
}

static void found_process(void *context, const char *text)
{
	say(context, text);
}

static struct perfgo_error *begin_knowledge(struct recorder *recorder)
{
	struct perfgo_error *error = go_section_writer_new(&recorder->section);
	if (!error)
		error = labels_new(recorder->section, &recorder->labels);
	if (!error)
		error = build_ids_new(&recorder->build_ids);
	if (!error && !recorder->programs)
		error = watch_new(recorder->section, &recorder->watch);
	if (error)
		return error;
	struct processes_options options = {.programs = recorder->programs,
					    .watch = recorder->watch,
					    .switches = recorder->switches,
					    .section = recorder->section,
					    .found = found_process,
					    .context = recorder};
	return processes_new(&options, &recorder->processes);
}

struct scan {
	struct recorder *recorder;
	struct writer *to;
};

static void put_process(void *context, pid_t pid)
{
	struct scan *scan = context;
	sideband_process(scan->to, pid, scan->recorder->options->sampling.addresses);
}

static void add_process(void *context, pid_t pid)
{
	processes_add(context, (uint32_t)pid, 0);
}

/* Those that run already: their Go, and what the kernel would have said of them. */
static void begin_processes(struct recorder *recorder)
{
	struct writer *to = file_records(recorder->file);
	struct scan scan = {recorder, to};
	size_t count;
	const pid_t *pids = targets_pids(recorder->targets, &count);
	sideband_kernel(to);
	if (recorder->options->targets.all) {
		sideband_visit("/proc", put_process, &scan);
		sideband_visit("/proc", add_process, recorder->processes);
	}
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == targets_command(recorder->targets))
			continue;
		put_process(&scan, pids[i]);
		add_process(recorder->processes, pids[i]);
	}
}

static void begin_switches(struct recorder *recorder)
{
	char text[128];
	struct perfgo_error *error = switches_new(recorder->programs, &recorder->switches);
	uint64_t cost = switches_cost(recorder->programs);
	if (error)
		say_error(recorder, "without switches of goroutines", error);
	if (!cost)
		return;
	snprintf(text, sizeof(text),
		 "--sched: each switch of a goroutine costs it %.1f us here (measured now)",
		 (double)cost / 1000);
	say(recorder, text);
}

/* Events of other kinds have a program for each descriptor (attach_programs()). */
static void attach_hits(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->options->nr_events; i++) {
		recorder->asks = recorder->asks || !is_tracepoint(recorder, i);
		recorder->told[i] =
			!is_tracepoint(recorder, i) ||
			programs_attach_hits(recorder->programs, recorder->events[i].attr.config,
					     &recorder->moves);
	}
}

static void load_programs(struct recorder *recorder)
{
	if (!recorder->options->bpf) {
		use_registers(recorder);
		return;
	}
	struct programs_options options = {
		.goroutine_stack = recorder->options->goroutine_stack,
		.stack_top = recorder->options->sampling.callgraph == CALLGRAPH_FP,
		.callchain = recorder->options->sampling.callgraph == CALLGRAPH_DWARF,
		.switches = recorder->options->switches,
		.hits = has_tracepoints(recorder),
	};
	struct perfgo_error *error = programs_load(&options, &recorder->programs);
	if (error)
		give_up_bpf(recorder, error);
	else
		attach_hits(recorder);
	if (recorder->programs && recorder->options->switches)
		begin_switches(recorder);
}

/* The kernel's samples are for who may see them. */
static bool leave_out_kernel(struct recorder *recorder)
{
	bool any = false;
	for (size_t i = 0; i < recorder->options->nr_events; i++) {
		any = any || !recorder->events[i].attr.exclude_kernel;
		recorder->events[i].attr.exclude_kernel = 1;
		recorder->events[i].attr.exclude_hv = 1;
	}
	return any;
}

/* Opens with as much as is allowed. */
static struct perfgo_error *open_events(struct recorder *recorder)
{
	struct opened_failure failure = {0};
	for (;;) {
		set_events(recorder);
		struct perfgo_error *error = open_for_all(recorder, &failure);
		bool denied = failure.errnum == EACCES || failure.errnum == EPERM;
		bool of_bpf = !failure.errnum || failure.event > sideband_event(recorder);
		if (!error)
			return NULL;
		opened_close(recorder->opened);
		recorder->opened = NULL;
		if (recorder->programs && of_bpf)
			give_up_bpf(recorder, error);
		else if (denied && leave_out_kernel(recorder))
			say_error(recorder, "without samples of the kernel", error);
		else
			return explain_open(error, &failure);
	}
}

static struct perfgo_error *set_up(struct recorder *recorder)
{
	const struct recorder_options *options = recorder->options;
	load_programs(recorder);
	struct perfgo_error *error = targets_new(&options->targets, &recorder->targets);
	if (!error)
		error = open_events(recorder);
	if (!error)
		error = opened_map(recorder->opened, options->pages, options->least_pages);
	if (!error)
		error = begin_knowledge(recorder);
	if (!error)
		error = begin_rings(recorder);
	return error ? error : begin_file(recorder);
}

/* Reads what is there; false when it cannot be kept, or not be written. */
static bool pass(struct recorder *recorder, struct perfgo_error **error)
{
	bool any;
	*error = rings_pass(recorder->rings, file_records(recorder->file), &any);
	return !*error && (!any || file_end_round(recorder->file));
}

static struct perfgo_error *let_go(struct recorder *recorder)
{
	opened_enable(recorder->opened, sideband_event(recorder));
	for (size_t i = sideband_event(recorder) + 1; i < recorder->nr_events; i++)
		opened_enable(recorder->opened, i);
	begin_processes(recorder);
	struct perfgo_error *error = targets_exec(recorder->targets);
	if (error)
		return error;
	pid_t command = targets_command(recorder->targets);
	if (command && !recorder->options->targets.all)
		processes_add(recorder->processes, (uint32_t)command, 0);
	for (size_t i = 0; i < recorder->options->nr_events; i++)
		opened_enable(recorder->opened, i);
	targets_go(recorder->targets);
	return NULL;
}

static struct perfgo_error *run(struct recorder *recorder)
{
	const struct recorder_options *options = recorder->options;
	struct perfgo_error *error;
	while (pass(recorder, &error) && !*options->stop && targets_alive(recorder->targets)) {
		options->tick(options->context, rings_counts(recorder->rings),
			      processes_count(recorder->processes));
		int wait = TICK_MS;
		if (recorder->watch)
			wait = watch_take(recorder->watch, wait);
		opened_wait(recorder->opened, wait);
		look_at_executed(recorder);
		processes_look_again(recorder->processes);
	}
	opened_disable(recorder->opened);
	targets_stop(recorder->targets);
	if (!error)
		pass(recorder, &error);
	return error;
}

/* What perf has to know of tracepoints to read the file; into TO where there are switches. */
static void find_tracing_data(const struct recorder *recorder, struct features *features,
			      struct writer *to)
{
	const void *before = recorder->options->tracing_data;
	size_t size = recorder->options->tracing_data_size;
	features->tracing_data = before;
	features->tracing_data_size = size;
	if (recorder->switches &&
	    switches_describe(switch_id(recorder), size ? before : NULL, size, to))
		features->tracing_data = writer_text(to, &features->tracing_data_size);
}

/* The groups of more than one event, into GROUPS, which has room for as many as there are events.
 */
static size_t list_groups(const struct recorder *recorder, struct feature_group *groups)
{
	size_t count = 0, nr_events = recorder->options->nr_events;
	for (size_t i = 0; i < nr_events; i++) {
		uint32_t members = 0;
		for (size_t j = i; j < nr_events; j++)
			members += recorder->events[j].leader == i;
		if (members > 1)
			groups[count++] = (struct feature_group){(uint32_t)i, members};
	}
	return count;
}

static struct perfgo_error *finish(struct recorder *recorder)
{
	const struct recorder_options *options = recorder->options;
	const struct rings_counts *counts = rings_counts(recorder->rings);
	struct features features = {
		.command_line = options->command_line,
		.nr_words = options->nr_words,
		.first_time = counts->first_time,
		.last_time = counts->last_time,
		.clock = options->sampling.clock,
	};
	size_t size;
	struct writer described = writer_of_memory();
	const void *section = go_section_bytes(recorder->section, &size);
	_cleanup_free_ struct feature_group *groups = calloc(options->nr_events, sizeof(*groups));
	features.groups = groups;
	features.nr_groups = groups ? list_groups(recorder, groups) : 0;
	find_tracing_data(recorder, &features, &described);
	features_write(recorder->file, &features);
	perfgo_error_destroy(writer_finish(&described));
	build_ids_write(recorder->build_ids, recorder->file);
	if (section)
		file_feature(recorder->file, HEADER_GO, section, size);
	struct perfgo_error *error = file_finish(recorder->file);
	bool whole = section && !labels_failed(recorder->labels) &&
		     !build_ids_failed(recorder->build_ids);
	return error || whole ? error : perfgo_error_no_memory();
}

/* Control characters as \xNN: it is for a terminal. */
static void put_printable(struct writer *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < ' ' || c == 0x7f)
			writer_printf(to, "\\x%02x", c);
		else
			writer_char(to, *text);
	}
}

static void list_labels(const struct labels *labels, char *to, size_t size)
{
	const char *key;
	size_t length;
	struct writer list = writer_of_memory();
	for (size_t i = 0; labels_key(labels, i, &key); i++) {
		writer_string(&list, i ? ", " : "");
		put_printable(&list, key);
	}
	const char *text = writer_text(&list, &length);
	snprintf(to, size, "%.*s", (int)length, text ? text : "");
	perfgo_error_destroy(writer_finish(&list));
}

static void summarize(const struct recorder *recorder, struct recorder_summary *ret)
{
	if (recorder->rings)
		ret->counts = *rings_counts(recorder->rings);
	if (recorder->processes)
		ret->nr_processes = processes_count(recorder->processes);
	if (recorder->processes)
		ret->nr_unreadable = processes_unreadable(recorder->processes);
	if (recorder->labels)
		list_labels(recorder->labels, ret->labels, sizeof(ret->labels));
	if (recorder->targets)
		ret->status = targets_status(recorder->targets);
	ret->bpf = recorder->programs;
	if (recorder->watch)
		ret->nr_snapshots = watch_count(recorder->watch);
}

static void recorder_deinit(struct recorder *recorder)
{
	file_free(recorder->file);
	rings_free(recorder->rings);
	processes_free(recorder->processes);
	watch_free(recorder->watch);
	build_ids_free(recorder->build_ids);
	labels_free(recorder->labels);
	go_section_writer_free(recorder->section);
	opened_close(recorder->opened);
	targets_free(recorder->targets);
	switches_free(recorder->switches);
	programs_free(recorder->programs);
	free(recorder->executed);
	free(recorder->file_events);
	free(recorder->ids);
	free(recorder->told);
	free(recorder->events);
}

struct perfgo_error *recorder_run(const struct recorder_options *options,
				  struct recorder_summary *ret)
{
	__attribute__((cleanup(recorder_deinit))) struct recorder recorder = {.options = options};
	*ret = (struct recorder_summary){0};
	recorder.events = calloc(options->nr_events + OWN_EVENTS, sizeof(*recorder.events));
	recorder.told = calloc(options->nr_events + 1, sizeof(*recorder.told));
	if (!recorder.events || !recorder.told)
		return perfgo_error_no_memory();
	memcpy(recorder.events, options->events, options->nr_events * sizeof(*recorder.events));
	struct perfgo_error *error = set_up(&recorder);
	if (!error)
		error = let_go(&recorder);
	if (!error) {
		error = run(&recorder);
		ret->file_size = file_size(recorder.file);
		struct perfgo_error *unfinished = finish(&recorder);
		if (error)
			perfgo_error_destroy(unfinished);
		else
			error = unfinished;
	}
	summarize(&recorder, ret);
	return error;
}
