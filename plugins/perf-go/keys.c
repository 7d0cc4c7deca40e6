// SPDX-License-Identifier: GPL-2.0-only
/* perf go keys: the table of keys, and which of them a recording can answer. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "out/json.h"
#include "out/table.h"
#include "pager.h"
#include "recording.h"

static const char *const kinds[] = {
	[KEY_TEXT] = "text",	   [KEY_NUMBER] = "number",   [KEY_SIGNED] = "number",
	[KEY_ADDRESS] = "address", [KEY_STACK] = "callchain", [KEY_RECORD] = "record",
};

static const char *const things[] = {
	[KEY_OF_SAMPLE] = "sample", [KEY_OF_THREAD] = "thread",	      [KEY_OF_CODE] = "code",
	[KEY_OF_STACK] = "stack",   [KEY_OF_GOROUTINE] = "goroutine",
};

/* SESSION is NULL without a recording. */
typedef struct perfgo_error *keys_writer(const struct session *session, struct writer *out);

static void add_key(const struct key *key, const struct session *session, struct table *table)
{
	char name[80];
	snprintf(name, sizeof(name), key->alias ? "%s, %s" : "%s", key->name, key->alias);
	table_row(table);
	table_cell(table, name);
	if (session)
		table_cell(table, key_answered(key, session) ? "yes" : "no");
	table_cell(table, kinds[key->kind]);
	table_cell(table, things[key->of]);
	table_cell(table, key->how);
	table_cell(table, key->doc);
}

static struct perfgo_error *write_table(const struct session *session, struct writer *out)
{
	struct table *table;
	size_t count;
	const struct key *keys = key_table(&count);
	struct perfgo_error *error = table_new(false, &table);
	if (error)
		return error;
	table_column(table, "key", false);
	if (session)
		table_column(table, "answered", false);
	table_column(table, "kind", false);
	table_column(table, "of", false);
	table_column(table, "how known", false);
	table_column(table, "what", false);
	for (size_t i = 0; i < count; i++)
		add_key(&keys[i], session, table);
	add_key(key_label_pattern(), session, table);
	error = table_write(table, "", out);
	table_free(table);
	return error;
}

static void write_json_key(const struct key *key, const struct session *session, struct json *json)
{
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "name");
	json_string(json, key->name);
	json_key(json, "alias");
	json_string(json, key->alias);
	json_key(json, "kind");
	json_string(json, kinds[key->kind]);
	json_key(json, "of");
	json_string(json, things[key->of]);
	json_key(json, "sums");
	json_bool(json, key->sums);
	if (session) {
		json_key(json, "answered");
		json_bool(json, key_answered(key, session));
	}
	json_key(json, "how");
	json_string(json, key->how);
	json_key(json, "doc");
	json_string(json, key->doc);
	json_end(json, '}');
}

static struct perfgo_error *write_json(const struct session *session, struct writer *out)
{
	struct json json = {.writer = out};
	size_t count;
	const struct key *keys = key_table(&count);
	json_begin(&json, '[');
	for (size_t i = 0; i < count; i++)
		write_json_key(&keys[i], session, &json);
	write_json_key(key_label_pattern(), session, &json);
	json.comma = false;
	json_newline(&json);
	json_end(&json, ']');
	json_end_document(&json);
	return NULL;
}

static void write_key_manual(const struct key *key, struct writer *out)
{
	writer_printf(out, ".TP\n.B %s", key->name);
	if (key->alias)
		writer_printf(out, ", %s", key->alias);
	writer_printf(out, "\n%s (%s of the %s; %s)\n", key->doc, kinds[key->kind], things[key->of],
		      key->how);
}

void write_keys_manual(struct writer *out)
{
	size_t count;
	const struct key *keys = key_table(&count);
	for (size_t i = 0; i < count; i++)
		write_key_manual(&keys[i], out);
	write_key_manual(key_label_pattern(), out);
}

static const struct format {
	const char *name;
	keys_writer *write;
} formats[] = {
	{"table", write_table},
	{"json", write_json},
};

/* The events of a pipe may come late, but those that say what samples hold come first. */
static struct perfgo_error *run(const char *input, const struct format *format, bool pager)
{
	struct session *session = NULL;
	struct perfgo_error *error = NULL;
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	if (input)
		error = session_open(input, &terminal_observer, &session);
	if (error)
		return error;
	progress_clear();
	if (pager)
		pager_begin();
	error = format->write(session, &out);
	struct perfgo_error *failed = writer_finish(&out);
	pager_end();
	session_close(session);
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

int cmd_keys(int argc, char **argv)
{
	const char *input = NULL, *name = formats[0].name;
	bool pager = true;
	const struct option_spec options[] = {
		{'i', "input", OPTION_STRING, &input},
		{0, "format", OPTION_STRING, &name},
		{0, "pager", OPTION_FLAG, &pager},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (status)
		return status;
	if (first < argc && !input)
		input = argv[first++];
	if (first < argc)
		return complain_usage(argv[0], "one recording at a time: what is '%s'?",
				      argv[first]);
	int chosen = options_choose(argv[0], "format", name, formats,
				    sizeof(formats) / sizeof(*formats), sizeof(*formats));
	if (chosen < 0)
		return 2;
	const struct format *format = &formats[chosen];
	status = complain(run(input, format, pager));
	if (!status)
		suggest("perf go report --sort KEY,KEY…");
	return status;
}
