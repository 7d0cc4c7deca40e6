/* SPDX-License-Identifier: GPL-2.0-only */
/* How far the goroutines of a recording are known. */
#ifndef PERF_GO_GOROUTINE_TALLY_H
#define PERF_GO_GOROUTINE_TALLY_H

#include "out/writer.h"
#include "session/session.h"

enum { GOID_FROM_COUNT = GOID_FROM_SNAPSHOT + 1 };

struct goroutine_tally {
	uint64_t samples;
	uint64_t known[GOID_FROM_COUNT]; /* samples with a goroutine, by how it is known */
	uint64_t scheduler;		 /* threads that had none just then */
	uint64_t none;			 /* threads of Go programs that are not Go's */
};

void goroutine_tally_add(struct goroutine_tally *tally, const struct session *session,
			 const struct batch *batch);

/* "99.98 % of samples (bpf), 0.02 % in the scheduler", without end of line. */
void goroutine_tally_write(const struct goroutine_tally *tally, struct writer *out);

#endif
