/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints, and probes made before, which tracefs shows as such. */
#ifndef RECORD_TRACEPOINTS_H
#define RECORD_TRACEPOINTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/events.h"
#include "record/text_file.h"

struct tracefs {
	char path[PATH_MAX]; /* of the directory that has `events` */
};

/* Where tracefs is; an error says what to do when it is not there or not for this user. */
struct perfgo_error *tracefs_find(const struct event_list *list, struct tracefs *ret);

/*
 * Whether there is such a tracepoint; false too when tracefs cannot be read. NAME is without
 * wildcards.
 */
bool tracepoint_exists(const struct tracefs *tracefs, const char *system, const char *name);

/* The names "system:name" of what the wildcards * and ? in both mean; at least one. */
struct perfgo_error *tracepoints_matching(const struct tracefs *tracefs, const char *system,
					  const char *name, struct names *ret);

/* The id of "system:name", which is the config of its event. */
struct perfgo_error *tracepoint_id(const struct tracefs *tracefs, const char *tracepoint,
				   uint64_t *ret);

/* A file of "system:name": "format"; the caller frees *RET. */
struct perfgo_error *tracepoint_file(const struct tracefs *tracefs, const char *tracepoint,
				     const char *file, char **ret);

#endif
