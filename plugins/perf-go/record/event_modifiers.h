/* SPDX-License-Identifier: GPL-2.0-only */
/* The letters behind an event: "cycles:upp". */
#ifndef RECORD_EVENT_MODIFIERS_H
#define RECORD_EVENT_MODIFIERS_H

#include "record/events.h"

/* Whether TEXT is of such letters only. */
bool event_modifiers_only(const char *text);

/*
 * Applies those of TEXT to the events of LIST from FIRST on. GROUP: they stand behind the braces,
 * and add to what is said inside of them.
 */
struct perfgo_error *event_modifiers_apply(const char *text, bool group, struct event_list *list,
					   size_t first);

#endif
