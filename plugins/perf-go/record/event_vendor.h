/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that the makers of CPUs name, by what the perf that is installed knows of them. */
#ifndef RECORD_EVENT_VENDOR_H
#define RECORD_EVENT_VENDOR_H

#include "record/pmu.h"

/* What perf says of NAME; NULL when there is no perf. The caller frees it. */
char *vendor_ask(const char *name);

/* The terms that NAME stands for on PMU; NULL when perf's answer has none. The caller frees them.
 */
char *vendor_terms(const char *answer, const char *name, const struct pmu *pmu);

#endif
