// SPDX-License-Identifier: GPL-2.0-only
/* Lists and groups of events: "cycles:u,{a,b}:S". */
#include "record/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/event_kinds.h"
#include "record/event_modifiers.h"
#include "record/event_words.h"

void event_list_cut(struct event_list *list, size_t count)
{
	while (list->count > count) {
		struct event *event = &list->events[--list->count];
		free(event->name);
		free(event->cpus);
	}
}

void event_list_deinit(struct event_list *list)
{
	event_list_cut(list, 0);
	free(list->events);
	*list = (struct event_list){.sysfs = list->sysfs, .tracefs = list->tracefs};
}

static struct perfgo_error *parse_event(struct event_parser *parser, const char **at)
{
	_cleanup_(event_words_deinit) struct event_words words = {0};
	const char *end = event_end(*at);
	size_t first = parser->list->count;
	struct perfgo_error *error = event_words_read(*at, end, &words);
	*at = end;
	if (!error)
		error = event_add(parser, &words);
	if (!error && words.modifiers)
		error = event_modifiers_apply(words.modifiers, false, parser->list, first);
	return error;
}

static bool same_cpus(const struct event *a, const struct event *b)
{
	return !a->cpus || !b->cpus || !strcmp(a->cpus, b->cpus);
}

/* A group has one leader, but one for each kind of cores: the events of two cannot be together. */
static void set_leaders(struct event_list *list, size_t first)
{
	for (size_t i = first; i < list->count; i++) {
		size_t leader = first;
		while (leader < i && (list->events[leader].leader != leader ||
				      !same_cpus(&list->events[leader], &list->events[i])))
			leader++;
		list->events[i].leader = (uint32_t)leader;
	}
}

/* Up to the comma behind it, or the end. */
static struct perfgo_error *parse_group_modifiers(struct event_parser *parser, const char **at)
{
	const char *end = event_end(*at);
	const char *text = *at + (**at == ':');
	_cleanup_free_ char *modifiers = strndup(text, (size_t)(end - text));
	*at = end;
	if (!modifiers)
		return perfgo_error_no_memory();
	if (!*modifiers)
		return NULL;
	return event_modifiers_apply(modifiers, true, parser->list, parser->first);
}

static struct perfgo_error *parse_group(struct event_parser *parser, const char **at)
{
	const char *start = *at;
	struct perfgo_error *error;
	do {
		++*at;
		error = parse_event(parser, at);
	} while (!error && **at == ',');
	if (error)
		return error;
	if (**at != '}')
		return perfgo_error_new("the brace of %s is not closed", start);
	++*at;
	set_leaders(parser->list, parser->first);
	return parse_group_modifiers(parser, at);
}

/* A group may have a name, which perf stat shows: "topdown{a,b}". */
static const char *group_brace(const char *at)
{
	const char *brace = at + strcspn(at, ",{}/:");
	return *brace == '{' ? brace : NULL;
}

static struct perfgo_error *parse_list(struct event_parser *parser, const char *text)
{
	const char *at = text;
	for (;;) {
		const char *brace = group_brace(at);
		struct perfgo_error *error;
		parser->first = parser->list->count;
		if (brace)
			at = brace;
		error = brace ? parse_group(parser, &at) : parse_event(parser, &at);
		if (error || !*at)
			return error;
		if (*at != ',')
			return perfgo_error_new("%s: what is %s?", text, at);
		at++;
	}
}

struct perfgo_error *events_parse(const char *text, struct event_list *ret)
{
	struct event_parser parser = {.list = ret};
	size_t before = ret->count;
	struct perfgo_error *error = pmus_read(ret->sysfs ? ret->sysfs : "/sys", &parser.pmus);
	if (!error)
		error = parse_list(&parser, text);
	if (error)
		event_list_cut(ret, before);
	pmus_deinit(&parser.pmus);
	return error;
}
