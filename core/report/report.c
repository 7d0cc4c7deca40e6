// SPDX-License-Identifier: GPL-2.0-only
/* Taking samples in: each becomes part of a class. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "report/internal.h"

static void part_add(struct key_part *part, const struct key *key, size_t at)
{
	part->keys[part->count] = key;
	part->at[part->count++] = at;
}

static void divide_keys(struct report *report)
{
	const struct key_list *keys = &report->options.keys;
	for (size_t i = 0; i < keys->count; i++)
		part_add(keys->keys[i]->sums		    ? &report->sums
			 : keys->keys[i]->of == KEY_OF_CODE ? &report->code
							    : &report->context,
			 keys->keys[i], i);
}

struct perfgo_error *report_new(struct facts *facts, const struct report_options *options,
				struct report **ret)
{
	for (size_t i = 0; i < options->keys.count; i++)
		if (options->keys.keys[i]->kind == KEY_RECORD)
			return perfgo_error_new("samples cannot be grouped by %s",
						options->keys.keys[i]->name);
	struct report *report = calloc(1, sizeof(*report));
	if (!report)
		return perfgo_error_no_memory();
	report->facts = facts;
	report->options = *options;
	divide_keys(report);
	report->contexts.width = report->context.count + 1;
	report->codes.width = report->code.count + 1;
	report->cells.width = sizeof(struct cell) / sizeof(uint64_t);
	report->roots.width = 2;
	report->row_keys.width = 3;
	*ret = report;
	return NULL;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	tuples_deinit(&report->contexts);
	tuples_deinit(&report->codes);
	tuples_deinit(&report->cells);
	tuples_deinit(&report->roots);
	tuples_deinit(&report->row_keys);
	free(report->cell_of_frame);
	free(report->cells_of_address);
	free(report->cells_in_order);
	free(report->classes);
	free(report->class_sums);
	idmap_deinit(&report->classes_index);
	free(report->rows);
	free(report->row_sums);
	paths_deinit(&report->paths);
	free(report->row_of_node);
	free(report->first_of_row);
	free(report->next_of_row);
	free(report->events);
	free(report->event_at);
	free(report);
}

/* The code tuple of a frame, looked at alone. */
static uint32_t code_of_frame(struct report *report, uint32_t frame)
{
	uint64_t tuple[MAX_KEYS + 1] = {0};
	const struct things things = {.count = 1, .ids = &frame};
	for (size_t k = 0; k < report->code.count; k++) {
		key_fill_things(report->code.keys[k], report->facts, things, &report->column);
		tuple[k] = report->column.known[0] ? report->column.values[0] : 0;
		tuple[report->code.count] |= (uint64_t)report->column.known[0] << k;
	}
	return tuples_id(&report->codes, tuple);
}

/* Where in the source a frame is, as a string id; STRING_UNKNOWN. */
static uint32_t line_of_frame(struct report *report, uint32_t frame)
{
	struct things things = {.count = 1, .ids = &frame};
	key_find("srcline")->fill(report->facts, &things, &report->column);
	return report->column.known[0] ? (uint32_t)report->column.values[0] : STRING_UNKNOWN;
}

static void tell_places_apart(struct report *report, uint32_t frame, uint32_t line_frame,
			      struct cell *cell)
{
	if (report->options.graph_by == GRAPH_BY_FUNCTION)
		return;
	cell->line = line_of_frame(report, line_frame);
	/* A frame is one of an address. */
	cell->place = report->options.graph_by == GRAPH_BY_ADDRESS ? frame : cell->line;
}

/* LINE_FRAME has the line where FRAME is. */
static uint32_t new_cell(struct report *report, uint32_t frame, uint32_t line_frame)
{
	struct cell cell = {.code = code_of_frame(report, frame)};
	if (report->options.callgraph) {
		const struct frame *of = attribution_frame(facts_attribution(report->facts), frame);
		cell.function = of->symbol;
		cell.dso = of->dso;
		cell.inlined = of->inlined;
		tell_places_apart(report, frame, line_frame, &cell);
	}
	return cell.code == IDMAP_NONE ? IDMAP_NONE : tuples_id(&report->cells, &cell.code);
}

