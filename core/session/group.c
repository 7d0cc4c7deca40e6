// SPDX-License-Identifier: GPL-2.0-only
/*
 * READ samples: perf delivers one for each event read whose count has changed since, with the
 * difference as its period (tools/perf/util/session.c, deliver_sample_value).
 */
#include "base/array.h"
#include "base/hash.h"
#include "session/internal.h"

/* Where the last count of an event is kept, by its sample id; NULL without memory. */
static uint64_t *total_of(struct session *session, uint64_t id)
{
	uint32_t hash = hash_fold(hash_word(0, id)), at;
	for (size_t probe = hash;
	     (at = idmap_probe(&session->read_index, hash, &probe)) != IDMAP_NONE;)
		if (session->read_ids[at] == id)
			return &session->read_totals[at];
	size_t count = session->nr_read_totals;
	if (!array_reserve(session->read_totals, session->read_totals_capacity, count + 1) ||
	    !array_reserve(session->read_ids, session->read_ids_capacity, count + 1) ||
	    !idmap_insert(&session->read_index, hash, (uint32_t)count))
		return NULL;
	session->read_ids[count] = id;
	session->read_totals[count] = 0;
	session->nr_read_totals++;
	return &session->read_totals[count];
}

void session_begin_read(struct session *session, const struct sample *sample)
{
	session->read = *sample;
	session->at_read = 0;
}

bool session_next_read(struct session *session, struct sample *ret)
{
	while (session->at_read < session->read.nr_read_values) {
		struct sample_read_value value =
			sample_read_value(session->data, &session->read, session->at_read++);
		int event = perfdata_event_of_id(session->data, value.id);
		uint64_t *total = event >= 0 ? total_of(session, value.id) : NULL;
		if (!total || *total == value.value)
			continue;
		*ret = session->read;
		ret->id = value.id;
		ret->event = (uint32_t)event;
		ret->period = value.value - *total;
		*total = value.value;
		return true;
	}
	return false;
}
