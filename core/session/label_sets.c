// SPDX-License-Identifier: GPL-2.0-only
#include "session/label_sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

static uint32_t hash_of(const struct label_set *set)
{
	uint64_t hash = set->count << 1 | set->incomplete;
	for (size_t i = 0; i < set->count; i++) {
		const struct label *label = &set->labels[i];
		hash = hash_word(hash, hash_bytes(label->key, strlen(label->key)));
		hash = hash_word(hash, hash_bytes(label->value, strlen(label->value)));
	}
	return hash_fold(hash);
}

static bool same(const struct label_set *a, const struct label_set *b)
{
	if (a->count != b->count || a->incomplete != b->incomplete)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->labels[i].key, b->labels[i].key) != 0 ||
		    strcmp(a->labels[i].value, b->labels[i].value) != 0)
			return false;
	return true;
}

static uint32_t add(struct label_sets *sets, uint32_t hash, const struct label_set *set)
{
	if (!array_reserve(sets->sets, sets->capacity, sets->count + 1) ||
	    !idmap_insert(&sets->index, hash, (uint32_t)sets->count))
		return IDMAP_NONE;
	sets->sets[sets->count] = *set;
	return (uint32_t)sets->count++;
}

/* Puts the two in that have fixed ids; the unknown one is not found by its contents. */
static bool begin(struct label_sets *sets)
{
	static const struct label_set none = {.known = true};
	if (sets->count)
		return true;
	if (!array_reserve(sets->sets, sets->capacity, 2))
		return false;
	sets->sets[sets->count++] = (struct label_set){0};
	return add(sets, hash_of(&none), &none) == LABELS_NONE;
}

uint32_t label_sets_id(struct label_sets *sets, const struct label_set *set)
{
	if (!begin(sets))
		return IDMAP_NONE;
	if (!set->known)
		return LABELS_UNKNOWN;
	uint32_t hash = hash_of(set), id;
	for (size_t probe = hash; (id = idmap_probe(&sets->index, hash, &probe)) != IDMAP_NONE;)
		if (same(&sets->sets[id], set))
			return id;
	return add(sets, hash, set);
}

void label_sets_deinit(struct label_sets *sets)
{
	free(sets->sets);
	idmap_deinit(&sets->index);
	*sets = (struct label_sets){0};
}
