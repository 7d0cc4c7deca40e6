// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set has a number by its contents. Where it is in memory stands for it as long as no sweep has
 * begun since (context.bpf.c), so these places are remembered, those that are seen again longer:
 * of two tables of places the older one is dropped when the younger is full.
 */
#include "record/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "base/strings.h"
#include "goproc/payload.h"

enum {
	MAX_PLACES = 65536, /* more than BPF's own table has (context.bpf.c, sent) */
	MAX_KEYS = 8,
	EMPTY_SET = 0,
};

struct place {
	uint64_t labels;
	uint32_t process, sweepgen;
	uint32_t number;
	bool known; /* the section has its contents */
};

struct places {
	struct place *places;
	size_t count, capacity;
	struct idmap index;
};

struct pair {
	const struct go_text *key, *value;
};

struct pairs {
	struct pair list[MAX_LABELS];
	size_t count;
	bool incomplete;
};

/* The contents of a set: its texts in the order of their keys, and whether that is all. */
struct contents {
	const void *texts;
	size_t size;
	uint32_t number;
};

struct labels {
	struct go_section_writer *section;
	struct places young, old;
	struct contents *sets;
	size_t nr_sets, sets_capacity;
	struct idmap index; /* of sets, by contents */
	struct arena arena, scratch;
	uint32_t next; /* number */
	bool failed;   /* there was no memory for some */
	struct strings keys;
};

struct perfgo_error *labels_new(struct go_section_writer *section, struct labels **ret)
{
	struct labels *labels = calloc(1, sizeof(*labels));
	if (!labels)
		return perfgo_error_no_memory();
	labels->section = section;
	labels->next = EMPTY_SET + 1;
	*ret = labels;
	return NULL;
}

static void places_deinit(struct places *places)
{
	free(places->places);
	idmap_deinit(&places->index);
}

void labels_free(struct labels *labels)
{
	if (!labels)
		return;
	places_deinit(&labels->young);
	places_deinit(&labels->old);
	free(labels->sets);
	idmap_deinit(&labels->index);
	arena_deinit(&labels->arena);
	arena_deinit(&labels->scratch);
	strings_deinit(&labels->keys);
	free(labels);
}

static uint32_t hash_of_place(const struct go_context *context)
{
	return hash_fold(
		hash_word(context->labels, (uint64_t)context->process << 32 | context->sweepgen));
}

static struct place *places_find(const struct places *places, const struct go_context *context)
{
	uint32_t hash = hash_of_place(context), id;
	for (size_t probe = hash; (id = idmap_probe(&places->index, hash, &probe)) != IDMAP_NONE;) {
		struct place *place = &places->places[id];
		if (place->labels == context->labels && place->process == context->process &&
		    place->sweepgen == context->sweepgen)
			return place;
	}
	return NULL;
}

/* NULL without memory. */
static struct place *places_add(struct labels *labels, const struct go_context *context,
				uint32_t number, bool known)
{
	struct places *places = &labels->young;
	if (places->count == MAX_PLACES) {
		places_deinit(&labels->old);
		labels->old = labels->young;
		labels->young = (struct places){0};
	}
	if (!array_reserve(places->places, places->capacity, places->count + 1) ||
	    !idmap_insert(&places->index, hash_of_place(context), (uint32_t)places->count))
		return NULL;
	places->places[places->count] =
		(struct place){context->labels, context->process, context->sweepgen, number, known};
	return &places->places[places->count++];
}

/* One found in the older table moves to the younger. */
static struct place *find_place(struct labels *labels, const struct go_context *context)
{
	struct place *place = places_find(&labels->young, context);
	if (place)
		return place;
	place = places_find(&labels->old, context);
	return place ? places_add(labels, context, place->number, place->known) : NULL;
}

/* One text; false behind the last. */
static bool next_text(const uint8_t **at, const uint8_t *end, const struct go_text **ret)
{
	const struct go_text *text = (const void *)*at;
	if ((size_t)(end - *at) < sizeof(*text))
		return false;
	size_t size = sizeof(*text) + ((text->size + 3u) & ~3u);
	if (text->size > MAX_LABEL_TEXT || size > (size_t)(end - *at))
		return false;
	*at += size;
	*ret = text;
	return true;
}

static int compare_pairs(const void *left, const void *right)
{
	const struct go_text *a = ((const struct pair *)left)->key;
	const struct go_text *b = ((const struct pair *)right)->key;
	int order = memcmp(a + 1, b + 1, a->size < b->size ? a->size : b->size);
	return order ? order : a->size - b->size;
}

/* A text with a NUL in it would not come out of the section whole. */
static bool is_whole(const struct go_text *text)
{
	return text->length == text->size && !memchr(text + 1, 0, text->size);
}

/*
 * The labels in the order of their keys: maps have them in any. One that was cut is left out, as
 * half a value is a wrong one; what is left out makes a set incomplete.
 */
