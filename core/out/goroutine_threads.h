/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Goroutines in the place of threads: what tid each has in a converted file, and the FORK and COMM
 * records that announce it. Gathered from all samples in time order; then asked for by their number
 * in the file.
 *
 * perf knows a thread by its tid alone, whatever the process. So a goroutine's tid is its goid
 * where no thread of the recording, and no goroutine of a process before, has that number; else all
 * goids of the process have the same multiple of a power of ten added, 10000000 or more. Where that
 * is more than a tid can be the goroutines of the process are counted, from 1000000000 on.
 */
#ifndef OUT_GOROUTINE_THREADS_H
#define OUT_GOROUTINE_THREADS_H

#include "base/error.h"
#include "keys/keys.h"
#include "out/writer.h"

struct goroutine_threads;

/*
 * An error when the recording cannot have goroutines. Borrows FACTS. The caller frees *RET with
 * goroutine_threads_free().
 */
struct perfgo_error *goroutine_threads_new(struct facts *facts, struct goroutine_threads **ret);
void goroutine_threads_free(struct goroutine_threads *threads);

/* Adds a batch of samples; after the last one goroutine_threads_finish(), then the rest. */
struct perfgo_error *goroutine_threads_add(struct goroutine_threads *threads,
					   const struct batch *batch);
struct perfgo_error *goroutine_threads_finish(struct goroutine_threads *threads);

/* The thread of the sample with a number in the file; IDMAP_NONE: its own. */
uint32_t goroutine_threads_of(const struct goroutine_threads *threads, uint64_t sequence);
uint32_t goroutine_threads_tid(const struct goroutine_threads *threads, uint32_t thread);

/* How the records end that announce a thread. */
struct announcement {
	struct perfdata_attr attr; /* of the event with the id */
	uint64_t id;
	bool adds_id; /* at the very end, whatever the attr says */
	bool swap;
};

/* Writes what comes before the first sample of a thread, in file order, to its first one in time.
 */
void goroutine_threads_announce(struct goroutine_threads *threads, uint32_t thread,
				const struct announcement *how, struct writer *to);

/*
 * The same for all threads of a process whose first thread ends at TIME, be it to execute another
 * program: later its maps are gone.
 */
void goroutine_threads_end(struct goroutine_threads *threads, uint32_t pid, uint64_t time,
			   const struct announcement *how, struct writer *to);

/* Goroutines, those whose tid is not their goid, and those whose tid does not even end like it. */
struct goroutine_threads_counts {
	size_t goroutines, moved, counted;
};
struct goroutine_threads_counts goroutine_threads_counts(const struct goroutine_threads *threads);

#endif
