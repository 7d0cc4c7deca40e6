/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user sees while it records, and at the end. */
#ifndef RECORD_STATUS_H
#define RECORD_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/recorder.h"

/* Zero-initialised but for what is wanted. */
struct status {
	bool quiet, verbose;
	int64_t drawn;	  /* when the line was drawn last, ns */
	uint64_t samples; /* then */
	bool shown;
};

/* For recorder_options; the context is a struct status. */
void status_say(void *context, const char *text);
void status_tick(void *context, const struct rings_counts *counts, size_t nr_processes);

void status_end(struct status *status, const struct recorder_summary *summary, const char *output,
		bool success);

#endif
