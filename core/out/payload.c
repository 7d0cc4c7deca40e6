// SPDX-License-Identifier: GPL-2.0-only
#include "out/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/tuples.h"
#include "out/binary.h"

struct text_list {
	struct tracepoint_text *texts;
	size_t count, capacity;
	uint32_t *numbers; /* by string id; IDMAP_NONE: not used */
	size_t nr_numbers, numbers_capacity;
};

/* A key with what is known of its values. */
struct payload_key {
	const struct key *key;
	uint64_t largest;
	bool unknown; /* in some sample */
	struct tracepoint_field *field;
	uint64_t none; /* tracepoint_unknown() of it */
};

/* Some of the combinations, taken apart. */
struct combination_batch {
	size_t first, count;
	uint32_t threads[BATCH_SIZE], frames[BATCH_SIZE], groups[BATCH_SIZE];
	uint32_t goroutines[BATCH_SIZE];
};

enum { NAME_SIZE = 64, COMBINATION_WIDTH = 3 };

struct payload {
	struct facts *facts;
	struct payload_options options;
	struct payload_key keys[MAX_KEYS];
	struct tracepoint_field fields[MAX_KEYS];
	char names[MAX_KEYS][NAME_SIZE];
	size_t nr_keys, end;
	bool needs_sample, sums;
	struct text_list texts;
	struct sampled_events events;

	struct tuples groups; /* event, values, which are known: of the keys to sum by */
	uint64_t *totals;     /* by group id and key; UINT64_MAX: not known */
	size_t totals_capacity;
	struct tuples combinations; /* thread and frame, group, goroutine */
	uint32_t *combination_of;   /* by number of the sample; IDMAP_NONE: of no use */
	size_t nr_samples, samples_capacity;
	uint8_t *templates; /* by combination, the last for samples without one */

	struct column column, sum_columns[MAX_KEYS];
	uint32_t frames[BATCH_SIZE], group_of[BATCH_SIZE];
	struct combination_batch batch;
};

bool payload_takes(const struct key *key)
{
	return key->kind != KEY_STACK && key->kind != KEY_RECORD;
}

/* What many samples share and is found once for each combination. */
static bool is_shared(const struct key *key)
{
	return key->of != KEY_OF_SAMPLE || key->sums;
}

void payload_free(struct payload *payload)
{
	if (!payload)
		return;
	free(payload->texts.texts);
	free(payload->texts.numbers);
	free(payload->events.events);
	tuples_deinit(&payload->groups);
	free(payload->totals);
	tuples_deinit(&payload->combinations);
	free(payload->combination_of);
	free(payload->templates);
	free(payload);
}

/* Gives a string its number among the texts. False without memory. */
static bool use_text(struct payload *payload, uint32_t id)
{
	struct text_list *texts = &payload->texts;
	const struct strings *strings = session_strings(facts_session(payload->facts));
	if (!array_extend(texts->numbers, texts->numbers_capacity, texts->nr_numbers, id + 1))
		return false;
	if (texts->numbers[id] != IDMAP_NONE)
		return true;
	if (!array_reserve(texts->texts, texts->capacity, texts->count + 1))
		return false;
	texts->numbers[id] = (uint32_t)texts->count;
	texts->texts[texts->count] = (struct tracepoint_text){
		.number = texts->count, .text = id ? strings_text(strings, id) : "?"};
	texts->count++;
	return true;
}

/* The key's name as that of a field: "label:tenant" becomes "label_tenant". */
static const char *field_name(struct payload *payload, size_t k)
{
	enum { SUFFIX_SIZE = 4 };
	char *name = payload->names[k];
	tracepoint_identifier(payload->options.keys.keys[k]->name, name, NAME_SIZE - SUFFIX_SIZE);
	for (size_t i = 0; i < k; i++)
		if (!strcmp(payload->names[i], name)) {
			snprintf(name + strlen(name), SUFFIX_SIZE, "_%u", (unsigned int)k);
			break;
		}
	return name;
}

