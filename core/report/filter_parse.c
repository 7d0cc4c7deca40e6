// SPDX-License-Identifier: GPL-2.0-only
/* The grammar of filters (report/filter.h), by recursive descent. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/filter_node.h"

enum { MAX_DEPTH = 100 };

static void cleanup_node(struct node **node)
{
	node_free(*node);
}
#define _cleanup_node_ _cleanup_(cleanup_node)

struct parser {
	const char *expression, *at;
	int depth;
};

static const struct comparator {
	const char *spelling;
	bool matches;
	unsigned int outcomes;
} comparators[] = {
	{"==", false, OUTCOME_EQUAL},
	{"!=", false, OUTCOME_LESS | OUTCOME_GREATER},
	{"<=", false, OUTCOME_LESS | OUTCOME_EQUAL},
	{">=", false, OUTCOME_GREATER | OUTCOME_EQUAL},
	{"=~", true, OUTCOME_EQUAL},
	{"!~", true, OUTCOME_LESS},
	{"<", false, OUTCOME_LESS},
	{">", false, OUTCOME_GREATER},
};

static int column(const struct parser *parser)
{
	return (int)(parser->at - parser->expression) + 1;
}

/* Puts where the expression is wrong before the text of ERROR, which it takes over. */
static struct perfgo_error *located(int column, struct perfgo_error *error)
{
	struct perfgo_error *ret =
		perfgo_error_new("filter, column %d: %s", column, perfgo_error_text(error));
	const char *hint = perfgo_error_hint_text(error);
	if (hint)
		ret = perfgo_error_hint(ret, "%s", hint);
	perfgo_error_destroy(error);
	return ret;
}

static void skip_space(struct parser *parser)
{
	while (isspace((unsigned char)*parser->at))
		parser->at++;
}

/* Goes behind TOKEN if it is next. */
static bool accept(struct parser *parser, const char *token)
{
	skip_space(parser);
	size_t length = strlen(token);
	if (strncmp(parser->at, token, length) != 0)
		return false;
	parser->at += length;
	return true;
}

static bool in_word(char c)
{
	return c && !isspace((unsigned char)c) && !strchr("()!=<>&|~\"'", c);
}

static size_t word_length(const char *at)
{
	size_t length = 0;
	while (in_word(at[length]))
		length++;
	return length;
}

/*
 * A quoted string: a backslash before the quote makes it a part of the string, all others stay, as
 * patterns are full of them.
 */
static struct perfgo_error *parse_quoted(struct parser *parser, char **ret)
{
	int start = column(parser);
	char quote = *parser->at++;
	char *text = malloc(strlen(parser->at) + 1), *end = text;
	if (!text)
		return perfgo_error_no_memory();
	for (; *parser->at && *parser->at != quote; parser->at++) {
		if (parser->at[0] == '\\' && parser->at[1] == quote)
			parser->at++;
		*end++ = *parser->at;
	}
	*end = 0;
	if (!*parser->at) {
		free(text);
		return located(start, perfgo_error_new("the string does not end"));
	}
	parser->at++;
	*ret = text;
	return NULL;
}

static struct perfgo_error *parse_value(struct parser *parser, char **ret)
{
	skip_space(parser);
	if (*parser->at == '"' || *parser->at == '\'')
		return parse_quoted(parser, ret);
	size_t length = word_length(parser->at);
	if (!length)
		return located(column(parser), perfgo_error_new("a value has to follow"));
	*ret = strndup(parser->at, length);
	parser->at += length;
	return *ret ? NULL : perfgo_error_no_memory();
}

struct perfgo_error *node_compare_text(struct node *node, char *text)
{
	node->kind = NODE_TEXT;
	node->text = text;
	return NULL;
}

struct perfgo_error *node_compare_number(struct node *node, const char *text)
{
	char *end;
	int base = strncasecmp(text, "0x", 2) ? 10 : 16;
	bool is_signed = node->key->kind == KEY_SIGNED;
	node->kind = NODE_NUMBER;
	errno = 0;
	node->number = is_signed ? (uint64_t)strtoll(text, &end, base) : strtoull(text, &end, base);
	bool fits = isdigit((unsigned char)*text) || (is_signed && *text == '-');
	if (!fits || *end || errno)
		return perfgo_error_new("%s is compared with a number, not '%s'", node->key->name,
					text);
	return NULL;
}

/*
 * regcomp(3) copies what is repeated as often as it may be, copies within copies too, and goes one
 * call deeper for each parenthesis: without limits, patterns of a line take all memory or stack.
 */
static bool is_too_big(const char *pattern)
{
	enum { MAX_LENGTH = 4096, MAX_COPIES = 100000 };
	unsigned long copies = 1;
	if (strlen(pattern) > MAX_LENGTH)
		return true;
	for (const char *at = pattern; (at = strchr(at, '{')); at++) {
		char *end = (char *)at + 1;
		unsigned long least = isdigit((unsigned char)*end) ? strtoul(end, &end, 10) : 0;
		unsigned long most = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;
		unsigned long factor = most > least ? most : least;
		if (factor > MAX_COPIES / copies)
			return true;
		copies *= factor ? factor : 1;
	}
	return false;
}

/* Makes NODE match PATTERN. */
static struct perfgo_error *node_match(struct node *node, const char *pattern)
{
	node->kind = NODE_MATCH;
	regex_t *regex = malloc(sizeof(*regex));
	if (!regex)
		return perfgo_error_no_memory();
	int status =
		is_too_big(pattern) ? REG_ESIZE : regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (status) {
		char why[128];
		regerror(status, regex, why, sizeof(why));
		why[0] = (char)tolower((unsigned char)why[0]);
		free(regex);
		return perfgo_error_new("'%s' is no pattern: %s", pattern, why);
	}
	node->regex = regex;
	return NULL;
}

