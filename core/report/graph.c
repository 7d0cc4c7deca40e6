// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call graphs below rows. A row's graph is never built whole: nodes of the tree of stacks that
 * show the same function are taken together, and only what is large enough is opened further.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/internal.h"

struct graph {
	struct report *report;
	const struct paths *paths;
	uint64_t min_period;
	struct report_graph_entry *entries;
	size_t count, capacity;
};

/* Nodes with the same function. */
struct group {
	size_t first, count; /* in the array of nodes */
	uint64_t period;
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
			groups[count++] = (struct group){.first = i};
		groups[count - 1].count++;
		groups[count - 1].period += graph->paths->nodes[nodes->ids[i]].weight;
	}
	qsort(groups, count, sizeof(*groups), by_period);
	*count_ret = count;
	return groups;
}

static bool add_entry(struct graph *graph, const struct cell *cell, uint32_t depth, uint64_t period)
{
	if (!array_reserve(graph->entries, graph->capacity, graph->count + 1))
		return false;
	graph->entries[graph->count++] =
		(struct report_graph_entry){.depth = depth,
					    .function = (uint32_t)cell->function,
					    .dso = (uint32_t)cell->dso,
					    .inlined = cell->inlined,
					    .period = period};
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
	bool done =
		add_entry(graph, cell_of(graph, nodes->ids[group->first]), depth, group->period);
	for (size_t i = 0; done && i < group->count; i++)
		done = add_children_of(graph, nodes->ids[group->first + i], &below);
	done = done && (!below.count || depth >= MAX_DEPTH || open_nodes(graph, &below, depth + 1));
	free(below.ids);
	return done;
}

static bool open_nodes(struct graph *graph, struct nodes *nodes, uint32_t depth)
{
	size_t count = 0;
	struct group *groups = group_nodes(graph, nodes, &count);
	bool done = groups;
	for (size_t i = 0; done && i < count && groups[i].period >= graph->min_period; i++)
		done = open_group(graph, nodes, &groups[i], depth);
	free(groups);
	return done;
}

/* The frames of an address below NODE, innermost first: towards the callers. */
static uint32_t walk_out(struct report *report, struct paths *paths, uint32_t node,
			 uint32_t address)
{
	uint32_t count = 0;
	const uint32_t *cells = report_cells(report, address, &count);
	if (!cells)
		return IDMAP_NONE;
	for (uint32_t i = 0; i < count && node != IDMAP_NONE; i++)
		node = paths_child(paths, node, cells[i]);
	return node;
}

/* The stacks of a row's own samples from the inside out. */
static bool walk_callers(struct report *report, const struct report_row *row, struct paths *paths)
{
	if (paths_child(paths, IDMAP_NONE, 0) == IDMAP_NONE)
		return false;
	for (size_t i = 0; i < report->nr_classes; i++) {
		const struct class *class = &report->classes[i];
		if (class->row != row->id)
			continue;
		const struct stack *stack =
			session_stack(facts_session(report->facts), class->stack);
		uint32_t node = 0;
		for (uint32_t at = 0; at < stack->count && node != IDMAP_NONE; at++)
			node = walk_out(report, paths, node, stack->addresses[at]);
		if (node == IDMAP_NONE)
			return false;
		paths->nodes[node].weight += class->period;
	}
	paths_sum(paths);
	return true;
}

static bool start_nodes(struct report *report, const struct report_row *row, struct paths *callers,
			struct graph *graph, struct nodes *nodes)
{
	if (report->options.children) {
		graph->paths = &report->paths;
		for (uint32_t node = report->first_of_row[row->id]; node != IDMAP_NONE;
		     node = report->next_of_row[node])
			if (!add_node(nodes, node))
				return false;
		return true;
	}
	graph->paths = callers;
	return walk_callers(report, row, callers) && add_children_of(graph, 0, nodes);
}

struct perfgo_error *report_graph(struct report *report, const struct report_row *row,
				  uint64_t min_period, struct report_graph_entry **ret,
				  size_t *count_ret)
{
	struct graph graph = {.report = report, .min_period = min_period};
	struct paths callers = {0};
	struct nodes nodes = {0};
	bool done =
		start_nodes(report, row, &callers, &graph, &nodes) && open_nodes(&graph, &nodes, 0);
	paths_deinit(&callers);
	free(nodes.ids);
	if (!done) {
		free(graph.entries);
		return perfgo_error_no_memory();
	}
	*ret = graph.entries;
	*count_ret = graph.count;
	return NULL;
}
