// SPDX-License-Identifier: GPL-2.0-only
/* When all samples are known each class of them is walked once, from the root on. */
#include "report/stack_profile.h"

#include <stdlib.h>
#include <string.h>

#include "attribute/frame_name.h"
#include "base/array.h"
#include "report/sample_classes.h"

/* A frame of an address as it stands in the tree. */
struct step {
	uint32_t entry, file, line;
};

struct stack_profile {
	struct facts *facts;
	struct stack_profile_options options;
	struct sample_classes *classes;
	struct stack_profile_summary summary;

	struct stack_tree *tree; /* from stack_profile_finish() on */
	enum stack_side side;
	uint64_t *event_samples;    /* by event */
	uint32_t *steps_of_address; /* where in steps its steps are, the innermost first */
	size_t nr_addresses, addresses_capacity;
	struct step *steps; /* before those of an address their number, as an entry */
	size_t nr_steps, steps_capacity;
};

static struct sample_classes_options classes_options(const struct stack_profile_options *options)
{
	return (struct sample_classes_options){
		.by = options->by, .sum = options->weight, .filter = options->filter};
}

struct perfgo_error *stack_profile_check(const struct stack_profile_options *options)
{
	const struct sample_classes_options classes = classes_options(options);
	if (options->weight && options->weight->kind != KEY_NUMBER)
		return perfgo_error_hint(
			perfgo_error_new("%s is no weight: it does not count anything",
					 options->weight->name),
			"numbers are: period, samples, mem_cycles …");
	return sample_classes_check(&classes);
}

struct perfgo_error *stack_profile_new(struct facts *facts,
				       const struct stack_profile_options *options,
				       struct stack_profile **ret)
{
	const struct sample_classes_options classes = classes_options(options);
	struct stack_profile *profile = calloc(1, sizeof(*profile));
	if (!profile)
		return perfgo_error_no_memory();
	profile->facts = facts;
	profile->options = *options;
	struct perfgo_error *error = sample_classes_new(facts, &classes, &profile->classes);
	if (error)
		stack_profile_free(profile);
	else
		*ret = profile;
	return error;
}

void stack_profile_free(struct stack_profile *profile)
{
	if (!profile)
		return;
	sample_classes_free(profile->classes);
	free(profile->event_samples);
	free(profile->steps_of_address);
	free(profile->steps);
	free(profile);
}

struct perfgo_error *stack_profile_add(struct stack_profile *profile, const struct batch *batch)
{
	return sample_classes_add(profile->classes, batch);
}

