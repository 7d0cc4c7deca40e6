// SPDX-License-Identifier: GPL-2.0-only
/* perf go info: what a recording knows of goroutines. */
#include <stdio.h>

#include "base/strings.h"
#include "goproc/words.h"
#include "info.h"
#include "out/table.h"

enum { MAX_TOLD_LABELS = 20 };

/* The names of all labels, in the order they come in. */
static void collect_labels(const struct go_section *section, struct strings *ret)
{
	for (size_t i = 0; i < go_section_nr_label_sets(section); i++) {
		const struct label_set *set = go_section_label_set(section, (uint32_t)i);
		for (size_t at = 0; at < set->count; at++)
			strings_id(ret, set->labels[at].key);
	}
}

static void print_labels(const struct info *info, const struct go_section *section)
{
	struct strings labels = {0};
	struct writer words = writer_of_memory();
	size_t size;
	collect_labels(section, &labels);
	for (uint32_t id = 1; id <= labels.count && id <= MAX_TOLD_LABELS; id++)
		writer_printf(&words, "%s%s", id > 1 ? ", " : "", strings_text(&labels, id));
	if (labels.count > MAX_TOLD_LABELS)
		writer_printf(&words, " and %zu more", labels.count - MAX_TOLD_LABELS);
	const char *text = writer_text(&words, &size);
	if (size)
		info_line(info, "labels", "%.*s, in %zu sets", (int)size, text,
			  go_section_nr_label_sets(section) - 1);
	perfgo_error_destroy(writer_finish(&words));
	strings_deinit(&labels);
}

void info_goroutines(const struct info *info, const struct session *session,
		     const struct goroutine_tally *tally)
{
	const struct go_section *section = session_go_section(session);
	struct writer words = writer_of_memory();
	size_t size;
	if (!section)
		return;
	goroutine_tally_write(tally, &words);
	const char *text = writer_text(&words, &size);
	info_line(info, "goroutines", "%.*s", (int)size, text);
	perfgo_error_destroy(writer_finish(&words));
	print_labels(info, section);
	if (go_section_nr_snapshots(section))
		info_line(info, "snapshots", "%zu", go_section_nr_snapshots(section));
}

static void add_process(const struct go_section_process *process, struct table *table)
{
	char pid[16];
	snprintf(pid, sizeof(pid), "%u", process->pid);
	table_row(table);
	table_cell(table, process->executable);
	table_cell(table, pid);
	table_cell(table, *process->version ? process->version : "?");
	table_cell(table, *process->no_goroutine ? process->no_goroutine : "yes");
}

struct perfgo_error *info_go_processes(const struct info *info, const struct session *session)
{
	const struct go_section *section = session_go_section(session);
	struct table *table;
	if (!section || !go_section_nr_processes(section))
		return NULL;
	struct perfgo_error *error = table_new(false, &table);
	if (error)
		return error;
	table_column(table, "Go process", false);
	table_column(table, "pid", true);
	table_column(table, "Go", false);
	table_column(table, "goroutines", false);
	for (size_t i = 0; i < go_section_nr_processes(section); i++)
		add_process(go_section_process(section, i), table);
	writer_char(info->out, '\n');
	error = table_write(table, "  ", info->out);
	table_free(table);
	return error;
}

static void json_tally(struct json *json, const struct goroutine_tally *tally)
{
	json_key(json, "known");
	json_begin(json, '{');
	for (unsigned int from = GOID_FROM_NOTHING + 1; from < GOID_FROM_COUNT; from++) {
		json_key(json, go_goid_from_word(from));
		json_unsigned(json, tally->known[from]);
	}
	json_end(json, '}');
	json_key(json, "scheduler");
	json_unsigned(json, tally->scheduler);
	json_key(json, "no_goroutine");
	json_unsigned(json, tally->none);
}

static void json_label_names(struct json *json, const struct go_section *section)
{
	struct strings labels = {0};
	collect_labels(section, &labels);
	json_key(json, "labels");
	json_begin(json, '[');
	for (uint32_t id = 1; id <= labels.count; id++)
		json_string(json, strings_text(&labels, id));
	json_end(json, ']');
	json_key(json, "label_sets");
	json_unsigned(json, go_section_nr_label_sets(section) - 1);
	strings_deinit(&labels);
}

static void json_process(struct json *json, const struct go_section_process *process)
{
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "pid");
	json_unsigned(json, process->pid);
	json_key(json, "executable");
	json_string(json, process->executable);
	json_key(json, "go");
	json_string(json, *process->version ? process->version : NULL);
	json_key(json, "why_no_goroutines");
	json_string(json, *process->no_goroutine ? process->no_goroutine : NULL);
	json_end(json, '}');
}

void json_goroutines(struct json *json, const struct session *session,
		     const struct goroutine_tally *tally)
{
	const struct go_section *section = session_go_section(session);
	json_key(json, "goroutines");
	if (!section) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	json_tally(json, tally);
	json_label_names(json, section);
	json_key(json, "snapshots");
	json_unsigned(json, go_section_nr_snapshots(section));
	json_key(json, "processes");
	json_begin(json, '[');
	for (size_t i = 0; i < go_section_nr_processes(section); i++)
		json_process(json, go_section_process(section, i));
	json_end(json, ']');
	json_end(json, '}');
}