struct perfgo_error *payload_new(struct facts *facts, const struct payload_options *options,
				 struct payload **ret)
{
	struct payload *payload = calloc(1, sizeof(*payload));
	if (!payload)
		return perfgo_error_no_memory();
	payload->facts = facts;
	payload->options = *options;
	payload->nr_keys = options->keys.count;
	for (size_t i = 0; i < payload->nr_keys; i++) {
		const struct key *key = options->keys.keys[i];
		payload->keys[i] = (struct payload_key){.key = key, .field = &payload->fields[i]};
		payload->fields[i].name = field_name(payload, i);
		payload->sums |= key->sums;
		payload->needs_sample |= !is_shared(key);
	}
	payload->groups.width = options->sum_by.count + 2;
	payload->combinations.width = COMBINATION_WIDTH;
	/* The number of what is not known is 0. */
	if (!use_text(payload, STRING_UNKNOWN)) {
		payload_free(payload);
		return perfgo_error_no_memory();
	}
	*ret = payload;
	return NULL;
}

/* Learns from COUNT values of a key. False without memory. */
static bool learn(struct payload *payload, struct payload_key *key, const struct column *column,
		  size_t count)
{
	bool text = key->key->kind == KEY_TEXT;
	uint64_t last = STRING_UNKNOWN; /* has its number already, as the last one had */
	for (size_t i = 0; i < count; i++) {
		uint64_t value = column->known[i] ? column->values[i] : 0;
		key->unknown |= !column->known[i];
		if (value > key->largest)
			key->largest = value;
		if (text && value != last && !use_text(payload, (uint32_t)value))
			return false;
		last = value;
	}
	return true;
}

static bool learn_samples(struct payload *payload, const struct batch *batch)
{
	for (size_t i = 0; i < payload->nr_keys; i++) {
		struct payload_key *key = &payload->keys[i];
		if (is_shared(key->key))
			continue;
		key_fill(key->key, payload->facts, batch, payload->frames, &payload->column);
		if (!learn(payload, key, &payload->column, batch->count))
			return false;
	}
	return true;
}

static bool find_groups(struct payload *payload, const struct batch *batch)
{
	const struct key_list *by = &payload->options.sum_by;
	uint64_t tuple[MAX_KEYS + 2];
	for (size_t k = 0; k < by->count; k++)
		key_fill(by->keys[k], payload->facts, batch, payload->frames,
			 &payload->sum_columns[k]);
	for (size_t i = 0; i < batch->count; i++) {
		tuple[0] = batch->samples[i].event;
		tuple[1] = 0;
		for (size_t k = 0; k < by->count && k < MAX_KEYS; k++) {
			const struct column *column = &payload->sum_columns[k];
			tuple[1] |= (uint64_t)column->known[i] << k;
			tuple[2 + k] = column->known[i] ? column->values[i] : 0;
		}
		payload->group_of[i] = tuples_id(&payload->groups, tuple);
		if (payload->group_of[i] == IDMAP_NONE)
			return false;
	}
	return true;
}

/* The sums of a group, one a key, of the keys that sum. Their memory is at hand. */
static uint64_t *totals_of(struct payload *payload, uint32_t group)
{
	return payload->totals + group * payload->nr_keys;
}

static bool add_totals(struct payload *payload, const struct batch *batch, size_t groups_before)
{
	size_t count = payload->groups.count * payload->nr_keys;
	if (!array_reserve(payload->totals, payload->totals_capacity, count))
		return false;
	for (size_t i = groups_before * payload->nr_keys; i < count; i++)
		payload->totals[i] = UINT64_MAX;
	for (size_t k = 0; k < payload->nr_keys; k++) {
		if (!payload->keys[k].key->sums)
			continue;
		key_fill(payload->keys[k].key, payload->facts, batch, payload->frames,
			 &payload->column);
		for (size_t i = 0; i < batch->count; i++) {
			uint64_t *total = &totals_of(payload, payload->group_of[i])[k];
			if (payload->column.known[i])
				*total = payload->column.values[i] +
					 (*total == UINT64_MAX ? 0 : *total);
		}
	}
	return true;
}

