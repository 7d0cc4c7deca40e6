/* SPDX-License-Identifier: GPL-2.0-only */
/* From terms to attributes. */
#ifndef RECORD_EVENT_CONFIG_H
#define RECORD_EVENT_CONFIG_H

#include "record/event_terms.h"
#include "record/events.h"
#include "record/pmu.h"

/*
 * Sets what TERMS say in EVENT, which has type and name already. PMU has the terms of its own and
 * the events that may stand among them; NULL: there are only those that every event has. EXTENDED:
 * there are several kinds of cores, and the type of the one meant goes into the upper half of
 * config (include/uapi/linux/perf_event.h, PERF_PMU_TYPE_SHIFT). WEAK: other terms come later, and
 * -c and -F too, which go before these.
 */
struct perfgo_error *event_configure(const struct event_terms *terms, const struct pmu *pmu,
				     bool extended, bool weak, struct event *event);

#endif
