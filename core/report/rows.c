// SPDX-License-Identifier: GPL-2.0-only
/* From classes to rows: every stack is walked once, then rows are sorted. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "report/internal.h"

/* The id of a row; IDMAP_NONE without memory. */
static uint32_t row_id(struct report *report, uint32_t event, uint32_t context, uint32_t code)
{
	return tuples_id(&report->row_keys, (uint64_t[]){event, context, code});
}

static uint64_t code_of_cell(const struct report *report, uint32_t cell)
{
	return ((const struct cell *)tuples_get(&report->cells, cell))->code;
}

enum { MAX_WALK = DEFAULT_MAX_STACK, RECENT_WALKS = 64 };

/* The node where the frames of one address end, the outermost of them first. */
static uint32_t walk_address(struct report *report, uint32_t node, uint32_t address)
{
	uint32_t count = 0;
	const uint32_t *cells = report_cells(report, address, &count);
	if (!cells)
		return IDMAP_NONE;
	for (uint32_t i = count; i-- > 0 && node != IDMAP_NONE;)
		node = paths_child(&report->paths, node, cells[i]);
	return node;
}

/* The root of the stacks of a class; IDMAP_NONE without memory. */
static uint32_t root_of_class(struct report *report, const struct class *class)
{
	uint64_t key[] = {class->event, class->context};
	uint32_t root = tuples_id(&report->roots, key);
	/* Roots are nodes without a parent, whose cell is the id of what they are the root of. */
	return root == IDMAP_NONE ? IDMAP_NONE : paths_child(&report->paths, IDMAP_NONE, root);
}

/* The way a stack was walked lately, from its outermost address inwards. */
struct walk {
	uint32_t root;
	uint32_t depth;
	uint32_t addresses[MAX_WALK], nodes[MAX_WALK];
};

/* A walk that likely began alike: the same root, and the same outermost addresses. */
static struct walk *recent_walk(struct walk *walks, uint32_t root, const struct stack *stack)
{
	enum { OUTERMOST = 6 };
	uint64_t hash = root;
	for (uint32_t i = 0; i < OUTERMOST && i < stack->count; i++)
		hash = hash_word(hash, stack->addresses[stack->count - 1 - i]);
	struct walk *walk = &walks[hash_fold(hash) % RECENT_WALKS];
	if (walk->root != root)
		*walk = (struct walk){.root = root};
	return walk;
}

/* The node where the stack of a class ends; IDMAP_NONE without memory. */
static uint32_t walk_stack(struct report *report, struct walk *walks, const struct class *class)
{
	const struct stack *stack = session_stack(facts_session(report->facts), class->stack);
	uint32_t node = root_of_class(report, class), i = 0;
	if (node == IDMAP_NONE)
		return IDMAP_NONE;
	struct walk *walk = recent_walk(walks, node, stack);
	for (; i < walk->depth && i < stack->count; i++) {
		if (walk->addresses[i] != stack->addresses[stack->count - 1 - i])
			break;
		node = walk->nodes[i];
	}
	for (; i < stack->count && node != IDMAP_NONE; i++) {
		uint32_t address = stack->addresses[stack->count - 1 - i];
		node = walk_address(report, node, address);
		if (i >= MAX_WALK)
			continue;
		walk->addresses[i] = address;
		walk->nodes[i] = node;
	}
	walk->depth = i < MAX_WALK ? i : MAX_WALK;
	return node;
}

/* What a class ends in: its own row and, with stacks, its node. */
struct class_end {
	uint32_t row;
	uint32_t node;
};

static bool end_class(struct report *report, struct walk *walks, const struct class *class,
		      struct class_end *end)
{
	uint32_t cell = report_cell(report, class->frame);
	if (cell == IDMAP_NONE)
		return false;
	end->row =
		row_id(report, class->event, class->context, (uint32_t)code_of_cell(report, cell));
	end->node = IDMAP_NONE;
	if (end->row == IDMAP_NONE)
		return false;
	if (!report->options.children)
		return true;
	end->node = walk_stack(report, walks, class);
	if (end->node == IDMAP_NONE)
		return false;
	report->paths.nodes[end->node].weight += class->period;
	report->paths.nodes[end->node].samples += class->samples;
	return true;
}

static bool is_root(const struct path_node *node)
{
	return node->parent == IDMAP_NONE;
}

