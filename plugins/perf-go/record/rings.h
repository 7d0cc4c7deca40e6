/* SPDX-License-Identifier: GPL-2.0-only */
/* From the rings to the file: samples with the goroutine that BPF told of before each. */
#ifndef RECORD_RINGS_H
#define RECORD_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/perf_event.h>

#include "base/error.h"
#include "out/writer.h"
#include "record/context.h"
#include "record/labels.h"
#include "record/opened.h"
#include "record/processes.h"

struct rings;

enum { NO_EVENT = -1 };

/* Everything is borrowed. */
struct rings_options {
	struct opened *opened; /* with rings */
	const struct opened_event *events;
	size_t nr_events;
	int contexts, notices, switches; /* which events BPF's are; NO_EVENT */
	const bool *told;		 /* by event to be sampled: BPF runs before its samples */
	uint16_t switch_id;		 /* common_type of switches in the file */
	struct labels *labels;
	/* What comes by. */
	void (*record)(void *context, const struct perf_event_header *record); /* no sample */
	void (*notice)(void *context, const struct go_notice *notice);
	enum process_kind (*process_kind)(void *context, uint32_t pid);
	void *context;
};

struct rings_counts {
	uint64_t samples;
	uint64_t goroutine; /* with one; and without: */
	uint64_t scheduler, no_go_thread, fault, missed /* nothing came from BPF */, not_go;
	uint64_t obstacle;   /* of Go processes whose goroutines cannot be known */
	uint64_t tracepoint; /* of events that BPF is not asked about */
	uint64_t lost;
	uint64_t first_time, last_time; /* of samples */
};

struct perfgo_error *rings_new(const struct rings_options *options, struct rings **ret);
void rings_free(struct rings *rings);

/* Moves what is there, as records of the file, to TO. *ANY_RET: there was something. */
struct perfgo_error *rings_pass(struct rings *rings, struct writer *to, bool *any_ret);

const struct rings_counts *rings_counts(const struct rings *rings);

#endif
