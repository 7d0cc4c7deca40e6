// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call graphs below rows. A row's graph is never built whole: nodes of the tree of stacks that
 * show the same function are taken together, and only what is large enough is opened further.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/internal.h"

struct graph {
	struct report *report;
	const struct paths *paths;
	struct report_graph_options options;
	struct report_graph_entry *entries;
	size_t count, capacity;
};

/* Nodes with the same function. */
struct group {
	size_t first, count; /* in the array of nodes */
	uint64_t period, samples;
	bool inferred; /* all of them */
};

struct nodes {
	uint32_t *ids;
	size_t count, capacity;
};

static const struct cell *cell_of(const struct graph *graph, uint32_t node)
{
	return (const struct cell *)tuples_get(&graph->report->cells,
					       graph->paths->nodes[node].cell);
}

static int compare_label(const struct cell *a, const struct cell *b)
{
	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	if (a->dso != b->dso)
		return a->dso < b->dso ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (int)a->inlined - (int)b->inlined;
}

static int by_label(const void *left, const void *right, void *context)
{
	return compare_label(cell_of(context, *(const uint32_t *)left),
			     cell_of(context, *(const uint32_t *)right));
}

static int by_period(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	if (a->period != b->period)
		return a->period > b->period ? -1 : 1;
	return a->first < b->first ? -1 : 1;
}

static bool add_node(struct nodes *nodes, uint32_t id)
{
	if (!array_reserve(nodes->ids, nodes->capacity, nodes->count + 1))
		return false;
	nodes->ids[nodes->count++] = id;
	return true;
}

static void add_to_group(const struct graph *graph, struct group *group, uint32_t id)
{
	const struct path_node *node = &graph->paths->nodes[id];
	group->count++;
	group->period += node->weight;
	group->samples += node->samples;
	group->inferred &= cell_of(graph, id)->inferred != 0;
}

/* Groups of NODES, which it sorts; NULL without memory. The caller frees them. */
static struct group *group_nodes(struct graph *graph, struct nodes *nodes, size_t *count_ret)
{
	struct group *groups = calloc(nodes->count + 1, sizeof(*groups));
	size_t count = 0;
	if (!groups)
		return NULL;
	if (nodes->count)
		qsort_r(nodes->ids, nodes->count, sizeof(*nodes->ids), by_label, graph);
	for (size_t i = 0; i < nodes->count; i++) {
		if (!i || by_label(&nodes->ids[i - 1], &nodes->ids[i], graph))
			groups[count++] = (struct group){.first = i, .inferred = true};
		add_to_group(graph, &groups[count - 1], nodes->ids[i]);
	}
	qsort(groups, count, sizeof(*groups), by_period);
	*count_ret = count;
	return groups;
}

static bool add_entry(struct graph *graph, const struct cell *cell, uint32_t depth,
		      const struct group *group)
{
	if (!array_reserve(graph->entries, graph->capacity, graph->count + 1))
		return false;
	graph->entries[graph->count++] =
		(struct report_graph_entry){.depth = depth,
					    .function = (uint32_t)cell->function,
					    .line = (uint32_t)cell->line,
					    .dso = (uint32_t)cell->dso,
					    .inlined = cell->inlined,
					    .inferred = group->inferred,
					    .period = group->period,
					    .samples = group->samples};
	return true;
}

static bool add_children_of(struct graph *graph, uint32_t parent, struct nodes *nodes)
{
	for (uint32_t child = graph->paths->nodes[parent].first_child; child != IDMAP_NONE;
	     child = graph->paths->nodes[child].next_sibling)
		if (!add_node(nodes, child))
			return false;
	return true;
}

/* As deep as the deepest stack, which perf bounds at 127 addresses with a few inlined calls each.
 */
enum { MAX_DEPTH = 4096 };

static bool open_nodes(struct graph *graph, struct nodes *nodes, uint32_t depth);

static bool open_group(struct graph *graph, const struct nodes *nodes, const struct group *group,
		       uint32_t depth)
{
	struct nodes below = {0};
	size_t entry = graph->count;
	bool done = add_entry(graph, cell_of(graph, nodes->ids[group->first]), depth, group);
	for (size_t i = 0; done && i < group->count; i++)
		done = add_children_of(graph, nodes->ids[group->first + i], &below);
	for (size_t i = 0; done && i < below.count; i++) {
		graph->entries[entry].below += graph->paths->nodes[below.ids[i]].weight;
		graph->entries[entry].below_samples += graph->paths->nodes[below.ids[i]].samples;
	}
	done = done && (!below.count || depth >= MAX_DEPTH || open_nodes(graph, &below, depth + 1));
	free(below.ids);
	return done;
}

/* The least period of a group among those of NODES. */
static uint64_t least_period(const struct graph *graph, const struct nodes *nodes)
{
	uint64_t all = 0;
	for (size_t i = 0; i < nodes->count; i++)
		all += graph->paths->nodes[nodes->ids[i]].weight;
	uint64_t share = (uint64_t)ceil((double)all * graph->options.min_share);
	return share > graph->options.min_period ? share : graph->options.min_period;
}

static bool open_nodes(struct graph *graph, struct nodes *nodes, uint32_t depth)
{
	size_t count = 0;
	struct group *groups = group_nodes(graph, nodes, &count);
	uint64_t least = least_period(graph, nodes);
	bool done = groups;
	for (size_t i = 0; done && i < count && groups[i].period >= least; i++)
		done = open_group(graph, nodes, &groups[i], depth);
	free(groups);
	return done;
}

/*
 * The frames of an address below NODE, in the order in which a graph goes on; IDMAP_NONE without
 * memory.
 */
