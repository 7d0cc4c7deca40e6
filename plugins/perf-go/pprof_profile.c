// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names are the linker's, as in the profiles of runtime/pprof, whose functions the compiler finds
 * again by them (runtime/pprof/proto.go, cmd/compile/internal/pgo, go1.26).
 */
#include "pprof_profile.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "out/pprof.h"
#include "out/writer.h"
#include "sampled_event.h"

enum { PAGE = 4096, VALUES_OF_EVENT = 2 };

/* A binary as one mapping, at the address where it was met first. */
struct profile_dso {
	uint64_t samples;   /* of the frames in it */
	uint64_t bias;	    /* from offsets in the file to addresses */
	uint64_t low, high; /* addresses of what is in the profile; high 0: nothing */
	uint64_t mapping;   /* its id */
};

/* Where an event's values are among those of a sample. */
struct profile_event {
	uint64_t samples, period;
	size_t value;
};

struct profile {
	struct recording *recording;
	const struct sample_classes *classes;
	const struct profile_options *options;
	struct pprof *pprof;
	struct profile_event *events;
	size_t nr_events, nr_values;
	struct profile_dso *dsos;
	size_t nr_dsos;
	uint64_t *location_ids; /* by location; 0: not written yet */
	size_t nr_locations;
	struct {
		uint64_t *ids;
		size_t count, capacity;
	} stack;
	struct {
		struct pprof_label *labels;
		size_t count, capacity;
	} labels;
	int64_t *values;
	bool failed;
};

static const char *text_of(const struct profile *profile, uint32_t id)
{
	return strings_text(session_strings(profile->recording->session), id);
}

static bool is_wanted(const struct profile *profile, const struct sample_class *class)
{
	return profile->options->event < 0 || class->event == (uint32_t)profile->options->event;
}

/* The addresses of a class: those of its stack, else its own. */
static const uint32_t *addresses_of(const struct profile *profile, const struct sample_class *class,
				    size_t *count_ret)
{
	const struct stack *stack = session_stack(profile->recording->session, class->stack);
	*count_ret = class->stack ? stack->count : 1;
	return class->stack ? stack->addresses : &class->address;
}

/* Of several processes that have a binary at different places the first one counts. */
static uint64_t address_in(const struct profile_dso *dso, const struct location *location)
{
	return location->offset + dso->bias - location->returns;
}

static void note_address(struct profile *profile, uint32_t id, uint64_t samples)
{
	const struct session *session = profile->recording->session;
	const struct address *address = session_address(session, id);
	const struct location *location = session_location(session, address->location);
	struct profile_dso *dso = &profile->dsos[location->dso];
	if (!dso->samples)
		*dso = (struct profile_dso){.bias = address->ip - location->offset,
					    .low = UINT64_MAX};
	uint64_t at = address_in(dso, location);
	dso->samples += samples;
	dso->low = at < dso->low ? at : dso->low;
	dso->high = at > dso->high ? at : dso->high;
}

static void note_class(struct profile *profile, const struct sample_class *class)
{
	size_t count;
	const uint32_t *addresses = addresses_of(profile, class, &count);
	profile->events[class->event].samples += class->samples;
	profile->events[class->event].period += class->period;
	for (size_t i = 0; i < count; i++)
		note_address(profile, addresses[i], class->samples);
}

static const struct perfdata_event *event_at(const struct profile *profile, size_t i)
{
	return perfdata_event(session_data(profile->recording->session), i);
}

/*
 * The event whose values are the profile's `samples` and, of a clock, `cpu`, as those of
 * runtime/pprof: the first one that was asked for, but for those that do not sample.
 */
static size_t main_event(const struct profile *profile)
{
	size_t any = 0;
	for (size_t i = profile->nr_events; i-- > 0;)
		if (profile->events[i].samples)
			any = i;
	for (size_t i = any; i < profile->nr_events; i++)
		if (profile->events[i].samples && perfdata_event_samples(event_at(profile, i)))
			return i;
	return any;
}

static const char *unit_of(const struct perfdata_event *event)
{
	return event_is_clock(event) ? "nanoseconds" : "count";
}

static void add_types(struct profile *profile, size_t i, bool is_main)
{
	const struct perfdata_event *event = event_at(profile, i);
	char samples[256];
	snprintf(samples, sizeof(samples), "%s samples", event->name);
	profile->events[i].value = profile->nr_values;
	pprof_sample_type(profile->pprof, is_main ? "samples" : samples, "count");
	const char *type = is_main && event_is_clock(event) ? "cpu" : event->name;
	pprof_sample_type(profile->pprof, type, unit_of(event));
	if (is_main)
		pprof_default_type(profile->pprof, type);
	profile->nr_values += VALUES_OF_EVENT;
}

