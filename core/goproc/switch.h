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
#include "goproc/switch_kind.h"

#define GO_SWITCH_EVENT "go:switch"

struct go_switch {
	struct go_payload goroutine;
	uint64_t by;	 /* goid of the goroutine that made it ready or created it; 0 none */
	uint8_t kind;	 /* enum go_switch_kind */
	uint8_t reason;	 /* g.waitreason: its text is in the release's runtime_layout */
	uint8_t release; /* 26 for go1.26 */
	uint8_t reserved[5];
} __attribute__((packed));

#endif
