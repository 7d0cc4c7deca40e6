/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys whose values the samples of perf go record have in them (goproc/payload.h), as fields of a
 * tracepoint: so that stock perf sorts by them when no more than the header is written anew.
 */
#ifndef OUT_RECORDED_FIELDS_H
#define OUT_RECORDED_FIELDS_H

#include "goproc/payload.h"
#include "keys/keys.h"
#include "out/sample_fields.h"

/* Whether samples of the recording begin their RAW with struct go_payload. */
bool has_go_payloads(const struct perfdata *data);

/* Whether RAW begins with one: that of tracepoints has its own record there. */
bool go_payload_leads(const void *raw, size_t size);

struct recorded_fields;

/* Whether all of the keys are fields, in a recording whose records can stay as they are. */
bool recorded_fields_possible(const struct perfdata *data, const struct key_list *keys);

/* Borrows FACTS. The caller frees *RET with recorded_fields_free(). */
struct perfgo_error *recorded_fields_new(struct facts *facts, const struct key_list *keys,
					 struct recorded_fields **ret);
void recorded_fields_free(struct recorded_fields *fields);

/* Adds a batch of samples. */
struct perfgo_error *recorded_fields_add(struct recorded_fields *fields, const struct batch *batch);

/*
 * After the last sample: false when what is in them is not what the keys say: an address that has
 * names in two programs, a sample without a payload. Valid as long as FIELDS.
 */
bool recorded_fields_describe(struct recorded_fields *fields, struct sample_fields *ret);

#endif
