/* SPDX-License-Identifier: GPL-2.0-only */
/* How a flame graph looks. */
#ifndef OUT_FLAME_STYLE_H
#define OUT_FLAME_STYLE_H

#include "out/writer.h"
#include "out/flame_layout.h"

/* In px; the script knows ROW, PADDING and CHARACTER too. */
#define FLAME_CHARACTER 6.62 /* of a monospaced font of FLAME_FONT */
enum { FLAME_WIDTH = 1200, FLAME_MARGIN = 10, FLAME_ROW = 17, FLAME_FONT = 11, FLAME_PADDING = 3 };

/* The class of a box, which says its colour. */
const char *flame_class(const struct flame_layout *layout, const struct flame_box *box,
			const struct stack_node *node, bool compared);

void flame_write_style(struct writer *out, bool compared);

/* What is between the first line of the legend and its last one: 0 where it is one. */
int flame_legend_height(const struct flame_layout *layout, const char *keys, bool compared);

/* What the colours mean; the text of its first line stands on Y. */
void flame_write_legend(struct writer *out, const struct flame_layout *layout, const char *keys,
			bool compared, int y);

#endif
