// SPDX-License-Identifier: GPL-2.0-only
#include "session/goroutines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/*
 * Of a process that loads a second runtime there may be ids from before the recorder knew. False
 * without memory.
 */
static bool find_doubtful(struct goroutines *goroutines)
{
	size_t count = go_section_nr_processes(goroutines->section);
	for (size_t i = 0; i < count; i++) {
		const struct go_section_process *process =
			go_section_process(goroutines->section, i);
		if (!*process->no_goroutine)
			continue;
		if (!array_reserve(goroutines->doubtful, goroutines->doubtful_capacity,
				   goroutines->nr_doubtful + 1))
			return false;
		goroutines->doubtful[goroutines->nr_doubtful++] = process->pid;
	}
	return true;
}

struct perfgo_error *goroutines_init(struct goroutines *goroutines, const struct perfdata *data)
{
	size_t size;
	const void *bytes = perfdata_feature(data, HEADER_GO, &size);
	if (!bytes || perfdata_swapped(data))
		return NULL;
	goroutines->nr_types = perfdata_nr_events(data);
	struct perfgo_error *error = go_section_read(bytes, size, &goroutines->section);
	if (!error && !find_doubtful(goroutines))
		error = perfgo_error_no_memory();
	return error;
}

void goroutines_deinit(struct goroutines *goroutines)
{
	go_section_free(goroutines->section);
	free(goroutines->doubtful);
	label_sets_deinit(&goroutines->labels);
	free(goroutines->set_of_number);
	free(goroutines->keys);
	free(goroutines->goroutines);
	idmap_deinit(&goroutines->index);
	*goroutines = (struct goroutines){0};
}

static bool is_doubtful(const struct goroutines *goroutines, uint32_t pid)
{
	for (size_t i = 0; i < goroutines->nr_doubtful; i++)
		if (goroutines->doubtful[i] == pid)
			return true;
	return false;
}

const struct go_payload *goroutines_payload(const struct goroutines *goroutines,
					    const struct sample *sample)
{
	size_t size;
	if (!goroutines->section)
		return NULL;
	const struct go_payload *payload = go_payload_find(sample->raw, sample->raw_size, &size);
	if (!payload || payload->common_type - GO_PAYLOAD_ID >= goroutines->nr_types ||
	    is_doubtful(goroutines, sample->pid))
		return NULL;
	return payload;
}

static struct goroutine_key key_of(const struct go_payload *payload, uint32_t pid,
				   const struct maps *maps)
{
	return (struct goroutine_key){
		.pid = pid,
		.generation = maps ? maps->generation : 0,
		.words = {payload->goid, payload->goparent, payload->gocreator, payload->goroutine,
			  payload->golabels,
			  (uint64_t)payload->gostate << 16 | (uint64_t)payload->gcphase << 8 |
				  payload->goid_from},
	};
}

/* The id of the set with the section's NUMBER; IDMAP_NONE without memory. */
static uint32_t look_up_labels(struct goroutines *goroutines, uint64_t number)
{
	const struct label_set *set =
		number > UINT32_MAX ? NULL
				    : go_section_label_set(goroutines->section, (uint32_t)number);
	if (!set)
		return LABELS_UNKNOWN;
	if (!array_extend(goroutines->set_of_number, goroutines->numbers_capacity,
			  goroutines->nr_numbers, number + 1))
		return IDMAP_NONE;
	uint32_t *id = &goroutines->set_of_number[number];
	if (*id == IDMAP_NONE)
		*id = label_sets_id(&goroutines->labels, set);
	return *id;
}

static uint32_t labels_of(struct goroutines *goroutines, uint64_t golabels)
{
	return golabels < GO_LABELS_BASE ? LABELS_UNKNOWN
					 : look_up_labels(goroutines, golabels - GO_LABELS_BASE);
}

/* The id of a code address, none where there is none. False without memory. */
static bool intern_address(struct code *code, const struct code_context *context, uint64_t ip,
			   bool returns, uint32_t *ret)
{
	*ret = IDMAP_NONE;
	if (!ip)
		return true;
	*ret = code_address(code, context, ip, PERF_RECORD_MISC_USER,
			    returns ? ADDRESS_RETURNS : ADDRESS_PLACE);
	return *ret != IDMAP_NONE;
}

/* False without memory. */
static bool decode(struct goroutines *goroutines, struct code *code,
		   const struct code_context *context, const struct go_payload *payload,
		   uint32_t pid, struct goroutine *ret)
{
	bool special =
		payload->goroutine == GOROUTINE_SCHEDULER || payload->goroutine == GOROUTINE_NO_GO;
	*ret = (struct goroutine){.pid = pid,
				  .goid = payload->goid,
				  /* The runtime's own, which started main, is none. */
				  .parent = payload->goparent ? payload->goparent : GO_GOID_UNKNOWN,
				  .labels = labels_of(goroutines, payload->golabels),
				  .special = special ? (uint8_t)payload->goroutine : 0,
				  .state = payload->gostate,
				  .gcphase = payload->gcphase,
				  .from = payload->goid_from};
	return ret->labels != IDMAP_NONE &&
	       intern_address(code, context, special ? 0 : payload->goroutine, false,
			      &ret->entry) &&
	       intern_address(code, context, payload->gocreator, true, &ret->creator);
}

static bool reserve(struct goroutines *goroutines)
{
	static const struct goroutine unknown = GOROUTINE_OF_NOTHING;
	size_t count = goroutines->count + 2;
	if (!array_reserve(goroutines->keys, goroutines->keys_capacity, count) ||
	    !array_reserve(goroutines->goroutines, goroutines->capacity, count))
		return false;
	if (!goroutines->count) {
		goroutines->keys[0] = (struct goroutine_key){0};
		goroutines->goroutines[goroutines->count++] = unknown;
	}
	return true;
}

static bool same_key(const struct goroutines *goroutines, uint32_t id,
		     const struct goroutine_key *key)
{
	return !memcmp(&goroutines->keys[id], key, sizeof(*key));
}

static uint32_t find(const struct goroutines *goroutines, uint32_t hash,
		     const struct goroutine_key *key)
{
	uint32_t id;
	for (size_t probe = hash;
	     (id = idmap_probe(&goroutines->index, hash, &probe)) != IDMAP_NONE;)
		if (same_key(goroutines, id, key))
			return id;
	return IDMAP_NONE;
}

uint32_t goroutines_intern(struct goroutines *goroutines, struct code *code,
			   const struct code_context *context, const struct go_payload *payload,
			   uint32_t pid)
{
	struct goroutine_key key = key_of(payload, pid, context->user);
	if (goroutines->last && same_key(goroutines, goroutines->last, &key))
		return goroutines->last;
	uint64_t process = (uint64_t)key.pid << 32 | key.generation;
	uint32_t hash = hash_fold(hash_words(process, key.words, 6));
	uint32_t id = find(goroutines, hash, &key);
	if (id == IDMAP_NONE) {
		struct goroutine goroutine;
		if (!decode(goroutines, code, context, payload, pid, &goroutine) ||
		    !reserve(goroutines) ||
		    !idmap_insert(&goroutines->index, hash, (uint32_t)goroutines->count))
			return IDMAP_NONE;
		id = (uint32_t)goroutines->count++;
		goroutines->keys[id] = key;
		goroutines->goroutines[id] = goroutine;
	}
	goroutines->last = id;
	return id;
}
