// SPDX-License-Identifier: GPL-2.0-only
#include "firefox_profile.h"

#include <inttypes.h>
#include <string.h>

#include "attribute/frame_name.h"
#include "attribute/origin.h"
#include "base/array.h"
#include "base/tuples.h"
#include "commands.h"
#include "out/firefox.h"
#include "report/timeline.h"
#include "sampled_event.h"

enum { NAME_SIZE = 1024 };

/* What a track is told by; of goroutines the id is the goid. */
enum { TRACK_OF_GOROUTINE, TRACK_PID, TRACK_ID, TRACK_WORDS };

/* By origin of code; profiler.firefox.com takes the grey one for what is not known. */
static const struct firefox_category categories[NR_ORIGINS] = {
	[ORIGIN_UNKNOWN] = {"Other", "grey"},
	[ORIGIN_GO_APPLICATION] = {"Go application", "blue"},
	[ORIGIN_GO_STANDARD] = {"Go standard library", "green"},
	[ORIGIN_GO_RUNTIME] = {"Go runtime", "yellow"},
	[ORIGIN_NATIVE] = {"C", "purple"},
	[ORIGIN_KERNEL] = {"Kernel", "orange"},
};

/* Ids of the profile by those of the session; IDMAP_NONE: not there yet. */
struct memo {
	uint32_t *ids;
	size_t count, capacity;
};

struct profile {
	struct recording *recording;
	const struct firefox_options *options;
	struct firefox *firefox;
	struct timeline *timeline;
	int event; /* -1: not chosen yet */
	uint64_t first_time, last_time, samples, period, others;
	bool some_goroutine;
	struct tuples tracks; /* their ids are those of the profile's threads */
	struct memo libs, frames, stacks, addresses;
	struct column goids, entries;
	uint32_t self[BATCH_SIZE];
	bool pass[BATCH_SIZE];
	bool failed;
};

static const char *text_of(const struct profile *profile, uint32_t id)
{
	return strings_text(session_strings(profile->recording->session), id);
}

/* Where the id of a thing is kept; NULL without memory. */
static uint32_t *memo_at(struct profile *profile, struct memo *memo, uint32_t id)
{
	if (array_extend(memo->ids, memo->capacity, memo->count, (size_t)id + 1))
		return &memo->ids[id];
	profile->failed = true;
	return NULL;
}

