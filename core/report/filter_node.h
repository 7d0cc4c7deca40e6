/* SPDX-License-Identifier: GPL-2.0-only */
/* The tree of a filter: filter_parse.c builds it, filter.c evaluates it. */
#ifndef REPORT_FILTER_NODE_H
#define REPORT_FILTER_NODE_H

#include <regex.h>

#include "report/filter.h"

enum node_kind {
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_KNOWN,
	NODE_NUMBER, /* compares with `number` */
	NODE_TEXT,   /* compares with `text` */
	NODE_MATCH,  /* `regex` matches */
};

/* What a comparison may come to; an operator is the set of those it is true for. */
enum outcome {
	OUTCOME_LESS = 1,
	OUTCOME_EQUAL = 2,
	OUTCOME_GREATER = 4,
};

struct node {
	enum node_kind kind;
	struct node *children; /* AND, OR, NOT */
	struct node *next;     /* among its parent's children */
	const struct key *key;
	unsigned int outcomes;
	uint64_t number; /* of KEY_SIGNED keys the bits of an int64_t */
	char *text;
	regex_t *regex;
	/* By string id: 0 not tried yet, 1 true, 2 false. */
	uint8_t *verdicts;
	size_t verdicts_capacity, nr_verdicts;
	uint32_t text_id; /* STRING_UNKNOWN until the text turns up in the recording */
};

/* NULL without memory. */
struct node *node_new(enum node_kind kind, const struct key *key);
void node_free(struct node *node);

/* Takes ROOT over, also when it fails. */
struct perfgo_error *filter_of_node(struct node *root, struct filter **ret);

/* Makes NODE compare with TEXT, which a comparison of texts takes over. */
struct perfgo_error *node_compare_text(struct node *node, char *text);
struct perfgo_error *node_compare_number(struct node *node, const char *text);

#endif
