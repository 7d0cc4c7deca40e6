// SPDX-License-Identifier: GPL-2.0-only
#include "record/event_terms.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/text_file.h"

static char *skip_space(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static void trim_end(char *text)
{
	size_t length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = 0;
}

/* The end of a term: a comma outside of quotes, or the end of the text. */
static char *term_end(char *text)
{
	bool quoted = false;
	for (; *text && (quoted || *text != ','); text++)
		quoted ^= *text == '\'';
	return text;
}

static bool unquote(char **value)
{
	size_t length = strlen(*value);
	if (**value != '\'')
		return !strchr(*value, '\'');
	if (length < 2 || (*value)[length - 1] != '\'')
		return false;
	(*value)[length - 1] = 0;
	++*value;
	return true;
}

static struct perfgo_error *add_term(struct event_terms *terms, char *text)
{
	trim_end(text);
	char *value = strchr(text, '=');
	if (value)
		*value++ = 0;
	trim_end(text);
	if (value)
		value = skip_space(value);
	if (!*text)
		return perfgo_error_new("a term without a name%s%s", value ? ": =" : "",
					value ? value : "");
	if (value && !unquote(&value))
		return perfgo_error_new("the quotes of %s=%s have no end", text, value);
	if (!array_reserve(terms->terms, terms->capacity, terms->count + 1))
		return perfgo_error_no_memory();
	terms->terms[terms->count++] = (struct event_term){text, value};
	return NULL;
}

struct perfgo_error *event_terms_parse(const char *text, struct event_terms *ret)
{
	*ret = (struct event_terms){.text = strdup(text)};
	if (!ret->text)
		return perfgo_error_no_memory();
	char *at = skip_space(ret->text);
	bool more = *at;
	while (more) {
		char *end = term_end(at);
		more = *end;
		*end = 0;
		struct perfgo_error *error = add_term(ret, at);
		if (error)
			return error;
		at = skip_space(end + more);
	}
	return NULL;
}

void event_terms_deinit(struct event_terms *terms)
{
	free(terms->terms);
	free(terms->text);
	*terms = (struct event_terms){0};
}

struct perfgo_error *event_term_number(const struct event_term *term, uint64_t *ret)
{
	*ret = 1;
	if (term->value && !text_number(term->value, ret))
		return perfgo_error_new("%s=%s is no number of 64 bits", term->name, term->value);
	return NULL;
}