/* The row of every node; IDMAP_NONE at roots. False without memory. */
static bool map_nodes(struct report *report)
{
	struct paths *paths = &report->paths;
	_cleanup_free_ uint32_t *root_of = calloc(paths->count + 1, sizeof(*root_of));
	report->row_of_node = calloc(paths->count + 1, sizeof(*report->row_of_node));
	if (!root_of || !report->row_of_node)
		return false;
	for (size_t i = 0; i < paths->count; i++) {
		const struct path_node *node = &paths->nodes[i];
		root_of[i] = is_root(node) ? node->cell : root_of[node->parent];
		report->row_of_node[i] = IDMAP_NONE;
		if (is_root(node))
			continue;
		const uint64_t *root = tuples_get(&report->roots, root_of[i]);
		report->row_of_node[i] = row_id(report, (uint32_t)root[0], (uint32_t)root[1],
						(uint32_t)code_of_cell(report, node->cell));
		if (report->row_of_node[i] == IDMAP_NONE)
			return false;
	}
	return true;
}

/* Notes an outermost node of its row: all samples below count once for the row. */
static void add_outermost(struct report *report, uint32_t at)
{
	const struct path_node *node = &report->paths.nodes[at];
	uint32_t id = report->row_of_node[at];
	struct report_row *row = &report->rows[id];
	row->children_period += node->weight;
	row->children_samples += node->samples;
	report->next_of_row[at] = report->first_of_row[id];
	report->first_of_row[id] = at;
}

/* The node after AT in depth-first order, none of AT's own; leaves the rows that end off the path.
 */
static uint32_t leave(const struct report *report, uint32_t at, uint32_t *on_path)
{
	const struct path_node *nodes = report->paths.nodes;
	for (; !is_root(&nodes[at]); at = nodes[at].parent) {
		on_path[report->row_of_node[at]]--;
		if (nodes[at].next_sibling != IDMAP_NONE)
			return nodes[at].next_sibling;
	}
	return IDMAP_NONE;
}

/* A sample counts once for a row, however often that is on its stack: at the outermost node. */
static void add_children_below(struct report *report, uint32_t root, uint32_t *on_path)
{
	const struct path_node *nodes = report->paths.nodes;
	uint32_t at = nodes[root].first_child;
	while (at != IDMAP_NONE) {
		if (!on_path[report->row_of_node[at]]++)
			add_outermost(report, at);
		at = nodes[at].first_child != IDMAP_NONE ? nodes[at].first_child
							 : leave(report, at, on_path);
	}
}

static bool add_children(struct report *report)
{
	size_t rows = report->row_keys.count + 1, nodes = report->paths.count + 1;
	_cleanup_free_ uint32_t *on_path = calloc(rows, sizeof(*on_path));
	report->first_of_row = malloc(rows * sizeof(*report->first_of_row));
	report->next_of_row = malloc(nodes * sizeof(*report->next_of_row));
	if (!on_path || !report->first_of_row || !report->next_of_row)
		return false;
	memset(report->first_of_row, 0xff, rows * sizeof(*report->first_of_row));
	for (uint32_t root = 0; root < report->paths.count; root++)
		if (is_root(&report->paths.nodes[root]))
			add_children_below(report, root, on_path);
	return true;
}

static bool on_stack(const struct report *report, const struct class_end *end)
{
	for (uint32_t node = end->node; node != IDMAP_NONE; node = report->paths.nodes[node].parent)
		if (report->row_of_node[node] == end->row)
			return true;
	return false;
}

static void add_self(struct report *report, const struct class *class, size_t i,
		     const struct class_end *end)
{
	struct report_row *row = &report->rows[end->row];
	size_t sums = 2 * report->sums.count;
	row->period += class->period;
	row->samples += class->samples;
	for (size_t k = 0; k < sums; k++)
		report->row_sums[end->row * sums + k] += report->class_sums[i * sums + k];
	/* A precise ip is not always on the callchain, and not every sample has one. */
	if (report->options.children && !on_stack(report, end)) {
		row->children_period += class->period;
		row->children_samples += class->samples;
	}
}

