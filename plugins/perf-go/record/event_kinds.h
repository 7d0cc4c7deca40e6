/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of events, and which one words mean. */
#ifndef RECORD_EVENT_KINDS_H
#define RECORD_EVENT_KINDS_H

#include <stdbool.h>

#include "record/event_words.h"
#include "record/events.h"
#include "record/pmu.h"

struct event_parser {
	struct event_list *list;
	struct pmus pmus;
	size_t first; /* in LIST: where the group, or the event alone, begins */
};

/* Appends the events that WORDS mean: several where wildcards or kinds of cores make them. */
struct perfgo_error *event_add(struct event_parser *parser, struct event_words *words);

/* Appends one, alone; *RET is valid until the next. */
struct perfgo_error *event_append(struct event_parser *parser, const char *name,
				  struct event **ret);

/* Takes away all but the first COUNT events. */
void event_list_cut(struct event_list *list, size_t count);

/* Where events of PMU are counted. */
struct perfgo_error *event_set_place(struct event *event, const struct pmu *pmu);

/* What an event that was typed without a PMU is called on one; NULL without memory. */
char *event_name_on(const struct pmu *pmu, const struct event_words *words, const char *event);

/* event_configure() with the terms of WORDS. */
struct perfgo_error *event_configure_words(struct event_parser *parser,
					   const struct event_words *words, const struct pmu *pmu,
					   struct event *event);

/*
 * Each appends the events of a kind if WORDS are of it; *TAKEN says whether they are. The first
 * that takes them has them.
 */
struct perfgo_error *event_add_breakpoint(struct event_parser *parser,
					  const struct event_words *words, bool *taken);
struct perfgo_error *event_add_tracepoint(struct event_parser *parser,
					  const struct event_words *words, bool *taken);
/* "cpu/event=0x3c/" */
struct perfgo_error *event_add_of_pmu(struct event_parser *parser, const struct event_words *words,
				      bool *taken);
/* "mem-loads", of all PMUs that have it */
struct perfgo_error *event_add_named(struct event_parser *parser, const struct event_words *words,
				     bool *taken);
/* "mem_load_retired.l3_miss", which only perf's own tables know */
struct perfgo_error *event_add_vendor(struct event_parser *parser, const struct event_words *words,
				      bool *taken);

#endif
