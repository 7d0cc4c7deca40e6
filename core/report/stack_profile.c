// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples that agree in event, keys and stack are one class; when all are known each class is
 * walked once, from the root on.
 */
#include "report/stack_profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/tuples.h"

/* What a class is told by. A sample without a callchain has its own address. */
struct class_words {
	uint64_t event, context, stack, address;
};

struct class_sum {
	uint64_t weight, samples;
};

/* A frame of an address as it stands in the tree. */
struct step {
	uint32_t entry, file, line;
};

struct stack_profile {
	struct facts *facts;
	struct stack_profile_options options;
	struct tuples contexts; /* values of the keys, and which are known */
	struct tuples classes;	/* struct class_words */
	struct class_sum *sums; /* by class */
	size_t nr_sums, sums_capacity;
	uint64_t *event_samples; /* by event */
	size_t nr_events, events_capacity;
	uint64_t weight; /* of all classes */
	struct stack_profile_summary summary;

	struct stack_tree *tree; /* from stack_profile_finish() on */
	enum stack_side side;
	uint32_t *steps_of_address; /* where in steps its steps are, the innermost first */
	size_t nr_addresses, addresses_capacity;
	struct step *steps; /* before those of an address their number, as an entry */
	size_t nr_steps, steps_capacity;

	uint32_t frames[BATCH_SIZE];
	bool pass[BATCH_SIZE];
	uint64_t tuples[BATCH_SIZE][MAX_KEYS + 1];
	struct column column;
};

struct perfgo_error *stack_profile_check(const struct stack_profile_options *options)
{
	for (size_t i = 0; i < options->by.count; i++) {
		const struct key *key = options->by.keys[i];
		if (key->kind == KEY_RECORD || key->kind == KEY_STACK || key->sums)
			return perfgo_error_new("stacks cannot be told apart by %s", key->name);
	}
	if (options->weight && options->weight->kind != KEY_NUMBER)
		return perfgo_error_hint(
			perfgo_error_new("%s is no weight: it does not count anything",
					 options->weight->name),
			"numbers are: period, samples, mem_cycles …");
	return NULL;
}

struct perfgo_error *stack_profile_new(struct facts *facts,
				       const struct stack_profile_options *options,
				       struct stack_profile **ret)
{
	struct stack_profile *profile = calloc(1, sizeof(*profile));
	if (!profile)
		return perfgo_error_no_memory();
	profile->facts = facts;
	profile->options = *options;
	profile->contexts.width = options->by.count + 1;
	profile->classes.width = sizeof(struct class_words) / sizeof(uint64_t);
	*ret = profile;
	return NULL;
}

void stack_profile_free(struct stack_profile *profile)
{
	if (!profile)
		return;
	tuples_deinit(&profile->contexts);
	tuples_deinit(&profile->classes);
	free(profile->sums);
	free(profile->event_samples);
	free(profile->steps_of_address);
	free(profile->steps);
	free(profile);
}

static void fill_contexts(struct stack_profile *profile, const struct batch *batch)
{
	const struct key_list *by = &profile->options.by;
	struct column *column = &profile->column;
	for (size_t i = 0; i < batch->count; i++)
		profile->tuples[i][by->count] = 0;
	for (size_t k = 0; k < by->count; k++) {
		key_fill(by->keys[k], profile->facts, batch, profile->frames, column);
		for (size_t i = 0; i < batch->count; i++) {
			profile->tuples[i][k] = column->known[i] ? column->values[i] : 0;
			profile->tuples[i][by->count] |= (uint64_t)column->known[i] << k;
		}
	}
}

/* The weights of a batch, to profile->column. */
static void fill_weights(struct stack_profile *profile, const struct batch *batch)
{
	struct column *column = &profile->column;
	if (profile->options.weight) {
		key_fill(profile->options.weight, profile->facts, batch, profile->frames, column);
		return;
	}
	for (size_t i = 0; i < batch->count; i++) {
		column->values[i] = 1;
		column->known[i] = true;
	}
}

static void note_time(struct stack_profile_summary *summary, uint64_t time)
{
	if (time && (!summary->first_time || time < summary->first_time))
		summary->first_time = time;
	if (time > summary->last_time)
		summary->last_time = time;
}

/* Without keys all samples have the one empty tuple, whose id is 0. */
static uint32_t context_of(struct stack_profile *profile, size_t i)
{
	bool no_keys = !profile->options.by.count && profile->contexts.count;
	return no_keys ? 0 : tuples_id(&profile->contexts, profile->tuples[i]);
}

/* The sums of the class of a sample; NULL without memory. */
static struct class_sum *sums_of(struct stack_profile *profile, const struct batch *batch, size_t i)
{
	struct class_words words = {
		.event = batch->samples[i].event,
		.context = context_of(profile, i),
		.stack = batch->stacks[i],
		.address = batch->stacks[i] ? 0 : batch->addresses[i],
	};
	uint32_t id = words.context == IDMAP_NONE ? IDMAP_NONE
						  : tuples_id(&profile->classes, &words.event);
	if (id == IDMAP_NONE ||
	    !array_reserve(profile->sums, profile->sums_capacity, (size_t)id + 1))
		return NULL;
	for (; profile->nr_sums <= id; profile->nr_sums++)
		profile->sums[profile->nr_sums] = (struct class_sum){0};
	return &profile->sums[id];
}

