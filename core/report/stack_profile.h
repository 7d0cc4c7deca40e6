/* SPDX-License-Identifier: GPL-2.0-only */
/* Gathers the stacks of a recording's samples, with values of keys at their roots. */
#ifndef REPORT_STACK_PROFILE_H
#define REPORT_STACK_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keys/keys.h"
#include "report/filter.h"
#include "report/stack_tree.h"

struct stack_profile;

struct stack_profile_options {
	struct key_list by;	  /* the levels above the outermost frames; may be empty */
	const struct key *weight; /* a number; NULL: each sample weighs 1 */
	bool reverse;		  /* from the innermost frame on */
	bool no_inlines;	  /* only physical functions */
	bool places;		  /* source files and lines, and binaries */
	struct filter *filter;	  /* borrowed; may be NULL */
};

/* What cannot be done with these keys. */
struct perfgo_error *stack_profile_check(const struct stack_profile_options *options);

/*
 * OPTIONS have passed stack_profile_check(). Borrows FACTS, which has to be made ready for the keys
 * and, with places, for Go's lines. The caller frees *RET with stack_profile_free().
 */
struct perfgo_error *stack_profile_new(struct facts *facts,
				       const struct stack_profile_options *options,
				       struct stack_profile **ret);
void stack_profile_free(struct stack_profile *profile);

struct perfgo_error *stack_profile_add(struct stack_profile *profile, const struct batch *batch);

/* What has come of the samples, and when they were. */
struct stack_profile_summary {
	uint32_t event;			/* the one that is in; any of them when several are */
	size_t nr_events;		/* with samples that are let through */
	uint64_t samples, weight;	/* in the tree */
	uint64_t filtered, unweighted;	/* left out: by the filter; for want of the weight */
	uint64_t of_other_events;	/* left out: their periods are of another kind */
	uint64_t first_time, last_time; /* of all samples; 0 unknown */
};

/*
 * Puts the stacks of one event into TREE: of that with most samples, a tracepoint only where
 * nothing else has any, or, when they are told apart by the key `event`, of all. Nothing is added
 * afterwards.
 */
struct perfgo_error *stack_profile_finish(struct stack_profile *profile, struct stack_tree *tree,
					  enum stack_side side, struct stack_profile_summary *ret);

#endif