static bool make_rows(struct report *report)
{
	_cleanup_free_ struct class_end *ends = calloc(report->nr_classes + 1, sizeof(*ends));
	_cleanup_free_ struct walk *walks = calloc(RECENT_WALKS, sizeof(*walks));
	if (!ends || !walks)
		return false;
	for (size_t i = 0; i < report->nr_classes; i++)
		if (!end_class(report, walks, &report->classes[i], &ends[i]))
			return false;
	paths_sum(&report->paths);
	if (!map_nodes(report))
		return false;
	report->rows = calloc(report->row_keys.count + 1, sizeof(*report->rows));
	report->row_sums = calloc(report->row_keys.count * 2 * report->sums.count + 1,
				  sizeof(*report->row_sums));
	if (!report->rows || !report->row_sums || !add_children(report))
		return false;
	for (size_t i = 0; i < report->nr_classes; i++) {
		add_self(report, &report->classes[i], i, &ends[i]);
		report->classes[i].row = ends[i].row;
	}
	for (uint32_t id = 0; id < report->row_keys.count; id++)
		report->rows[id].id = id;
	return true;
}

bool report_value(const struct report *report, const struct report_row *row, size_t i,
		  uint64_t *value_ret)
{
	const uint64_t *key = tuples_get(&report->row_keys, row->id);
	const struct {
		const struct key_part *part;
		const uint64_t *tuple;
	} parts[] = {
		{&report->context, tuples_get(&report->contexts, (uint32_t)key[1])},
		{&report->code, tuples_get(&report->codes, (uint32_t)key[2])},
	};
	for (size_t p = 0; p < 2; p++)
		for (size_t k = 0; k < parts[p].part->count; k++) {
			if (parts[p].part->at[k] != i)
				continue;
			*value_ret = parts[p].tuple[k];
			return parts[p].tuple[parts[p].part->count] >> k & 1;
		}
	const uint64_t *sums = report->row_sums + row->id * 2 * report->sums.count;
	for (size_t k = 0; k < report->sums.count; k++) {
		if (report->sums.at[k] != i)
			continue;
		*value_ret = sums[k];
		return sums[report->sums.count + k];
	}
	return false;
}

static int compare_values(const struct report *report, const struct report_row *a,
			  const struct report_row *b)
{
	struct strings *strings = session_strings(facts_session(report->facts));
	for (size_t i = 0; i < report->options.keys.count; i++) {
		uint64_t x = 0, y = 0;
		bool x_known = report_value(report, a, i, &x),
		     y_known = report_value(report, b, i, &y);
		if (x_known != y_known)
			return x_known ? -1 : 1;
		if (!x_known || x == y)
			continue;
		if (report->options.keys.keys[i]->kind != KEY_TEXT)
			return x < y ? -1 : 1;
		return strcmp(strings_text(strings, (uint32_t)x),
			      strings_text(strings, (uint32_t)y));
	}
	return 0;
}

static int compare_rows(const void *left, const void *right, void *context)
{
	const struct report *report = context;
	const struct report_row *a = left, *b = right;
	uint64_t a_event = tuples_get(&report->row_keys, a->id)[0];
	uint64_t b_event = tuples_get(&report->row_keys, b->id)[0];
	if (a_event != b_event)
		return report->event_at[a_event] < report->event_at[b_event] ? -1 : 1;
	if (a->children_period != b->children_period)
		return a->children_period > b->children_period ? -1 : 1;
	if (a->period != b->period)
		return a->period > b->period ? -1 : 1;
	return compare_values(report, a, b);
}

static int by_event(const void *left, const void *right)
{
	const struct report_event *a = left, *b = right;
	return (a->event > b->event) - (a->event < b->event);
}

static void sort_rows(struct report *report)
{
	if (!report->nr_events)
		return;
	qsort(report->events, report->nr_events, sizeof(*report->events), by_event);
	for (size_t i = 0; i < report->nr_events; i++)
		report->event_at[report->events[i].event] = (uint32_t)i;
	if (report->row_keys.count)
		qsort_r(report->rows, report->row_keys.count, sizeof(*report->rows), compare_rows,
			report);
	for (size_t i = 0; i < report->row_keys.count; i++) {
		uint64_t event = tuples_get(&report->row_keys, report->rows[i].id)[0];
		struct report_event *entry = &report->events[report->event_at[event]];
		if (!entry->count++)
			entry->rows = &report->rows[i];
	}
}

struct perfgo_error *report_finish(struct report *report, const struct report_event **ret,
				   size_t *count_ret)
{
	if (!make_rows(report))
		return perfgo_error_no_memory();
	sort_rows(report);
	*ret = report->events;
	*count_ret = report->nr_events;
	return NULL;
}
