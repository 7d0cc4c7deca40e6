// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters, evaluated column by column: each key is filled once a batch, each comparison goes over
 * the batch at once, and what a text compares to is found out once for each text.
 */
#include "report/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "report/filter_node.h"

/* A key the filter asks for and its values in the present batch. */
struct operand {
	const struct key *key;
	bool filled;
	struct column column;
};

struct filter {
	struct node *root;
	size_t nr_operands, capacity;
	struct operand *operands;
};

/* What evaluation of a batch needs. */
struct evaluation {
	struct filter *filter;
	struct facts *facts;
	const struct batch *batch;
	const uint32_t *frames;
};

struct node *node_new(enum node_kind kind, const struct key *key)
{
	struct node *node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	node->kind = kind;
	node->key = key;
	return node;
}

void node_free(struct node *node)
{
	while (node) {
		struct node *next = node->next;
		node_free(node->children);
		if (node->regex)
			regfree(node->regex);
		free(node->regex);
		free(node->text);
		free(node->verdicts);
		free(node);
		node = next;
	}
}

static struct operand *find_operand(const struct filter *filter, const struct key *key)
{
	for (size_t i = 0; i < filter->nr_operands; i++)
		if (filter->operands[i].key == key)
			return &filter->operands[i];
	return NULL;
}

/* Collects the keys of the tree. False without memory. */
static bool add_operands(struct filter *filter, const struct node *node)
{
	for (; node; node = node->next) {
		if (node->key && !find_operand(filter, node->key)) {
			if (!array_reserve(filter->operands, filter->capacity,
					   filter->nr_operands + 1))
				return false;
			filter->operands[filter->nr_operands++].key = node->key;
		}
		if (!add_operands(filter, node->children))
			return false;
	}
	return true;
}

struct perfgo_error *filter_of_node(struct node *root, struct filter **ret)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	if (!filter) {
		node_free(root);
		return perfgo_error_no_memory();
	}
	filter->root = root;
	if (!add_operands(filter, root)) {
		filter_free(filter);
		return perfgo_error_no_memory();
	}
	*ret = filter;
	return NULL;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	node_free(filter->root);
	free(filter->operands);
	free(filter);
}

/* The tree of FILTER, which is freed without it. */
static struct node *take_root(struct filter *filter)
{
	struct node *root = no_cleanup(filter->root);
	filter_free(filter);
	return root;
}

struct filter *filter_and(struct filter *filter, struct filter *other)
{
	if (!filter || !other)
		return filter ? filter : other;
	struct node *both = node_new(NODE_AND, NULL);
	if (!both) {
		filter_free(filter);
		filter_free(other);
		return NULL;
	}
	both->children = take_root(filter);
	both->children->next = take_root(other);
	struct filter *ret = NULL;
	perfgo_error_destroy(filter_of_node(both, &ret));
	return ret;
}

static struct node *equals(const struct key *key, const char *value, size_t length)
{
	struct node *node = node_new(key->kind == KEY_TEXT ? NODE_TEXT : NODE_NUMBER, key);
	char *text = strndup(value, length);
	if (!node || !text) {
		free(text);
		node_free(node);
		return NULL;
	}
	node->outcomes = OUTCOME_EQUAL;
	struct perfgo_error *error = key->kind == KEY_TEXT
					     ? node_compare_text(node, no_cleanup(text))
					     : node_compare_number(node, text);
	free(text);
	/* A number key cannot be what is no number. */
	if (error)
		node->outcomes = 0;
	perfgo_error_destroy(error);
	return node;
}

struct filter *filter_one_of(const struct key *key, const char *values)
{
	struct node *any = node_new(NODE_OR, NULL);
	if (!any)
		return NULL;
	while (*values) {
		size_t length = strcspn(values, ",");
		struct node *node = equals(key, values, length);
		if (!node) {
			node_free(any);
			return NULL;
		}
		node->next = any->children;
		any->children = node;
		values += length + (values[length] == ',');
	}
	struct filter *ret = NULL;
	perfgo_error_destroy(filter_of_node(any, &ret));
	return ret;
}

static const struct column *column_of(const struct evaluation *with, const struct key *key)
{
	struct operand *operand = find_operand(with->filter, key);
	if (!operand->filled)
		key_fill(key, with->facts, with->batch, with->frames, &operand->column);
	operand->filled = true;
	return &operand->column;
}

static void pass_known(const struct node *node, const struct evaluation *with, bool *pass)
{
	const struct batch *batch = with->batch;
	if (node->key->kind == KEY_RECORD) { /* has no column */
		for (size_t i = 0; i < batch->count; i++)
			pass[i] &= (batch->samples[i].type & node->key->needs) != 0;
		return;
	}
	const struct column *column = column_of(with, node->key);
	for (size_t i = 0; i < batch->count; i++)
		pass[i] &= column->known[i];
}

static unsigned int compare_unsigned(uint64_t value, uint64_t with)
{
	return value < with ? OUTCOME_LESS : value == with ? OUTCOME_EQUAL : OUTCOME_GREATER;
}

