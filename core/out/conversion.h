/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes a recording anew so that stock perf sorts by the keys of a payload: its events are
 * tracepoints, its samples have their payload as RAW. All else stays as it is, but for what tells
 * of the places of records, and that nothing is compressed or spread over several files.
 *
 * Where samples have their fields already, the records are copied as they lie there.
 */
#ifndef OUT_CONVERSION_H
#define OUT_CONVERSION_H

#include "base/error.h"
#include "base/observer.h"
#include "out/goroutine_threads.h"
#include "out/payload.h"
#include "out/perfdata_writer.h"
#include "perfdata/perfdata.h"

struct conversion_counts {
	uint64_t samples;     /* that have the fields now */
	uint64_t tracepoints; /* that have none, for their tracepoint has no room for it */
	uint64_t shortened;   /* whose copy of the stack lost its end to the payload */
	uint64_t left_out;    /* records that would have been longer than a record can be */
	uint64_t goroutines;  /* samples that have a goroutine for a thread now */
	uint64_t damaged;     /* samples that stay as they are, because they are not whole */
};

/* A build id that the recording has not. */
struct conversion_build_id {
	const char *filename;
	uint8_t id[BUILD_ID_SIZE];
};

/* Everything is borrowed. */
struct conversion_options {
	const struct perfdata *first; /* the recording read to its end */
	const char *input;	      /* what it was opened as, to be read once more */
	/* Goroutines that take the place of threads; may be NULL. */
	struct goroutine_threads *threads;
	const struct sample_fields
		*fields;		/* those of the payload, or recorded_fields_describe() */
	struct payload *payload;	/* NULL: samples have no more than before */
	struct perfdata_writer *writer; /* is finished */
	const struct observer *observer;
	const struct conversion_build_id *build_ids;
	size_t nr_build_ids;
};

struct perfgo_error *conversion_run(const struct conversion_options *options,
				    struct conversion_counts *ret);

#endif
