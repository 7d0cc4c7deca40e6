// SPDX-License-Identifier: GPL-2.0-only
#include "sampled_event.h"

#include <stdio.h>
#include <string.h>

bool event_is_clock(const struct perfdata_event *event)
{
	const struct perfdata_attr *attr = &event->attr;
	return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_CPU_CLOCK ||
						    attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

/* The names of a recording's events, for an error's hint. */
static void list_events(const struct perfdata *data, char *text, size_t size)
{
	size_t used = 0;
	*text = 0;
	for (size_t i = 0; i < perfdata_nr_events(data) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 perfdata_event(data, i)->name);
}

struct perfgo_error *event_by_name(const struct perfdata *data, const char *name, int *ret)
{
	char names[512];
	*ret = -1;
	if (!name)
		return NULL;
	for (size_t i = 0; i < perfdata_nr_events(data); i++)
		if (!strcmp(perfdata_event(data, i)->name, name))
			*ret = (int)i;
	if (*ret >= 0)
		return NULL;
	list_events(data, names, sizeof(names));
	return perfgo_error_hint(perfgo_error_new("%s: has no event %s", perfdata_path(data), name),
				 "its events are: %s", names);
}
