/* SPDX-License-Identifier: GPL-2.0-only */
/* What `--mem` records: the events by which this machine samples loads and stores. */
#ifndef RECORD_MEM_EVENTS_H
#define RECORD_MEM_EVENTS_H

#include "record/events.h"

/*
 * Appends them to RET. LDLAT is the least latency of loads in cycles; 0 stands for perf's 30. Where
 * the machine has none nothing is appended and *REASON_RET says why ("this machine has no PMU");
 * else it is NULL.
 */
struct perfgo_error *mem_events(unsigned int ldlat, struct event_list *ret,
				const char **reason_ret);

#endif
