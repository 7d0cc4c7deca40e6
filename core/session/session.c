// SPDX-License-Identifier: GPL-2.0-only
#include "session/session.h"

#include <stdlib.h>

#include "session/internal.h"

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
	threads_deinit(&session->threads);
	maps_release(session->kernel);
	dsos_deinit(&session->dsos);
	strings_deinit(&session->strings);
	free(session->cgroups);
	free(session->read_totals);
	free(session->read_ids);
	idmap_deinit(&session->read_index);
	free(session);
}

/* Puts the i-th sample of the batch into its context. False without memory. */
static bool locate(struct session *session, size_t i)
{
	const struct sample *sample = &session->samples[i];
	const struct live_thread *live = threads_find(&session->threads, sample->pid, sample->tid);
	if (!live)
		return false;
	struct code_context context = {.user = threads_maps_of(&session->threads, live),
				       .kernel = session->kernel,
				       .kernel_dso = session->kernel_dso};
	uint32_t address =
		code_address(&session->code, &context, sample->ip, sample->cpumode, false);
	uint32_t stack = 0;
	if (sample->nr_callchain)
		stack = code_stack(&session->code, &context, sample->callchain,
				   sample->nr_callchain, sample->cpumode,
				   perfdata_records_persist(session->data));
	session->batch_threads[i] = live->thread;
	session->batch_addresses[i] = address;
	session->batch_stacks[i] = stack;
	return address != IDMAP_NONE && stack != IDMAP_NONE;
}

/* The next sample of what has been read, or false. *OUT_OF_MEMORY says why, if that is why. */
static bool next_sample(struct session *session, struct sample *ret, bool *out_of_memory)
{
	if (session_next_read(session, ret))
		return true;
	while (session->at_record < session->nr_records) {
		const struct record *record = &session->records[session->at_record++];
		if (record_type(session->data, record) != PERF_RECORD_SAMPLE) {
			*out_of_memory = !session_follow(session, record);
			if (*out_of_memory)
				return false;
			continue;
		}
		if (!perfdata_sample(session->data, record, ret))
			continue;
		if (!(ret->type & PERF_SAMPLE_READ))
			return true;
		session_begin_read(session, ret);
		if (session_next_read(session, ret))
			return true;
	}
	return false;
}

struct perfgo_error *session_read(struct session *session, struct batch *ret)
{
	bool out_of_memory = false;
	size_t count = 0;
	while (!count) {
		while (count < BATCH_SIZE &&
		       next_sample(session, &session->samples[count], &out_of_memory)) {
			out_of_memory = !locate(session, count++);
			if (out_of_memory)
				break;
		}
		if (out_of_memory)
			return perfgo_error_no_memory();
		if (count)
			break;
		session->at_record = 0;
		struct perfgo_error *error =
			perfdata_read(session->data, &session->records, &session->nr_records);
		if (error)
			return error;
		if (!session->nr_records)
			break;
	}
	*ret = (struct batch){.count = count,
			      .samples = session->samples,
			      .threads = session->batch_threads,
			      .addresses = session->batch_addresses,
			      .stacks = session->batch_stacks};
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

size_t session_nr_addresses(const struct session *session)
{
	return session->code.nr_addresses;
}

size_t session_nr_locations(const struct session *session)
{
	return session->code.nr_locations;
}

size_t session_nr_stacks(const struct session *session)
{
	return session->code.nr_stacks;
}

size_t session_nr_threads(const struct session *session)
{
	return session->threads.nr_threads;
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

uint32_t session_cgroup(const struct session *session, uint64_t id)
{
	for (size_t i = session->nr_cgroups; i-- > 0;)
		if (session->cgroups[i].id == id)
			return session->cgroups[i].path;
	return STRING_UNKNOWN;
}
