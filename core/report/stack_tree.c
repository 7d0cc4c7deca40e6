// SPDX-License-Identifier: GPL-2.0-only
#include "report/stack_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strings.h"
#include "base/tuples.h"
#include "report/paths.h"

/* An entry as it is interned. */
struct entry_words {
	uint64_t name, key; /* string ids */
	uint64_t origin, inlined;
};

/* What struct path_node has no room for, by node. */
struct node_facts {
	uint32_t file; /* string id */
	enum stack_side file_side;
	bool other_files;
	uint32_t first_line, last_line;
	struct stack_weight sides[NR_STACK_SIDES];
};

struct stack_tree {
	struct strings strings;
	struct tuples entries; /* struct entry_words */
	struct paths paths;    /* their cells are ids of entries */
	struct node_facts *facts;
	size_t nr_facts, facts_capacity;
};

struct perfgo_error *stack_tree_new(struct stack_tree **ret)
{
	const struct stack_entry all = {.name = "all"};
	struct stack_tree *tree = calloc(1, sizeof(*tree));
	if (!tree)
		return perfgo_error_no_memory();
	tree->entries.width = sizeof(struct entry_words) / sizeof(uint64_t);
	uint32_t entry = stack_tree_entry(tree, &all);
	if (entry == IDMAP_NONE || stack_tree_child(tree, IDMAP_NONE, entry) != STACK_TREE_ROOT) {
		stack_tree_free(tree);
		return perfgo_error_no_memory();
	}
	*ret = tree;
	return NULL;
}

void stack_tree_free(struct stack_tree *tree)
{
	if (!tree)
		return;
	strings_deinit(&tree->strings);
	tuples_deinit(&tree->entries);
	paths_deinit(&tree->paths);
	free(tree->facts);
	free(tree);
}

uint32_t stack_tree_entry(struct stack_tree *tree, const struct stack_entry *entry)
{
	struct entry_words words = {
		.name = strings_id(&tree->strings, entry->name),
		.key = strings_id(&tree->strings, entry->key),
		.origin = entry->origin,
		.inlined = entry->inlined,
	};
	return words.name == STRING_UNKNOWN ? IDMAP_NONE : tuples_id(&tree->entries, &words.name);
}

uint32_t stack_tree_file(struct stack_tree *tree, const char *file)
{
	return strings_id(&tree->strings, file);
}

static void note_line(struct node_facts *facts, uint32_t line)
{
	if (!line)
		return;
	if (!facts->first_line || line < facts->first_line)
		facts->first_line = line;
	if (line > facts->last_line)
		facts->last_line = line;
}

void stack_tree_note_place(struct stack_tree *tree, uint32_t node, enum stack_side side,
			   uint32_t file, uint32_t line)
{
	struct node_facts *facts = &tree->facts[node];
	if (facts->file == STRING_UNKNOWN) {
		facts->file = file;
		facts->file_side = side;
	}
	if (side != facts->file_side)
		return;
	if (facts->file == file)
		note_line(facts, line);
	else
		facts->other_files = true;
}

uint32_t stack_tree_child(struct stack_tree *tree, uint32_t parent, uint32_t entry)
{
	uint32_t node = paths_child(&tree->paths, parent, entry);
	if (node == IDMAP_NONE ||
	    !array_reserve(tree->facts, tree->facts_capacity, tree->paths.count))
		return IDMAP_NONE;
	for (; tree->nr_facts < tree->paths.count; tree->nr_facts++)
		tree->facts[tree->nr_facts] = (struct node_facts){0};
	return node;
}

void stack_tree_note_inferred(struct stack_tree *tree, uint32_t node, enum stack_side side,
			      uint64_t samples)
{
	tree->facts[node].sides[side].inferred += samples;
}

void stack_tree_add(struct stack_tree *tree, uint32_t node, enum stack_side side, uint64_t weight,
		    uint64_t samples)
{
	struct stack_weight *sums = &tree->facts[node].sides[side];
	sums->weight += weight;
	sums->self_weight += weight;
	sums->samples += samples;
}

