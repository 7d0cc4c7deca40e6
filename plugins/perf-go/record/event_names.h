/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that every machine has a name for: of the kernel's own types hardware, software, cache. */
#ifndef RECORD_EVENT_NAMES_H
#define RECORD_EVENT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_symbol {
	const char *name;
	uint32_t type; /* PERF_TYPE_HARDWARE, PERF_TYPE_SOFTWARE */
	uint32_t config;
};

/* NULL when it is none. */
const struct event_symbol *event_symbol(const char *name);

/* By number, for those who look for near ones; NULL behind the last. */
const struct event_symbol *event_symbol_at(size_t index);

/* The config of PERF_TYPE_HW_CACHE for a name like L1-dcache-load-misses; false when it is none. */
bool event_cache(const char *name, uint64_t *ret);

/* The usual cache events by number; NULL behind the last. */
const char *event_cache_at(size_t index);

#endif
