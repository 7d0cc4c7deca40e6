// SPDX-License-Identifier: GPL-2.0-only
#include "record/status.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "numbers.h"

enum { REDRAW_NS = 500000000 };

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void clear(struct status *status)
{
	if (status->shown)
		fputs("\r\033[K", stderr);
	status->shown = false;
}

void status_say(void *context, const char *text)
{
	struct status *status = context;
	if (status->quiet)
		return;
	clear(status);
	fprintf(stderr, "perf go: %s\n", text);
}

void status_tick(void *context, const struct rings_counts *counts, size_t nr_processes)
{
	struct status *status = context;
	int64_t now = now_ns(), passed = now - status->drawn;
	if (status->quiet || !isatty(STDERR_FILENO) || passed < REDRAW_NS)
		return;
	char samples[NUMBER_TEXT_SIZE], rate[NUMBER_TEXT_SIZE], lost[NUMBER_TEXT_SIZE];
	uint64_t more = counts->samples - status->samples;
	uint64_t per_second = (uint64_t)((double)more * 1e9 / (double)passed);
	if (status->drawn) {
		fprintf(stderr, "\rrecording  %s samples  %s/s  %s lost  %zu Go process%s\033[K",
			number_text(counts->samples, true, samples),
			number_text(per_second, true, rate), number_text(counts->lost, true, lost),
			nr_processes, nr_processes == 1 ? "" : "es");
		status->shown = true;
	}
	status->drawn = now;
	status->samples = counts->samples;
}

/* ", N without: A in the scheduler, …" */
static void print_without(const struct recorder_summary *summary, bool grouped)
{
	const struct rings_counts *counts = &summary->counts;
	const struct {
		uint64_t count;
		const char *why;
	} reasons[] = {
		{counts->scheduler, "in the scheduler"},
		{counts->no_go_thread, "in threads without Go"},
		{counts->not_go, summary->nr_unreadable
					 ? "in processes without Go, or that could not be read"
					 : "in processes without Go"},
		{counts->obstacle, "in Go processes whose goroutines cannot be known"},
		{counts->fault, "where memory could not be read"},
		{counts->missed, "before Go was found"},
		{counts->tracepoint, "of tracepoints that take no BPF program"},
	};
	const char *before = "without: ";
	char number[NUMBER_TEXT_SIZE];
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (!reasons[i].count)
			continue;
		fprintf(stderr, "%s%s %s", before, number_text(reasons[i].count, grouped, number),
			reasons[i].why);
		before = ", ";
	}
	if (*before == ',')
		fputc('\n', stderr);
}

/* By the first label, if its name is one that needs no quotes. */
static void suggest_report(const char *labels)
{
	char next[128];
	size_t length = strcspn(labels, ",");
	bool plain = length;
	for (size_t i = 0; i < length; i++)
		plain = plain && (isalnum((unsigned char)labels[i]) || strchr("_-.", labels[i]));
	if (plain)
		snprintf(next, sizeof(next), "perf go report --sort label:%.*s,gofunc", (int)length,
			 labels);
	suggest(plain ? next : "perf go report --sort goroutine,gofunc");
}

void status_end(struct status *status, const struct recorder_summary *summary, const char *output,
		bool success)
{
	const struct rings_counts *counts = &summary->counts;
	bool terminal = isatty(STDERR_FILENO);
	char samples[NUMBER_TEXT_SIZE], goroutine[NUMBER_TEXT_SIZE], lost[NUMBER_TEXT_SIZE];
	clear(status);
	if (status->quiet || !success)
		return;
	number_text(counts->samples, terminal, samples);
	number_text(counts->goroutine, terminal, goroutine);
	number_text(counts->lost, terminal, lost);
	double megabytes = (double)summary->file_size / 1e6;
	if (summary->bpf)
		fprintf(stderr, "%s samples, %s with goroutine, %s lost, %.1f MB in %s\n", samples,
			goroutine, lost, megabytes, output);
	else
		fprintf(stderr, "%s samples, goroutines by %zu snapshots, %s lost, %.1f MB in %s\n",
			samples, summary->nr_snapshots, lost, megabytes, output);
	if (summary->bpf)
		print_without(summary, terminal);
	if (status->verbose || summary->nr_processes > 1)
		fprintf(stderr, "%zu Go process%s, samples of %.3f s\n", summary->nr_processes,
			summary->nr_processes == 1 ? "" : "es",
			(double)(counts->last_time - counts->first_time) / 1e9);
	if (counts->goroutine && *summary->labels)
		fprintf(stderr, "labels: %s\n", summary->labels);
	suggest_report(summary->labels);
}
