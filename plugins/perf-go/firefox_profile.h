/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples and switches of a recording as a profile for profiler.firefox.com. */
#ifndef PERF_GO_FIREFOX_PROFILE_H
#define PERF_GO_FIREFOX_PROFILE_H

#include "recording.h"

struct firefox_options {
	struct filter *filter; /* borrowed; may be NULL */
	const char *event;     /* NULL: the first one that samples */
	bool by_goroutine;     /* a track a goroutine, else a thread */
};

/* RECORDING is made ready. *BYTES_RET is the caller's, freed with free(). */
struct perfgo_error *firefox_profile(struct recording *recording,
				     const struct firefox_options *options, void **bytes_ret,
				     size_t *size_ret);

#endif
