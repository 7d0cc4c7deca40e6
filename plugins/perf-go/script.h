/* SPDX-License-Identifier: GPL-2.0-only */
/* perf go script: what its formats share. */
#ifndef PERF_GO_SCRIPT_H
#define PERF_GO_SCRIPT_H

#include "out/writer.h"
#include "pieces.h"
#include "recording.h"

struct script;
struct field;
struct look;

/* Writes the field of the I-th sample of the batch. */
typedef void field_writer(struct script *script, const struct field *field, size_t i);

struct field {
	const struct key *key;
	field_writer *write;	 /* JSON */
	const struct look *look; /* text */
	struct column column;	 /* of the batch; not for KEY_RECORD */
};

struct fields {
	size_t count, capacity;
	struct field *fields;
};

/* A way to write samples. */
struct script_format {
	const char *name;
	/* The keys written when none are asked for, comma-separated; NULL: all of the table. */
	const char *default_keys;
	void (*prepare)(struct script *script); /* sets the writers of the fields */
	void (*write_sample)(struct script *script, size_t i);
};
extern const struct script_format script_text, script_json;

struct script {
	struct recording recording;
	const struct script_format *format;
	struct fields fields;
	struct filter *filter;
	bool needs_frames;
	const char *arch; /* of the recorded machine; NULL unknown */
	struct batch batch;
	struct writer out;
	/* Made once: strings by id as JSON, addresses by id as frames of a callchain. */
	struct pieces strings, addresses;
	struct writer scratch;
	/* Text only. */
	int event_width;
	const struct field *callchain; /* its field, NULL when not asked for */
};

/*
 * The fields of -F: keys, or changes of the default with + and - before each key (perf script's
 * -F). NULL is the default: what the recording can answer of FORMAT's keys.
 */
struct perfgo_error *fields_parse(const char *text, const struct script_format *format,
				  const struct perfdata *data, struct fields *ret);

static inline const struct sample *script_sample(const struct script *script, size_t i)
{
	return &script->batch.samples[i];
}

#endif
