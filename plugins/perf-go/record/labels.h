/* SPDX-License-Identifier: GPL-2.0-only */
/* Label sets that the BPF program has sent, and their numbers in the recording. */
#ifndef RECORD_LABELS_H
#define RECORD_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/section.h"
#include "record/context.h"

struct labels;

/* Borrows SECTION, which gets the contents. The caller frees *RET with labels_free(). */
struct perfgo_error *labels_new(struct go_section_writer *section, struct labels **ret);
void labels_free(struct labels *labels);

/*
 * Takes over the contents that a context brings; TEXTS are its labels_size bytes. To be called for
 * all that is there before labels_of() is asked.
 */
void labels_learn(struct labels *labels, const struct go_context *context, const void *texts);

/* Whether labels_of() will have the contents. */
bool labels_known(const struct labels *labels, const struct go_context *context);

/* For go_payload.golabels. */
uint64_t labels_of(struct labels *labels, const struct go_context *context, const void *texts);

/* Whether there was no memory for the contents of a set. */
bool labels_failed(const struct labels *labels);

/* Sets *KEY_RET to the I-th of the keys that were seen, at most 8; false behind the last. */
bool labels_key(const struct labels *labels, size_t i, const char **key_ret);

#endif
