// SPDX-License-Identifier: GPL-2.0-only
#include "report/sample_classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/tuples.h"

/* What a class is told by. */
struct class_words {
	uint64_t event, values, stack, address;
};

struct sample_classes {
	struct facts *facts;
	struct sample_classes_options options;
	struct tuples values; /* of the keys, and which are known */
	struct tuples index;  /* struct class_words */
	struct sample_class *classes;
	size_t nr_classes, capacity;
	uint64_t all_periods, all_sums;
	struct sample_classes_totals totals;

	uint32_t frames[BATCH_SIZE];
	bool pass[BATCH_SIZE];
	uint64_t tuples[BATCH_SIZE][MAX_KEYS + 1];
	struct column column, sums;
};

struct perfgo_error *sample_classes_check(const struct sample_classes_options *options)
{
	for (size_t i = 0; i < options->by.count; i++) {
		const struct key *key = options->by.keys[i];
		if (key->kind == KEY_RECORD || key->kind == KEY_STACK || key->sums)
			return perfgo_error_new("samples cannot be told apart by %s", key->name);
	}
	return NULL;
}

struct perfgo_error *sample_classes_new(struct facts *facts,
					const struct sample_classes_options *options,
					struct sample_classes **ret)
{
	struct sample_classes *classes = calloc(1, sizeof(*classes));
	if (!classes)
		return perfgo_error_no_memory();
	classes->facts = facts;
	classes->options = *options;
	classes->values.width = options->by.count + 1;
	classes->index.width = sizeof(struct class_words) / sizeof(uint64_t);
	*ret = classes;
	return NULL;
}

void sample_classes_free(struct sample_classes *classes)
{
	if (!classes)
		return;
	tuples_deinit(&classes->values);
	tuples_deinit(&classes->index);
	free(classes->classes);
	free(classes);
}

static void fill_values(struct sample_classes *classes, const struct batch *batch)
{
	const struct key_list *by = &classes->options.by;
	struct column *column = &classes->column;
	for (size_t i = 0; i < batch->count; i++)
		classes->tuples[i][by->count] = 0;
	for (size_t k = 0; k < by->count; k++) {
		key_fill(by->keys[k], classes->facts, batch, classes->frames, column);
		for (size_t i = 0; i < batch->count; i++) {
			classes->tuples[i][k] = column->known[i] ? column->values[i] : 0;
			classes->tuples[i][by->count] |= (uint64_t)column->known[i] << k;
		}
	}
}

static void fill_sums(struct sample_classes *classes, const struct batch *batch)
{
	if (classes->options.sum)
		key_fill(classes->options.sum, classes->facts, batch, classes->frames,
			 &classes->sums);
	else
		memset(classes->sums.known, false, sizeof(classes->sums.known));
}

static void note_time(struct sample_classes_totals *totals, uint64_t time)
{
	if (time && (!totals->first_time || time < totals->first_time))
		totals->first_time = time;
	if (time > totals->last_time)
		totals->last_time = time;
}

/* The class of a sample; NULL without memory. */
static struct sample_class *class_of(struct sample_classes *classes, const struct batch *batch,
				     size_t i)
{
	struct class_words words = {
		.event = batch->samples[i].event,
		.values = tuples_id(&classes->values, classes->tuples[i]),
		.stack = batch->stacks[i],
		.address = batch->stacks[i] ? 0 : batch->addresses[i],
	};
	uint32_t id =
		words.values == IDMAP_NONE ? IDMAP_NONE : tuples_id(&classes->index, &words.event);
	if (id == IDMAP_NONE || !array_reserve(classes->classes, classes->capacity, (size_t)id + 1))
		return NULL;
	if (id == classes->nr_classes)
		classes->classes[classes->nr_classes++] =
			(struct sample_class){.event = (uint32_t)words.event,
					      .values = (uint32_t)words.values,
					      .stack = (uint32_t)words.stack,
					      .address = (uint32_t)words.address};
	return &classes->classes[id];
}

/* All that is added up stays below what the signed numbers of other formats hold. */
static bool add_up(uint64_t *all, uint64_t more)
{
	return !__builtin_add_overflow(*all, more, all) && *all <= INT64_MAX;
}

static struct perfgo_error *add_sample(struct sample_classes *classes, const struct batch *batch,
				       size_t i)
{
	uint64_t sum = classes->sums.known[i] ? classes->sums.values[i] : 0;
	uint64_t period = batch->samples[i].period;
	struct sample_class *class = class_of(classes, batch, i);
	if (!class)
		return perfgo_error_no_memory();
	if (!add_up(&classes->all_periods, period) || !add_up(&classes->all_sums, sum))
		return perfgo_error_new("the samples' numbers are too large to be added up");
	class->samples++;
	class->period += period;
	class->sum += sum;
	classes->totals.samples++;
	class->with_sum += classes->sums.known[i];
	classes->totals.with_sum += classes->sums.known[i];
	return NULL;
}

struct perfgo_error *sample_classes_add(struct sample_classes *classes, const struct batch *batch)
{
	struct perfgo_error *error = NULL;
	facts_frames(classes->facts, batch, classes->frames);
	memset(classes->pass, true, batch->count);
	if (classes->options.filter)
		filter_apply(classes->options.filter, classes->facts, batch, classes->frames,
			     classes->pass);
	fill_values(classes, batch);
	fill_sums(classes, batch);
	for (size_t i = 0; i < batch->count && !error; i++) {
		note_time(&classes->totals, batch->samples[i].time);
		if (classes->pass[i])
			error = add_sample(classes, batch, i);
		else
			classes->totals.filtered++;
	}
	return error;
}

const struct sample_class *sample_classes_get(const struct sample_classes *classes,
					      size_t *count_ret)
{
	*count_ret = classes->nr_classes;
	return classes->classes;
}

bool sample_classes_value(const struct sample_classes *classes, const struct sample_class *of,
			  size_t i, uint64_t *value_ret)
{
	const uint64_t *values = tuples_get(&classes->values, of->values);
	*value_ret = values[i];
	return values[classes->options.by.count] >> i & 1;
}

const struct sample_classes_totals *sample_classes_totals(const struct sample_classes *classes)
{
	return &classes->totals;
}