static struct pairs sorted_pairs(const struct go_context *context, const void *texts)
{
	const uint8_t *at = texts, *end = at + context->labels_size;
	struct pairs pairs = {.incomplete = context->flags & CONTEXT_LABELS_SHORT};
	struct pair pair;
	while (pairs.count < MAX_LABELS && next_text(&at, end, &pair.key) &&
	       next_text(&at, end, &pair.value)) {
		if (is_whole(pair.key) && is_whole(pair.value))
			pairs.list[pairs.count++] = pair;
		else
			pairs.incomplete = true;
	}
	qsort(pairs.list, pairs.count, sizeof(*pairs.list), compare_pairs);
	return pairs;
}

/* A copy with a NUL; NULL without memory. */
static const char *copy_text(struct arena *arena, const struct go_text *text)
{
	char *copy = arena_alloc(arena, text->size + 1u);
	if (!copy)
		return NULL;
	memcpy(copy, text + 1, text->size);
	copy[text->size] = 0;
	return copy;
}

/* Gives the section the contents of a set under its number. */
static void tell_section(struct labels *labels, uint32_t number, const struct pairs *pairs)
{
	struct label list[MAX_LABELS];
	for (size_t i = 0; i < pairs->count; i++) {
		list[i].key = copy_text(&labels->scratch, pairs->list[i].key);
		list[i].value = copy_text(&labels->scratch, pairs->list[i].value);
		labels->failed = labels->failed || !list[i].key || !list[i].value;
		if (labels->failed)
			return;
		if (labels->keys.count < MAX_KEYS)
			strings_id(&labels->keys, list[i].key);
	}
	struct label_set set = {.labels = list,
				.count = pairs->count,
				.incomplete = pairs->incomplete,
				.known = true};
	go_section_set_labels(labels->section, number, &set);
	arena_reset(&labels->scratch);
}

static size_t put_text(uint8_t *to, const struct go_text *text)
{
	size_t size = sizeof(*text) + text->size;
	memcpy(to, text, size);
	return size;
}

/* The number of a set with these contents, a new one if there is none. */
static uint32_t number_of_contents(struct labels *labels, const struct go_context *context,
				   const void *texts)
{
	const struct pairs pairs = sorted_pairs(context, texts);
	uint8_t contents[LABELS_SIZE + 1];
	size_t size = 0;
	if (!pairs.count && !pairs.incomplete)
		return EMPTY_SET;
	for (size_t i = 0; i < pairs.count; i++) {
		size += put_text(contents + size, pairs.list[i].key);
		size += put_text(contents + size, pairs.list[i].value);
	}
	contents[size++] = pairs.incomplete;
	uint32_t hash = hash_fold(hash_bytes(contents, size)), id;
	for (size_t probe = hash; (id = idmap_probe(&labels->index, hash, &probe)) != IDMAP_NONE;)
		if (labels->sets[id].size == size &&
		    !memcmp(labels->sets[id].texts, contents, size))
			return labels->sets[id].number;
	uint32_t number = labels->next++;
	const void *copy = arena_copy(&labels->arena, contents, size);
	if (copy && array_reserve(labels->sets, labels->sets_capacity, labels->nr_sets + 1) &&
	    idmap_insert(&labels->index, hash, (uint32_t)labels->nr_sets))
		labels->sets[labels->nr_sets++] = (struct contents){copy, size, number};
	tell_section(labels, number, &pairs);
	return number;
}

/* Samples have the number already: it gets what another number may have too. */
static void tell_late(struct labels *labels, struct place *place, const struct go_context *context,
		      const void *texts)
{
	const struct pairs pairs = sorted_pairs(context, texts);
	tell_section(labels, place->number, &pairs);
	place->known = true;
}

void labels_learn(struct labels *labels, const struct go_context *context, const void *texts)
{
	if (!(context->flags & CONTEXT_LABELS) || !context->sweepgen)
		return;
	struct place *place = find_place(labels, context);
	if (!place)
		places_add(labels, context, number_of_contents(labels, context, texts), true);
	else if (!place->known)
		tell_late(labels, place, context, texts);
}

bool labels_known(const struct labels *labels, const struct go_context *context)
{
	return !context->labels || context->flags & CONTEXT_LABELS ||
	       places_find(&labels->young, context) || places_find(&labels->old, context);
}

uint64_t labels_of(struct labels *labels, const struct go_context *context, const void *texts)
{
	if (!context->labels)
		return GO_LABELS_BASE + EMPTY_SET;
	if (context->flags & CONTEXT_LABELS && !context->sweepgen)
		return GO_LABELS_BASE + number_of_contents(labels, context, texts);
	if (!context->sweepgen)
		return 0;
	struct place *place = find_place(labels, context);
	if (!place)
		place = places_add(labels, context, labels->next++, false);
	return place ? GO_LABELS_BASE + place->number : 0;
}

bool labels_failed(const struct labels *labels)
{
	return labels->failed;
}

bool labels_key(const struct labels *labels, size_t i, const char **key_ret)
{
	if (i >= labels->keys.count)
		return false;
	*key_ret = strings_text(&labels->keys, (uint32_t)i + 1);
	return true;
}