static bool count_event(struct stack_profile *profile, uint32_t event)
{
	if (!array_reserve(profile->event_samples, profile->events_capacity, (size_t)event + 1))
		return false;
	for (; profile->nr_events <= event; profile->nr_events++)
		profile->event_samples[profile->nr_events] = 0;
	profile->event_samples[event]++;
	return true;
}

static struct perfgo_error *add_sample(struct stack_profile *profile, const struct batch *batch,
				       size_t i)
{
	if (!profile->pass[i]) {
		profile->summary.filtered++;
		return NULL;
	}
	if (!profile->column.known[i]) {
		profile->summary.unweighted++;
		return NULL;
	}
	struct class_sum *sums = sums_of(profile, batch, i);
	if (!sums || !count_event(profile, batch->samples[i].event))
		return perfgo_error_no_memory();
	uint64_t weight = profile->column.values[i];
	if (__builtin_add_overflow(profile->weight, weight, &profile->weight))
		return perfgo_error_new("weights are too large to be added up");
	sums->weight += weight;
	sums->samples++;
	return NULL;
}

struct perfgo_error *stack_profile_add(struct stack_profile *profile, const struct batch *batch)
{
	struct perfgo_error *error = NULL;
	facts_frames(profile->facts, batch, profile->frames);
	memset(profile->pass, true, batch->count);
	if (profile->options.filter)
		filter_apply(profile->options.filter, profile->facts, batch, profile->frames,
			     profile->pass);
	fill_contexts(profile, batch);
	fill_weights(profile, batch);
	for (size_t i = 0; i < batch->count && !error; i++) {
		note_time(&profile->summary, batch->samples[i].time);
		error = add_sample(profile, batch, i);
	}
	return error;
}

/* "[libc.so.6]" for code without a symbol, as stackcollapse-perf has it. */
static const char *name_of(struct stack_profile *profile, const struct frame *frame, char *buffer,
			   size_t size)
{
	struct session *session = facts_session(profile->facts);
	const struct strings *strings = session_strings(session);
	const char *symbol = strings_text(strings, frame->symbol);
	const char *dso = strings_text(strings, session_dso(session, frame->dso)->short_name);
	if (symbol)
		return symbol;
	if (!dso)
		return "[unknown]";
	snprintf(buffer, size, *dso == '[' ? "%s" : "[%s]", dso);
	return buffer;
}

static uint32_t entry_of(struct stack_profile *profile, const struct frame *frame, bool kernel)
{
	char buffer[4096];
	struct stack_entry entry = {
		.name = name_of(profile, frame, buffer, sizeof(buffer)),
		.origin = kernel ? ORIGIN_KERNEL
				 : code_origin(facts_attribution(profile->facts), frame),
		.inlined = frame->inlined,
	};
	return stack_tree_entry(profile->tree, &entry);
}

/* The source file of a frame, else its binary, where they are wanted. */
static uint32_t file_of(struct stack_profile *profile, const struct frame *frame)
{
	struct session *session = facts_session(profile->facts);
	uint32_t name = frame->file ? frame->file : session_dso(session, frame->dso)->name;
	const char *file = strings_text(session_strings(session), name);
	return profile->options.places ? stack_tree_file(profile->tree, file) : STRING_UNKNOWN;
}

/*
 * The physical function alone. It is the outermost frame, but for wrappers that Go hides: then what
 * is known of their place is that of the function they wrap.
 */
static struct frame physical_frame(const struct attribution *attribution, struct frames frames)
{
	struct frame self = *attribution_frame(attribution, frames.self);
	const struct frame *outermost =
		attribution_frame(attribution, frames.first + frames.count - 1);
	if (outermost->symbol == self.symbol)
		return *outermost;
	self.file = STRING_UNKNOWN;
	self.line = 0;
	return self;
}

/* The frame a step is made of: the I-th from the inside. */
static struct frame frame_of_step(const struct stack_profile *profile, struct frames frames,
				  uint32_t i)
{
	const struct attribution *attribution = facts_attribution(profile->facts);
	return profile->options.no_inlines ? physical_frame(attribution, frames)
					   : *attribution_frame(attribution, frames.first + i);
}

/* Adds the steps of an address; where they begin, IDMAP_NONE without memory. */
static uint32_t add_steps(struct stack_profile *profile, const struct address *address)
{
	struct frames frames =
		attribution_frames(facts_attribution(profile->facts), address->location);
	bool kernel = address->cpumode == PERF_RECORD_MISC_KERNEL;
	uint32_t count = profile->options.no_inlines ? 1 : frames.count;
	size_t at = profile->nr_steps;
	if (!array_reserve(profile->steps, profile->steps_capacity, at + count + 1))
		return IDMAP_NONE;
	profile->steps[at].entry = count;
	for (uint32_t i = 0; i < count; i++) {
		struct frame frame = frame_of_step(profile, frames, i);
		uint32_t entry = entry_of(profile, &frame, kernel);
		if (entry == IDMAP_NONE)
			return IDMAP_NONE;
		profile->steps[at + 1 + i] =
			(struct step){entry, file_of(profile, &frame), frame.line};
	}
	profile->nr_steps += count + 1;
	return (uint32_t)at;
}

