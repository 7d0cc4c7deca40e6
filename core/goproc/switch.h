/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `perf go record --sched` puts into PERF_SAMPLE_RAW of its event go:switch: a goroutine that
 * changes its state. It begins with the goroutine as every sample of perf-go's has it (its gostate
 * is the one before), so the same keys answer.
 */
#ifndef GOPROC_SWITCH_H
#define GOPROC_SWITCH_H

#include <stdint.h>

#include "goproc/payload.h"

#define GO_SWITCH_EVENT "go:switch"

enum go_switch_kind {
	GO_SWITCH_RUN,	  /* runtime.execute: it runs from now on, on this thread */
	GO_SWITCH_PARK,	  /* runtime.park_m: it waits, for `reason` */
	GO_SWITCH_READY,  /* runtime.ready: it can run again */
	GO_SWITCH_CREATE, /* runtime.newproc1 returns: it is new, and can run */
	GO_SWITCH_YIELD,  /* runtime.goschedImpl …: it has to let others run */
	GO_SWITCH_RETURN, /* runtime.exitsyscall0 …: back from a system call, without a P */
	GO_SWITCH_EXIT,	  /* runtime.goexit0 */
	GO_SWITCH_KINDS,
};

struct go_switch {
	struct go_payload goroutine;
	uint64_t by;	 /* goid of the goroutine that made it ready or created it; 0 none */
	uint8_t kind;	 /* enum go_switch_kind */
	uint8_t reason;	 /* g.waitreason: its text is in the release's runtime_layout */
	uint8_t release; /* 26 for go1.26 */
	uint8_t reserved[5];
} __attribute__((packed));

#endif
