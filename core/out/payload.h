/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a converted file says of each sample: the values of keys as fields of a tracepoint. Gathered
 * from all samples in time order; then asked for by their number in the file.
 *
 * What hangs on threads and code is kept once for each combination that occurs; of a sample only
 * the number of its combination is kept. What hangs on the sample itself is found a second time.
 */
#ifndef OUT_PAYLOAD_H
#define OUT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keys/keys.h"
#include "out/sample_fields.h"

struct payload;

struct payload_options {
	struct key_list keys; /* not of stacks and records: payload_takes() */
	/* Keys that sum are summed over the samples of an event that agree in these. */
	struct key_list sum_by;
	uint8_t text_size; /* of a field of TRACEPOINT_TEXT */
	bool swap;	   /* payloads are in the other byte order than this machine's */
	size_t start;	   /* where the fields begin: TRACEPOINT_COMMON_SIZE, or more */
};

/* Whether a key can be a field. */
bool payload_takes(const struct key *key);

/* Borrows FACTS. The caller frees *RET with payload_free(). */
struct perfgo_error *payload_new(struct facts *facts, const struct payload_options *options,
				 struct payload **ret);
void payload_free(struct payload *payload);

/* Adds a batch of samples; after the last one payload_finish(), then the rest. */
struct perfgo_error *payload_add(struct payload *payload, const struct batch *batch);
struct perfgo_error *payload_finish(struct payload *payload);

/* The fields, laid out. Valid as long as PAYLOAD. */
struct sample_fields payload_describe(const struct payload *payload);

/* Whether payload_write() needs the sample. */
bool payload_needs_sample(const struct payload *payload);

/*
 * Writes the payload up to where the fields end, but for the id of the tracepoint. SEQUENCE is the
 * sample's number in the file. Without SAMPLE what hangs on it is not known.
 */
void payload_write(struct payload *payload, uint64_t sequence, const struct sample *sample,
		   uint8_t *ret);

#endif
