/* SPDX-License-Identifier: GPL-2.0-only */
/* Adds samples up that agree in event, stack and keys. */
#ifndef REPORT_SAMPLE_CLASSES_H
#define REPORT_SAMPLE_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keys/keys.h"
#include "report/filter.h"

struct sample_classes;

struct sample_classes_options {
	struct key_list by;    /* may be empty */
	const struct key *sum; /* a number that is added up too where it is known; may be NULL */
	struct filter *filter; /* borrowed; may be NULL */
};

/* What cannot be done with these keys. */
struct perfgo_error *sample_classes_check(const struct sample_classes_options *options);

/* OPTIONS have passed sample_classes_check(). Borrows FACTS, made ready for the keys. The caller
 * frees *RET with sample_classes_free(). */
struct perfgo_error *sample_classes_new(struct facts *facts,
					const struct sample_classes_options *options,
					struct sample_classes **ret);
void sample_classes_free(struct sample_classes *classes);

struct perfgo_error *sample_classes_add(struct sample_classes *classes, const struct batch *batch);

struct sample_class {
	uint32_t event;
	uint32_t values;  /* for sample_classes_value() */
	uint32_t stack;	  /* session_stack(); 0: there is only the address */
	uint32_t address; /* session_address(), of a sample without a callchain; else 0 */
	uint64_t samples, period;
	uint64_t sum, with_sum; /* with_sum: samples of which it is known */
};

/* Valid until the next sample_classes_add(). */
const struct sample_class *sample_classes_get(const struct sample_classes *classes,
					      size_t *count_ret);

/* The value of the i-th key of a class. False when it is not known. */
bool sample_classes_value(const struct sample_classes *classes, const struct sample_class *of,
			  size_t i, uint64_t *value_ret);

struct sample_classes_totals {
	uint64_t samples, with_sum; /* that the filter let through */
	uint64_t filtered;
	uint64_t first_time, last_time; /* of all; 0 unknown */
};
const struct sample_classes_totals *sample_classes_totals(const struct sample_classes *classes);

#endif