/* Parents stand before their children, so from the end on all below a node is added already. */
static void add_up(struct stack_tree *tree)
{
	for (size_t i = tree->paths.count; i-- > 1;) {
		struct node_facts *parent = &tree->facts[tree->paths.nodes[i].parent];
		for (size_t side = 0; side < NR_STACK_SIDES; side++) {
			parent->sides[side].weight += tree->facts[i].sides[side].weight;
			parent->sides[side].samples += tree->facts[i].sides[side].samples;
		}
	}
}

static const struct entry_words *entry_of(const struct stack_tree *tree, uint32_t node)
{
	return (const struct entry_words *)tuples_get(&tree->entries, tree->paths.nodes[node].cell);
}

/* For siblings, of which no two have the same entry: the order does not depend on ids. */
static int by_name(const void *left, const void *right, void *context)
{
	const struct stack_tree *tree = context;
	const struct strings *strings = &tree->strings;
	const struct entry_words *a = entry_of(tree, *(const uint32_t *)left);
	const struct entry_words *b = entry_of(tree, *(const uint32_t *)right);
	int order = a->name == b->name ? 0
				       : strcmp(strings_text(strings, (uint32_t)a->name),
						strings_text(strings, (uint32_t)b->name));
	if (!order)
		order = (int)a->origin - (int)b->origin;
	return order ? order : (int)a->inlined - (int)b->inlined;
}

/* Nodes still to be handed out, the next one last. */
struct pending {
	uint32_t *ids;
	size_t count, capacity;
};

/* Adds the children of NODE so that they come out by name. False without memory. */
static bool push_children(struct stack_tree *tree, uint32_t node, struct pending *pending)
{
	size_t first = pending->count;
	for (uint32_t child = tree->paths.nodes[node].first_child; child != IDMAP_NONE;
	     child = tree->paths.nodes[child].next_sibling) {
		if (!array_reserve(pending->ids, pending->capacity, pending->count + 1))
			return false;
		pending->ids[pending->count++] = child;
	}
	if (pending->count - first < 2)
		return true;
	qsort_r(pending->ids + first, pending->count - first, sizeof(*pending->ids), by_name, tree);
	for (size_t low = first, high = pending->count - 1; low < high; low++, high--) {
		uint32_t id = pending->ids[low];
		pending->ids[low] = pending->ids[high];
		pending->ids[high] = id;
	}
	return true;
}

static struct stack_node node_of(const struct stack_tree *tree, uint32_t node, uint32_t depth)
{
	const struct entry_words *entry = entry_of(tree, node);
	const struct strings *strings = &tree->strings;
	const struct node_facts *facts = &tree->facts[node];
	struct stack_node ret = {
		.entry = {.name = strings_text(strings, (uint32_t)entry->name),
			  .key = strings_text(strings, (uint32_t)entry->key),
			  .origin = (enum code_origin)entry->origin,
			  .inlined = entry->inlined},
		.depth = depth,
		.file = strings_text(strings, facts->file),
		.other_files = facts->other_files,
		.first_line = facts->first_line,
		.last_line = facts->last_line,
	};
	memcpy(ret.sides, facts->sides, sizeof(ret.sides));
	return ret;
}

/* DEPTHS is by node: a parent's is known when its children are pushed. */
static bool list_nodes(struct stack_tree *tree, uint32_t *depths, struct stack_node *nodes)
{
	struct pending pending = {0};
	size_t count = 0;
	uint32_t node = STACK_TREE_ROOT;
	bool done = push_children(tree, node, &pending);
	nodes[count++] = node_of(tree, node, 0);
	while (done && pending.count) {
		node = pending.ids[--pending.count];
		depths[node] = depths[tree->paths.nodes[node].parent] + 1;
		nodes[count++] = node_of(tree, node, depths[node]);
		done = push_children(tree, node, &pending);
	}
	free(pending.ids);
	return done;
}

struct perfgo_error *stack_tree_nodes(struct stack_tree *tree, struct stack_node **ret,
				      size_t *count_ret)
{
	_cleanup_free_ uint32_t *depths = calloc(tree->paths.count, sizeof(*depths));
	struct stack_node *nodes = calloc(tree->paths.count, sizeof(*nodes));
	paths_sum(&tree->paths);
	add_up(tree);
	if (!depths || !nodes || !list_nodes(tree, depths, nodes)) {
		free(nodes);
		return perfgo_error_no_memory();
	}
	*ret = nodes;
	*count_ret = tree->paths.count;
	return NULL;
}
