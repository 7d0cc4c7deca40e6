// SPDX-License-Identifier: GPL-2.0-only
/* As perf mem does (tools/perf/util/mem-events.c, arch/{x86,arm64}/util/mem-events.c, perf 6.12).
 */
#include "record/mem_events.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/pmu.h"

enum { USUAL_LDLAT = 30 };

static bool has_loads(const struct pmu *pmu)
{
	return pmu->core && pmu_has_event(pmu, "mem-loads");
}

static bool is_ibs(const struct pmu *pmu)
{
	return !strcmp(pmu->name, "ibs_op");
}

static bool is_spe(const struct pmu *pmu)
{
	return !fnmatch("arm_spe_*", pmu->name, 0);
}

/*
 * Events by the PMU that has them: %1$s is its name, %2$u the least latency. Loads get the leader
 * that some of these PMUs want from events_parse(). IBS samples operations of every kind, a store
 * or load with its address and latency.
 */
static const struct {
	bool (*is_for)(const struct pmu *pmu);
	const char *format;
} kinds[] = {
	{has_loads, "%1$s/mem-loads,ldlat=%2$u/P,%1$s/mem-stores/P"},
	{is_ibs, "%1$s//"},
	{is_spe, "%1$s/ts_enable=1,pa_enable=1,load_filter=1,store_filter=1,min_latency=%2$u/"},
};

static struct perfgo_error *append(const char *format, const struct pmu *pmu, unsigned int ldlat,
				   struct event_list *ret)
{
	char *text;
	if (asprintf(&text, format, pmu->name, ldlat) < 0)
		return perfgo_error_no_memory();
	struct perfgo_error *error = events_parse(text, ret);
	free(text);
	return error;
}

static struct perfgo_error *append_all(const struct pmus *pmus, unsigned int ldlat,
				       struct event_list *ret)
{
	struct perfgo_error *error = NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		for (size_t j = 0; !error && j < pmus->count; j++)
			if (kinds[i].is_for(&pmus->all[j]))
				error = append(kinds[i].format, &pmus->all[j], ldlat, ret);
	return error;
}

struct perfgo_error *mem_events(unsigned int ldlat, struct event_list *ret, const char **reason_ret)
{
	_cleanup_(pmus_deinit) struct pmus pmus = {0};
	size_t before = ret->count;
	struct perfgo_error *error = pmus_read(ret->sysfs ? ret->sysfs : "/sys", &pmus);
	*reason_ret = NULL;
	if (!error)
		error = append_all(&pmus, ldlat ? ldlat : USUAL_LDLAT, ret);
	if (error || ret->count > before)
		return error;
	*reason_ret = pmus.nr_core ? "the PMU of this machine samples no loads"
				   : "this machine has no PMU (a virtual machine often has none)";
	return NULL;
}
