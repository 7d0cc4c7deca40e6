// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call graphs as a list of whole chains, in the look of perf report --stdio
 * (__callchain__fprintf_flat() and __callchain__fprintf_folded(), tools/perf/ui/stdio/hist.c, perf
 * 6.12).
 */
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "view.h"

/* Samples that end at an entry. */
struct chain {
	size_t entry;
	uint64_t period, samples;
};

static int largest_first(const void *left, const void *right)
{
	const struct chain *a = left, *b = right;
	if (a->period != b->period)
		return a->period > b->period ? -1 : 1;
	return a->entry < b->entry ? -1 : 1;
}

static size_t find_chains(const struct report_graph_entry *entries, size_t count, uint64_t least,
			  struct chain *ret)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t period = entries[i].period - entries[i].below;
		if (period && period >= least)
			ret[found++] = (struct chain){
				i, period, entries[i].samples - entries[i].below_samples};
	}
	qsort(ret, found, sizeof(*ret), largest_first);
	return found;
}

/* The entries from the first to the one at the end of a chain: the last of each depth before it. */
static void path_of(const struct report_graph_entry *entries, size_t end, size_t *path)
{
	uint32_t depth = entries[end].depth;
	path[depth] = end;
	for (size_t i = end; i-- > 0 && depth > 0;)
		if (entries[i].depth < depth)
			path[--depth] = i;
}

static void write_chain(struct writer *out, const struct view *view,
			const struct report_graph_entry *entries, const struct chain *chain,
			const size_t *path, uint64_t total)
{
	bool folded = view->graph_form == GRAPH_FOLDED;
	writer_string(out, folded ? "" : "           ");
	view_amount(out, view, chain->period, chain->samples, total);
	writer_string(out, folded ? " " : "\n");
	for (uint32_t i = 0; i <= entries[chain->entry].depth; i++) {
		writer_string(out, !folded ? "                " : i ? ";" : "");
		view_call(out, view, &entries[path[i]]);
		writer_string(out, folded ? "" : "\n");
	}
	writer_char(out, '\n');
}

void view_chains(struct writer *out, const struct view *view,
		 const struct report_graph_entry *entries, size_t count, uint64_t total)
{
	_cleanup_free_ struct chain *chains = calloc(count, sizeof(*chains));
	_cleanup_free_ size_t *path = calloc(count, sizeof(*path));
	if (!chains || !path)
		return;
	uint64_t least = (uint64_t)(view->graph_limit / 100 * (double)total);
	size_t found = find_chains(entries, count, least, chains);
	if (view->graph_entries && found > view->graph_entries)
		found = view->graph_entries;
	for (size_t i = 0; i < found; i++) {
		path_of(entries, chains[i].entry, path);
		write_chain(out, view, entries, &chains[i], path, total);
	}
}
