// SPDX-License-Identifier: GPL-2.0-only
/* What goes to stderr: errors, warnings, progress. */
#include "commands.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { QUIET_NS = 500000000, REDRAW_NS = 100000000 };

static bool progress_shown, progress_ended;

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void progress_clear(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

void progress_end(void)
{
	progress_clear();
	progress_ended = true;
}

static void print_progress(void *context, const char *what, uint64_t done, uint64_t total)
{
	static int64_t started, drawn;
	(void)context;
	int64_t now = now_ns();
	if (!started)
		started = now;
	if (progress_ended || !isatty(STDERR_FILENO) || now - started < QUIET_NS ||
	    now - drawn < REDRAW_NS)
		return;
	drawn = now;
	progress_shown = true;
	double seconds = (double)(now - started) / 1e9, megabytes = (double)done / 1e6;
	if (total)
		fprintf(stderr, "\r%s  %3.0f %%  %.0f MB/s\033[K", what,
			100.0 * (double)done / (double)total, megabytes / seconds);
	else
		fprintf(stderr, "\r%s  %.1f MB  %.0f MB/s\033[K", what, megabytes,
			megabytes / seconds);
}

#define HINT "         "

/*
 * TEXT and the hint that a warning has on a line of its own. Names in it come from files: no
 * control character of theirs goes out.
 */
static void print_line(const char *before, const char *text)
{
	fputs(before, stderr);
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;
		bool is_hint = c == '\n' && !strncmp(at + 1, HINT, strlen(HINT));
		if ((c < ' ' && !is_hint) || c == 0x7f)
			fprintf(stderr, "\\x%02x", c);
		else
			fputc(c, stderr);
	}
	fputc('\n', stderr);
}

static void print_warning(void *context, const char *text)
{
	(void)context;
	progress_clear();
	print_line("perf go: warning: ", text);
}

const struct observer terminal_observer = {.warning = print_warning, .progress = print_progress};

void suggest(const char *next)
{
	if (isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
		fprintf(stderr, "next: %s\n", next);
}

int complain(struct perfgo_error *error)
{
	if (!error)
		return 0;
	progress_clear();
	print_line("perf go: ", perfgo_error_text(error));
	if (perfgo_error_hint_text(error))
		print_line(HINT, perfgo_error_hint_text(error));
	perfgo_error_destroy(error);
	return 1;
}

int complain_wrong(struct perfgo_error *error)
{
	return complain(error) ? 2 : 0;
}

int complain_usage(const char *command, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("perf go: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n         see perf go help%s%s\n", *command ? " " : "", command);
	va_end(args);
	return 2;
}
