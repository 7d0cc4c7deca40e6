/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people: columns as wide as what is in them. */
#ifndef OUT_TABLE_H
#define OUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "out/writer.h"

struct table;

/* COLORS: those of table_color() are used. The caller frees *RET with table_free(). */
struct perfgo_error *table_new(bool colors, struct table **ret);
void table_free(struct table *table);

/* Without memory the following are remembered as failed; table_write() tells. */

/* All columns come before the first row. */
void table_column(struct table *table, const char *name, bool right);

/* A row whose cells are filled by table_cell(), in order of the columns, with copies of TEXT. */
void table_row(struct table *table);
void table_cell(struct table *table, const char *text);

/* The colour of the last cell, by name: "red", "green". */
void table_color(struct table *table, const char *color);

/* Lines that come below the last row as they are. Takes TEXT, allocated, over. */
void table_below(struct table *table, char *text);

/* Each line begins with INDENT. */
struct perfgo_error *table_write(struct table *table, const char *indent, struct writer *writer);

#endif
