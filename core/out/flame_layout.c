// SPDX-License-Identifier: GPL-2.0-only
#include "out/flame_layout.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

static double share(const struct stack_node *nodes, size_t i, enum stack_side side)
{
	uint64_t all = nodes[0].sides[side].weight;
	return all ? (double)nodes[i].sides[side].weight / (double)all : 0;
}

/* Nothing weighs anything in a recording without samples: only the root is there. */
static struct flame_box box_of(const struct stack_node *nodes, size_t i, bool compared)
{
	double now = share(nodes, i, STACKS_NOW);
	struct flame_box box = {.node = (uint32_t)i, .width = now};
	if (compared) {
		double before = share(nodes, i, STACKS_BEFORE);
		box.width = (now + before) / 2;
		box.change = now - before;
	}
	if (!i)
		box.width = 1;
	return box;
}

bool flame_is_inferred(const struct stack_node *node)
{
	const struct stack_weight *now = &node->sides[STACKS_NOW],
				  *before = &node->sides[STACKS_BEFORE];
	uint64_t inferred = now->inferred + before->inferred;
	return inferred && inferred >= (now->samples + before->samples + 1) / 2;
}

static void note_box(struct flame_layout *layout, const struct stack_node *node,
		     const struct flame_box *box)
{
	layout->boxes[layout->count++] = *box;
	if (node->depth > layout->depth)
		layout->depth = node->depth;
	if (!node->entry.key && node->depth)
		layout->origins[node->entry.origin] = true;
	layout->inlined |= node->entry.inlined;
	layout->inferred |= flame_is_inferred(node);
	layout->most_change = fmax(layout->most_change, fabs(box->change));
}

/* The first node behind I and all that it called. */
static size_t behind(const struct stack_node *nodes, size_t count, size_t i)
{
	size_t end = i + 1;
	while (end < count && nodes[end].depth > nodes[i].depth)
		end++;
	return end;
}

/* NEXT is by depth: where the next frame of that depth begins. */
static void place(const struct stack_node *nodes, size_t count, bool compared, double *next,
		  struct flame_layout *layout)
{
	for (size_t i = 0; i < count;) {
		uint32_t depth = nodes[i].depth;
		struct flame_box box = box_of(nodes, i, compared);
		box.x = next[depth];
		next[depth] += box.width;
		if (box.width <= 0 || box.width < layout->min_width) {
			size_t end = behind(nodes, count, i);
			layout->left_out += end - i;
			i = end;
			continue;
		}
		next[depth + 1] = box.x;
		note_box(layout, &nodes[i++], &box);
	}
}

static int wider_first(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a < b) - (a > b);
}

/* The least width of which there are no more than MAX_BOXES: no frame is wider than its caller.
 * False without memory. */
static bool bound(const struct stack_node *nodes, size_t count, bool compared, size_t max_boxes,
		  struct flame_layout *layout)
{
	if (!max_boxes || count <= max_boxes)
		return true;
	_cleanup_free_ double *widths = calloc(count, sizeof(*widths));
	if (!widths)
		return false;
	for (size_t i = 0; i < count; i++)
		widths[i] = box_of(nodes, i, compared).width;
	qsort(widths, count, sizeof(*widths), wider_first);
	layout->min_width = fmax(layout->min_width, nextafter(widths[max_boxes], 2));
	return true;
}

static uint32_t deepest(const struct stack_node *nodes, size_t count)
{
	uint32_t depth = 0;
	for (size_t i = 0; i < count; i++)
		if (nodes[i].depth > depth)
			depth = nodes[i].depth;
	return depth;
}

struct perfgo_error *flame_layout(const struct stack_node *nodes, size_t count, bool compared,
				  double min_width, size_t max_boxes, struct flame_layout *ret)
{
	_cleanup_free_ double *next = calloc((size_t)deepest(nodes, count) + 2, sizeof(*next));
	*ret = (struct flame_layout){
		.boxes = calloc(count, sizeof(*ret->boxes)),
		.min_width = min_width,
	};
	if (!next || !ret->boxes || !bound(nodes, count, compared, max_boxes, ret))
		return perfgo_error_no_memory();
	place(nodes, count, compared, next, ret);
	return NULL;
}

void flame_layout_deinit(struct flame_layout *layout)
{
	free(layout->boxes);
}
