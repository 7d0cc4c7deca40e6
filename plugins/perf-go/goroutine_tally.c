// SPDX-License-Identifier: GPL-2.0-only
#include "goroutine_tally.h"

#include <math.h>

#include "goproc/words.h"

void goroutine_tally_add(struct goroutine_tally *tally, const struct session *session,
			 const struct batch *batch)
{
	tally->samples += batch->count;
	if (!session_has_goroutines(session))
		return;
	for (size_t i = 0; i < batch->count; i++) {
		const struct goroutine *goroutine =
			session_goroutine(session, batch->goroutines[i]);
		if (goroutine->special == GOROUTINE_SCHEDULER)
			tally->scheduler++;
		else if (goroutine->special == GOROUTINE_NO_GO)
			tally->none++;
		else if (goroutine->goid != GO_GOID_UNKNOWN && goroutine->from < GOID_FROM_COUNT)
			tally->known[goroutine->from]++;
	}
}

/* Neither none nor all is never 0.00 or 100.00. */
static double share(const struct goroutine_tally *tally, uint64_t part)
{
	if (!part || part == tally->samples)
		return part ? 100 : 0;
	return fmin(fmax(100.0 * (double)part / (double)tally->samples, 0.01), 99.99);
}

void goroutine_tally_write(const struct goroutine_tally *tally, struct writer *out)
{
	uint64_t known = 0;
	for (size_t from = 0; from < GOID_FROM_COUNT; from++)
		known += tally->known[from];
	writer_printf(out, "%.2f %% of samples", share(tally, known));
	const char *before = " (";
	for (unsigned int from = GOID_FROM_NOTHING + 1; from < GOID_FROM_COUNT; from++) {
		if (!tally->known[from])
			continue;
		writer_printf(out, "%s%s", before, go_goid_from_word(from));
		before = ", ";
	}
	if (known)
		writer_char(out, ')');
	if (tally->scheduler)
		writer_printf(out, ", %.2f %% in the scheduler", share(tally, tally->scheduler));
	if (tally->none)
		writer_printf(out, ", %.2f %% on threads that are not Go's",
			      share(tally, tally->none));
}
