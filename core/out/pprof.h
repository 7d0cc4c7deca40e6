/* SPDX-License-Identifier: GPL-2.0-only */
/* Profiles for `go tool pprof`: gzip of profile.proto (github.com/google/pprof, proto/). */
#ifndef OUT_PPROF_H
#define OUT_PPROF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pprof;

/* The caller frees *RET with pprof_free(). */
struct perfgo_error *pprof_new(struct pprof **ret);
void pprof_free(struct pprof *profile);

/* Without memory what follows is remembered as failed; pprof_finish() tells. */

/* What each number of a sample is, "goroutine" "count"; all before the first sample. */
void pprof_sample_type(struct pprof *profile, const char *type, const char *unit);

/* Which of them is shown where none is asked for; else the last one. */
void pprof_default_type(struct pprof *profile, const char *type);

/* A line of what `go tool pprof -comments` shows. */
void pprof_comment(struct pprof *profile, const char *text);

/* When it begins (ns since 1970), how long it lasts; 0 unknown. */
void pprof_time(struct pprof *profile, uint64_t begin, uint64_t duration);

/* That a sample stands for PERIOD of UNIT. */
void pprof_period(struct pprof *profile, const char *type, const char *unit, uint64_t period);

struct pprof_mapping {
	uint64_t start, end, offset;
	const char *file, *build_id; /* build id in hexadecimal; NULL or "" unknown */
};
/* Its id, from 1 on; the first one is taken for the main binary. */
uint64_t pprof_mapping(struct pprof *profile, const struct pprof_mapping *mapping);

struct pprof_line {
	const char *function;	 /* NULL or "" unknown */
	const char *system_name; /* as the linker has it; NULL: the same */
	const char *file;	 /* NULL or "" unknown */
	uint32_t line;		 /* 0 unknown */
	uint32_t start_line;	 /* of the function, 0 unknown */
};
/*
 * The id of a new location at ADDRESS (of the call, for a caller) with its lines, the innermost
 * inlined one first. MAPPING is 0 where there is none.
 */
uint64_t pprof_location(struct pprof *profile, uint64_t mapping, uint64_t address,
			const struct pprof_line *lines, size_t count);

struct pprof_label {
	const char *key, *text; /* NULL text: a number */
	int64_t number;
	const char *unit; /* of the number, or NULL */
};
struct pprof_sample {
	const uint64_t *locations; /* ids, innermost first */
	size_t nr_locations;
	const int64_t *values; /* one for each sample type */
	const struct pprof_label *labels;
	size_t nr_labels;
};
void pprof_sample(struct pprof *profile, const struct pprof_sample *sample);

/* The whole file. *BYTES_RET is the caller's, freed with free(). */
struct perfgo_error *pprof_finish(struct pprof *profile, void **bytes_ret, size_t *size_ret);

#endif
