// SPDX-License-Identifier: GPL-2.0-only
/*
 * print_events EVENT…, each as behind an -e: what perf-go would open, an object a line. SYSFS_PATH
 * is another root than /sys, as it is for perf.
 */
#include <stdio.h>
#include <stdlib.h>

#include "record/events.h"

static void print_event(const struct event *event)
{
	const struct perf_event_attr *attr = &event->attr;
	printf("{\"name\": \"%s\", \"type\": %u, \"config\": %llu, \"config1\": %llu, "
	       "\"config2\": %llu, \"bp_type\": %u, \"sample_period\": %llu, \"freq\": %u, ",
	       event->name, attr->type, attr->config, attr->config1, attr->config2, attr->bp_type,
	       attr->sample_period, attr->freq);
	printf("\"exclude_user\": %u, \"exclude_kernel\": %u, \"exclude_hv\": %u, "
	       "\"exclude_idle\": %u, \"exclude_host\": %u, \"exclude_guest\": %u, "
	       "\"precise_ip\": %u, \"pinned\": %u, \"exclusive\": %u, ",
	       attr->exclude_user, attr->exclude_kernel, attr->exclude_hv, attr->exclude_idle,
	       attr->exclude_host, attr->exclude_guest, attr->precise_ip, attr->pinned,
	       attr->exclusive);
	printf("\"most_precise\": %u}\n", event->most_precise);
}

int main(int argc, char **argv)
{
	struct event_list list = {.sysfs = getenv("SYSFS_PATH")};
	struct perfgo_error *error = NULL;
	for (int i = 1; !error && i < argc; i++)
		error = events_parse(argv[i], &list);
	if (error)
		fprintf(stderr, "%s\n", perfgo_error_text(error));
	for (size_t i = 0; !error && i < list.count; i++)
		print_event(&list.events[i]);
	bool failed = error;
	perfgo_error_destroy(error);
	event_list_deinit(&list);
	return failed;
}
