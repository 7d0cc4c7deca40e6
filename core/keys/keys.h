/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * THE table of keys: facts about samples, by name. Reports, filters, converted files, scripts and
 * manual pages all read it.
 *
 * A key hangs on a thing: the sample itself, or what many samples share and what is interned:
 * the thread, the code address, the stack, the goroutine. Its fill function writes one column for a
 * batch of such things. Texts are ids into session_strings() and become text only when printed.
 */
#ifndef KEYS_KEYS_H
#define KEYS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attribute/attribution.h"
#include "base/error.h"

enum key_kind {
	KEY_TEXT,    /* a string id */
	KEY_NUMBER,  /* unsigned, decimal */
	KEY_SIGNED,  /* 32 bits, decimal: pid and tid may be -1 */
	KEY_ADDRESS, /* hexadecimal */
	KEY_STACK,   /* a session_stack() id */
	KEY_RECORD,  /* of the sample itself, only for perf go script: registers, branches */
};

enum key_of {
	KEY_OF_SAMPLE,
	KEY_OF_THREAD,
	KEY_OF_CODE,
	KEY_OF_STACK,
	KEY_OF_GOROUTINE,
};

/* One value a sample, or a thing. A text that is not known is STRING_UNKNOWN too. */
struct column {
	uint64_t values[BATCH_SIZE];
	bool known[BATCH_SIZE];
};

/* What the keys need to know and remember. */
struct facts;

/* Borrows ATTRIBUTION. The caller frees *RET with facts_free(). */
struct perfgo_error *facts_new(struct attribution *attribution, struct facts **ret);
void facts_free(struct facts *facts);
struct attribution *facts_attribution(const struct facts *facts);
struct session *facts_session(const struct facts *facts);

/*
 * The things of a fill: samples, or ids of threads, frames (attribution_frame()), stacks or
 * goroutines.
 */
struct things {
	const struct key *key; /* what is asked for; set by key_fill_things() */
	size_t count;
	const struct sample *samples;
	const uint32_t *ids;
};

struct key {
	const char *name;
	const char *alias; /* perf's other name for it, or NULL */
	enum key_kind kind;
	enum key_of of;
	bool sums;	/* the row's sum of the values, instead of a part of what makes a row */
	uint64_t needs; /* PERF_SAMPLE_* bits: a file without any of them cannot answer */
	void (*fill)(struct facts *facts, const struct things *things, struct column *ret);
	const char *how;	 /* how it is known */
	const char *doc;	 /* one line */
	enum binary_lines lines; /* that are needed: attribution_want_lines() */
	bool labels;		 /* a text that is a set of labels: facts_label_set() */
	const char *label;	 /* of a key label:NAME the name, else NULL */
};

const struct key *key_table(size_t *count_ret);

/*
 * What label:NAME says of itself. Such keys are not in the table: each is made when its name is
 * asked for, and from then on is the same.
 */
const struct key *key_label_pattern(void);

/* By name or alias; NULL unknown. Not from several threads at once. */
const struct key *key_find(const char *name);

enum { MAX_KEYS = 24 };

/* A list "comm,dso,sym". The error names the word that is no key and the key it may have meant. */
struct key_list {
	size_t count;
	const struct key *keys[MAX_KEYS];
};
struct perfgo_error *key_list_parse(const char *text, struct key_list *ret);

/* Whether the recording can answer the key. */
bool key_answered(const struct key *key, const struct session *session);

/* The self frames of a batch's addresses, for keys of code. */
void facts_frames(struct facts *facts, const struct batch *batch, uint32_t frames[BATCH_SIZE]);

/*
 * The column of KEY for a batch. FRAMES as facts_frames() gives them; may be NULL for keys that are
 * not of code. Not for KEY_RECORD.
 */
void key_fill(const struct key *key, struct facts *facts, const struct batch *batch,
	      const uint32_t *frames, struct column *ret);

/* The same for THINGS of the key's kind; of samples for those of KEY_OF_SAMPLE. */
void key_fill_things(const struct key *key, struct facts *facts, struct things things,
		     struct column *ret);

/* The set behind a known value of a key with `labels`. Valid as long as the session. */
const struct label_set *facts_label_set(const struct facts *facts, uint64_t value);

/* One value as text, "?" when not known. Valid until the next call with the same BUFFER. */
enum { KEY_TEXT_SIZE = 64 };
const char *key_text(const struct key *key, struct facts *facts, uint64_t value, bool known,
		     char buffer[KEY_TEXT_SIZE]);

#endif
