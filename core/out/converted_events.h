/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a converted file: those of the recording, as tracepoints where they have samples.
 */
#ifndef OUT_CONVERTED_EVENTS_H
#define OUT_CONVERTED_EVENTS_H

#include "keys/keys.h"
#include "out/perfdata_writer.h"
#include "out/sample_fields.h"
#include "out/tracing_data.h"
#include "perfdata/perfdata.h"

enum converted_kind {
	EVENT_KEPT,	/* as it is */
	EVENT_MADE,	/* a made-up tracepoint, whose samples get a payload */
	EVENT_EXTENDED, /* a tracepoint before; its samples' payload gets the fields too */
};

struct converted_event {
	enum converted_kind kind;
	bool raw;    /* EVENT_MADE: samples have RAW of their own, which goes behind the fields */
	uint16_t id; /* EVENT_MADE: of the tracepoint */
	const struct tracepoint_extension *extension; /* EVENT_EXTENDED */
	size_t fields_at;			      /* EVENT_EXTENDED: where the fields begin */
	size_t growth; /* EVENT_EXTENDED: how far what was behind them moves */
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
	bool go;			 /* samples' own RAW begins with struct go_payload */
	size_t fields_start, fields_end; /* in the payload */
	size_t raw_field;		 /* offset of the field for RAW of their own */
	struct writer tracing_data;
	uint64_t dummy_id;
	char (*names)[64];
	struct tracepoint *tracepoints;
	size_t nr_tracepoints;
	struct tracepoint_extension *extensions; /* as many as there are events */
	size_t nr_extensions;
	struct tracepoint_field (*extension_fields)[MAX_KEYS];
	struct tracepoint_field fields[MAX_KEYS + 1];
};

/*
 * DATA is the recording read to its end. Without FIELDS all events stay what they are. Borrows
 * both; the caller frees what is in *RET with converted_events_deinit(), also after an error.
 */
struct perfgo_error *converted_events_init(struct converted_events *ret,
					   const struct perfdata *data,
					   const struct sample_fields *fields, bool swap);
void converted_events_deinit(struct converted_events *events);

#endif
