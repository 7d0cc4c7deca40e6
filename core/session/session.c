// SPDX-License-Identifier: GPL-2.0-only
#include "session/session.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "session/internal.h"

/* Goes on without what ERROR is about. */
static void warn(const struct session *session, struct perfgo_error *error)
{
	if (error)
		observer_warn(session->observer, "%s: %s", perfdata_path(session->data),
			      perfgo_error_text(error));
	perfgo_error_destroy(error);
}

struct perfgo_error *session_open(const char *path, const struct observer *observer,
				  struct session **ret)
{
	struct session *session = calloc(1, sizeof(*session));
	struct perfgo_error *error =
		session ? perfdata_open(path, PERFDATA_TIME_ORDER, observer, &session->data)
			: perfgo_error_no_memory();
	if (error) {
		free(session);
		return error;
	}
	session->observer = observer;
	warn(session, goroutines_init(&session->goroutines, session->data));
	session->code.max_stack = DEFAULT_MAX_STACK;
	session->dsos.strings = &session->strings;
	session->threads.strings = &session->strings;
	session->kernel_dso =
		dsos_find(&session->dsos, DSO_KERNEL, "[kernel.kallsyms]", NULL, 0, 0);
	session->kernel = maps_new();
	if (!session->kernel || !session->kernel_dso || !threads_find(&session->threads, 0, 0)) {
		session_close(session);
		return perfgo_error_no_memory();
	}
	*ret = session;
	return NULL;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	perfdata_close(session->data);
	code_deinit(&session->code);
	goroutines_deinit(&session->goroutines);
	snapshots_deinit(&session->snapshots);
	threads_deinit(&session->threads);
	maps_destroy(session->kernel);
	dsos_deinit(&session->dsos);
	strings_deinit(&session->strings);
	free(session->cgroups);
	idmap_deinit(&session->cgroups_index);
	free(session->executions);
	free(session->losses);
	free(session->build_id_of_name);
	free(session->made);
	free(session->read_totals);
	free(session->read_ids);
	idmap_deinit(&session->read_index);
	free(session);
}

void session_limit_stacks(struct session *session, uint32_t count)
{
	session->code.max_stack = count;
}

void session_make_stacks(struct session *session, stack_maker *maker, void *context)
{
	session->maker = maker;
	session->maker_context = context;
}

void session_forget_exited(struct session *session)
{
	size_t size;
	session->threads.forget_exited = !perfdata_feature(session->data, HEADER_AUXTRACE, &size);
}

/* The address of a sample's ip, which most often is where its stack begins. */
static uint32_t address_of(struct session *session, const struct sample *sample,
			   const struct stack_query *query)
{
	struct code_context context = {.user = query->user, .kernel = session->kernel};
	const struct stack *stack = session_stack(session, query->id);
	if (stack->count) {
		const struct address *leaf = session_address(session, stack->addresses[0]);
		if (leaf->ip == sample->ip && leaf->cpumode == sample->cpumode)
			return stack->addresses[0];
	}
	return code_address(&session->code, &context, sample->ip, sample->cpumode, ADDRESS_PLACE);
}

/* IDMAP_NONE without memory. */
static uint32_t find_goroutine(struct session *session, size_t i)
{
	const struct sample *sample = &session->samples[i];
	struct code_context context = {.user = session->queries[i].user, .kernel = session->kernel};
	const struct go_payload *payload = goroutines_payload(&session->goroutines, sample);
	bool says = payload &&
		    (payload->goid != GO_GOID_UNKNOWN || payload->goroutine != GOROUTINE_UNKNOWN);
	uint32_t by_register = says ? 0 : session_goroutine_by_register(session, i, &context);
	if (!payload || by_register)
		return by_register;
	return goroutines_intern(&session->goroutines, &session->code, &context, payload,
				 sample->pid);
}

/* False without memory. */
static bool find_goroutines(struct session *session, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		session->batch_goroutines[i] = find_goroutine(session, i);
		if (session->batch_goroutines[i] == IDMAP_NONE)
			return false;
	}
	return true;
}

/*
 * Puts the samples that have been read since into their context, before the context changes or the
 * batch ends. False without memory.
 */
static bool locate(struct session *session)
{
	size_t from = session->nr_located, to = session->nr_samples;
	struct code_context context = {.kernel = session->kernel};
	code_stacks(&session->code, &context, session->queries + from, to - from);
	for (size_t i = from; i < to; i++) {
		const struct stack_query *query = &session->queries[i];
		if (query->id == IDMAP_NONE)
			return false;
		session->batch_stacks[i] = query->id;
		session->batch_addresses[i] = address_of(session, &session->samples[i], query);
		if (session->batch_addresses[i] == IDMAP_NONE)
			return false;
	}
	if (session_has_goroutines(session) && !find_goroutines(session, from, to))
		return false;
	session->nr_located = to;
	return true;
}