uint32_t report_cell(struct report *report, uint32_t frame)
{
	if (!array_extend(report->cell_of_frame, report->cell_of_frame_capacity,
			  report->nr_cell_of_frame, frame + 1))
		return IDMAP_NONE;
	if (report->cell_of_frame[frame] == IDMAP_NONE)
		report->cell_of_frame[frame] = new_cell(report, frame, frame);
	return report->cell_of_frame[frame];
}

/*
 * The cell of the physical function at a location. Its line is that of the outermost frame, unless
 * the function is a wrapper that Go hides: then that frame is what it wraps.
 */
static uint32_t physical_cell(struct report *report, struct frames frames)
{
	enum { NO_FRAME = 0 }; /* of which nothing is known */
	const struct attribution *attribution = facts_attribution(report->facts);
	uint32_t outermost = frames.first + frames.count - 1;
	bool same = attribution_frame(attribution, outermost)->symbol ==
		    attribution_frame(attribution, frames.self)->symbol;
	return new_cell(report, frames.self, same ? outermost : NO_FRAME);
}

/* The cell that differs from CELL in that nobody recorded it. */
static uint32_t inferred_cell(struct report *report, uint32_t cell)
{
	struct cell inferred = *(const struct cell *)tuples_get(&report->cells, cell);
	inferred.inferred = true;
	return tuples_id(&report->cells, &inferred.code);
}

/* Appends the cells of an address to report->cells_in_order, and returns where they begin. */
static uint32_t add_cells(struct report *report, const struct address *address)
{
	struct frames frames =
		attribution_frames(facts_attribution(report->facts), address->location);
	uint32_t count = report->options.no_inlines ? 1 : frames.count;
	size_t at = report->nr_cells_in_order;
	if (!array_reserve(report->cells_in_order, report->cells_in_order_capacity, at + count + 1))
		return IDMAP_NONE;
	report->cells_in_order[at] = count;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t cell = report->options.no_inlines ? physical_cell(report, frames)
							   : report_cell(report, frames.first + i);
		if (cell != IDMAP_NONE && address->inferred && report->options.callgraph)
			cell = inferred_cell(report, cell);
		if (cell == IDMAP_NONE)
			return IDMAP_NONE;
		report->cells_in_order[at + 1 + i] = cell;
	}
	report->nr_cells_in_order += count + 1;
	return (uint32_t)at;
}

const uint32_t *report_cells(struct report *report, uint32_t address, uint32_t *count_ret)
{
	const struct session *session = facts_session(report->facts);
	if (!array_extend(report->cells_of_address, report->cells_of_address_capacity,
			  report->nr_cells_of_address, address + 1))
		return NULL;
	uint32_t *at = &report->cells_of_address[address];
	if (*at == IDMAP_NONE)
		*at = add_cells(report, session_address(session, address));
	if (*at == IDMAP_NONE)
		return NULL;
	*count_ret = report->cells_in_order[*at];
	return &report->cells_in_order[*at + 1];
}

/* NULL without memory. */
static struct report_event *event_entry(struct report *report, uint32_t event)
{
	if (!array_extend(report->event_at, report->event_at_capacity, report->nr_event_at,
			  event + 1))
		return NULL;
	if (report->event_at[event] == IDMAP_NONE) {
		if (!array_reserve(report->events, report->events_capacity, report->nr_events + 1))
			return NULL;
		report->events[report->nr_events] = (struct report_event){.event = event};
		report->event_at[event] = (uint32_t)report->nr_events++;
	}
	return &report->events[report->event_at[event]];
}

/* The context tuples of the batch, a key at a time. */
static void fill_tuples(struct report *report, const struct batch *batch)
{
	size_t known_at = report->context.count;
	for (size_t i = 0; i < batch->count; i++)
		report->tuples[i][known_at] = 0;
	for (size_t k = 0; k < report->context.count; k++) {
		struct column *column = &report->column;
		key_fill(report->context.keys[k], report->facts, batch, report->frames, column);
		for (size_t i = 0; i < batch->count; i++) {
			report->tuples[i][k] = column->known[i] ? column->values[i] : 0;
			report->tuples[i][known_at] |= (uint64_t)column->known[i] << k;
		}
	}
	for (size_t k = 0; k < report->sums.count; k++)
		key_fill(report->sums.keys[k], report->facts, batch, report->frames,
			 &report->sum_columns[k]);
}