/* Of several samples of one record the first counts. */
static bool keep_combinations(struct payload *payload, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint64_t combination[COMBINATION_WIDTH] = {
			(uint64_t)batch->threads[i] << 32 | payload->frames[i],
			payload->sums ? payload->group_of[i] : 0, batch->goroutines[i]};
		uint32_t id = tuples_id(&payload->combinations, combination);
		size_t number = batch->sequences[i];
		if (id == IDMAP_NONE ||
		    !array_extend(payload->combination_of, payload->samples_capacity,
				  payload->nr_samples, number + 1))
			return false;
		if (payload->combination_of[number] == IDMAP_NONE)
			payload->combination_of[number] = id;
	}
	return true;
}

struct perfgo_error *payload_add(struct payload *payload, const struct batch *batch)
{
	size_t groups_before = payload->groups.count;
	facts_frames(payload->facts, batch, payload->frames);
	bool enough = sampled_events_add(&payload->events, batch) && learn_samples(payload, batch);
	if (enough && payload->sums)
		enough = find_groups(payload, batch) && add_totals(payload, batch, groups_before);
	enough = enough && keep_combinations(payload, batch);
	return enough ? NULL : perfgo_error_no_memory();
}

static const struct combination_batch *take_apart(struct payload *payload, size_t first)
{
	struct combination_batch *batch = &payload->batch;
	size_t left = payload->combinations.count - first;
	batch->first = first;
	batch->count = left < BATCH_SIZE ? left : BATCH_SIZE;
	for (size_t i = 0; i < batch->count; i++) {
		const uint64_t *tuple = tuples_get(&payload->combinations, (uint32_t)(first + i));
		batch->threads[i] = (uint32_t)(tuple[0] >> 32);
		batch->frames[i] = (uint32_t)tuple[0];
		batch->groups[i] = (uint32_t)tuple[1];
		batch->goroutines[i] = (uint32_t)tuple[2];
	}
	return batch;
}

/* The column of the K-th key, a shared one. */
static void fill_shared(struct payload *payload, size_t k, const struct combination_batch *batch)
{
	const struct key *key = payload->keys[k].key;
	struct column *column = &payload->column;
	struct things things = {.count = batch->count, .ids = batch->frames};
	if (key->of == KEY_OF_THREAD)
		things.ids = batch->threads;
	if (key->of == KEY_OF_GOROUTINE)
		things.ids = batch->goroutines;
	if (!key->sums) {
		key_fill_things(key, payload->facts, things, column);
		return;
	}
	for (size_t i = 0; i < batch->count; i++) {
		column->values[i] = totals_of(payload, batch->groups[i])[k];
		column->known[i] = column->values[i] != UINT64_MAX;
	}
}

/* Calls VISIT with the column of each shared key for all combinations. */
static bool visit_shared(struct payload *payload,
			 bool (*visit)(struct payload *, struct payload_key *,
				       const struct combination_batch *))
{
	const struct combination_batch *batch;
	for (size_t at = 0; at < payload->combinations.count; at += batch->count) {
		batch = take_apart(payload, at);
		for (size_t k = 0; k < payload->nr_keys; k++) {
			if (!is_shared(payload->keys[k].key))
				continue;
			fill_shared(payload, k, batch);
			if (!visit(payload, &payload->keys[k], batch))
				return false;
		}
	}
	return true;
}

static bool learn_shared(struct payload *payload, struct payload_key *key,
			 const struct combination_batch *batch)
{
	return learn(payload, key, &payload->column, batch->count);
}

static uint8_t size_of_number(uint64_t largest)
{
	/* The largest of each size stands for what is not known. */
	return largest < UINT16_MAX ? 2 : largest < UINT32_MAX ? 4 : 8;
}

static struct tracepoint_field field_of(const struct payload *payload,
					const struct payload_key *key)
{
	struct tracepoint_field field = {.name = key->field->name, .unknown = key->unknown};
	switch (key->key->kind) {
	case KEY_TEXT:
		field.kind = TRACEPOINT_TEXT;
		field.size = payload->options.text_size;
		field.unknown = false; /* a text like any other */
		break;
	case KEY_SIGNED:
		field.kind = TRACEPOINT_SIGNED;
		field.size = 4;
		break;
	case KEY_ADDRESS:
		field.kind = TRACEPOINT_ADDRESS;
		field.size = 8;
		break;
	default:
		field.kind = TRACEPOINT_UNSIGNED;
		field.size = size_of_number(key->largest);
	}
	return field;
}

