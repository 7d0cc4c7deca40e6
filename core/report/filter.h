/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters on keys: `gopkg == "encoding/json" && cpu == 1`.
 *
 *	expression: or;  or: and { "||" and };  and: not { "&&" not }
 *	not: [ "!" ] ( "(" expression ")" | comparison )
 *	comparison: KEY ( == != < <= > >= ) VALUE | KEY ( =~ !~ ) PATTERN | KEY
 *	VALUE: a number (decimal, 0x…), a "string", 'string' or bare word
 *	PATTERN: a POSIX extended regular expression as a string
 *
 * KEY alone means that it is known. A comparison with an unknown value is false, != and !~
 * included: what is not known is neither equal nor different.
 */
#ifndef REPORT_FILTER_H
#define REPORT_FILTER_H

#include <stdbool.h>

#include "base/error.h"
#include "keys/keys.h"

struct filter;

/* The caller frees *RET with filter_free(). The error names the column of EXPRESSION it is at. */
struct perfgo_error *filter_parse(const char *expression, struct filter **ret);
void filter_free(struct filter *filter);

/* FILTER and OTHER as one, both taken over; either may be NULL. NULL without memory or both. */
struct filter *filter_and(struct filter *filter, struct filter *other);

/* KEY is one of the comma-separated VALUES (perf's --comm and --dso). NULL without memory. */
struct filter *filter_one_of(const struct key *key, const char *values);

/*
 * Clears pass[i] for the samples of the batch that the filter does not let through. FRAMES as from
 * facts_frames(). A NULL filter lets all through.
 */
void filter_apply(struct filter *filter, struct facts *facts, const struct batch *batch,
		  const uint32_t *frames, bool pass[BATCH_SIZE]);

/* Calls VISIT for each key the filter asks for. */
void filter_keys(const struct filter *filter, void (*visit)(const struct key *, void *),
		 void *context);

#endif
