/* SPDX-License-Identifier: GPL-2.0-only */
/* What perf go folded and perf go flame have in common: the stacks of a recording as a tree. */
#ifndef PERF_GO_GATHER_H
#define PERF_GO_GATHER_H

#include "recording.h"
#include "report/stack_profile.h"

struct gather_options {
	struct recording_options recording;
	const char *by, *weight;
	bool reverse;
	bool places; /* source files, lines and binaries are wanted */
	int inlines; /* 0: none, 1: those of C too, else only Go's */
};

/* Rows for a table of options. `inlines` is -1 at first. */
#define GATHER_OPTIONS(options)                                                                    \
	RECORDING_OPTIONS((options).recording), FILTER_OPTIONS((options).recording),               \
		SNAPSHOT_OPTIONS((options).recording), {0, "by", OPTION_LIST, &(options).by},      \
		{0, "weight", OPTION_STRING, &(options).weight},                                   \
		{0, "reverse", OPTION_FLAG, &(options).reverse},                                   \
	{                                                                                          \
		0, "inline", OPTION_CHOICE, &(options).inlines                                     \
	}

/* What the options say, checked. The caller calls gather_deinit(). */
struct gather {
	const struct gather_options *options;
	struct stack_profile_options stacks;
};
struct perfgo_error *gather_init(struct gather *gather, const struct gather_options *options);
void gather_deinit(struct gather *gather);

/*
 * Adds the stacks of RECORDING, which is open, to a side of the tree. Says on standard error which
 * samples are left out for another reason than the filter, and that there are none; that none is
 * left is an error.
 */
struct perfgo_error *gather_stacks(const struct gather *gather, struct recording *recording,
				   struct stack_tree *tree, enum stack_side side,
				   struct stack_profile_summary *ret);

#endif