/* The steps of an address, the innermost first; NULL without memory. */
static const struct step *steps_of(struct stack_profile *profile, uint32_t id, uint32_t *count_ret)
{
	const struct address *address = session_address(facts_session(profile->facts), id);
	if (!array_extend(profile->steps_of_address, profile->addresses_capacity,
			  profile->nr_addresses, (size_t)id + 1))
		return NULL;
	uint32_t *at = &profile->steps_of_address[id];
	if (*at == IDMAP_NONE)
		*at = add_steps(profile, address);
	if (*at == IDMAP_NONE)
		return NULL;
	*count_ret = profile->steps[*at].entry;
	return &profile->steps[*at + 1];
}

/* The node behind all steps of an address; IDMAP_NONE without memory. */
static uint32_t walk_address(struct stack_profile *profile, uint32_t node, uint32_t address)
{
	uint32_t count = 0;
	const struct step *steps = steps_of(profile, address, &count);
	if (!steps)
		return IDMAP_NONE;
	for (uint32_t i = 0; i < count && node != IDMAP_NONE; i++) {
		const struct step *step = &steps[profile->options.reverse ? i : count - 1 - i];
		node = stack_tree_child(profile->tree, node, step->entry);
		if (node != IDMAP_NONE)
			stack_tree_note_place(profile->tree, node, profile->side, step->file,
					      step->line);
	}
	return node;
}

/* The node of a class's values of keys; IDMAP_NONE without memory. */
static uint32_t walk_levels(struct stack_profile *profile, uint32_t context)
{
	const struct key_list *by = &profile->options.by;
	const uint64_t *values = tuples_get(&profile->contexts, context);
	uint32_t node = STACK_TREE_ROOT;
	char buffer[KEY_TEXT_SIZE];
	for (size_t k = 0; k < by->count && node != IDMAP_NONE; k++) {
		bool known = values[by->count] >> k & 1;
		const char *text = key_text(by->keys[k], profile->facts, values[k], known, buffer);
		struct stack_entry entry = {
			.name = *text ? text : "\"\"",
			.key = by->keys[k]->name,
		};
		uint32_t id = stack_tree_entry(profile->tree, &entry);
		node = id == IDMAP_NONE ? id : stack_tree_child(profile->tree, node, id);
	}
	return node;
}

/* The node where a class ends; IDMAP_NONE without memory. */
static uint32_t walk_class(struct stack_profile *profile, const struct class_words *class)
{
	const struct stack *stack =
		session_stack(facts_session(profile->facts), (uint32_t) class->stack);
	uint32_t node = walk_levels(profile, (uint32_t) class->context);
	if (!class->stack && node != IDMAP_NONE)
		return walk_address(profile, node, (uint32_t) class->address);
	for (uint32_t i = 0; i < stack->count && node != IDMAP_NONE; i++) {
		uint32_t at = profile->options.reverse ? i : stack->count - 1 - i;
		node = walk_address(profile, node, stack->addresses[at]);
	}
	return node;
}

/* Which event is in: the one with most samples. Fills what the summary says of events. */
static void choose_event(struct stack_profile *profile)
{
	struct stack_profile_summary *summary = &profile->summary;
	uint64_t most = 0;
	for (size_t i = 0; i < profile->nr_events; i++) {
		summary->nr_events += profile->event_samples[i] != 0;
		if (profile->event_samples[i] <= most)
			continue;
		most = profile->event_samples[i];
		summary->event = (uint32_t)i;
	}
}

static bool takes_all_events(const struct stack_profile_options *options)
{
	for (size_t i = 0; i < options->by.count; i++)
		if (options->by.keys[i] == key_find("event"))
			return true;
	return false;
}

struct perfgo_error *stack_profile_finish(struct stack_profile *profile, struct stack_tree *tree,
					  enum stack_side side, struct stack_profile_summary *ret)
{
	bool all = takes_all_events(&profile->options);
	profile->tree = tree;
	profile->side = side;
	choose_event(profile);
	for (uint32_t id = 0; id < profile->classes.count; id++) {
		const struct class_words *class =
			(const struct class_words *)tuples_get(&profile->classes, id);
		const struct class_sum *sum = &profile->sums[id];
		if (!all && class->event != profile->summary.event) {
			profile->summary.of_other_events += sum->samples;
			continue;
		}
		uint32_t node = walk_class(profile, class);
		if (node == IDMAP_NONE)
			return perfgo_error_no_memory();
		stack_tree_add(tree, node, side, sum->weight, sum->samples);
		profile->summary.samples += sum->samples;
		profile->summary.weight += sum->weight;
	}
	*ret = profile->summary;
	return NULL;
}
