// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/cleanup.h"
#include "record/event_kinds.h"
#include "record/tracepoints.h"

static struct perfgo_error *append_tracepoint(struct event_parser *parser,
					      const struct tracefs *tracefs,
					      const struct event_words *words, const char *name)
{
	struct event *event;
	uint64_t id;
	struct perfgo_error *error = tracepoint_id(tracefs, name, &id);
	if (!error)
		error = event_append(parser, name, &event);
	if (error)
		return error;
	event->attr.type = PERF_TYPE_TRACEPOINT;
	event->attr.config = id;
	event->attr.sample_period = 1;
	event->weak_period = true;
	error = event_configure_words(parser, words, NULL, event);
	/* By its name its format is found. */
	if (!error && (strcmp(event->name, name) || event->attr.config != id))
		error = perfgo_error_new("%s: tracepoints have no name= and config= of their own",
					 words->whole);
	return error;
}

struct perfgo_error *event_add_tracepoint(struct event_parser *parser,
					  const struct event_words *words, bool *taken)
{
	struct tracefs tracefs;
	_cleanup_(names_deinit) struct names names = {0};
	*taken = words->event;
	if (!*taken)
		return NULL;
	struct perfgo_error *error = tracefs_find(parser->list, &tracefs);
	if (!error)
		error = tracepoints_matching(&tracefs, words->head, words->event, &names);
	for (size_t i = 0; !error && i < names.count; i++)
		error = append_tracepoint(parser, &tracefs, words, names.names[i]);
	return error;
}
