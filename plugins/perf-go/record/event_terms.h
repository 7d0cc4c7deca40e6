/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands between the slashes of an event: "mem-loads,ldlat=30,name='a load'". */
#ifndef RECORD_EVENT_TERMS_H
#define RECORD_EVENT_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct event_term {
	const char *name;
	const char *value; /* NULL: it has none */
};

struct event_terms {
	struct event_term *terms;
	size_t count, capacity;
	char *text;
};

/* The caller frees *RET with event_terms_deinit(), also after an error. */
struct perfgo_error *event_terms_parse(const char *text, struct event_terms *ret);
void event_terms_deinit(struct event_terms *terms);

/* The number of a term; 1 when it has no value. */
struct perfgo_error *event_term_number(const struct event_term *term, uint64_t *ret);

#endif
