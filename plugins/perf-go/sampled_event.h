/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of a recording's events an export is about. */
#ifndef PERF_GO_SAMPLED_EVENT_H
#define PERF_GO_SAMPLED_EVENT_H

#include <stdbool.h>

#include "base/error.h"
#include "perfdata/perfdata.h"

/* Whether its periods are nanoseconds of a CPU. */
bool event_is_clock(const struct perfdata_event *event);

/* The index of the event NAME; -1 for a NULL name. */
struct perfgo_error *event_by_name(const struct perfdata *data, const char *name, int *ret);

#endif