/* What a sample of a sampled event stands for; on the average, where the kernel chose it. */
static void add_period(struct profile *profile, size_t i)
{
	const struct perfdata_event *event = event_at(profile, i);
	const struct profile_event *sums = &profile->events[i];
	uint64_t period = sums->samples ? sums->period / sums->samples : 0;
	pprof_period(profile->pprof, event_is_clock(event) ? "cpu" : event->name, unit_of(event),
		     period);
}

static void add_time(struct profile *profile)
{
	const struct perfdata_header *header =
		perfdata_header(session_data(profile->recording->session));
	const struct sample_classes_totals *totals = sample_classes_totals(profile->classes);
	uint64_t begin = totals->first_time && header->has_clock
				 ? header->wall_clock_ns + totals->first_time - header->clock_ns
				 : 0;
	pprof_time(profile->pprof, begin, totals->last_time - totals->first_time);
}

static void add_comment(struct profile *profile, struct writer *text)
{
	writer_char(text, '\0');
	size_t size;
	const char *comment = writer_text(text, &size);
	if (!writer_failed(text))
		pprof_comment(profile->pprof, comment);
	perfgo_error_destroy(writer_finish(text));
}

/* "recorded on api-7, linux 6.1.0 x86_64, with perf 6.1.115" */
static void add_machine(struct profile *profile, const struct perfdata_header *header)
{
	struct writer text = writer_of_memory();
	writer_printf(&text, "recorded on %s", header->hostname ? header->hostname : "?");
	if (header->osrelease)
		writer_printf(&text, ", linux %s", header->osrelease);
	if (header->arch)
		writer_printf(&text, " %s", header->arch);
	if (header->version)
		writer_printf(&text, ", with perf %s", header->version);
	add_comment(profile, &text);
}

static void add_counts(struct profile *profile, const struct perfdata_counts *counts)
{
	const struct sample_classes_totals *totals = sample_classes_totals(profile->classes);
	struct writer text = writer_of_memory();
	writer_printf(&text, "%" PRIu64 " samples, %" PRIu64 " lost", totals->samples,
		      counts->lost + counts->lost_samples);
	if (totals->filtered)
		writer_printf(&text, ", %" PRIu64 " filtered out", totals->filtered);
	add_comment(profile, &text);
}

static void add_comments(struct profile *profile)
{
	const struct perfdata *data = session_data(profile->recording->session);
	add_machine(profile, perfdata_header(data));
	add_counts(profile, perfdata_counts(data));
}

static void add_all_types(struct profile *profile)
{
	size_t first = main_event(profile);
	add_types(profile, first, true);
	for (size_t i = 0; i < profile->nr_events; i++)
		if (i != first && profile->events[i].samples)
			add_types(profile, i, false);
	if (profile->options->sum_unit && sample_classes_totals(profile->classes)->with_sum) {
		pprof_sample_type(profile->pprof, "mem_cycles", profile->options->sum_unit);
		profile->nr_values++;
	}
	add_period(profile, first);
	add_time(profile);
	add_comments(profile);
}

/* As its note has it; Go's own is none, as in the profiles of runtime/pprof. */
static const uint8_t *build_id_of(struct profile *profile, uint32_t id, size_t *size_ret)
{
	const struct binary *binary = attribution_binary(profile->recording->attribution, id);
	const uint8_t *build_id = session_build_id(profile->recording->session, id, size_ret);
	return build_id || !binary ? build_id : image_build_id(binary_image(binary), size_ret);
}

