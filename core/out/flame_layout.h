/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the frames of a flame graph are. */
#ifndef OUT_FLAME_LAYOUT_H
#define OUT_FLAME_LAYOUT_H

#include "report/stack_tree.h"

/* A frame that is drawn. */
struct flame_box {
	uint32_t node;	 /* index */
	double x, width; /* of the whole, which is 1 */
	double change;	 /* of its share since before; 0 where nothing is compared */
};

struct flame_layout {
	struct flame_box *boxes; /* depth first */
	size_t count;
	size_t left_out; /* frames that are too narrow */
	uint32_t depth;	 /* of the deepest box */
	bool origins[NR_ORIGINS];
	bool inlined, inferred; /* some box is */
	double min_width;
	double most_change; /* the largest without its sign */
};

/*
 * A node is as wide as its share of the weight; where two recordings are COMPARED, as the mean of
 * its shares in both, so that what is gone and what is new can be seen. Narrower ones than
 * MIN_WIDTH are left out with all that they called, and wider ones too, the narrowest first, where
 * there are more than MAX_BOXES, unless that is 0. The caller calls flame_layout_deinit().
 */
struct perfgo_error *flame_layout(const struct stack_node *nodes, size_t count, bool compared,
				  double min_width, size_t max_boxes, struct flame_layout *ret);

/* Whether most of a node's samples have it from the code alone. */
bool flame_is_inferred(const struct stack_node *node);

void flame_layout_deinit(struct flame_layout *layout);

#endif
