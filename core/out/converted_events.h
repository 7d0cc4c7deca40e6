/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a converted file: those of the recording, as tracepoints where they have samples.
 */
#ifndef OUT_CONVERTED_EVENTS_H
#define OUT_CONVERTED_EVENTS_H

#include "out/payload.h"
#include "out/perfdata_writer.h"
#include "out/tracepoint.h"
#include "perfdata/perfdata.h"

struct converted_event {
	bool converted; /* its samples get a payload */
	bool raw;	/* they have RAW of their own, which goes behind the fields */
	uint16_t id;	/* of the tracepoint */
};

struct converted_events {
	size_t count; /* as many as the recording has */
	struct converted_event *events;
	struct perfdata_writer_event *written; /* the same, and perhaps a dummy */
	size_t nr_written;
	/* Samples and other records of the kernel's get an id, for without there is but one event.
	 */
	bool adds_id;
	uint64_t id;
	size_t fields_end; /* of the payload */
	size_t raw_field;  /* offset of the field for RAW of their own */
	struct writer tracing_data;
	uint64_t dummy_id;
	char (*names)[64];
	struct tracepoint *tracepoints;
	struct tracepoint_field fields[MAX_KEYS + 1];
};

/*
 * DATA is the recording read to its end. Borrows both; the caller frees what is in *RET with
 * converted_events_deinit(), also after an error.
 */
struct perfgo_error *converted_events_init(struct converted_events *ret,
					   const struct perfdata *data,
					   const struct payload *payload, bool swap);
void converted_events_deinit(struct converted_events *events);

#endif
