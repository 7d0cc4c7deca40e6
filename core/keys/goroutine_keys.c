// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the goroutine, but for its labels. */
#include "attribute/goroutine_entry.h"
#include "goproc/words.h"
#include "keys/facts.h"

static const struct goroutine *goroutine_of(const struct facts *facts, const struct things *things,
					    size_t i)
{
	return session_goroutine(facts_session(facts), things->ids[i]);
}

void fill_goid(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		ret->values[i] = goroutine_of(facts, things, i)->goid;
		ret->known[i] = ret->values[i] != GO_GOID_UNKNOWN;
	}
}

void fill_goparent(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		ret->values[i] = goroutine_of(facts, things, i)->parent;
		ret->known[i] = ret->values[i] != GO_GOID_UNKNOWN;
	}
}

/* What stands for the entry function of no goroutine; NULL: there is one. */
static const char *special_name(const struct goroutine *goroutine)
{
	return goroutine->special == GOROUTINE_SCHEDULER ? "[scheduler]"
	       : goroutine->special == GOROUTINE_NO_GO	 ? "[no goroutine]"
							 : NULL;
}

static uint32_t entry_name(struct facts *facts, const struct goroutine *goroutine)
{
	struct session *session = facts_session(facts);
	const char *special = special_name(goroutine);
	if (special)
		return strings_id(session_strings(session), special);
	if (goroutine->entry == IDMAP_NONE)
		return STRING_UNKNOWN;
	return goroutine_entry(facts->attribution,
			       session_address(session, goroutine->entry)->location);
}

/* The Go function at the `go` statement, inlined ones count. */
static uint32_t creator_name(struct facts *facts, const struct goroutine *goroutine)
{
	if (goroutine->creator == IDMAP_NONE)
		return STRING_UNKNOWN;
	const struct address *address = session_address(facts_session(facts), goroutine->creator);
	struct frames frames = attribution_frames(facts->attribution, address->location);
	return attribution_frame(facts->attribution, frames.first)->function;
}

void fill_goroutine(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		struct goroutine_memo *memo = facts_goroutine_memo(facts, things->ids[i]);
		if (memo && memo->entry == UINT32_MAX)
			memo->entry = entry_name(facts, goroutine_of(facts, things, i));
		column_set_text(ret, i, memo ? memo->entry : STRING_UNKNOWN);
	}
}

void fill_gocreator(struct facts *facts, const struct things *things, struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		struct goroutine_memo *memo = facts_goroutine_memo(facts, things->ids[i]);
		if (memo && memo->creator == UINT32_MAX)
			memo->creator = creator_name(facts, goroutine_of(facts, things, i));
		column_set_text(ret, i, memo ? memo->creator : STRING_UNKNOWN);
	}
}

/* A column of words for a number of the goroutine. */
#define FILL_WORD(name, field, word_of)                                                            \
	void fill_##name(struct facts *facts, const struct things *things, struct column *ret)     \
	{                                                                                          \
		struct strings *strings = session_strings(facts_session(facts));                   \
		uint32_t last = UINT32_MAX, id = STRING_UNKNOWN;                                   \
		for (size_t i = 0; i < things->count; i++) {                                       \
			uint8_t number = goroutine_of(facts, things, i)->field;                    \
			if (number != last)                                                        \
				id = strings_id(strings, word_of(number));                         \
			last = number;                                                             \
			column_set_text(ret, i, id);                                               \
		}                                                                                  \
	}

FILL_WORD(gostate, state, go_state_word)
FILL_WORD(goid_from, from, go_goid_from_word)
FILL_WORD(gcphase, gcphase, go_gcphase_word)
