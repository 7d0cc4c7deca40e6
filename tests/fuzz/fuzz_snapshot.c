// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of goroutines: what can be read is looked at, and comes back as it was. */
#include <stdlib.h>
#include <string.h>

#include "goproc/section.h"
#include "goproc/snapshot.h"

static size_t seen;

static void look_at_frames(const struct snapshot *snapshot, uint64_t address)
{
	size_t count;
	const struct snapshot_frame *frames = snapshot_frames(snapshot, address, &count);
	for (size_t i = 0; i < count; i++)
		seen += strlen(frames[i].function) + strlen(frames[i].file) + frames[i].line;
}

static void look_at_labels(const struct label_set *set)
{
	for (size_t i = 0; set && i < set->count; i++)
		seen += strlen(set->labels[i].key) + strlen(set->labels[i].value);
}

static void look_at(struct snapshot *snapshot)
{
	const struct snapshot_goroutine *goroutine;
	for (uint64_t i = 0; (goroutine = snapshot_goroutine(snapshot, i)); i++) {
		size_t depth;
		const uint64_t *stack = snapshot_stack(snapshot, goroutine->stack, &depth);
		const struct snapshot_frame *entry = snapshot_entry(snapshot, goroutine->start_pc);
		for (size_t at = 0; at < depth && at < 64; at++)
			look_at_frames(snapshot, stack[at]);
		look_at_frames(snapshot, goroutine->creator_pc);
		look_at_labels(snapshot_labels(snapshot, goroutine->label_set));
		seen += strlen(snapshot_text(snapshot, goroutine->wait_reason)) +
			(entry ? strlen(entry->function) : 0) +
			(snapshot_by_g(snapshot, goroutine->g) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot *snapshot, *again;
	struct perfgo_error *error = snapshot_decode(data, size, "input", &snapshot);
	perfgo_error_destroy(error);
	if (error)
		return 0;
	look_at(snapshot);
	size_t made;
	const void *bytes = snapshot_bytes(snapshot, &made);
	if (bytes &&
	    (snapshot_decode(bytes, made, "again", &again) ||
	     snapshot_info(again)->nr_goroutines != snapshot_info(snapshot)->nr_goroutines))
		abort();
	if (bytes)
		snapshot_free(again);
	snapshot_free(snapshot);
	return 0;
}
