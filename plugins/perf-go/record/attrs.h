/* SPDX-License-Identifier: GPL-2.0-only */
/* What of each sample is wanted, as the options say, in the words of the kernel. */
#ifndef RECORD_ATTRS_H
#define RECORD_ATTRS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <linux/perf_event.h>

#include "base/error.h"

enum callgraph { CALLGRAPH_NONE, CALLGRAPH_FP, CALLGRAPH_DWARF, CALLGRAPH_LBR };

struct sampling {
	uint64_t period;    /* 0: by frequency */
	uint64_t frequency; /* 0: the event's default */
	enum callgraph callgraph;
	uint32_t stack_size; /* of the stack that is copied, with CALLGRAPH_DWARF */
	uint64_t user_regs;
	bool addresses, weights, inherit;
	clockid_t clock;
};

/* "fp", "dwarf", "dwarf,8192", "lbr". */
struct perfgo_error *sampling_callgraph(struct sampling *sampling, const char *text);

/* "ax,bx,r14"; "" all. */
struct perfgo_error *sampling_registers(struct sampling *sampling, const char *text);

/* The register in which Go code has its g; and the pc, by which to know whether it is Go code. */
uint64_t sampling_g_registers(void);

/* A clock by its name or number, as perf's -k takes them. */
struct perfgo_error *sampling_clock(struct sampling *sampling, const char *text);

/*
 * Fills in what an event, of which type and config are there, has besides. Where it says a period
 * or frequency itself, that counts, unless it is weak and the options say another.
 */
void sampling_apply(const struct sampling *sampling, bool weak_period,
		    struct perf_event_attr *attr);

/* Makes it one of a group of which only the leader samples, and reads the counts of all. */
void sampling_read_group(struct perf_event_attr *attr, bool leads);

/* An event of the recorder's own: a dummy for the side-band, or BPF's output. */
struct perf_event_attr sampling_sideband(const struct sampling *sampling);
struct perf_event_attr sampling_output(const struct sampling *sampling);

#endif