static void hex_text(const uint8_t *bytes, size_t size, char *text)
{
	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* What of a file was executable, and in the kernel the pages that samples were in. */
static void place_mapping(const struct dso *dso, const struct profile_dso *found,
			  struct pprof_mapping *ret)
{
	ret->start = dso->map_pgoff + found->bias;
	ret->end = ret->start + dso->map_length;
	ret->offset = dso->map_pgoff;
	if (dso->kind == DSO_FILE && found->low >= ret->start && found->high < ret->end)
		return;
	ret->start = found->low & -(uint64_t)PAGE;
	ret->end = (found->high & -(uint64_t)PAGE) + PAGE;
	ret->offset = dso->kind == DSO_FILE ? ret->start - found->bias : 0;
	if (ret->end < ret->start)
		ret->end = UINT64_MAX;
}

static void add_mapping(struct profile *profile, uint32_t id)
{
	const struct dso *dso = session_dso(profile->recording->session, id);
	struct profile_dso *found = &profile->dsos[id];
	char text[2 * BUILD_ID_SIZE + 1] = "";
	size_t size = 0;
	const uint8_t *build_id = build_id_of(profile, id, &size);
	struct pprof_mapping mapping = {
		.file = text_of(profile, dso->kind == DSO_FILE ? dso->name : dso->short_name),
		.build_id = text,
	};
	place_mapping(dso, found, &mapping);
	if (build_id && size <= BUILD_ID_SIZE)
		hex_text(build_id, size, text);
	found->mapping = pprof_mapping(profile->pprof, &mapping);
}

/* The file most frames are in comes first: pprof takes that for the program. */
static void add_mappings(struct profile *profile)
{
	uint32_t first = DSO_NONE;
	for (uint32_t id = 1; id < profile->nr_dsos; id++)
		if (session_dso(profile->recording->session, id)->kind == DSO_FILE &&
		    profile->dsos[id].samples > profile->dsos[first].samples * (first != DSO_NONE))
			first = id;
	if (first != DSO_NONE)
		add_mapping(profile, first);
	for (uint32_t id = 1; id < profile->nr_dsos; id++)
		if (id != first && profile->dsos[id].samples)
			add_mapping(profile, id);
}

static struct pprof_line line_of(const struct profile *profile, const struct frame *frame)
{
	const char *linkage = text_of(profile, frame->linkage);
	const char *symbol = text_of(profile, frame->symbol);
	return (struct pprof_line){.function = frame->function ? linkage : symbol,
				   .system_name = linkage,
				   .file = text_of(profile, frame->file),
				   .line = frame->line,
				   .start_line = frame->start_line};
}

/* Code of which no name is known has no lines: pprof then shows its mapping. */
static uint64_t add_location(struct profile *profile, uint32_t id)
{
	const struct location *location = session_location(profile->recording->session, id);
	const struct profile_dso *dso = &profile->dsos[location->dso];
	struct attribution *attribution = profile->recording->attribution;
	struct frames frames = attribution_frames(attribution, id);
	struct pprof_line lines[BINARY_MAX_FRAMES];
	size_t count = 0;
	for (uint32_t i = 0; i < frames.count && i < BINARY_MAX_FRAMES; i++) {
		const struct frame *frame = attribution_frame(attribution, frames.first + i);
		/* What is inlined into a wrapper is told in its place. */
		if (frame->symbol && !(frame->wrapper && count))
			lines[count++] = line_of(profile, frame);
	}
	return pprof_location(profile->pprof, dso->mapping, address_in(dso, location), lines,
			      count);
}

static uint64_t location_of(struct profile *profile, uint32_t address)
{
	uint32_t id = session_address(profile->recording->session, address)->location;
	if (!profile->location_ids[id])
		profile->location_ids[id] = add_location(profile, id);
	return profile->location_ids[id];
}

/* runtime/traceback.go, go1.26, elideWrapperCalling() */
static bool panics(const char *function)
{
	return function &&
	       (!strcmp(function, "runtime.gopanic") || !strcmp(function, "runtime.sigpanic") ||
		!strcmp(function, "runtime.panicwrap"));
}

/* Whether an address is in a wrapper only. */
static bool is_wrapper(const struct profile *profile, uint32_t address)
{
	struct attribution *attribution = profile->recording->attribution;
	uint32_t id = session_address(profile->recording->session, address)->location;
	struct frames frames = attribution_frames(attribution, id);
	return frames.count == 1 && attribution_frame(attribution, frames.first)->wrapper;
}

/* The function of an address, not what is inlined there; NULL unknown. */
static const char *function_at(const struct profile *profile, uint32_t address)
{
	struct attribution *attribution = profile->recording->attribution;
	uint32_t id = session_address(profile->recording->session, address)->location;
	struct frames frames = attribution_frames(attribution, id);
	uint32_t physical = frames.first + frames.count - 1;
	return text_of(profile, attribution_frame(attribution, physical)->linkage);
}

/*
 * The stack without the compiler's wrappers, as the profiles of runtime/pprof are: by them go build
 * -pgo knows callers of what is called through a method value. Returns how many locations it has.
 */
static size_t add_stack(struct profile *profile, const uint32_t *addresses, size_t count)
{
	size_t added = 0;
	for (size_t i = 0; i < count; i++)
		if (!i || !is_wrapper(profile, addresses[i]) ||
		    panics(function_at(profile, addresses[i - 1])))
			profile->stack.ids[added++] = location_of(profile, addresses[i]);
	return added;
}

static void add_label(struct profile *profile, const struct pprof_label *label)
{
	if (!array_reserve(profile->labels.labels, profile->labels.capacity,
			   profile->labels.count + 1))
		profile->failed = true;
	else
		profile->labels.labels[profile->labels.count++] = *label;
}

/* A goroutine's own labels, by their names. */
static void add_label_set(struct profile *profile, const struct label_set *set)
{
	for (size_t i = 0; set && i < set->count; i++)
		add_label(profile, &(struct pprof_label){.key = set->labels[i].key,
							 .text = set->labels[i].value});
}

static void add_key(struct profile *profile, const struct key *key, uint64_t value,
		    char buffer[KEY_TEXT_SIZE])
{
	struct facts *facts = profile->recording->facts;
	struct pprof_label label = {.key = key->label ? key->label : key->name, .unit = "count"};
	if (key->labels) {
		add_label_set(profile, facts_label_set(facts, value));
		return;
	}
	if (key->kind == KEY_NUMBER && value <= INT64_MAX)
		label.number = (int64_t)value;
	else if (key->kind == KEY_SIGNED)
		label.number = (int32_t)value;
	else
		label.text = key_text(key, facts, value, true, buffer);
	/* A goroutine without the label has an empty value for the key. */
	if (!label.text || *label.text)
		add_label(profile, &label);
}

static void add_sample(struct profile *profile, const struct sample_class *class)
{
	char buffers[MAX_KEYS][KEY_TEXT_SIZE];
	size_t count;
	const uint32_t *addresses = addresses_of(profile, class, &count);
	if (!array_reserve(profile->stack.ids, profile->stack.capacity, count)) {
		profile->failed = true;
		return;
	}
	size_t nr_locations = add_stack(profile, addresses, count);
	profile->labels.count = 0;
	for (size_t i = 0; i < profile->options->labels->count; i++) {
		uint64_t value;
		if (sample_classes_value(profile->classes, class, i, &value))
			add_key(profile, profile->options->labels->keys[i], value, buffers[i]);
	}
	size_t at = profile->events[class->event].value;
	memset(profile->values, 0, (profile->nr_values + 1) * sizeof(*profile->values));
	profile->values[profile->nr_values - 1] = (int64_t) class->sum;
	profile->values[at] = (int64_t) class->samples;
	profile->values[at + 1] = (int64_t) class->period;
	pprof_sample(profile->pprof, &(struct pprof_sample){.locations = profile->stack.ids,
							    .nr_locations = nr_locations,
							    .values = profile->values,
							    .labels = profile->labels.labels,
							    .nr_labels = profile->labels.count});
}

static void fill(struct profile *profile)
{
	size_t count;
	const struct sample_class *classes = sample_classes_get(profile->classes, &count);
	for (size_t i = 0; i < count; i++)
		if (is_wanted(profile, &classes[i]))
			note_class(profile, &classes[i]);
	add_all_types(profile);
	add_mappings(profile);
	for (size_t i = 0; i < count && !profile->failed; i++)
		if (is_wanted(profile, &classes[i]))
			add_sample(profile, &classes[i]);
}

static bool allocate(struct profile *profile)
{
	const struct session *session = profile->recording->session;
	profile->nr_events = perfdata_nr_events(session_data(session));
	profile->nr_dsos = session_nr_dsos(session) + 1;
	profile->nr_locations = session_nr_locations(session);
	profile->events = calloc(profile->nr_events + 1, sizeof(*profile->events));
	profile->dsos = calloc(profile->nr_dsos, sizeof(*profile->dsos));
	profile->location_ids = calloc(profile->nr_locations + 1, sizeof(*profile->location_ids));
	profile->values =
		calloc(VALUES_OF_EVENT * (profile->nr_events + 1) + 1, sizeof(*profile->values));
	return profile->events && profile->dsos && profile->location_ids && profile->values;
}

static void deinit(struct profile *profile)
{
	pprof_free(profile->pprof);
	free(profile->events);
	free(profile->dsos);
	free(profile->location_ids);
	free(profile->values);
	free(profile->stack.ids);
	free(profile->labels.labels);
}

struct perfgo_error *pprof_profile(struct recording *recording,
				   const struct sample_classes *classes,
				   const struct profile_options *options, void **bytes_ret,
				   size_t *size_ret)
{
	struct profile profile = {.recording = recording, .classes = classes, .options = options};
	struct perfgo_error *error = pprof_new(&profile.pprof);
	if (!error && !allocate(&profile))
		error = perfgo_error_no_memory();
	if (!error) {
		fill(&profile);
		error = profile.failed ? perfgo_error_no_memory()
				       : pprof_finish(profile.pprof, bytes_ret, size_ret);
	}
	deinit(&profile);
	return error;
}
