/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as a user of perf writes them, and what is asked of the kernel for them. */
#ifndef RECORD_EVENTS_H
#define RECORD_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/perf_event.h>

#include "base/error.h"

struct event {
	char *name; /* as perf shows it: what was typed, or what `name=` says */
	/*
	 * Size, type, configuration, breakpoint, exclude_*, precise_ip, pinned, exclusive, and what
	 * the event itself says: sample_period, or sample_freq with freq (both 0 when it says
	 * neither), sample_max_stack. All else is the recorder's.
	 */
	struct perf_event_attr attr;
	uint32_t leader;   /* index in the list of its group's leader; its own when it is alone */
	bool weak_period;  /* what it says of period or frequency yields to -c and -F */
	bool group_read;   /* `:S`: only the leader samples, and reads all of the group */
	bool weak;	   /* `:W`: its group may be taken apart when it does not open */
	bool most_precise; /* `:P`: precise_ip is 3; the greatest with which it opens is meant */
	bool no_inherit;   /* `no-inherit` */
	bool aux_area;	   /* its PMU writes no samples but an AUX area (intel_pt, arm_spe) */
	/*
	 * The CPUs that its PMU is for ("0-7"); NULL when all. SYSTEM_WIDE: counts what happens
	 * beside the CPUs (uncore): opens on each of these CPUs, for no thread.
	 */
	bool system_wide;
	char *cpus;
};

/* Zero-initialised is empty, and looks at this machine. */
struct event_list {
	struct event *events;
	size_t count, capacity;
	const char *sysfs;   /* another root than /sys; borrowed */
	const char *tracefs; /* another place than where tracefs is mounted; borrowed */
};

/*
 * Appends the events of TEXT, the argument of one -e: "cycles:u,{a,b}:S,sched:*". After an error
 * RET is as before.
 */
struct perfgo_error *events_parse(const char *text, struct event_list *ret);

/* Frees the events. */
void event_list_deinit(struct event_list *list);

#endif
