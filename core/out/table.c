// SPDX-License-Identifier: GPL-2.0-only
/* Tables through libsmartcols, which lays out and escapes; lines below rows are put in here. */
#include "out/table.h"

#include <libsmartcols.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

struct table {
	struct libscols_table *scols;
	struct libscols_line *line;
	size_t cell;
	char **below; /* by row; NULL nothing */
	size_t rows, below_capacity;
	bool failed;
};

struct perfgo_error *table_new(bool colors, struct table **ret)
{
	struct table *table = calloc(1, sizeof(*table));
	if (!table)
		return perfgo_error_no_memory();
	scols_init_debug(0);
	table->scols = scols_new_table();
	if (!table->scols) {
		free(table);
		return perfgo_error_no_memory();
	}
	scols_table_set_column_separator(table->scols, "  ");
	scols_table_enable_colors(table->scols, colors);
	/* Never cut: less -S and wide windows show what a cut would hide. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
	*ret = table;
	return NULL;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows; i++)
		free(table->below[i]);
	free(table->below);
	scols_unref_table(table->scols);
	free(table);
}

void table_column(struct table *table, const char *name, bool right)
{
	if (!scols_table_new_column(table->scols, name, 0, right ? SCOLS_FL_RIGHT : 0))
		table->failed = true;
}

void table_row(struct table *table)
{
	table->line = scols_table_new_line(table->scols, NULL);
	table->cell = 0;
	if (!table->line || !array_reserve(table->below, table->below_capacity, table->rows + 1)) {
		table->failed = true;
		return;
	}
	table->below[table->rows++] = NULL;
}

void table_cell(struct table *table, const char *text)
{
	if (!table->failed && scols_line_set_data(table->line, table->cell++, text))
		table->failed = true;
}

void table_color(struct table *table, const char *color)
{
	struct libscols_cell *cell =
		table->failed ? NULL : scols_line_get_cell(table->line, table->cell - 1);
	if (cell && scols_cell_set_color(cell, color))
		table->failed = true;
}

void table_below(struct table *table, char *text)
{
	if (table->failed)
		free(text);
	else
		table->below[table->rows - 1] = text;
}

/* Cells of the last column are padded where there is something to their right only in scols. */
static size_t without_padding(const char *line, size_t length)
{
	while (length && line[length - 1] == ' ')
		length--;
	return length;
}

struct perfgo_error *table_write(struct table *table, const char *indent, struct writer *writer)
{
	_cleanup_free_ char *text = NULL;
	if (table->failed || scols_print_table_to_string(table->scols, &text) || !text)
		return perfgo_error_no_memory();
	const char *line = text;
	for (size_t i = 0; *line; i++) {
		size_t length = strcspn(line, "\n");
		writer_string(writer, indent);
		writer_bytes(writer, line, without_padding(line, length));
		writer_char(writer, '\n');
		line += length + (line[length] == '\n');
		if (i && i <= table->rows && table->below[i - 1])
			writer_string(writer, table->below[i - 1]);
	}
	return NULL;
}
