/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OUT_CSV_H
#define OUT_CSV_H

#include "out/writer.h"

/* A field as RFC 4180 has it: quoted where it holds a comma, a quote or the end of a line. */
void csv_field(struct writer *writer, const char *text);

#endif
