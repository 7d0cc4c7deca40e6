// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a number stands for is not asked of the recording but seen: in each sample the key's text is
 * put beside the number that it has. So the fields say what the keys say, or there are none.
 */
#include "out/recorded_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/tuples.h"
#include "goproc/section.h"
#include "out/tracing_data.h"

enum { TEXT_SIZE = 8 };

struct recorded_field {
	const char *name;
	enum tracepoint_kind kind;
	uint8_t size, offset;
};

#define FIELD(name, kind)                                                                          \
	{                                                                                          \
#name, kind, sizeof(((struct go_payload *)0)->name),                               \
			offsetof(struct go_payload, name)                                          \
	}

static const struct recorded_field table[] = {
	FIELD(goid, TRACEPOINT_UNSIGNED),  FIELD(goparent, TRACEPOINT_UNSIGNED),
	FIELD(gocreator, TRACEPOINT_TEXT), FIELD(goroutine, TRACEPOINT_TEXT),
	FIELD(golabels, TRACEPOINT_TEXT),  FIELD(gostate, TRACEPOINT_WORD),
	FIELD(gcphase, TRACEPOINT_WORD),   FIELD(goid_from, TRACEPOINT_WORD),
};

/* Numbers, and the id of the string that each stands for. */
struct dictionary {
	struct tuples numbers;
	uint32_t *strings; /* by id of the number */
	size_t capacity;
	uint64_t last_number; /* and its string, once there is one */
	uint32_t last_string;
	struct tracepoint_text *texts; /* the same, when all is known */
};

struct field_key {
	const struct key *key;
	const struct recorded_field *recorded;
	struct dictionary dictionary;
};

struct recorded_fields {
	struct facts *facts;
	size_t count;
	struct field_key keys[MAX_KEYS];
	struct tracepoint_field fields[MAX_KEYS];
	struct dictionary texts; /* of all fields of TRACEPOINT_TEXT */
	struct sampled_events events;
	bool differ; /* what the keys say is not what is there */
	uint32_t frames[BATCH_SIZE];
	uint64_t numbers[BATCH_SIZE];
	struct column column;
};

bool has_go_payloads(const struct perfdata *data)
{
	size_t size;
	return perfdata_feature(data, HEADER_GO, &size) && !perfdata_swapped(data);
}

bool go_payload_leads(const void *raw, size_t size)
{
	return raw && (const void *)go_payload_find(raw, size, &size) == raw;
}

