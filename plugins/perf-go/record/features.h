/* SPDX-License-Identifier: GPL-2.0-only */
/* What the header of a recording says of the machine and of how it was recorded. */
#ifndef RECORD_FEATURES_H
#define RECORD_FEATURES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "record/file.h"

/* Events that are counted together. */
struct feature_group {
	uint32_t leader, nr_members; /* indices of the file's events; the leader counts */
};

struct features {
	char **command_line;
	size_t nr_words;
	uint64_t first_time, last_time; /* of samples */
	const struct feature_group *groups;
	size_t nr_groups;
	const void *tracing_data; /* NULL: no tracepoints */
	size_t tracing_data_size;
	clockid_t clock;
};

void features_write(struct file *file, const struct features *features);

#endif
