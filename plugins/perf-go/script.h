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

enum { LABEL_SIZE = 40 };

struct field {
	const struct key *key;
	field_writer *write;	 /* JSON */
	const struct look *look; /* text */
	char *label;		 /* JSON: what stands before the value */
	size_t label_size;
	bool by_thing;	      /* filled when a thing is first seen, not for every batch */
	struct column column; /* of the batch; not for KEY_RECORD */
};

/*
 * Fields in a row that hang on the same thing. What is written of a thread, or of a place in the
 * code, or of a goroutine, is written once and kept.
 */
struct run {
	enum key_of of;
	size_t first, count;
	struct pieces pieces; /* by id of the thing */
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
	struct perfgo_error *(*prepare)(struct script *script); /* for the fields there are */
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
	uint32_t frames[BATCH_SIZE]; /* of the batch; when needed */
	struct writer out;
	struct writer *to;	 /* where fields go: out, or what is to become a piece */
	struct pieces addresses; /* by id, as frames of a callchain */
	struct writer scratch;	 /* a piece in the making */
	/* JSON only. */
	struct pieces strings; /* by id */
	struct writer thing;   /* the piece of a thing in the making */
	struct run *runs;
	size_t nr_runs, runs_capacity;
	char registers[64][LABEL_SIZE]; /* labels by bit */
	/* Text only. */
	int event_width;
	const struct field *callchain; /* its field, NULL when not asked for */
};

/*
 * The fields of -F: keys, or changes of the default with + and - before each key (perf script's
 * -F). NULL is the default: of FORMAT's keys those that SESSION can answer, all without SESSION.
 */
struct perfgo_error *fields_parse(const char *text, const struct script_format *format,
				  const struct session *session, struct fields *ret);

/* Writes what is in MADE and keeps it as a piece. */
void script_write_and_keep(struct script *script, struct writer *made, struct pieces *pieces,
			   uint32_t id);

static inline const struct sample *script_sample(const struct script *script, size_t i)
{
	return &script->batch.samples[i];
}

#endif
