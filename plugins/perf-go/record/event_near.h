/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user may have meant. */
#ifndef RECORD_EVENT_NEAR_H
#define RECORD_EVENT_NEAR_H

#include "base/error.h"
#include "record/text_file.h"

enum { MAX_NEAR = 3, MAX_NEAR_NAME = 96 };

/* The nearest names seen so far to WORD. */
struct near {
	const char *word;
	struct near_name {
		char name[MAX_NEAR_NAME];
		unsigned int distance;
	} best[MAX_NEAR];
	unsigned int count;
};

void near_offer(struct near *near, const char *name);
void near_offer_all(struct near *near, const struct names *names);

/* Adds "did you mean a, b or c?" where something is near. */
struct perfgo_error *near_hint(const struct near *near, struct perfgo_error *error);

#endif
