// SPDX-License-Identifier: GPL-2.0-only
/* Goroutines for programs: an object, or a line of values, each. */
#include <stdlib.h>
#include <string.h>

#include "goroutines.h"
#include "labels.h"
#include "out/csv.h"
#include "out/json.h"
#include "pieces.h"

/* Rendered once for each stack and set of labels of the snapshots. */
struct json_rows {
	struct json json;
	struct writer scratch;
	struct pieces stacks[2], sets[2]; /* of the snapshot before, and of this one */
};

static void write_frame(struct json *json, uint64_t address, const struct snapshot_frame *frame,
			bool inlined, const char *dso)
{
	json_begin(json, '{');
	json_key(json, "ip");
	json_hex(json, address);
	json_key(json, "func");
	json_string(json, *frame->function ? frame->function : NULL);
	json_key(json, "file");
	json_string(json, *frame->file ? frame->file : NULL);
	json_key(json, "line");
	if (frame->line)
		json_unsigned(json, frame->line);
	else
		json_null(json);
	json_key(json, "inlined");
	json_bool(json, inlined);
	json_key(json, "dso");
	json_string(json, dso);
	json_end(json, '}');
}

static void write_stack(struct json *json, const struct snapshot *snapshot, uint32_t stack)
{
	size_t depth, count;
	const uint64_t *addresses = snapshot_stack(snapshot, stack, &depth);
	const char *path = snapshot_info(snapshot)->executable, *slash = strrchr(path, '/');
	json_begin(json, '[');
	for (size_t i = 0; i < depth; i++) {
		static const struct snapshot_frame unknown = {"", "", 0};
		const struct snapshot_frame *frames =
			snapshot_frames(snapshot, addresses[i], &count);
		for (size_t at = 0; at < count; at++)
			write_frame(json, addresses[i], &frames[at], at + 1 < count,
				    slash ? slash + 1 : path);
		if (!count)
			write_frame(json, addresses[i], &unknown, false, NULL);
	}
	json_end(json, ']');
}

/* Writes the piece of ID, which RENDER makes when it is new. */
static void write_piece(struct json_rows *rows, struct pieces *pieces,
			const struct snapshot *snapshot, uint32_t id,
			void (*render)(struct json *json, const struct snapshot *snapshot,
				       uint32_t id))
{
	const struct piece *piece = pieces_find(pieces, id);
	struct writer *out = rows->json.writer;
	struct json json = {.writer = &rows->scratch};
	size_t size;
	if (rows->json.comma)
		writer_char(out, ',');
	rows->json.comma = true;
	if (piece) {
		writer_bytes(out, piece->text, piece->size);
		return;
	}
	writer_clear(&rows->scratch);
	render(&json, snapshot, id);
	const char *text = writer_text(&rows->scratch, &size);
	writer_bytes(out, text, size);
	pieces_keep(pieces, id, text, size);
}

static void write_set(struct json *json, const struct snapshot *snapshot, uint32_t set)
{
	json_labels(json, snapshot_labels(snapshot, set));
}

static void write_value(struct json_rows *rows, bool now, const struct goroutine_row *row,
			const struct goroutine_key *key)
{
	struct json *json = &rows->json;
	struct goroutine_value value = goroutine_value(row, key);
	if (!value.known) {
		json_null(json);
		return;
	}
	switch (key->kind) {
	case VALUE_TEXT:
		json_string(json, value.text);
		break;
	case VALUE_NUMBER:
	case VALUE_DURATION:
		json_unsigned(json, value.number);
		break;
	case VALUE_BOOL:
		json_bool(json, value.number);
		break;
	case VALUE_LABELS:
		write_piece(rows, &rows->sets[now], row->snapshot, row->goroutine->label_set,
			    write_set);
		break;
	case VALUE_STACK:
		write_piece(rows, &rows->stacks[now], row->snapshot, row->goroutine->stack,
			    write_stack);
		break;
	}
}

/* COUNT 0: no group. */
static void write_row(struct json_rows *rows, const struct goroutines_view *view,
		      const struct goroutine_row *row, uint64_t count)
{
	struct json *json = &rows->json;
	json->comma = false;
	json_begin(json, '{');
	if (count) {
		json_key(json, "goroutines");
		json_unsigned(json, count);
	}
	for (size_t i = 0; i < view->keys.count; i++) {
		json_key(json, view->keys.keys[i].name);
		write_value(rows, row->snapshot == view->snapshot, row, &view->keys.keys[i]);
	}
	json_end(json, '}');
	writer_char(json->writer, '\n');
}

struct perfgo_error *goroutines_json(const struct goroutines_view *view)
{
	struct json_rows rows = {.json = {.writer = view->out}, .scratch = writer_of_memory()};
	for (size_t i = 0; view->groups && i < view->nr_groups; i++)
		write_row(&rows, view, view->groups[i].first, view->groups[i].count);
	for (size_t i = 0; !view->groups && i < view->nr_rows; i++)
		write_row(&rows, view, &view->rows[i], 0);
	for (int now = 0; now < 2; now++) {
		pieces_deinit(&rows.stacks[now]);
		pieces_deinit(&rows.sets[now]);
	}
	return writer_finish(&rows.scratch);
}

static void write_csv_row(const struct goroutines_view *view, const struct goroutine_row *row,
			  uint64_t count, struct writer *scratch)
{
	if (count)
		writer_unsigned(view->out, count);
	for (size_t i = 0; i < view->keys.count; i++) {
		struct goroutine_value value = goroutine_value(row, &view->keys.keys[i]);
		if (i || count)
			writer_char(view->out, ',');
		writer_clear(scratch);
		if (value.known)
			write_goroutine_value(row, &view->keys.keys[i], false, scratch);
		writer_char(scratch, 0);
		size_t size;
		csv_field(view->out, writer_text(scratch, &size));
	}
	writer_char(view->out, '\n');
}

struct perfgo_error *goroutines_csv(const struct goroutines_view *view)
{
	struct writer scratch = writer_of_memory();
	if (view->groups)
		writer_string(view->out, "goroutines");
	for (size_t i = 0; i < view->keys.count; i++) {
		if (i || view->groups)
			writer_char(view->out, ',');
		csv_field(view->out, view->keys.keys[i].name);
	}
	writer_char(view->out, '\n');
	for (size_t i = 0; view->groups && i < view->nr_groups; i++)
		write_csv_row(view, view->groups[i].first, view->groups[i].count, &scratch);
	for (size_t i = 0; !view->groups && i < view->nr_rows; i++)
		write_csv_row(view, &view->rows[i], 0, &scratch);
	return writer_finish(&scratch);
}
