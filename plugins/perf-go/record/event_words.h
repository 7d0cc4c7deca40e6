/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of one event: "sched:sched_switch/no-inherit/u". */
#ifndef RECORD_EVENT_WORDS_H
#define RECORD_EVENT_WORDS_H

#include "base/error.h"

struct event_words {
	char *whole;	  /* all of it */
	char *head;	  /* before the first slash or colon */
	char *event;	  /* behind the head's colon; NULL when nothing is */
	char *last;	  /* behind the next colon; NULL when nothing is */
	char *terms;	  /* between the slashes; NULL without slashes */
	char *modifiers;  /* behind the slashes, or the colon that no tracepoint follows */
	char *weak_terms; /* that yield to TERMS: what an event's name stands for */
	char *text;	  /* of all but WHOLE */
};

/* Where the event that begins at TEXT ends: at a comma, a brace, or the end. */
const char *event_end(const char *text);

/* Cuts the event from TEXT to END up. The caller frees *RET with event_words_deinit(). */
struct perfgo_error *event_words_read(const char *text, const char *end, struct event_words *ret);
void event_words_deinit(struct event_words *words);

#endif
