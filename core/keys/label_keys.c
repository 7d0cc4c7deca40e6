// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a goroutine's labels: all as one text, and each by its name. */
#include "keys/label_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "goproc/label_text.h"
#include "keys/facts.h"

static const char prefix[] = "label:";
enum { PREFIX_LENGTH = sizeof(prefix) - 1 };

#define LABEL_KEY(full_name, label_name)                                                           \
	{                                                                                          \
		.name = (full_name), .kind = KEY_TEXT, .of = KEY_OF_GOROUTINE, .fill = fill_label, \
		.how = "labels of the goroutine",                                                  \
		.doc = "its pprof label NAME, empty when it has no such label",                    \
		.label = (label_name),                                                             \
	}

static const struct key pattern = LABEL_KEY("label:NAME", "NAME");

const struct key *key_label_pattern(void)
{
	return &pattern;
}

bool key_is_label(const char *name)
{
	return !strncmp(name, prefix, PREFIX_LENGTH);
}

/* A key lives as long as the program, as those of the table do. */
struct label_key {
	struct key key;
	struct label_key *next;
	char name[];
};

static struct label_key *made;

const struct key *key_of_label(const char *name)
{
	for (struct label_key *known = made; known; known = known->next)
		if (!strcmp(known->name, name))
			return &known->key;
	size_t size = strlen(name) + 1;
	struct label_key *key = size > sizeof(prefix) ? malloc(sizeof(*key) + size) : NULL;
	if (!key)
		return NULL;
	memcpy(key->name, name, size);
	key->key = (struct key)LABEL_KEY(key->name, key->name + PREFIX_LENGTH);
	key->next = made;
	made = key;
	return &key->key;
}

/* The string id of a set as text, which is made once; STRING_UNKNOWN for what is not known. */
static uint32_t text_of_set(struct facts *facts, uint32_t set)
{
	struct session *session = facts_session(facts);
	if (set == LABELS_UNKNOWN || !array_extend(facts->text_of_set, facts->text_of_set_capacity,
						   facts->nr_text_of_set, set + 1))
		return STRING_UNKNOWN;
	if (facts->text_of_set[set] != IDMAP_NONE)
		return facts->text_of_set[set];
	char *text = label_set_text(session_label_set(session, set));
	uint32_t id = strings_id(session_strings(session), text);
	free(text);
	if (!array_extend(facts->set_of_text, facts->set_of_text_capacity, facts->nr_set_of_text,
			  id + 1))
		return STRING_UNKNOWN;
	facts->set_of_text[id] = set;
	facts->text_of_set[set] = id;
	return id;
}

const struct label_set *facts_label_set(const struct facts *facts, uint64_t golabels)
{
	if (golabels >= facts->nr_set_of_text || facts->set_of_text[golabels] == IDMAP_NONE)
		return NULL;
	return session_label_set(facts_session(facts), facts->set_of_text[golabels]);
}

void fill_golabels(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set_text(
			ret, i,
			text_of_set(facts, session_goroutine(session, things->ids[i])->labels));
}

/* What a set that is not complete does not have may be among the rest. */
static uint32_t value_in_set(struct strings *strings, const struct label_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->labels[i].key, name))
			return strings_id(strings, set->labels[i].value);
	return set->incomplete ? STRING_UNKNOWN : strings_id(strings, "");
}

/* NULL without memory. */
static struct label_memo *memo_of(struct facts *facts, const struct key *key)
{
	for (size_t i = 0; i < facts->nr_labels; i++)
		if (facts->labels[i].key == key)
			return &facts->labels[i];
	if (!array_reserve(facts->labels, facts->labels_capacity, facts->nr_labels + 1))
		return NULL;
	facts->labels[facts->nr_labels] = (struct label_memo){.key = key};
	return &facts->labels[facts->nr_labels++];
}

static uint32_t label_value(struct facts *facts, struct label_memo *memo, uint32_t set)
{
	struct session *session = facts_session(facts);
	if (set == LABELS_UNKNOWN || !memo ||
	    !array_extend(memo->values, memo->capacity, memo->count, set + 1))
		return STRING_UNKNOWN;
	if (memo->values[set] == IDMAP_NONE)
		memo->values[set] = value_in_set(session_strings(session),
						 session_label_set(session, set), memo->key->label);
	return memo->values[set];
}

void fill_label(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	struct label_memo *memo = memo_of(facts, things->key);
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i,
				label_value(facts, memo,
					    session_goroutine(session, things->ids[i])->labels));
}