static struct perfgo_error *set_value(struct node *node, const struct comparator *comparator,
				      char **value)
{
	node->outcomes = comparator->outcomes;
	if (node->key->kind == KEY_STACK || node->key->kind == KEY_RECORD)
		return perfgo_error_hint(perfgo_error_new("%s cannot be compared", node->key->name),
					 "%s alone lets through the samples that have it",
					 node->key->name);
	if (comparator->matches && node->key->kind != KEY_TEXT)
		return perfgo_error_new("%s is a number, which no pattern matches",
					node->key->name);
	if (comparator->matches)
		return node_match(node, *value);
	if (node->key->kind == KEY_TEXT)
		return node_compare_text(node, no_cleanup(*value));
	return node_compare_number(node, *value);
}

static const struct comparator *accept_operator(struct parser *parser)
{
	for (size_t i = 0; i < sizeof(comparators) / sizeof(*comparators); i++)
		if (accept(parser, comparators[i].spelling))
			return &comparators[i];
	return NULL;
}

static struct perfgo_error *parse_key(struct parser *parser, const struct key **ret)
{
	struct key_list list;
	size_t length = word_length(parser->at);
	if (!length)
		return located(column(parser), perfgo_error_new("a key has to follow"));
	_cleanup_free_ char *name = strndup(parser->at, length);
	if (!name)
		return perfgo_error_no_memory();
	struct perfgo_error *error = key_list_parse(name, &list);
	if (error)
		return located(column(parser), error);
	if (list.count != 1)
		return located(column(parser), perfgo_error_new("there is no key '%s'", name));
	*ret = list.keys[0];
	parser->at += length;
	return NULL;
}

static struct perfgo_error *parse_comparison(struct parser *parser, struct node **ret)
{
	const struct key *key = NULL;
	struct perfgo_error *error = parse_key(parser, &key);
	if (error)
		return error;
	_cleanup_node_ struct node *node = node_new(NODE_KNOWN, key);
	if (!node)
		return perfgo_error_no_memory();
	const struct comparator *comparator = accept_operator(parser);
	if (comparator) {
		_cleanup_free_ char *value = NULL;
		skip_space(parser);
		int start = column(parser);
		error = parse_value(parser, &value);
		if (error)
			return error;
		error = set_value(node, comparator, &value);
		if (error)
			return located(start, error);
	}
	*ret = no_cleanup(node);
	return NULL;
}

static struct perfgo_error *parse_or(struct parser *parser, struct node **ret);

static struct perfgo_error *parse_group(struct parser *parser, struct node **ret)
{
	_cleanup_node_ struct node *node = NULL;
	struct perfgo_error *error = parse_or(parser, &node);
	if (error)
		return error;
	if (!accept(parser, ")"))
		return located(column(parser), perfgo_error_new("')' is missing"));
	*ret = no_cleanup(node);
	return NULL;
}

static struct perfgo_error *parse_negated(struct parser *parser, struct node **ret);

static struct perfgo_error *parse_not(struct parser *parser, struct node **ret)
{
	if (++parser->depth > MAX_DEPTH)
		return located(column(parser), perfgo_error_new("nested too deep"));
	struct perfgo_error *error;
	if (accept(parser, "!"))
		error = parse_negated(parser, ret);
	else if (accept(parser, "("))
		error = parse_group(parser, ret);
	else
		error = parse_comparison(parser, ret);
	parser->depth--;
	return error;
}

static struct perfgo_error *parse_negated(struct parser *parser, struct node **ret)
{
	_cleanup_node_ struct node *node = node_new(NODE_NOT, NULL);
	if (!node)
		return perfgo_error_no_memory();
	struct perfgo_error *error = parse_not(parser, &node->children);
	if (error)
		return error;
	*ret = no_cleanup(node);
	return NULL;
}

/* Operands with SEPARATOR between them; one alone is itself. */
static struct perfgo_error *parse_chain(
	struct parser *parser, enum node_kind kind, const char *separator,
	struct perfgo_error *(*parse_operand)(struct parser *, struct node **), struct node **ret)
{
	_cleanup_node_ struct node *chain = node_new(kind, NULL);
	if (!chain)
		return perfgo_error_no_memory();
	struct node **end = &chain->children;
	do {
		struct perfgo_error *error = parse_operand(parser, end);
		if (error)
			return error;
		end = &(*end)->next;
	} while (accept(parser, separator));
	*ret = chain->children->next ? no_cleanup(chain) : no_cleanup(chain->children);
	return NULL;
}

static struct perfgo_error *parse_and(struct parser *parser, struct node **ret)
{
	return parse_chain(parser, NODE_AND, "&&", parse_not, ret);
}

static struct perfgo_error *parse_or(struct parser *parser, struct node **ret)
{
	return parse_chain(parser, NODE_OR, "||", parse_and, ret);
}

struct perfgo_error *filter_parse(const char *expression, struct filter **ret)
{
	struct parser parser = {.expression = expression, .at = expression};
	_cleanup_node_ struct node *root = NULL;
	struct perfgo_error *error = parse_or(&parser, &root);
	if (error)
		return error;
	skip_space(&parser);
	if (*parser.at)
		return perfgo_error_hint(
			located(column(&parser),
				perfgo_error_new("'%s' is not understood", parser.at)),
			"comparisons are joined by && and ||: comm == api && cpu != 0");
	return filter_of_node(no_cleanup(root), ret);
}
