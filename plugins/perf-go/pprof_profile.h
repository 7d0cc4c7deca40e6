/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of a recording as a profile for `go tool pprof`. */
#ifndef PERF_GO_PPROF_PROFILE_H
#define PERF_GO_PPROF_PROFILE_H

#include "recording.h"
#include "report/sample_classes.h"

struct profile_options {
	const struct key_list *labels; /* those the classes are told apart by */
	int event;		       /* the only one that is wanted; -1: all */
	const char *sum_unit;
};

/* *BYTES_RET is the caller's, freed with free(). */
struct perfgo_error *pprof_profile(struct recording *recording,
				   const struct sample_classes *classes,
				   const struct profile_options *options, void **bytes_ret,
				   size_t *size_ret);

#endif
