// SPDX-License-Identifier: GPL-2.0-only
/* Rows of goroutines: of one snapshot, or of two that are compared, and groups of them. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strings.h"
#include "base/tuples.h"
#include "goroutines.h"

static bool same_stack(const struct snapshot *a, uint32_t stack_a, const struct snapshot *b,
		       uint32_t stack_b)
{
	size_t count_a, count_b;
	const uint64_t *addresses_a = snapshot_stack(a, stack_a, &count_a);
	const uint64_t *addresses_b = snapshot_stack(b, stack_b, &count_b);
	return count_a == count_b && !memcmp(addresses_a, addresses_b, count_a * sizeof(uint64_t));
}

/*
 * Whether it is in the wait it was in. A collection that finds a goroutine waiting notes the end of
 * the collection before, which is no proof of when it began; but running takes the note away, and
 * no later collection notes the same time again (runtime/mgcmark.go, markroot(); runtime/proc.go,
 * execute(), go1.26).
 */
static bool still_waits(const struct goroutines_view *view, const struct snapshot_goroutine *then,
			const struct snapshot_goroutine *now)
{
	return now->state == GOSTATE_WAITING && then->state == GOSTATE_WAITING && now->wait_since &&
	       then->wait_since == now->wait_since &&
	       same_stack(view->before, then->stack, view->snapshot, now->stack);
}

static bool add(struct goroutines_view *view, size_t *capacity, const struct snapshot *snapshot,
		const struct snapshot_goroutine *goroutine, enum goroutine_change change)
{
	if (!array_reserve(view->rows, *capacity, view->nr_rows + 1))
		return false;
	view->rows[view->nr_rows++] = (struct goroutine_row){snapshot, goroutine, change};
	return true;
}

static bool add_all(struct goroutines_view *view, size_t *capacity)
{
	bool done = true;
	const struct snapshot_goroutine *goroutine;
	for (uint64_t i = 0; done && (goroutine = snapshot_goroutine(view->snapshot, i)); i++)
		done = add(view, capacity, view->snapshot, goroutine, CHANGE_NOT_ASKED);
	return done;
}

/* Both are in the order of goids. */
static bool add_changes(struct goroutines_view *view, size_t *capacity)
{
	const struct snapshot_goroutine *then = snapshot_goroutine(view->before, 0);
	const struct snapshot_goroutine *now = snapshot_goroutine(view->snapshot, 0);
	bool done = true;
	for (uint64_t old = 0, new = 0; done && (then || now);) {
		bool gone = then && (!now || then->goid < now->goid);
		bool both = then && now && then->goid == now->goid;
		if (gone)
			done = add(view, capacity, view->before, then, CHANGE_GONE);
		else
			done = add(view, capacity, view->snapshot, now,
				   !both			  ? CHANGE_NEW
				   : still_waits(view, then, now) ? CHANGE_WAITING
								  : CHANGE_OTHER);
		if (gone || both)
			then = snapshot_goroutine(view->before, ++old);
		if (!gone)
			now = snapshot_goroutine(view->snapshot, ++new);
	}
	return done;
}

/* Takes out what is not asked for. */
static void leave_out(struct goroutines_view *view, bool system, bool everything)
{
	size_t kept = 0;
	for (size_t i = 0; i < view->nr_rows; i++) {
		bool is_system = view->rows[i].goroutine->system && !system;
		bool is_other = view->rows[i].change == CHANGE_OTHER && !everything;
		view->system += is_system;
		view->others += is_other && !is_system;
		if (!is_system && !is_other)
			view->rows[kept++] = view->rows[i];
	}
	view->nr_rows = kept;
}

static uint64_t count_goroutines(const struct snapshot *snapshot, bool system)
{
	uint64_t count = 0;
	const struct snapshot_goroutine *goroutine;
	for (uint64_t i = 0; (goroutine = snapshot_goroutine(snapshot, i)); i++)
		count += system || !goroutine->system;
	return count;
}

struct perfgo_error *goroutines_rows(struct goroutines_view *view, bool system, bool everything)
{
	size_t capacity = 0;
	bool done = view->before ? add_changes(view, &capacity) : add_all(view, &capacity);
	if (!done)
		return perfgo_error_no_memory();
	leave_out(view, system, everything);
	view->goroutines = count_goroutines(view->snapshot, system);
	return NULL;
}

