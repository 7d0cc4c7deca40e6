// SPDX-License-Identifier: GPL-2.0-only
#include "gather.h"

#include <inttypes.h>
#include <string.h>

#include "commands.h"

/* What each sample counts: one, or the value of a key. */
static struct perfgo_error *parse_weight(const char *name, const struct key **ret)
{
	*ret = NULL;
	if (!strcmp(name, "samples"))
		return NULL;
	struct key_list list;
	struct perfgo_error *error = key_list_parse(name, &list);
	if (!error && list.count != 1)
		return perfgo_error_new("--weight takes one key, not '%s'", name);
	if (!error)
		*ret = list.keys[0];
	return error;
}

struct perfgo_error *gather_init(struct gather *gather, const struct gather_options *options)
{
	struct stack_profile_options *stacks = &gather->stacks;
	*gather = (struct gather){.options = options};
	stacks->reverse = options->reverse;
	stacks->places = options->places;
	stacks->no_inlines = options->inlines == 0;
	struct perfgo_error *error =
		parse_weight(options->weight ? options->weight : "period", &stacks->weight);
	if (!error && options->by)
		error = key_list_parse(options->by, &stacks->by);
	if (!error)
		error = stack_profile_check(stacks);
	return error ? error : recording_filter(&options->recording, &stacks->filter);
}

void gather_deinit(struct gather *gather)
{
	filter_free(gather->stacks.filter);
}

static void prepare(const struct gather *gather, struct recording *recording)
{
	const struct stack_profile_options *stacks = &gather->stacks;
	recording_prepare_all(recording, &stacks->by, stacks->filter);
	if (stacks->weight)
		recording_prepare(recording, stacks->weight);
	if (stacks->places)
		attribution_want_lines(recording->attribution, BINARY_GO_LINES);
	if (gather->options->inlines == 1)
		attribution_want_lines(recording->attribution, BINARY_ALL_LINES);
}

static struct perfgo_error *read_all(struct recording *recording, struct stack_profile *stacks)
{
	struct batch batch;
	struct perfgo_error *error = NULL;
	while (recording_next(recording, &batch, &error))
		error = stack_profile_add(stacks, &batch);
	return error;
}

static const char *event_name(const struct recording *recording, uint32_t event)
{
	return perfdata_event(session_data(recording->session), event)->name;
}

static void say_left_out(const struct gather *gather, const struct recording *recording,
			 const struct stack_profile_summary *summary)
{
	if (summary->of_other_events)
		observer_warn(
			&terminal_observer,
			"only %s: %" PRIu64
			" samples of other events are left out\n         --filter 'event == NAME' "
			"takes another one, --by event all",
			event_name(recording, summary->event), summary->of_other_events);
	if (summary->unweighted)
		observer_warn(&terminal_observer,
			      "%" PRIu64 " samples are left out: their %s is not known",
			      summary->unweighted, gather->stacks.weight->name);
}

static struct perfgo_error *no_samples(const struct gather *gather,
				       const struct recording *recording,
				       const struct stack_profile_summary *summary)
{
	const char *path = perfdata_path(session_data(recording->session));
	if (summary->unweighted)
		return perfgo_error_new("%s: %s is known for no sample", path,
					gather->stacks.weight->name);
	if (summary->filtered)
		return perfgo_error_new("%s: no sample passes the filter", path);
	if (summary->samples)
		return perfgo_error_new("%s: all weights are 0", path);
	observer_warn(&terminal_observer, "%s: there are no samples", path);
	return NULL;
}

struct perfgo_error *gather_stacks(const struct gather *gather, struct recording *recording,
				   struct stack_tree *tree, enum stack_side side,
				   struct stack_profile_summary *ret)
{
	struct stack_profile *stacks = NULL;
	prepare(gather, recording);
	struct perfgo_error *error = stack_profile_new(recording->facts, &gather->stacks, &stacks);
	if (!error)
		error = read_all(recording, stacks);
	if (!error)
		error = stack_profile_finish(stacks, tree, side, ret);
	stack_profile_free(stacks);
	if (!error && !ret->weight)
		error = no_samples(gather, recording, ret);
	if (!error)
		say_left_out(gather, recording, ret);
	return error;
}
