// SPDX-License-Identifier: GPL-2.0-only
#include "keys/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct perfgo_error *facts_new(struct attribution *attribution, struct facts **ret)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	if (!facts)
		return perfgo_error_no_memory();
	facts->attribution = attribution;
	*ret = facts;
	return NULL;
}

void facts_free(struct facts *facts)
{
	if (!facts)
		return;
	free(facts->frames);
	free(facts->selves);
	free(facts->goroutines);
	free(facts->text_of_set);
	free(facts->set_of_text);
	for (size_t i = 0; i < facts->nr_labels; i++)
		free(facts->labels[i].values);
	free(facts->labels);
	free(facts);
}

struct attribution *facts_attribution(const struct facts *facts)
{
	return facts->attribution;
}

struct session *facts_session(const struct facts *facts)
{
	return attribution_session(facts->attribution);
}

struct frame_memo *facts_frame_memo(struct facts *facts, uint32_t frame)
{
	if (!array_reserve(facts->frames, facts->frames_capacity, frame + 1))
		return NULL;
	if (facts->nr_frames <= frame) {
		memset(facts->frames + facts->nr_frames, 0xff,
		       (frame + 1 - facts->nr_frames) * sizeof(*facts->frames));
		facts->nr_frames = frame + 1;
	}
	return &facts->frames[frame];
}

struct goroutine_memo *facts_goroutine_memo(struct facts *facts, uint32_t goroutine)
{
	size_t count = (size_t)goroutine + 1;
	if (!array_reserve(facts->goroutines, facts->goroutines_capacity, count))
		return NULL;
	if (facts->nr_goroutines < count) {
		memset(facts->goroutines + facts->nr_goroutines, 0xff,
		       (count - facts->nr_goroutines) * sizeof(*facts->goroutines));
		facts->nr_goroutines = count;
	}
	return &facts->goroutines[goroutine];
}

void facts_frames(struct facts *facts, const struct batch *batch, uint32_t frames[BATCH_SIZE])
{
	const struct session *session = facts_session(facts);
	bool remembers = array_extend(facts->selves, facts->selves_capacity, facts->nr_selves,
				      session_nr_addresses(session));
	for (size_t i = 0; i < batch->count; i++) {
		uint32_t id = batch->addresses[i];
		if (remembers && facts->selves[id] != IDMAP_NONE) {
			frames[i] = facts->selves[id];
			continue;
		}
		uint32_t location = session_address(session, id)->location;
		frames[i] = attribution_frames(facts->attribution, location).self;
		if (remembers)
			facts->selves[id] = frames[i];
	}
}

void key_fill(const struct key *key, struct facts *facts, const struct batch *batch,
	      const uint32_t *frames, struct column *ret)
{
	struct things things = {.count = batch->count, .samples = batch->samples};
	switch (key->of) {
	case KEY_OF_SAMPLE:
		break;
	case KEY_OF_THREAD:
		things.ids = batch->threads;
		break;
	case KEY_OF_CODE:
		things.ids = frames;
		break;
	case KEY_OF_STACK:
		things.ids = batch->stacks;
		break;
	case KEY_OF_GOROUTINE:
		things.ids = batch->goroutines;
		break;
	}
	key_fill_things(key, facts, things, ret);
}

void key_fill_things(const struct key *key, struct facts *facts, struct things things,
		     struct column *ret)
{
	things.key = key;
	key->fill(facts, &things, ret);
}