static uint32_t entry_of(struct stack_profile *profile, const struct frame *frame, bool kernel)
{
	const struct attribution *attribution = facts_attribution(profile->facts);
	char buffer[FRAME_NAME_SIZE];
	struct stack_entry entry = {
		.name = frame_name(attribution, frame, buffer),
		.origin = kernel ? ORIGIN_KERNEL : code_origin(attribution, frame),
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

/* The node behind all steps of an address of some samples; IDMAP_NONE without memory. */
static uint32_t walk_address(struct stack_profile *profile, uint32_t node, uint32_t address,
			     uint64_t samples)
{
	bool inferred = session_address(facts_session(profile->facts), address)->inferred;
	uint32_t count = 0;
	const struct step *steps = steps_of(profile, address, &count);
	if (!steps)
		return IDMAP_NONE;
	for (uint32_t i = 0; i < count && node != IDMAP_NONE; i++) {
		const struct step *step = &steps[profile->options.reverse ? i : count - 1 - i];
		node = stack_tree_child(profile->tree, node, step->entry);
		if (node == IDMAP_NONE)
			break;
		stack_tree_note_place(profile->tree, node, profile->side, step->file, step->line);
		if (inferred)
			stack_tree_note_inferred(profile->tree, node, profile->side, samples);
	}
	return node;
}

/* The node of a class's values of keys; IDMAP_NONE without memory. */
static uint32_t walk_levels(struct stack_profile *profile, const struct sample_class *class)
{
	const struct key_list *by = &profile->options.by;
	uint32_t node = STACK_TREE_ROOT;
	char buffer[KEY_TEXT_SIZE];
	for (size_t k = 0; k < by->count && node != IDMAP_NONE; k++) {
		uint64_t value;
		bool known = sample_classes_value(profile->classes, class, k, &value);
		const char *text = key_text(by->keys[k], profile->facts, value, known, buffer);
		struct stack_entry entry = {
			.name = *text ? text : "\"\"",
			.key = by->keys[k]->name,
		};
		uint32_t id = stack_tree_entry(profile->tree, &entry);
		node = id == IDMAP_NONE ? id : stack_tree_child(profile->tree, node, id);
	}
	return node;
}

/* The samples of a class that have a weight. */
static uint64_t weighed(const struct stack_profile *profile, const struct sample_class *class)
{
	return profile->options.weight ? class->with_sum : class->samples;
}

/* The node where a class ends; IDMAP_NONE without memory. */
static uint32_t walk_class(struct stack_profile *profile, const struct sample_class *class)
{
	const struct stack *stack = session_stack(facts_session(profile->facts), class->stack);
	uint32_t node = walk_levels(profile, class);
	uint64_t samples = weighed(profile, class);
	if (!class->stack && node != IDMAP_NONE)
		return walk_address(profile, node, class->address, samples);
	for (uint32_t i = 0; i < stack->count && node != IDMAP_NONE; i++) {
		uint32_t at = profile->options.reverse ? i : stack->count - 1 - i;
		node = walk_address(profile, node, stack->addresses[at], samples);
	}
	return node;
}

/* Counts the samples of each event; false without memory. */
static bool count_events(struct stack_profile *profile, const struct sample_class *classes,
			 size_t count, size_t *events_ret)
{
	size_t capacity = 0;
	*events_ret = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t event = classes[i].event;
		if (!array_reserve(profile->event_samples, capacity, (size_t)event + 1))
			return false;
		for (; *events_ret <= event; ++*events_ret)
			profile->event_samples[*events_ret] = 0;
		profile->event_samples[event] += weighed(profile, &classes[i]);
	}
	return true;
}

/*
 * Which event is in: the one with most samples, a tracepoint only where nothing else has any. Fills
 * what the summary says of events.
 */
static void choose_event(struct stack_profile *profile, size_t nr_events)
{
	const struct perfdata *data = session_data(facts_session(profile->facts));
	struct stack_profile_summary *summary = &profile->summary;
	uint64_t most = 0;
	bool chosen_samples = false;
	for (size_t i = 0; i < nr_events; i++) {
		uint64_t count = profile->event_samples[i];
		summary->nr_events += count != 0;
		bool samples = count && perfdata_event_samples(perfdata_event(data, i));
		if (samples < chosen_samples || (samples == chosen_samples && count <= most))
			continue;
		most = count;
		chosen_samples = samples;
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

/* Adds a class that is in; false without memory. */
static bool add_class(struct stack_profile *profile, const struct sample_class *class)
{
	uint64_t samples = weighed(profile, class);
	uint64_t weight = profile->options.weight ? class->sum : class->samples;
	uint32_t node = samples ? walk_class(profile, class) : STACK_TREE_ROOT;
	if (node == IDMAP_NONE)
		return false;
	stack_tree_add(profile->tree, node, profile->side, weight, samples);
	profile->summary.samples += samples;
	profile->summary.weight += weight;
	return true;
}

static void sum_up(struct stack_profile *profile)
{
	const struct sample_classes_totals *totals = sample_classes_totals(profile->classes);
	struct stack_profile_summary *summary = &profile->summary;
	summary->filtered = totals->filtered;
	summary->unweighted = profile->options.weight ? totals->samples - totals->with_sum : 0;
	summary->first_time = totals->first_time;
	summary->last_time = totals->last_time;
}

struct perfgo_error *stack_profile_finish(struct stack_profile *profile, struct stack_tree *tree,
					  enum stack_side side, struct stack_profile_summary *ret)
{
	size_t count, nr_events;
	const struct sample_class *classes = sample_classes_get(profile->classes, &count);
	bool all = takes_all_events(&profile->options);
	profile->tree = tree;
	profile->side = side;
	if (!count_events(profile, classes, count, &nr_events))
		return perfgo_error_no_memory();
	choose_event(profile, nr_events);
	sum_up(profile);
	for (size_t i = 0; i < count; i++)
		if (!all && classes[i].event != profile->summary.event)
			profile->summary.of_other_events += weighed(profile, &classes[i]);
		else if (!add_class(profile, &classes[i]))
			return perfgo_error_no_memory();
	*ret = profile->summary;
	return NULL;
}
