// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/label_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "goproc/label_reader.h"

enum { MAX_TEXT = 256 << 20 }; /* of all sets, so that memory is no endless one */

struct known_set {
	uint64_t pointer;
	uint32_t set;
};

struct label_table {
	struct snapshot *snapshot;
	bool is_map;
	struct memory_cache *memory;
	uint32_t sweepgen;
	struct known_set *known; /* by their pointers */
	size_t nr_known, known_capacity;
	struct idmap by_pointer;
	struct idmap by_content;
	size_t text; /* bytes of all sets */
	struct arena scratch;
};

struct perfgo_error *label_table_new(struct goproc *process, struct snapshot *snapshot,
				     struct label_table **ret)
{
	struct label_table *table = calloc(1, sizeof(*table));
	if (!table)
		return perfgo_error_no_memory();
	struct perfgo_error *error = memory_cache_new(goproc_memory(process), &table->memory);
	if (error) {
		free(table);
		return error;
	}
	table->snapshot = snapshot;
	table->is_map = goproc_info(process)->layout->labels_are_map;
	*ret = table;
	return NULL;
}

void label_table_free(struct label_table *table)
{
	if (!table)
		return;
	memory_cache_free(table->memory);
	free(table->known);
	idmap_deinit(&table->by_pointer);
	idmap_deinit(&table->by_content);
	arena_deinit(&table->scratch);
	free(table);
}

void label_table_begin(struct label_table *table, uint32_t sweepgen)
{
	memory_cache_forget(table->memory);
	if (sweepgen && sweepgen == table->sweepgen)
		return;
	table->sweepgen = sweepgen;
	table->nr_known = 0;
	idmap_deinit(&table->by_pointer);
	table->by_pointer = (struct idmap){0};
}

static bool same_labels(const struct label_set *a, const struct label_set *b)
{
	if (a->count != b->count || a->incomplete != b->incomplete)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->labels[i].key, b->labels[i].key) != 0 ||
		    strcmp(a->labels[i].value, b->labels[i].value) != 0)
			return false;
	return true;
}

static uint32_t hash_of(const struct label_set *set)
{
	uint64_t hash = set->count;
	for (size_t i = 0; i < set->count; i++) {
		const struct label *label = &set->labels[i];
		hash = hash_word(hash, hash_bytes(label->key, strlen(label->key)));
		hash = hash_word(hash, hash_bytes(label->value, strlen(label->value)));
	}
	return hash_fold(hash);
}

static size_t size_of(const struct label_set *set)
{
	size_t size = set->count * sizeof(*set->labels);
	for (size_t i = 0; i < set->count; i++)
		size += strlen(set->labels[i].key) + strlen(set->labels[i].value) + 2;
	return size;
}

/* A copy in the snapshot's arena; false without memory. */
static bool keep(struct label_table *table, struct label_set *set)
{
	struct snapshot *snapshot = table->snapshot;
	size_t size = size_of(set);
	if (size > MAX_TEXT - table->text)
		return false;
	table->text += size;
	struct label *labels =
		arena_copy(&snapshot->arena, set->labels, set->count * sizeof(*labels));
	for (size_t i = 0; labels && i < set->count; i++) {
		labels[i].key = arena_string(&snapshot->arena, labels[i].key);
		labels[i].value = arena_string(&snapshot->arena, labels[i].value);
		if (!labels[i].key || !labels[i].value)
			return false;
	}
	set->labels = labels;
	return labels && snapshot_add_set(snapshot, set);
}

static uint32_t intern(struct label_table *table, struct label_set *set)
{
	struct snapshot *snapshot = table->snapshot;
	uint32_t id, hash = hash_of(set);
	if (!set->count && !set->incomplete)
		return 0;
	for (size_t probe = hash;
	     (id = idmap_probe(&table->by_content, hash, &probe)) != IDMAP_NONE;)
		if (same_labels(&snapshot->sets[id], set))
			return id;
	id = (uint32_t)snapshot->nr_sets;
	return keep(table, set) && idmap_insert(&table->by_content, hash, id) ? id
									      : LABEL_SET_UNKNOWN;
}

static uint32_t read_set(struct label_table *table, uint64_t labels)
{
	struct label_set set;
	arena_reset(&table->scratch);
	if (!labels_read(table->memory, labels, table->is_map, &table->scratch, &set))
		return LABEL_SET_UNKNOWN;
	return intern(table, &set);
}

uint32_t label_table_id(struct label_table *table, uint64_t labels)
{
	uint32_t id, hash = hash_fold(hash_word(0, labels));
	if (!labels)
		return 0;
	for (size_t probe = hash;
	     (id = idmap_probe(&table->by_pointer, hash, &probe)) != IDMAP_NONE;)
		if (table->known[id].pointer == labels)
			return table->known[id].set;
	uint32_t set = read_set(table, labels);
	if (array_reserve(table->known, table->known_capacity, table->nr_known + 1) &&
	    idmap_insert(&table->by_pointer, hash, (uint32_t)table->nr_known))
		table->known[table->nr_known++] = (struct known_set){.pointer = labels, .set = set};
	return set;
}