static bool same_class(const struct class *a, const struct class *b)
{
	return a->stack == b->stack && a->frame == b->frame && a->context == b->context &&
	       a->event == b->event;
}

static bool add_class(struct report *report, uint32_t hash, const struct class *class)
{
	size_t sums = 2 * report->sums.count;
	if (!array_reserve(report->classes, report->classes_capacity, report->nr_classes + 1) ||
	    !array_reserve(report->class_sums, report->class_sums_capacity,
			   (report->nr_classes + 1) * sums + 1) ||
	    !idmap_insert(&report->classes_index, hash, (uint32_t)report->nr_classes))
		return false;
	memset(report->class_sums + report->nr_classes * sums, 0, sums * sizeof(uint64_t));
	report->classes[report->nr_classes++] = *class;
	return true;
}

static uint32_t hash_class(const struct class *class)
{
	return hash_fold(hash_word((uint64_t) class->event << 32 | class->context,
				   (uint64_t) class->frame << 32 | class->stack));
}

/* The index of the class, or IDMAP_NONE without memory. */
static uint32_t class_of(struct report *report, const struct class *wanted, uint32_t hash)
{
	uint32_t id;
	for (size_t probe = hash;
	     (id = idmap_probe(&report->classes_index, hash, &probe)) != IDMAP_NONE;)
		if (same_class(&report->classes[id], wanted))
			return id;
	return add_class(report, hash, wanted) ? (uint32_t)report->nr_classes - 1 : IDMAP_NONE;
}

static void add_sums(struct report *report, uint32_t class, size_t i)
{
	uint64_t *sums = report->class_sums + class * 2 * report->sums.count;
	for (size_t k = 0; k < report->sums.count; k++) {
		if (!report->sum_columns[k].known[i])
			continue;
		sums[k] += report->sum_columns[k].values[i];
		sums[report->sums.count + k]++;
	}
}

/* Counts a sample for its event. False without memory. */
static bool count_sample(struct report *report, const struct sample *sample, bool pass)
{
	struct report_event *event = event_entry(report, sample->event);
	if (!event)
		return false;
	event->samples++;
	event->period += sample->period;
	event->filtered_samples += !pass;
	return true;
}

/* The classes of the batch, and the memory they will be found in on its way. */
static bool prepare_classes(struct report *report, const struct batch *batch)
{
	bool stacks = report->options.children || report->options.callgraph;
	for (size_t i = 0; i < batch->count; i++) {
		struct class *wanted = &report->wanted[i];
		*wanted = (struct class){.event = batch->samples[i].event,
					 .context = tuples_id(&report->contexts, report->tuples[i]),
					 .frame = report->frames[i],
					 .stack = stacks ? batch->stacks[i] : 0};
		if (wanted->context == IDMAP_NONE)
			return false;
		report->hashes[i] = hash_class(wanted);
		idmap_prefetch(&report->classes_index, report->hashes[i]);
	}
	for (size_t i = 0; i < batch->count; i++) {
		size_t probe = report->hashes[i];
		uint32_t id = idmap_probe(&report->classes_index, report->hashes[i], &probe);
		if (id != IDMAP_NONE)
			__builtin_prefetch(&report->classes[id]);
	}
	return true;
}

static bool add_samples(struct report *report, const struct batch *batch)
{
	if (!prepare_classes(report, batch))
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		if (!count_sample(report, &batch->samples[i], report->pass[i]))
			return false;
		if (!report->pass[i])
			continue;
		uint32_t class = class_of(report, &report->wanted[i], report->hashes[i]);
		if (class == IDMAP_NONE)
			return false;
		report->classes[class].period += batch->samples[i].period;
		report->classes[class].samples++;
		add_sums(report, class, i);
	}
	return true;
}

struct perfgo_error *report_add(struct report *report, const struct batch *batch)
{
	facts_frames(report->facts, batch, report->frames);
	fill_tuples(report, batch);
	memset(report->pass, true, batch->count);
	if (report->options.filter)
		filter_apply(report->options.filter, report->facts, batch, report->frames,
			     report->pass);
	return add_samples(report, batch) ? NULL : perfgo_error_no_memory();
}
