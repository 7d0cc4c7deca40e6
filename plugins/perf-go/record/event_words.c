// SPDX-License-Identifier: GPL-2.0-only
#include "record/event_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of a breakpoint's length, "mem:0x1000/8", the slash is none that terms follow. */
static bool begins_terms(const char *text, const char *slash)
{
	return strncmp(text, "mem:", 4) || !isdigit((unsigned char)slash[1]);
}

const char *event_end(const char *text)
{
	bool in_terms = false, quoted = false;
	const char *at = text;
	for (; *at && (in_terms || !strchr(",{}", *at)); at++) {
		if (*at == '\'' && in_terms)
			quoted = !quoted;
		if (*at == '/' && !quoted && (in_terms || begins_terms(text, at)))
			in_terms = !in_terms;
	}
	return at;
}

/* The slash that terms follow, or NULL. */
static char *terms_start(char *text)
{
	char *slash = strchr(text, '/');
	while (slash && !begins_terms(text, slash))
		slash = strchr(slash + 1, '/');
	return slash;
}

/* Cuts TEXT at the first of C, and returns what comes behind; NULL when nothing does. */
static char *cut(char *text, char c)
{
	char *at = text ? strchr(text, c) : NULL;
	if (at)
		*at++ = 0;
	return at && *at ? at : NULL;
}

static struct perfgo_error *cut_terms(struct event_words *words)
{
	char *slash = terms_start(words->text), *end = slash ? strrchr(slash + 1, '/') : NULL;
	if (!slash)
		return NULL;
	if (!end)
		return perfgo_error_new("the slash of %s has no other one behind its terms",
					words->whole);
	*slash = *end = 0;
	words->terms = slash + 1;
	words->modifiers = end + 1 + (end[1] == ':');
	if (!*words->modifiers)
		words->modifiers = NULL;
	return NULL;
}

static bool trim(const char **text, const char **end)
{
	while (*text < *end && isspace((unsigned char)**text))
		++*text;
	while (*text < *end && isspace((unsigned char)(*end)[-1]))
		--*end;
	return *text < *end;
}

struct perfgo_error *event_words_read(const char *text, const char *end, struct event_words *ret)
{
	*ret = (struct event_words){0};
	if (!trim(&text, &end))
		return perfgo_error_new("an event without a name");
	ret->whole = strndup(text, (size_t)(end - text));
	ret->text = strndup(text, (size_t)(end - text));
	if (!ret->whole || !ret->text)
		return perfgo_error_no_memory();
	struct perfgo_error *error = cut_terms(ret);
	ret->head = ret->text;
	ret->event = cut(ret->head, ':');
	/* A breakpoint has colons of its own. */
	if (strcmp(ret->head, "mem"))
		ret->last = cut(ret->event, ':');
	if (!error && !*ret->head)
		error = perfgo_error_new("an event without a name: %s", ret->whole);
	return error;
}

void event_words_deinit(struct event_words *words)
{
	free(words->whole);
	free(words->text);
}