/* Replaces the recorded callchain by the one that is made of the sample. False without memory. */
static bool make_stack(struct session *session, const struct sample *sample,
		       struct stack_query *query)
{
	if (!session->made)
		session->made = reallocarray(NULL, BATCH_SIZE * MAX_MADE, sizeof(*session->made));
	if (!session->made)
		return false;
	struct made_stack made = {.entries = session->made + session->nr_samples * MAX_MADE,
				  .max = MAX_MADE};
	session->maker(session->maker_context, sample, query->user, &made);
	if (made.count) {
		query->raw = made.entries;
		query->count = made.count;
		query->calls = made.calls;
		query->inferred = made.inferred;
	}
	return true;
}

/* Takes the sample at session->samples[nr_samples] into the batch. False without memory. */
static bool accept(struct session *session)
{
	size_t i = session->nr_samples;
	const struct sample *sample = &session->samples[i];
	const struct live_thread *live = threads_find(&session->threads, sample->pid, sample->tid);
	if (!live)
		return false;
	session->batch_sequences[i] = session->sequence;
	session->batch_threads[i] = live->thread;
	session->queries[i] = (struct stack_query){
		.user = threads_maps_of(&session->threads, live),
		.raw = sample->callchain,
		.count = session->code.max_stack ? sample->nr_callchain : 0,
		.cpumode = sample->cpumode,
	};
	if (session->maker && session->code.max_stack &&
	    !make_stack(session, sample, &session->queries[i]))
		return false;
	session->nr_samples++;
	return true;
}

/* Hands out what a READ sample still has. False without memory. */
static bool accept_reads(struct session *session)
{
	while (session->nr_samples < BATCH_SIZE &&
	       session_next_read(session, &session->samples[session->nr_samples]))
		if (!accept(session))
			return false;
	return true;
}

static bool accept_record(struct session *session, const struct record *record)
{
	struct sample *sample = &session->samples[session->nr_samples];
	if (record_type(session->data, record) != PERF_RECORD_SAMPLE)
		return locate(session) && session_follow(session, record);
	session->sequence = record->sequence;
	if (!perfdata_sample(session->data, record, sample))
		return true;
	if (!(sample->type & PERF_SAMPLE_READ))
		return accept(session);
	session_begin_read(session, sample);
	return accept_reads(session);
}

/* Fills the batch from the records at hand. False without memory. */
static bool fill_batch(struct session *session)
{
	session->nr_samples = session->nr_located = 0;
	if (!accept_reads(session))
		return false;
	while (session->nr_samples < BATCH_SIZE && session->at_record < session->nr_records)
		if (!accept_record(session, &session->records[session->at_record++]))
			return false;
	return locate(session);
}

struct perfgo_error *session_read(struct session *session, struct batch *ret)
{
	for (;;) {
		if (!fill_batch(session))
			return perfgo_error_no_memory();
		if (session->nr_samples)
			break;
		session->at_record = 0;
		struct perfgo_error *error =
			perfdata_read(session->data, &session->records, &session->nr_records);
		if (error)
			return error;
		if (!session->nr_records)
			break;
	}
	*ret = (struct batch){.count = session->nr_samples,
			      .samples = session->samples,
			      .threads = session->batch_threads,
			      .addresses = session->batch_addresses,
			      .stacks = session->batch_stacks,
			      .goroutines = session->batch_goroutines,
			      .sequences = session->batch_sequences};
	return NULL;
}

struct perfdata *session_data(const struct session *session)
{
	return session->data;
}

const struct observer *session_observer(const struct session *session)
{
	return session->observer;
}

struct strings *session_strings(struct session *session)
{
	return &session->strings;
}

const struct thread *session_thread(const struct session *session, uint32_t id)
{
	return &session->threads.threads[id];
}

bool session_has_thread(const struct session *session, uint32_t tid)
{
	return threads_known(&session->threads, tid);
}

const struct loss *session_losses(const struct session *session, size_t *count_ret)
{
	*count_ret = session->nr_losses;
	return session->losses;
}

const struct execution *session_executions(const struct session *session, size_t *count_ret)
{
	*count_ret = session->nr_executions;
	return session->executions;
}

const struct address *session_address(const struct session *session, uint32_t id)
{
	return &session->code.addresses[id];
}

const struct location *session_location(const struct session *session, uint32_t id)
{
	return &session->code.locations[id];
}

const struct stack *session_stack(const struct session *session, uint32_t id)
{
	static const struct stack empty;
	return id ? &session->code.stacks[id] : &empty;
}

