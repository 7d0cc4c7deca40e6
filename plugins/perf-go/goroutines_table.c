// SPDX-License-Identifier: GPL-2.0-only
/* Goroutines for people: a table with comments above and below. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "goroutines.h"
#include "numbers.h"
#include "out/table.h"

static void cleanup_table(struct table **table)
{
	table_free(*table);
}

static bool is_right(enum value_kind kind)
{
	return kind == VALUE_NUMBER || kind == VALUE_DURATION;
}

static void add_columns(const struct goroutines_view *view, struct table *table)
{
	if (view->groups)
		table_column(table, "goroutines", true);
	for (size_t i = 0; i < view->keys.count; i++)
		if (view->groups || view->keys.keys[i].kind != VALUE_STACK)
			table_column(table, view->keys.keys[i].name,
				     is_right(view->keys.keys[i].kind));
}

static void write_frame(const struct snapshot_frame *frame, bool inlined, struct writer *out)
{
	writer_printf(out, "              %s", frame->function);
	if (*frame->file)
		writer_printf(out, "  %s:%u", frame->file, frame->line);
	writer_string(out, inlined ? " (inlined)\n" : "\n");
}

/* The callchain as lines below the row, as perf go script has it, innermost first. */
static char *stack_lines(const struct goroutine_row *row)
{
	struct writer lines = writer_of_memory();
	size_t depth, count, size;
	const uint64_t *stack = snapshot_stack(row->snapshot, row->goroutine->stack, &depth);
	for (size_t i = 0; i < depth; i++) {
		const struct snapshot_frame *frames =
			snapshot_frames(row->snapshot, stack[i], &count);
		for (size_t at = 0; at < count; at++)
			write_frame(&frames[at], at + 1 < count, &lines);
		if (!count)
			writer_printf(&lines, "              0x%" PRIx64 "\n", stack[i]);
	}
	const char *text = writer_text(&lines, &size);
	char *copy = size ? strndup(text, size) : NULL;
	perfgo_error_destroy(writer_finish(&lines));
	return copy;
}

/*
 * Labels may have kilobytes: on a terminal a row is to stay a line. Cut between characters of
 * UTF-8; COPY is for what is shown instead.
 */
enum { LONGEST = 100, COPY_SIZE = LONGEST + sizeof("…") };

static const char *shortened(const char *text, size_t size, char copy[COPY_SIZE])
{
	size_t end = LONGEST;
	if (size <= COPY_SIZE)
		return text;
	while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	memcpy(copy, text, end);
	strcpy(copy + end, "…");
	return copy;
}

static void add_cell(const struct goroutines_view *view, struct table *table,
		     const struct goroutine_row *row, const struct goroutine_key *key,
		     struct writer *scratch)
{
	size_t size;
	char copy[COPY_SIZE];
	writer_clear(scratch);
	write_goroutine_value(row, key, view->terminal, scratch);
	writer_char(scratch, 0);
	const char *text = writer_failed(scratch) ? "" : writer_text(scratch, &size);
	table_cell(table, view->terminal && *text ? shortened(text, size, copy) : text);
}

static void add_row(const struct goroutines_view *view, struct table *table,
		    const struct goroutine_row *row, uint64_t count, struct writer *scratch)
{
	char text[NUMBER_TEXT_SIZE];
	table_row(table);
	if (view->groups)
		table_cell(table, number_text(count, view->terminal, text));
	for (size_t i = 0; i < view->keys.count; i++) {
		const struct goroutine_key *key = &view->keys.keys[i];
		char *lines;
		if (view->groups || key->kind != VALUE_STACK)
			add_cell(view, table, row, key, scratch);
		else if ((lines = stack_lines(row)))
			table_below(table, lines);
	}
}

static void write_header(const struct goroutines_view *view)
{
	char count[NUMBER_TEXT_SIZE], took[NUMBER_TEXT_SIZE], when[64];
	const struct snapshot_info *info = snapshot_info(view->snapshot);
	time_t seconds = (time_t)(info->wall_time / UINT64_C(1000000000));
	struct tm local;
	writer_printf(view->out, "# %s goroutines of %s (%u), %s",
		      number_text(view->goroutines, view->terminal, count), info->comm, info->pid,
		      *info->version ? info->version : "release unknown");
	if (view->from && strftime(when, sizeof(when), "%F %T", localtime_r(&seconds, &local)))
		writer_printf(view->out, ", at %s, from %s", when, view->from);
	else
		writer_printf(view->out, ", taken in %s",
			      duration_text(info->end - info->begin, took));
	writer_char(view->out, '\n');
}

static uint64_t count_changes(const struct goroutines_view *view, enum goroutine_change change)
{
	uint64_t count = 0;
	for (size_t i = 0; i < view->nr_rows; i++)
		count += view->rows[i].change == change;
	return count;
}

static void write_changes(const struct goroutines_view *view)
{
	char then[NUMBER_TEXT_SIZE];
	uint64_t before = snapshot_info(view->before)->begin;
	uint64_t now = snapshot_info(view->snapshot)->begin;
	writer_printf(view->out,
		      "# since %s, %s before: %" PRIu64 " new, %" PRIu64 " gone, %" PRIu64
		      " still waiting\n",
		      view->since, duration_text(now - before, then),
		      count_changes(view, CHANGE_NEW), count_changes(view, CHANGE_GONE),
		      count_changes(view, CHANGE_WAITING));
}

static void write_footer(const struct goroutines_view *view, size_t left_out)
{
	char count[NUMBER_TEXT_SIZE];
	uint64_t torn = snapshot_info(view->snapshot)->torn;
	if (left_out)
		writer_printf(view->out, "# %s rows left out: --rows 0 shows them%s\n",
			      number_text(left_out, view->terminal, count),
			      view->groups ? "" : ", --by gostate,goroutine sums them up");
	if (view->system)
		writer_printf(view->out,
			      "# %s of the runtime's own left out: --system shows them\n",
			      number_text(view->system, view->terminal, count));
	if (view->others)
		writer_printf(view->out,
			      "# %s ran, or may have run, meanwhile and are left out: --all shows "
			      "them\n",
			      number_text(view->others, view->terminal, count));
	if (torn)
		writer_printf(view->out,
			      "# %s could not be read, or kept changing, and are missing\n",
			      number_text(torn, view->terminal, count));
}

struct perfgo_error *goroutines_table(const struct goroutines_view *view)
{
	_cleanup_(cleanup_table) struct table *table = NULL;
	struct writer scratch = writer_of_memory();
	size_t count = view->groups ? view->nr_groups : view->nr_rows;
	size_t shown = count < view->most_rows ? count : view->most_rows;
	struct perfgo_error *error = table_new(view->terminal, &table);
	if (error)
		return error;
	add_columns(view, table);
	for (size_t i = 0; i < shown; i++)
		add_row(view, table, view->groups ? view->groups[i].first : &view->rows[i],
			view->groups ? view->groups[i].count : 0, &scratch);
	error = writer_finish(&scratch);
	write_header(view);
	if (view->before)
		write_changes(view);
	if (!error && shown)
		error = table_write(table, "  ", view->out);
	write_footer(view, count - shown);
	return error;
}