static void store_number(uint8_t *at, uint64_t value, size_t size, bool swap)
{
	switch (size) {
	case 2:
		store_u16(at, (uint16_t)value, swap);
		break;
	case 4:
		store_u32(at, (uint32_t)value, swap);
		break;
	case 8:
		store_u64(at, value, swap);
		break;
	}
}

static uint32_t number_of_text(const struct payload *payload, uint64_t id)
{
	const struct text_list *texts = &payload->texts;
	uint32_t number = id < texts->nr_numbers ? texts->numbers[id] : IDMAP_NONE;
	return number == IDMAP_NONE ? 0 : number;
}

/* Puts the I-th value of the column into a payload. */
static void put_value(const struct payload *payload, const struct payload_key *key, size_t i,
		      uint8_t *to)
{
	const struct tracepoint_field *field = key->field;
	bool known = payload->column.known[i];
	uint64_t value = payload->column.values[i];
	if (field->kind == TRACEPOINT_TEXT)
		value = number_of_text(payload, known ? value : STRING_UNKNOWN);
	else if (!known || (field->kind == TRACEPOINT_UNSIGNED && value > key->none))
		value = key->none;
	store_number(to + field->offset, value, field->size, payload->options.swap);
}

static uint8_t *template_of(const struct payload *payload, size_t combination)
{
	return payload->templates + combination * payload->end;
}

static bool put_shared(struct payload *payload, struct payload_key *key,
		       const struct combination_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		put_value(payload, key, i, template_of(payload, batch->first + i));
	return true;
}

/* In all payloads nothing is known at first but the thread. */
static bool make_templates(struct payload *payload)
{
	const struct session *session = facts_session(payload->facts);
	size_t count = payload->combinations.count;
	payload->templates = calloc(count + 1, payload->end);
	if (!payload->templates)
		return false;
	payload->column.known[0] = false;
	for (size_t k = 0; k < payload->nr_keys; k++)
		put_value(payload, &payload->keys[k], 0, template_of(payload, count));
	for (size_t i = 0; i < count; i++) {
		uint8_t *template = template_of(payload, i);
		const uint64_t *tuple = tuples_get(&payload->combinations, (uint32_t)i);
		uint32_t tid = session_thread(session, (uint32_t)(tuple[0] >> 32))->tid;
		memcpy(template, template_of(payload, count), payload->end);
		store_u32(template + TRACEPOINT_TID_OFFSET, tid, payload->options.swap);
	}
	return true;
}

struct perfgo_error *payload_finish(struct payload *payload)
{
	if (!visit_shared(payload, learn_shared))
		return perfgo_error_no_memory();
	for (size_t k = 0; k < payload->nr_keys; k++) {
		payload->fields[k] = field_of(payload, &payload->keys[k]);
		payload->keys[k].none = tracepoint_unknown(&payload->fields[k]);
	}
	payload->end = tracepoint_layout(payload->fields, payload->nr_keys, payload->options.start);
	if (!make_templates(payload) || !visit_shared(payload, put_shared))
		return perfgo_error_no_memory();
	return NULL;
}

struct sample_fields payload_describe(const struct payload *payload)
{
	return (struct sample_fields){.fields = payload->fields,
				      .count = payload->nr_keys,
				      .start = payload->options.start,
				      .end = payload->end,
				      .texts = payload->texts.texts,
				      .nr_texts = payload->texts.count,
				      .text_size = payload->options.text_size,
				      .events = payload->events};
}

bool payload_needs_sample(const struct payload *payload)
{
	return payload->needs_sample;
}

void payload_write(struct payload *payload, uint64_t sequence, const struct sample *sample,
		   uint8_t *ret)
{
	uint32_t id =
		sequence < payload->nr_samples ? payload->combination_of[sequence] : IDMAP_NONE;
	size_t combination = id == IDMAP_NONE ? payload->combinations.count : id;
	struct things things = {.count = 1, .samples = sample};
	memcpy(ret, template_of(payload, combination), payload->end);
	for (size_t k = 0; sample && k < payload->nr_keys; k++) {
		if (is_shared(payload->keys[k].key))
			continue;
		key_fill_things(payload->keys[k].key, payload->facts, things, &payload->column);
		put_value(payload, &payload->keys[k], 0, ret);
	}
}