const struct dso *session_dso(const struct session *session, uint32_t id)
{
	return dsos_get(&session->dsos, id);
}

const struct goroutine *session_goroutine(const struct session *session, uint32_t id)
{
	static const struct goroutine unknown = GOROUTINE_OF_NOTHING;
	return id ? &session->goroutines.goroutines[id] : &unknown;
}

const struct label_set *session_label_set(const struct session *session, uint32_t id)
{
	return id == LABELS_UNKNOWN ? NULL : &session->goroutines.labels.sets[id];
}

const struct go_payload *session_go_payload(const struct session *session,
					    const struct sample *sample)
{
	return goroutines_payload(&session->goroutines, sample);
}

bool session_has_goroutines(const struct session *session)
{
	return session->goroutines.section || session->snapshots.count;
}

struct perfgo_error *session_add_snapshot(struct session *session, struct snapshot *snapshot)
{
	return snapshots_add(&session->snapshots, snapshot) ? NULL : perfgo_error_no_memory();
}

void session_trust_registers(struct session *session, g_place *holds_g, void *context)
{
	session->holds_g = holds_g;
	session->holds_g_context = context;
}

size_t session_nr_snapshots(const struct session *session)
{
	const struct go_section *section = session->goroutines.section;
	size_t inside =
		section && !session->snapshots_loaded ? go_section_nr_snapshots(section) : 0;
	return session->snapshots.count + inside;
}

const struct go_section *session_go_section(const struct session *session)
{
	return session->goroutines.section;
}

size_t session_nr_addresses(const struct session *session)
{
	return session->code.nr_addresses;
}

size_t session_nr_locations(const struct session *session)
{
	return session->code.nr_locations;
}

size_t session_nr_dsos(const struct session *session)
{
	return session->dsos.count;
}

uint32_t session_kernel_dso(const struct session *session)
{
	return session->kernel_dso;
}

const char *session_kernel_reference(const struct session *session, uint64_t *address_ret)
{
	*address_ret = session->kernel_reference_address;
	return strings_text(&session->strings, session->kernel_reference);
}

/* Takes in what the header has: of a pipe, more may come. False without memory. */
static bool index_build_ids(struct session *session)
{
	const struct perfdata_header *header = perfdata_header(session->data);
	for (; session->nr_build_ids < header->nr_build_ids; session->nr_build_ids++) {
		const char *filename = header->build_ids[session->nr_build_ids].filename;
		uint32_t name = strings_id(&session->strings, filename);
		if (!array_extend(session->build_id_of_name, session->build_id_of_name_capacity,
				  session->nr_build_id_of_name, name + 1))
			return false;
		if (session->build_id_of_name[name] == IDMAP_NONE)
			session->build_id_of_name[name] = (uint32_t)session->nr_build_ids;
	}
	return true;
}

const uint8_t *session_build_id(struct session *session, uint32_t dso, size_t *size_ret)
{
	const struct dso *of = session_dso(session, dso);
	*size_ret = of->build_id_size;
	if (of->build_id_size)
		return of->build_id;
	if (!index_build_ids(session) || of->name >= session->nr_build_id_of_name ||
	    session->build_id_of_name[of->name] == IDMAP_NONE)
		return NULL;
	const struct perfdata_build_id *found =
		&perfdata_header(session->data)->build_ids[session->build_id_of_name[of->name]];
	*size_ret = found->size;
	return found->id;
}

static uint32_t hash_cgroup(uint64_t id)
{
	return hash_fold(hash_word(0, id));
}

static struct cgroup *find_cgroup(const struct session *session, uint64_t id)
{
	uint32_t hash = hash_cgroup(id), at;
	for (size_t probe = hash;
	     (at = idmap_probe(&session->cgroups_index, hash, &probe)) != IDMAP_NONE;)
		if (session->cgroups[at].id == id)
			return &session->cgroups[at];
	return NULL;
}

bool session_add_cgroup(struct session *session, const struct cgroup *cgroup)
{
	struct cgroup *known = find_cgroup(session, cgroup->id);
	if (known) {
		*known = *cgroup;
		return true;
	}
	if (!array_reserve(session->cgroups, session->cgroups_capacity, session->nr_cgroups + 1) ||
	    !idmap_insert(&session->cgroups_index, hash_cgroup(cgroup->id),
			  (uint32_t)session->nr_cgroups))
		return false;
	session->cgroups[session->nr_cgroups++] = *cgroup;
	return true;
}

uint32_t session_cgroup(const struct session *session, uint64_t id)
{
	const struct cgroup *cgroup = find_cgroup(session, id);
	return cgroup ? cgroup->path : STRING_UNKNOWN;
}