static uint32_t walk_address(struct report *report, struct paths *paths, uint32_t node,
			     uint32_t address, bool to_callers)
{
	uint32_t count = 0;
	const uint32_t *cells = report_cells(report, address, &count);
	if (!cells)
		return IDMAP_NONE;
	for (uint32_t i = 0; i < count && node != IDMAP_NONE; i++)
		node = paths_child(paths, node, cells[to_callers ? i : count - 1 - i]);
	return node;
}

/* A tree with nothing but its root; false without memory. */
static bool begin_paths(struct paths *paths)
{
	return paths_child(paths, IDMAP_NONE, 0) != IDMAP_NONE;
}

/* The stacks of a row's own samples. */
static bool walk_stacks(struct report *report, const struct report_row *row, struct paths *paths,
			bool to_callers)
{
	if (!begin_paths(paths))
		return false;
	for (size_t i = 0; i < report->nr_classes; i++) {
		const struct class *class = &report->classes[i];
		if (class->row != row->id)
			continue;
		const struct stack *stack =
			session_stack(facts_session(report->facts), class->stack);
		uint32_t node = 0;
		for (uint32_t at = 0; at < stack->count && node != IDMAP_NONE; at++) {
			uint32_t next = to_callers ? at : stack->count - 1 - at;
			node = walk_address(report, paths, node, stack->addresses[next],
					    to_callers);
		}
		if (node == IDMAP_NONE)
			return false;
		paths->nodes[node].weight += class->period;
		paths->nodes[node].samples += class->samples;
	}
	paths_sum(paths);
	return true;
}

/* Adds what a node weighs to the way from a node of the report to its root, or takes it off. */
static bool add_way_out(struct report *report, struct paths *paths, uint32_t from,
			const struct path_node *weight, bool take_off)
{
	const struct path_node *nodes = report->paths.nodes;
	uint32_t node = 0;
	for (uint32_t at = from; node != IDMAP_NONE && nodes[at].parent != IDMAP_NONE;
	     at = nodes[at].parent)
		node = paths_child(paths, node, nodes[at].cell);
	if (node == IDMAP_NONE)
		return false;
	paths->nodes[node].weight += take_off ? -weight->weight : weight->weight;
	paths->nodes[node].samples += take_off ? -weight->samples : weight->samples;
	return true;
}

/* The next node, depth first, of those below TOP; IDMAP_NONE behind the last. */
static uint32_t next_below(const struct path_node *nodes, uint32_t top, uint32_t at)
{
	if (nodes[at].first_child != IDMAP_NONE)
		return nodes[at].first_child;
	while (at != top && nodes[at].next_sibling == IDMAP_NONE)
		at = nodes[at].parent;
	return at == top ? IDMAP_NONE : nodes[at].next_sibling;
}

/*
 * The ways out from the nodes of a row at and below its outermost one TOP. A sample counts from the
 * innermost: what is below a further one is taken off those it came through.
 */
static bool walk_out_below(struct report *report, uint32_t row, struct paths *paths, uint32_t top)
{
	const struct path_node *nodes = report->paths.nodes;
	for (uint32_t at = top; at != IDMAP_NONE; at = next_below(nodes, top, at)) {
		if (report->row_of_node[at] != row)
			continue;
		if (!add_way_out(report, paths, at, &nodes[at], false))
			return false;
		uint32_t outer = at;
		while (outer != top && (outer == at || report->row_of_node[outer] != row))
			outer = nodes[outer].parent;
		if (at != top && !add_way_out(report, paths, outer, &nodes[at], true))
			return false;
	}
	return true;
}

/* The ways from a row's functions to the roots. */
static bool walk_out(struct report *report, const struct report_row *row, struct paths *paths)
{
	if (!begin_paths(paths))
		return false;
	for (uint32_t top = report->first_of_row[row->id]; top != IDMAP_NONE;
	     top = report->next_of_row[top])
		if (!walk_out_below(report, row->id, paths, top))
			return false;
	paths_sum(paths);
	return true;
}

/* The outermost nodes of a row with children: below them is what it called. */
static bool add_outermost(const struct report *report, const struct report_row *row,
			  struct nodes *nodes)
{
	for (uint32_t node = report->first_of_row[row->id]; node != IDMAP_NONE;
	     node = report->next_of_row[node])
		if (!add_node(nodes, node))
			return false;
	return true;
}

/* Where the graph begins; WALKED is the tree it is in, unless that is the report's own. */
static bool start_nodes(struct report *report, const struct report_row *row, struct paths *walked,
			struct graph *graph, struct nodes *nodes)
{
	bool children = report->options.children, to_callers = graph->options.to_callers;
	if (children && !to_callers) {
		graph->paths = &report->paths;
		return add_outermost(report, row, nodes);
	}
	graph->paths = walked;
	return (children ? walk_out(report, row, walked)
			 : walk_stacks(report, row, walked, to_callers)) &&
	       add_children_of(graph, 0, nodes);
}

struct perfgo_error *report_graph(struct report *report, const struct report_row *row,
				  const struct report_graph_options *options,
				  struct report_graph_entry **ret, size_t *count_ret)
{
	struct graph graph = {.report = report, .options = *options};
	struct paths walked = {0};
	struct nodes nodes = {0};
	bool done =
		start_nodes(report, row, &walked, &graph, &nodes) && open_nodes(&graph, &nodes, 0);
	paths_deinit(&walked);
	free(nodes.ids);
	if (!done) {
		free(graph.entries);
		return perfgo_error_no_memory();
	}
	*ret = graph.entries;
	*count_ret = graph.count;
	return NULL;
}