static void hex_text(const uint8_t *bytes, size_t size, char text[2 * BUILD_ID_SIZE + 1])
{
	*text = 0;
	for (size_t i = 0; i < size && i < BUILD_ID_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static uint32_t lib_of(struct profile *profile, uint32_t id)
{
	uint32_t *lib = memo_at(profile, &profile->libs, id);
	if (!lib || id == DSO_NONE)
		return FIREFOX_NONE;
	if (*lib != IDMAP_NONE)
		return *lib;
	const struct dso *dso = session_dso(profile->recording->session, id);
	char build_id[2 * BUILD_ID_SIZE + 1];
	size_t size = 0;
	const uint8_t *bytes = session_build_id(profile->recording->session, id, &size);
	hex_text(bytes, bytes ? size : 0, build_id);
	return *lib = firefox_lib(profile->firefox,
				  &(struct firefox_lib){.name = text_of(profile, dso->short_name),
							.path = text_of(profile, dso->name),
							.build_id = build_id});
}

/*
 * Addresses are counted from where the image begins in memory. Those of the kernel would need more
 * digits than JavaScript's numbers have.
 */
static bool relative_address(const struct profile *profile, const struct location *location,
			     uint64_t *ret)
{
	const struct binary *binary =
		attribution_binary(profile->recording->attribution, location->dso);
	size_t count;
	uint64_t address;
	if (!binary || !image_address_of_offset(binary_image(binary),
						location->offset - location->returns, &address))
		return false;
	const struct image_segment *segments = image_segments(binary_image(binary), &count);
	*ret = address - segments[0].vaddr;
	return count > 0 && address >= segments[0].vaddr;
}

static uint32_t add_frame(struct profile *profile, const struct address *address,
			  struct frames frames, uint32_t i)
{
	struct attribution *attribution = profile->recording->attribution;
	const struct location *location =
		session_location(profile->recording->session, address->location);
	const struct frame *frame = attribution_frame(attribution, frames.first + i);
	const struct frame *physical = attribution_frame(attribution, frames.self);
	bool kernel = address->cpumode == PERF_RECORD_MISC_KERNEL;
	char buffer[FRAME_NAME_SIZE];
	struct firefox_frame made = {
		.function = frame_name(attribution, frame, buffer),
		.file = text_of(profile, frame->file),
		.line = frame->line,
		.function_line = frame->start_line,
		.category = kernel ? ORIGIN_KERNEL : code_origin(attribution, frame),
		.lib = lib_of(profile, frame->dso),
		.inline_depth = frames.count - 1 - i,
		.symbol = text_of(profile, physical->symbol),
	};
	made.has_address = relative_address(profile, location, &made.address);
	uint64_t into = frame->has_symbol ? frame->symbol_offset - location->returns : 0;
	made.start = made.address - (into <= made.address ? into : 0);
	return firefox_frame(profile->firefox, &made);
}

/* The stack that ADDRESS makes of its caller's, inlined calls one by one. */
static uint32_t push_address(struct profile *profile, uint32_t stack, uint32_t id)
{
	const struct address *address = session_address(profile->recording->session, id);
	struct frames frames =
		attribution_frames(profile->recording->attribution, address->location);
	for (uint32_t i = frames.count; i-- > 0;) {
		uint32_t *frame = memo_at(profile, &profile->frames, frames.first + i);
		if (!frame)
			return stack;
		if (*frame == IDMAP_NONE)
			*frame = add_frame(profile, address, frames, i);
		stack = firefox_stack(profile->firefox, stack, *frame);
	}
	return stack;
}

static uint32_t make_stack(struct profile *profile, uint32_t id)
{
	const struct stack *stack = session_stack(profile->recording->session, id);
	uint32_t made = FIREFOX_NONE;
	for (uint32_t i = stack->count; i-- > 0;)
		made = push_address(profile, made, stack->addresses[i]);
	return made;
}

/* The stack of a sample; of one without a callchain its address alone. */
static uint32_t stack_of(struct profile *profile, const struct batch *batch, size_t i)
{
	uint32_t id = batch->stacks[i];
	uint32_t *known = memo_at(profile, id ? &profile->stacks : &profile->addresses,
				  id ? id : batch->addresses[i]);
	if (known && *known == IDMAP_NONE)
		*known = id ? make_stack(profile, id)
			    : push_address(profile, FIREFOX_NONE, batch->addresses[i]);
	return known ? *known : FIREFOX_NONE;
}

static void add_track(struct profile *profile, const uint64_t *track, const char *comm,
		      const char *entry)
{
	char name[NAME_SIZE], tid[32];
	bool goroutine = track[TRACK_OF_GOROUTINE];
	if (goroutine)
		snprintf(name, sizeof(name), "%s %" PRIu64, entry ? entry : "goroutine",
			 track[TRACK_ID]);
	/* Threads that are beside goroutines have no number that could be one of theirs. */
	snprintf(tid, sizeof(tid), "%s%" PRIu64,
		 profile->options->by_goroutine && !goroutine ? "thread " : "", track[TRACK_ID]);
	firefox_thread(profile->firefox,
		       &(struct firefox_thread){.name = goroutine ? name
							: comm	  ? comm
								  : "?",
						.process = comm,
						.tid = tid,
						.pid = (uint32_t)track[TRACK_PID],
						.is_main = goroutine ? track[TRACK_ID] == 1
								     : track[TRACK_ID] ==
									       track[TRACK_PID]});
}

static uint32_t track_of(struct profile *profile, bool goroutine, uint32_t pid, uint64_t id,
			 const char *comm, const char *entry)
{
	const uint64_t words[TRACK_WORDS] = {goroutine, pid, id};
	size_t before = profile->tracks.count;
	uint32_t track = tuples_id(&profile->tracks, words);
	profile->failed |= track == IDMAP_NONE;
	if (track == before)
		add_track(profile, words, comm, entry);
	return track;
}

/* Without a goroutine it is its thread's, beside those of goroutines. */
static uint32_t track_of_sample(struct profile *profile, const struct batch *batch, size_t i)
{
	const struct thread *thread =
		session_thread(profile->recording->session, batch->threads[i]);
	const char *comm = text_of(profile, thread->comm);
	if (!profile->options->by_goroutine || !profile->goids.known[i])
		return track_of(profile, false, thread->pid, thread->tid, comm, NULL);
	profile->some_goroutine = true;
	return track_of(profile, true, thread->pid, profile->goids.values[i], comm,
			text_of(profile, (uint32_t)profile->entries.values[i]));
}

static double milliseconds(const struct profile *profile, uint64_t time)
{
	return time > profile->first_time ? (double)(time - profile->first_time) / 1e6 : 0;
}

/*
 * In the order of time, so that samples of one track come in it. Beside threads only what ran there
 * is shown.
 */
static void add_interval(void *context, const struct timeline_interval *interval)
{
	static const char *const states[TIMELINE_STATES] = {
		[TIMELINE_RUNNING] = "running",
		[TIMELINE_RUNNABLE] = "runnable",
		[TIMELINE_WAITING] = "waiting",
	};
	struct profile *profile = context;
	bool goroutine = profile->options->by_goroutine;
	const char *state = states[interval->state];
	const char *entry = text_of(profile, interval->goroutine);
	const char *reason = text_of(profile, interval->reason);
	bool running = interval->state == TIMELINE_RUNNING;
	if (!state || (!goroutine && !running))
		return;
	uint32_t track = track_of(profile, goroutine, interval->pid,
				  goroutine ? interval->goid : interval->tid, NULL, entry);
	firefox_marker(
		profile->firefox, track,
		&(struct firefox_marker){
			.from = milliseconds(profile, interval->from),
			.to = milliseconds(profile, interval->to),
			.name = goroutine ? (reason ? reason : state) : (entry ? entry : "?"),
			.state = state,
			.goroutine = entry,
			.goid = interval->goid,
			.by = interval->by,
			.tid = running ? interval->tid : 0,
			.category = running ? ORIGIN_GO_APPLICATION : ORIGIN_UNKNOWN,
		});
}

static void add_sample(struct profile *profile, const struct batch *batch, size_t i)
{
	const struct sample *sample = &batch->samples[i];
	const struct perfdata_event *event =
		perfdata_event(session_data(profile->recording->session), sample->event);
	uint32_t track = track_of_sample(profile, batch, i);
	if (sample->event != (uint32_t)profile->event) {
		profile->others += perfdata_event_samples(event);
		return;
	}
	profile->samples++;
	profile->period += sample->period;
	firefox_sample(profile->firefox, track, milliseconds(profile, sample->time),
		       stack_of(profile, batch, i),
		       event_is_clock(event) ? (double)sample->period / 1e6 : 1);
}

/*
 * The first event that samples, of those the first samples are of: events may be there that never
 * had one. Of a recording of tracepoints alone, as perf go inject makes, the first of them.
 */
static int choose_event(const struct perfdata *data, const struct batch *batch)
{
	int chosen = -1, any = (int)batch->samples[0].event;
	for (size_t i = 0; i < batch->count; i++) {
		int event = (int)batch->samples[i].event;
		any = event < any ? event : any;
		if ((chosen < 0 || event < chosen) &&
		    perfdata_event_samples(perfdata_event(data, (size_t)event)))
			chosen = event;
	}
	return chosen < 0 ? any : chosen;
}

static struct perfgo_error *begin(struct profile *profile, const struct batch *batch)
{
	const struct perfdata *data = session_data(profile->recording->session);
	struct perfgo_error *error = event_by_name(data, profile->options->event, &profile->event);
	if (!error && profile->event < 0)
		profile->event = choose_event(data, batch);
	profile->first_time = batch->samples[0].time;
	return error;
}

static struct perfgo_error *add_batch(struct profile *profile, const struct batch *batch)
{
	struct facts *facts = profile->recording->facts;
	struct perfgo_error *error = profile->event < 0 ? begin(profile, batch) : NULL;
	if (error)
		return error;
	facts_frames(facts, batch, profile->self);
	memset(profile->pass, true, batch->count);
	filter_apply(profile->options->filter, facts, batch, profile->self, profile->pass);
	key_fill(key_find("goid"), facts, batch, profile->self, &profile->goids);
	key_fill(key_find("goroutine"), facts, batch, profile->self, &profile->entries);
	for (size_t i = 0; i < batch->count; i++) {
		if (profile->pass[i])
			add_sample(profile, batch, i);
		if (batch->samples[i].time > profile->last_time)
			profile->last_time = batch->samples[i].time;
	}
	error = timeline_add(profile->timeline, batch);
	return profile->failed && !error ? perfgo_error_no_memory() : error;
}

static struct perfgo_error *read_all(struct profile *profile)
{
	const struct timeline_row *rows;
	struct batch batch;
	size_t count;
	struct perfgo_error *error = NULL;
	while (recording_next(profile->recording, &batch, &error))
		error = add_batch(profile, &batch);
	return error ? error : timeline_finish(profile->timeline, &rows, &count);
}

/* An empty profile would be taken for a program that did nothing. */
static struct perfgo_error *check(const struct profile *profile)
{
	const char *path = perfdata_path(session_data(profile->recording->session));
	if (!profile->tracks.count)
		return perfgo_error_new("%s: %s", path,
					profile->options->filter ? "no sample passes the filter"
								 : "there are no samples");
	if (!profile->samples && !timeline_totals(profile->timeline)->switches)
		return perfgo_error_new("%s: there are no samples of %s", path,
					perfdata_event(session_data(profile->recording->session),
						       (size_t)profile->event)
						->name);
	if (profile->options->by_goroutine && !profile->some_goroutine)
		return perfgo_error_hint(
			perfgo_error_new("%s: no goroutine is known of any sample", path),
			"perf go record records them; without --by there is a track a thread");
	return NULL;
}

static void say_left_out(const struct profile *profile)
{
	const struct perfdata *data = session_data(profile->recording->session);
	if (profile->others)
		observer_warn(&terminal_observer,
			      "only %s: %" PRIu64
			      " samples of others are left out\n         --event NAME takes "
			      "another one",
			      perfdata_event(data, (size_t)profile->event)->name, profile->others);
}

/* About how far samples are apart, ms; it is what pictures are drawn by. */
static double interval_of(const struct profile *profile, const struct perfdata_event *event)
{
	double samples = profile->samples ? (double)profile->samples : 1;
	if (event_is_clock(event) && profile->period)
		return (double)profile->period / samples / 1e6;
	double interval = milliseconds(profile, profile->last_time) / samples;
	return interval > 0 ? interval : 1;
}

static struct perfgo_error *finish(struct profile *profile, void **bytes_ret, size_t *size_ret)
{
	const struct perfdata *data = session_data(profile->recording->session);
	const struct perfdata_header *header = perfdata_header(data);
	const struct perfdata_event *event = perfdata_event(data, (size_t)profile->event);
	const struct firefox_meta meta = {
		.product = perfdata_path(data),
		.arch = header->arch,
		.platform = header->osrelease,
		.host = header->hostname,
		.cpu = header->cpudesc,
		.cpus = header->nr_cpus_online,
		.start = header->has_clock
				 ? (double)(int64_t)(header->wall_clock_ns + profile->first_time -
						     header->clock_ns) /
					   1e6
				 : 0,
		.interval = interval_of(profile, event),
		.weights_are_ms = event_is_clock(event),
		.categories = categories,
		.nr_categories = NR_ORIGINS,
	};
	return firefox_finish(profile->firefox, &meta, bytes_ret, size_ret);
}

static void deinit(struct profile *profile)
{
	timeline_free(profile->timeline);
	firefox_free(profile->firefox);
	tuples_deinit(&profile->tracks);
	free(profile->libs.ids);
	free(profile->frames.ids);
	free(profile->stacks.ids);
	free(profile->addresses.ids);
}

struct perfgo_error *firefox_profile(struct recording *recording,
				     const struct firefox_options *options, void **bytes_ret,
				     size_t *size_ret)
{
	struct profile profile = {.recording = recording,
				  .options = options,
				  .event = -1,
				  .tracks = {.width = TRACK_WORDS}};
	const struct timeline_options switches = {
		.filter = options->filter, .visit = add_interval, .context = &profile};
	struct perfgo_error *error = firefox_new(&profile.firefox);
	if (!error)
		error = timeline_new(recording->facts, &switches, &profile.timeline);
	if (!error)
		error = read_all(&profile);
	if (!error)
		error = check(&profile);
	if (!error)
		error = finish(&profile, bytes_ret, size_ret);
	if (!error)
		say_left_out(&profile);
	deinit(&profile);
	return error;
}
