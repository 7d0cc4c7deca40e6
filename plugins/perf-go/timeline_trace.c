// SPDX-License-Identifier: GPL-2.0-only
/*
 * The format: "Trace Event Format" (catapult project): complete events (ph X) with times in
 * microseconds, and metadata events (ph M) that name threads. A goroutine is a thread there, its
 * goid the tid.
 */
#include "timeline_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/tuples.h"
#include "out/json.h"
#include "out/replace_file.h"

struct timeline_trace {
	const struct strings *strings;
	const char *path;
	FILE *file; /* without a name: what is begun leaves nothing behind */
	struct writer writer;
	struct json json;
	struct tuples named; /* pid and goid that have a name in the trace */
};

/* What Perfetto names the slice by; "waiting" where the reason is not known. */
static const char *const state_names[TIMELINE_STATES] = {
	[TIMELINE_RUNNING] = "running",
	[TIMELINE_RUNNABLE] = "runnable",
	[TIMELINE_WAITING] = "waiting",
};

struct perfgo_error *timeline_trace_new(const char *path, const struct strings *strings,
					struct timeline_trace **ret)
{
	struct timeline_trace *trace = calloc(1, sizeof(*trace));
	if (!trace)
		return perfgo_error_no_memory();
	*trace = (struct timeline_trace){
		.strings = strings, .path = path, .file = tmpfile(), .named.width = 2};
	if (!trace->file) {
		free(trace);
		return perfgo_error_errno(errno, "cannot make a temporary file for %s", path);
	}
	trace->writer = writer_of_fd(fileno(trace->file), path);
	trace->json = (struct json){.writer = &trace->writer};
	json_begin(&trace->json, '{');
	json_key(&trace->json, "traceEvents");
	json_begin(&trace->json, '[');
	*ret = trace;
	return NULL;
}

void timeline_trace_free(struct timeline_trace *trace)
{
	if (!trace)
		return;
	perfgo_error_destroy(writer_finish(&trace->writer));
	fclose(trace->file);
	tuples_deinit(&trace->named);
	free(trace);
}

static void begin_event(struct json *json, const char *phase, const char *name,
			const struct timeline_interval *interval)
{
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "ph");
	json_string(json, phase);
	json_key(json, "name");
	json_string(json, name);
	json_key(json, "pid");
	json_unsigned(json, interval->pid);
	json_key(json, "tid");
	json_unsigned(json, interval->goid);
}

/* "main.worker 17" */
static void name_thread(struct timeline_trace *trace, const struct timeline_interval *interval)
{
	char name[512];
	const char *entry = strings_text(trace->strings, interval->goroutine);
	struct json *json = &trace->json;
	snprintf(name, sizeof(name), "%s %llu", entry ? entry : "goroutine",
		 (unsigned long long)interval->goid);
	begin_event(json, "M", "thread_name", interval);
	json_key(json, "args");
	json_begin(json, '{');
	json_key(json, "name");
	json_string(json, name);
	json_end(json, '}');
	json_end(json, '}');
}

static void add_arguments(struct json *json, const struct timeline_interval *interval)
{
	json_key(json, "args");
	json_begin(json, '{');
	if (interval->state == TIMELINE_RUNNING) {
		json_key(json, "tid");
		json_unsigned(json, interval->tid);
	}
	if (interval->by) {
		json_key(json, "ended by goid");
		json_unsigned(json, interval->by);
	}
	json_end(json, '}');
}

void timeline_trace_add(void *context, const struct timeline_interval *interval)
{
	struct timeline_trace *trace = context;
	struct json *json = &trace->json;
	size_t before = trace->named.count;
	const char *reason = strings_text(trace->strings, interval->reason);
	tuples_id(&trace->named, (uint64_t[]){interval->pid, interval->goid});
	if (trace->named.count > before)
		name_thread(trace, interval);
	begin_event(json, "X", reason ? reason : state_names[interval->state], interval);
	json_key(json, "cat");
	json_string(json, state_names[interval->state]);
	json_key(json, "ts");
	json_fixed(json, (double)interval->from / 1e3, 3);
	json_key(json, "dur");
	json_fixed(json, (double)(interval->to - interval->from) / 1e3, 3);
	add_arguments(json, interval);
	json_end(json, '}');
}

struct perfgo_error *timeline_trace_finish(struct timeline_trace *trace)
{
	struct stat status;
	json_end(&trace->json, ']');
	json_end(&trace->json, '}');
	json_end_document(&trace->json);
	struct perfgo_error *error = writer_finish(&trace->writer);
	if (error)
		return error;
	if (fstat(fileno(trace->file), &status))
		return perfgo_error_errno(errno, "cannot read what is to become %s", trace->path);
	size_t size = (size_t)status.st_size;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(trace->file), 0);
	if (bytes == MAP_FAILED)
		return perfgo_error_errno(errno, "cannot read what is to become %s", trace->path);
	error = replace_file(trace->path, bytes, size);
	munmap(bytes, size);
	return error;
}
