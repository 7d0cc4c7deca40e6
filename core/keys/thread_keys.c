// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the thread. */
#include "keys/facts.h"

void fill_comm(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i, session_thread(session, things->ids[i])->comm);
}

void fill_pid(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set(ret, i, session_thread(session, things->ids[i])->pid);
}

void fill_tid(struct facts *facts, const struct things *things, struct column *ret)
{
	const struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set(ret, i, session_thread(session, things->ids[i])->tid);
}