/* Numbers for the texts of sets and stacks, by snapshot: made once each. */
struct memo {
	uint32_t *ids;
	size_t count, capacity;
};

struct grouping {
	const struct goroutines_view *view;
	struct strings texts;
	struct tuples tuples;
	struct writer scratch;
	struct memo memos[2][MAX_GOROUTINE_KEYS]; /* of the snapshot before, and of this one */
};

static uint64_t text_id(struct grouping *grouping, const struct goroutine_row *row,
			const struct goroutine_key *key)
{
	size_t size;
	writer_clear(&grouping->scratch);
	write_goroutine_value(row, key, false, &grouping->scratch);
	const char *text = writer_text(&grouping->scratch, &size);
	return strings_id_of(&grouping->texts, size ? text : "", size);
}

/* What a value hangs on, within its snapshot; false when it is cheap to make. */
static bool memo_index(const struct goroutine_row *row, const struct goroutine_key *key,
		       uint32_t *ret)
{
	*ret = key->kind == VALUE_STACK ? row->goroutine->stack : row->goroutine->label_set;
	return key->kind == VALUE_STACK || (key->kind == VALUE_LABELS && *ret != UINT32_MAX);
}

static uint64_t value_id(struct grouping *grouping, const struct goroutine_row *row, size_t i)
{
	const struct goroutine_key *key = &grouping->view->keys.keys[i];
	struct memo *memo = &grouping->memos[row->snapshot == grouping->view->snapshot][i];
	uint32_t index;
	if (key->kind == VALUE_NUMBER || key->kind == VALUE_DURATION || key->kind == VALUE_BOOL) {
		struct goroutine_value value = goroutine_value(row, key);
		return value.known ? value.number : UINT64_MAX;
	}
	if (!memo_index(row, key, &index) ||
	    !array_extend(memo->ids, memo->capacity, memo->count, (size_t)index + 1))
		return text_id(grouping, row, key);
	if (memo->ids[index] == IDMAP_NONE)
		memo->ids[index] = (uint32_t)text_id(grouping, row, key);
	return memo->ids[index];
}

static bool add_to_group(struct grouping *grouping, struct goroutines_view *view, size_t *capacity,
			 const struct goroutine_row *row)
{
	uint64_t tuple[MAX_GOROUTINE_KEYS];
	for (size_t i = 0; i < view->keys.count; i++)
		tuple[i] = value_id(grouping, row, i);
	uint32_t id = tuples_id(&grouping->tuples, tuple);
	if (id == IDMAP_NONE || !array_reserve(view->groups, *capacity, (size_t)id + 1))
		return false;
	if (id == view->nr_groups)
		view->groups[view->nr_groups++] = (struct goroutine_group){.first = row};
	view->groups[id].count++;
	return true;
}

/* The largest first; of equal ones that with the oldest goroutine. */
static int compare_groups(const void *left, const void *right)
{
	const struct goroutine_group *a = left, *b = right;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return (a->first > b->first) - (a->first < b->first);
}

static void grouping_deinit(struct grouping *grouping)
{
	strings_deinit(&grouping->texts);
	tuples_deinit(&grouping->tuples);
	perfgo_error_destroy(writer_finish(&grouping->scratch));
	for (size_t i = 0; i < MAX_GOROUTINE_KEYS; i++) {
		free(grouping->memos[0][i].ids);
		free(grouping->memos[1][i].ids);
	}
}

struct perfgo_error *goroutines_group(struct goroutines_view *view)
{
	struct grouping grouping = {
		.view = view, .tuples = {.width = view->keys.count}, .scratch = writer_of_memory()};
	size_t capacity = 0;
	bool done = array_reserve(view->groups, capacity, 1);
	for (size_t i = 0; done && i < view->nr_rows; i++)
		done = add_to_group(&grouping, view, &capacity, &view->rows[i]);
	grouping_deinit(&grouping);
	if (!done)
		return perfgo_error_no_memory();
	qsort(view->groups, view->nr_groups, sizeof(*view->groups), compare_groups);
	return NULL;
}