static const struct recorded_field *find_field(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

/* Several events need ids, which would have to be put into the records. */
static bool has_ids(const struct perfdata *data)
{
	const uint64_t ids = PERF_SAMPLE_ID | PERF_SAMPLE_IDENTIFIER;
	return perfdata_nr_events(data) && perfdata_event(data, 0)->attr.sample_type & ids;
}

bool recorded_fields_possible(const struct perfdata *data, const struct key_list *keys)
{
	size_t size;
	struct data_section section;
	uint8_t text_size;
	const void *tracing = perfdata_feature(data, HEADER_TRACING_DATA, &size);
	if (!has_go_payloads(data) || !has_ids(data) || !perfdata_data_section(data, &section))
		return false;
	/* It has offsets in the file. */
	if (perfdata_feature(data, HEADER_AUXTRACE, &(size_t){0}))
		return false;
	if (!tracing_data_text_size(tracing, size, &text_size) ||
	    (tracing && text_size != TEXT_SIZE))
		return false;
	for (size_t i = 0; i < keys->count; i++)
		if (!find_field(keys->keys[i]->name))
			return false;
	return true;
}

struct perfgo_error *recorded_fields_new(struct facts *facts, const struct key_list *keys,
					 struct recorded_fields **ret)
{
	struct recorded_fields *fields = calloc(1, sizeof(*fields));
	if (!fields)
		return perfgo_error_no_memory();
	fields->facts = facts;
	fields->count = keys->count;
	fields->texts.numbers.width = 1;
	for (size_t i = 0; i < keys->count; i++) {
		struct field_key *key = &fields->keys[i];
		key->key = keys->keys[i];
		key->recorded = find_field(key->key->name);
		key->dictionary.numbers.width = 1;
		fields->fields[i] = (struct tracepoint_field){.name = key->recorded->name,
							      .kind = key->recorded->kind,
							      .size = key->recorded->size,
							      .offset = key->recorded->offset};
	}
	*ret = fields;
	return NULL;
}

static void dictionary_deinit(struct dictionary *dictionary)
{
	tuples_deinit(&dictionary->numbers);
	free(dictionary->strings);
	free(dictionary->texts);
}

void recorded_fields_free(struct recorded_fields *fields)
{
	if (!fields)
		return;
	for (size_t i = 0; i < fields->count; i++)
		dictionary_deinit(&fields->keys[i].dictionary);
	dictionary_deinit(&fields->texts);
	free(fields->events.events);
	free(fields);
}

/* Notes what a number stands for; *DIFFERS_RET when it is something else elsewhere. */
static bool dictionary_add(struct dictionary *dictionary, uint64_t number, uint32_t string,
			   bool *differs_ret)
{
	if (dictionary->numbers.count && number == dictionary->last_number &&
	    string == dictionary->last_string)
		return true;
	size_t before = dictionary->numbers.count;
	uint32_t id = tuples_id(&dictionary->numbers, &number);
	if (id == IDMAP_NONE || !array_reserve(dictionary->strings, dictionary->capacity, id + 1))
		return false;
	if (id == before)
		dictionary->strings[id] = string;
	*differs_ret |= dictionary->strings[id] != string;
	dictionary->last_number = number;
	dictionary->last_string = string;
	return true;
}

static uint64_t load(const struct go_payload *payload, const struct recorded_field *field)
{
	const uint8_t *at = (const uint8_t *)payload + field->offset;
	uint64_t number;
	if (field->size == 1)
		return *at;
	memcpy(&number, at, sizeof(number));
	return number;
}

/* All that can be wrong of the batch whatever the key. */
static bool has_payloads(const struct recorded_fields *fields, const struct batch *batch)
{
	const struct perfdata *data = session_data(facts_session(fields->facts));
	for (size_t i = 0; i < batch->count; i++) {
		const struct sample *sample = &batch->samples[i];
		if (!go_payload_leads(sample->raw, sample->raw_size) ||
		    perfdata_event(data, sample->event)->attr.type == PERF_TYPE_TRACEPOINT)
			return false;
	}
	return true;
}

static bool learn(struct recorded_fields *fields, size_t k, const struct batch *batch)
{
	struct field_key *key = &fields->keys[k];
	const struct column *column = &fields->column;
	key_fill(key->key, fields->facts, batch, fields->frames, &fields->column);
	for (size_t i = 0; i < batch->count; i++) {
		uint64_t number = load(batch->samples[i].raw, key->recorded);
		uint64_t value = column->values[i];
		bool known = column->known[i];
		if (key->recorded->kind == TRACEPOINT_UNSIGNED) {
			fields->fields[k].unknown |= !known;
			fields->differ |= number != (known ? value : GO_GOID_UNKNOWN);
		} else if (!dictionary_add(&key->dictionary, number,
					   known ? (uint32_t)value : STRING_UNKNOWN,
					   &fields->differ)) {
			return false;
		}
	}
	return true;
}

struct perfgo_error *recorded_fields_add(struct recorded_fields *fields, const struct batch *batch)
{
	if (!sampled_events_add(&fields->events, batch))
		return perfgo_error_no_memory();
	fields->differ |= !has_payloads(fields, batch);
	if (fields->differ)
		return NULL;
	facts_frames(fields->facts, batch, fields->frames);
	for (size_t k = 0; k < fields->count; k++)
		if (!learn(fields, k, batch))
			return perfgo_error_no_memory();
	return NULL;
}

/*
 * Whether no two numbers stand for one text: stock perf would have a row for each. So it is where
 * a function has several go statements.
 */
static bool is_unambiguous(const struct dictionary *dictionary)
{
	struct tuples strings = {.width = 1};
	size_t count = dictionary->numbers.count;
	for (size_t i = 0; i < count; i++) {
		const uint64_t string = dictionary->strings[i];
		if (tuples_id(&strings, &string) == IDMAP_NONE)
			break;
	}
	bool ret = strings.count == count;
	tuples_deinit(&strings);
	return ret;
}

static bool make_texts(const struct recorded_fields *fields, struct dictionary *dictionary)
{
	const struct strings *strings = session_strings(facts_session(fields->facts));
	size_t count = dictionary->numbers.count;
	dictionary->texts = calloc(count + 1, sizeof(*dictionary->texts));
	if (!dictionary->texts)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t string = dictionary->strings[i];
		dictionary->texts[i] = (struct tracepoint_text){
			.number = *tuples_get(&dictionary->numbers, i),
			.text = string == STRING_UNKNOWN ? "?" : strings_text(strings, string)};
	}
	return true;
}

static bool make_words(struct recorded_fields *fields, size_t k)
{
	struct dictionary *words = &fields->keys[k].dictionary;
	if (!make_texts(fields, words))
		return false;
	for (size_t i = 0; i < words->numbers.count; i++)
		if (!tracepoint_is_word(words->texts[i].text))
			return false;
	fields->fields[k].words = words->texts;
	fields->fields[k].nr_words = words->numbers.count;
	return true;
}

/* Puts the texts of a field with those of the others. False when a number is another's too. */
static bool merge_texts(struct recorded_fields *fields, size_t k)
{
	const struct dictionary *from = &fields->keys[k].dictionary;
	bool differs = false;
	for (uint32_t i = 0; i < from->numbers.count && !differs; i++)
		if (!dictionary_add(&fields->texts, *tuples_get(&from->numbers, i),
				    from->strings[i], &differs))
			return false;
	return !differs;
}

static bool finish_field(struct recorded_fields *fields, size_t k)
{
	if (!is_unambiguous(&fields->keys[k].dictionary))
		return false;
	return fields->fields[k].kind == TRACEPOINT_WORD ? make_words(fields, k)
							 : merge_texts(fields, k);
}

bool recorded_fields_describe(struct recorded_fields *fields, struct sample_fields *ret)
{
	const struct perfdata *data = session_data(facts_session(fields->facts));
	if (fields->differ || perfdata_counts(data)->bad_samples || !fields->events.count ||
	    perfdata_header(data)->truncated)
		return false;
	for (size_t k = 0; k < fields->count; k++)
		if (!finish_field(fields, k))
			return false;
	if (!make_texts(fields, &fields->texts))
		return false;
	*ret = (struct sample_fields){.fields = fields->fields,
				      .count = fields->count,
				      .texts = fields->texts.texts,
				      .nr_texts = fields->texts.numbers.count,
				      .text_size = TEXT_SIZE,
				      .events = fields->events,
				      .recorded = true};
	return true;
}
