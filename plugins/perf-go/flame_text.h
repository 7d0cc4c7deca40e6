/* SPDX-License-Identifier: GPL-2.0-only */
/* What a flame graph says of itself: what it shows, of which program, and when that was. */
#ifndef PERF_GO_FLAME_TEXT_H
#define PERF_GO_FLAME_TEXT_H

#include "gather.h"

enum { FLAME_TEXT_LINES = NR_STACK_SIDES + 1 };

/* Zero-initialised is empty. The caller calls flame_text_deinit(). */
struct flame_text {
	char *title;
	char *lines[FLAME_TEXT_LINES];
	size_t nr_lines;
	const char *unit; /* of the weights, as it stands behind a number; NULL: none */
	char *weight;	  /* what they are */
};

/* Adds the line of a recording; of the first the title too. False without memory. */
bool flame_text_add(struct flame_text *text, const struct gather *gather,
		    const struct recording *recording, const struct stack_profile_summary *summary,
		    enum stack_side side);

/* Adds the line of what the options ask for, once all recordings are there. COMPARED: two are. */
bool flame_text_add_options(struct flame_text *text, const struct gather_options *options,
			    bool compared);

void flame_text_deinit(struct flame_text *text);

#endif