static unsigned int compare_signed(int64_t value, int64_t with)
{
	return value < with ? OUTCOME_LESS : value == with ? OUTCOME_EQUAL : OUTCOME_GREATER;
}

static void pass_number(const struct node *node, const struct evaluation *with, bool *pass)
{
	const struct column *column = column_of(with, node->key);
	bool is_signed = node->key->kind == KEY_SIGNED;
	for (size_t i = 0; i < with->batch->count; i++) {
		unsigned int outcome =
			is_signed
				? compare_signed((int32_t)column->values[i], (int64_t)node->number)
				: compare_unsigned(column->values[i], node->number);
		pass[i] &= column->known[i] && node->outcomes & outcome;
	}
}

static bool judge(const struct node *node, const char *text)
{
	unsigned int outcome;
	if (node->kind == NODE_MATCH)
		outcome = regexec(node->regex, text, 0, NULL, 0) ? OUTCOME_LESS : OUTCOME_EQUAL;
	else
		outcome = compare_signed(strcmp(text, node->text), 0);
	return node->outcomes & outcome;
}

/* Whether the comparison holds for a string, found out once; without memory, each time. */
static bool verdict(struct node *node, const struct strings *strings, uint32_t id)
{
	if (array_reserve(node->verdicts, node->verdicts_capacity, (size_t)id + 1)) {
		if (node->nr_verdicts <= id) {
			memset(node->verdicts + node->nr_verdicts, 0, id + 1 - node->nr_verdicts);
			node->nr_verdicts = (size_t)id + 1;
		}
		if (!node->verdicts[id])
			node->verdicts[id] = judge(node, strings_text(strings, id)) ? 1 : 2;
		return node->verdicts[id] == 1;
	}
	return judge(node, strings_text(strings, id));
}

/* Equal texts have equal ids. */
static void pass_equal(struct node *node, const struct evaluation *with, bool *pass)
{
	const struct column *column = column_of(with, node->key);
	if (!node->text_id)
		node->text_id =
			strings_find(session_strings(facts_session(with->facts)), node->text);
	bool wanted = node->outcomes == OUTCOME_EQUAL;
	for (size_t i = 0; i < with->batch->count; i++)
		pass[i] &= column->known[i] && (column->values[i] == node->text_id) == wanted;
}

static void pass_text(struct node *node, const struct evaluation *with, bool *pass)
{
	const struct column *column = column_of(with, node->key);
	const struct strings *strings = session_strings(facts_session(with->facts));
	for (size_t i = 0; i < with->batch->count; i++)
		if (pass[i])
			pass[i] = column->known[i] &&
				  verdict(node, strings, (uint32_t)column->values[i]);
}

static void evaluate(struct node *node, const struct evaluation *with, bool *pass);

static void pass_any(const struct node *node, const struct evaluation *with, bool *pass)
{
	bool any[BATCH_SIZE] = {false}, some[BATCH_SIZE];
	for (struct node *child = node->children; child; child = child->next) {
		memcpy(some, pass, with->batch->count);
		evaluate(child, with, some);
		for (size_t i = 0; i < with->batch->count; i++)
			any[i] |= some[i];
	}
	memcpy(pass, any, with->batch->count);
}

static void pass_not(const struct node *node, const struct evaluation *with, bool *pass)
{
	bool inner[BATCH_SIZE];
	memcpy(inner, pass, with->batch->count);
	evaluate(node->children, with, inner);
	for (size_t i = 0; i < with->batch->count; i++)
		pass[i] &= !inner[i];
}

/* Clears what NODE does not let through. */
static void evaluate(struct node *node, const struct evaluation *with, bool *pass)
{
	bool by_id = node->outcomes == OUTCOME_EQUAL ||
		     node->outcomes == (OUTCOME_LESS | OUTCOME_GREATER);
	switch (node->kind) {
	case NODE_AND:
		for (struct node *child = node->children; child; child = child->next)
			evaluate(child, with, pass);
		break;
	case NODE_OR:
		pass_any(node, with, pass);
		break;
	case NODE_NOT:
		pass_not(node, with, pass);
		break;
	case NODE_KNOWN:
		pass_known(node, with, pass);
		break;
	case NODE_NUMBER:
		pass_number(node, with, pass);
		break;
	case NODE_TEXT:
		(by_id ? pass_equal : pass_text)(node, with, pass);
		break;
	case NODE_MATCH:
		pass_text(node, with, pass);
		break;
	}
}

void filter_apply(struct filter *filter, struct facts *facts, const struct batch *batch,
		  const uint32_t *frames, bool pass[BATCH_SIZE])
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->nr_operands; i++)
		filter->operands[i].filled = false;
	const struct evaluation with = {filter, facts, batch, frames};
	evaluate(filter->root, &with, pass);
}

void filter_keys(const struct filter *filter, void (*visit)(const struct key *, void *),
		 void *context)
{
	for (size_t i = 0; filter && i < filter->nr_operands; i++)
		visit(filter->operands[i].key, context);
}
