// SPDX-License-Identifier: GPL-2.0-only
#include "out/goroutine_threads.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/tuples.h"
#include "out/binary.h"

enum { LEAST_STEP = 10000000, FIRST_COUNTED = 1000000000, LAST_TID = INT32_MAX };

/* Longer names of functions are cut: a record has at most 64 kB. */
enum { MAX_NAME = 4096 };

struct goroutine_process {
	uint32_t newest;   /* thread, if any; by `older` to the others */
	uint32_t programs; /* how many it has executed, so far */
	uint64_t largest;  /* goid */
	uint32_t offset;   /* of the tids */
	bool counted;
};

/* A goroutine of a program. Goids begin anew when a process executes another one. */
struct goroutine_thread {
	uint32_t process, older, program;
	uint32_t tid;
	uint64_t time; /* of the first sample */
	bool renamed;  /* the goroutine had another name before */
	bool announced;
};

struct goroutine_threads {
	struct facts *facts;
	const struct key *goid, *goroutine;
	struct tuples processes;  /* pid */
	struct tuples goroutines; /* process, goid, program */
	struct tuples threads;	  /* goroutine, name */
	size_t nr_executions;	  /* of the session's, that have been counted */
	struct goroutine_process *of_processes;
	size_t processes_capacity;
	struct goroutine_thread *of_threads;
	size_t threads_capacity;
	uint32_t *thread_of; /* by number of the sample; IDMAP_NONE: its own */
	size_t nr_samples, samples_capacity;
	struct goroutine_threads_counts counts;
	struct column goids, names;
};

struct perfgo_error *goroutine_threads_new(struct facts *facts, struct goroutine_threads **ret)
{
	const struct key *goid = key_find("goid"), *goroutine = key_find("goroutine");
	const struct session *session = facts_session(facts);
	if (!key_answered(goid, session))
		return perfgo_error_hint(perfgo_error_new("%s: has no goroutines",
							  perfdata_path(session_data(session))),
					 "perf go record records them");
	struct goroutine_threads *threads = calloc(1, sizeof(*threads));
	if (!threads)
		return perfgo_error_no_memory();
	threads->facts = facts;
	threads->goid = goid;
	threads->goroutine = goroutine;
	threads->processes.width = 1;
	threads->goroutines.width = 3;
	threads->threads.width = 2;
	*ret = threads;
	return NULL;
}

void goroutine_threads_free(struct goroutine_threads *threads)
{
	if (!threads)
		return;
	tuples_deinit(&threads->processes);
	tuples_deinit(&threads->goroutines);
	tuples_deinit(&threads->threads);
	free(threads->of_processes);
	free(threads->of_threads);
	free(threads->thread_of);
	free(threads);
}

/* IDMAP_NONE without memory, as the next ones. */
static uint32_t find_process(struct goroutine_threads *threads, uint64_t pid)
{
	size_t before = threads->processes.count;
	if (!array_reserve(threads->of_processes, threads->processes_capacity, before + 1))
		return IDMAP_NONE;
	uint32_t process = tuples_id(&threads->processes, &pid);
	if (process == before)
		threads->of_processes[process] = (struct goroutine_process){.newest = IDMAP_NONE};
	return process;
}

static uint32_t find_goroutine(struct goroutine_threads *threads, uint32_t process, uint64_t goid)
{
	if (process == IDMAP_NONE)
		return IDMAP_NONE;
	struct goroutine_process *of = &threads->of_processes[process];
	const uint64_t goroutine[3] = {process, goid, of->programs};
	if (goid > of->largest)
		of->largest = goid;
	return tuples_id(&threads->goroutines, goroutine);
}

static uint32_t find_thread(struct goroutine_threads *threads, uint32_t process, uint64_t goid,
			    uint64_t name, uint64_t time)
{
	size_t goroutines = threads->goroutines.count, before = threads->threads.count;
	uint32_t goroutine = find_goroutine(threads, process, goid);
	const uint64_t key[2] = {goroutine, name};
	if (goroutine == IDMAP_NONE ||
	    !array_reserve(threads->of_threads, threads->threads_capacity, before + 1))
		return IDMAP_NONE;
	uint32_t thread = tuples_id(&threads->threads, key);
	if (thread != before)
		return thread;
	threads->of_threads[thread] =
		(struct goroutine_thread){.process = process,
					  .older = threads->of_processes[process].newest,
					  .program = threads->of_processes[process].programs,
					  .time = time,
					  .renamed = goroutine < goroutines};
	threads->of_processes[process].newest = thread;
	return thread;
}

/* Takes note of what processes have executed up to TIME. False without memory. */
static bool count_programs(struct goroutine_threads *threads, uint64_t time)
{
	size_t count;
	const struct execution *executions =
		session_executions(facts_session(threads->facts), &count);
	for (; threads->nr_executions < count; threads->nr_executions++) {
		const struct execution *next = &executions[threads->nr_executions];
		if (next->time > time)
			break;
		uint32_t process = find_process(threads, next->pid);
		if (process == IDMAP_NONE)
			return false;
		threads->of_processes[process].programs++;
	}
	return true;
}

struct perfgo_error *goroutine_threads_add(struct goroutine_threads *threads,
					   const struct batch *batch)
{
	const struct session *session = facts_session(threads->facts);
	key_fill(threads->goid, threads->facts, batch, NULL, &threads->goids);
	key_fill(threads->goroutine, threads->facts, batch, NULL, &threads->names);
	for (size_t i = 0; i < batch->count; i++) {
		size_t number = batch->sequences[i];
		if (!array_extend(threads->thread_of, threads->samples_capacity,
				  threads->nr_samples, number + 1))
			return perfgo_error_no_memory();
		bool known = threads->goids.known[i] && threads->goids.values[i];
		if (!known || !(batch->samples[i].type & PERF_SAMPLE_TID))
			continue;
		if (!count_programs(threads, batch->samples[i].time))
			return perfgo_error_no_memory();
		uint64_t name = threads->names.known[i] ? threads->names.values[i] : STRING_UNKNOWN;
		uint32_t pid = session_thread(session, batch->threads[i])->pid;
		uint32_t thread =
			find_thread(threads, find_process(threads, pid), threads->goids.values[i],
				    name, batch->samples[i].time);
		if (thread == IDMAP_NONE)
			return perfgo_error_no_memory();
		threads->thread_of[number] = thread;
	}
	return NULL;
}

static uint64_t goid_of(const struct goroutine_threads *threads, uint32_t thread)
{
	uint32_t goroutine = (uint32_t)tuples_get(&threads->threads, thread)[0];
	return tuples_get(&threads->goroutines, goroutine)[1];
}

/* Whether no thread of the recording is in the way of the process's goroutines. */
static bool fits(const struct goroutine_threads *threads, uint32_t process, uint64_t offset)
{
	const struct session *session = facts_session(threads->facts);
	const struct goroutine_process *of = &threads->of_processes[process];
	if (of->largest > LAST_TID - offset)
		return false;
	for (uint32_t i = of->newest; i != IDMAP_NONE; i = threads->of_threads[i].older)
		if (session_has_thread(session, (uint32_t)(goid_of(threads, i) + offset)))
			return false;
	return true;
}

/* The offsets of one process differ from those of all others by STEP, which no goid reaches. */
static void place_process(struct goroutine_threads *threads, uint32_t process, uint64_t step,
			  uint64_t *next)
{
	struct goroutine_process *of = &threads->of_processes[process];
	uint64_t offset = *next;
	if (of->newest == IDMAP_NONE)
		return;
	while (offset < FIRST_COUNTED && !fits(threads, process, offset))
		offset += step;
	of->counted = offset >= FIRST_COUNTED;
	of->offset = (uint32_t)offset;
	if (!of->counted)
		*next = offset + step;
}

static uint64_t step_of(const struct goroutine_threads *threads)
{
	uint64_t step = LEAST_STEP;
	for (size_t i = 0; i < threads->processes.count; i++)
		while (step < FIRST_COUNTED && step <= threads->of_processes[i].largest)
			step *= 10;
	return step;
}

/* The next number from *NEXT on that no thread has. */
static uint32_t count_on(const struct goroutine_threads *threads, uint32_t *next)
{
	while (session_has_thread(facts_session(threads->facts), *next))
		++*next;
	return (*next)++;
}

static uint32_t choose_tid(struct goroutine_threads *threads, uint32_t thread, uint32_t *counted,
			   uint32_t *tids)
{
	const struct goroutine_process *of =
		&threads->of_processes[threads->of_threads[thread].process];
	uint32_t goroutine = (uint32_t)tuples_get(&threads->threads, thread)[0];
	if (threads->of_threads[thread].renamed)
		return tids[goroutine];
	threads->counts.moved += of->counted || of->offset;
	threads->counts.counted += of->counted;
	tids[goroutine] = of->counted ? count_on(threads, counted)
				      : (uint32_t)goid_of(threads, thread) + of->offset;
	return tids[goroutine];
}

struct perfgo_error *goroutine_threads_finish(struct goroutine_threads *threads)
{
	uint64_t next = 0, step = step_of(threads);
	uint32_t counted = FIRST_COUNTED;
	uint32_t *tids = calloc(threads->goroutines.count + 1, sizeof(*tids));
	if (!tids)
		return perfgo_error_no_memory();
	for (uint32_t i = 0; i < threads->processes.count; i++)
		place_process(threads, i, step, &next);
	for (uint32_t i = 0; i < threads->threads.count; i++)
		threads->of_threads[i].tid = choose_tid(threads, i, &counted, tids);
	threads->counts.goroutines = threads->goroutines.count;
	free(tids);
	return NULL;
}

uint32_t goroutine_threads_of(const struct goroutine_threads *threads, uint64_t sequence)
{
	return sequence < threads->nr_samples ? threads->thread_of[sequence] : IDMAP_NONE;
}

uint32_t goroutine_threads_tid(const struct goroutine_threads *threads, uint32_t thread)
{
	return threads->of_threads[thread].tid;
}

struct goroutine_threads_counts goroutine_threads_counts(const struct goroutine_threads *threads)
{
	return threads->counts;
}

/* What records end with when events have sample_id_all (include/uapi/linux/perf_event.h). */
static void put_trailer(const struct announcement *how, uint32_t pid, uint32_t tid, uint64_t time,
			struct writer *to)
{
	uint64_t type = how->attr.flags & PERF_ATTR_SAMPLE_ID_ALL ? how->attr.sample_type : 0;
	if (type & PERF_SAMPLE_TID) {
		writer_u32(to, pid, how->swap);
		writer_u32(to, tid, how->swap);
	}
	if (type & PERF_SAMPLE_TIME)
		writer_u64(to, time, how->swap);
	if (type & PERF_SAMPLE_ID)
		writer_u64(to, how->id, how->swap);
	if (type & PERF_SAMPLE_STREAM_ID)
		writer_u64(to, how->id, how->swap);
	if (type & PERF_SAMPLE_CPU)
		writer_u64(to, 0, how->swap);
	if (type & PERF_SAMPLE_IDENTIFIER || (how->adds_id && type))
		writer_u64(to, how->id, how->swap);
}

/* A record whose body is in BODY. */
static void put_record(const struct announcement *how, uint32_t type, struct writer *body,
		       struct writer *to)
{
	size_t size;
	const char *bytes = writer_text(body, &size);
	struct perfdata_record_header header;
	store_u32(&header.type, type, how->swap);
	store_u16(&header.misc, PERF_RECORD_MISC_USER, how->swap);
	store_u16(&header.size, (uint16_t)(sizeof(header) + size), how->swap);
	writer_bytes(to, (const char *)&header, sizeof(header));
	writer_bytes(to, bytes, size);
	writer_clear(body);
}

static void announce(struct goroutine_threads *threads, uint32_t thread, uint64_t time,
		     const struct announcement *how, struct writer *to)
{
	static const char zeros[8];
	struct goroutine_thread *of = &threads->of_threads[thread];
	uint32_t pid = (uint32_t)*tuples_get(&threads->processes, of->process);
	uint32_t name = (uint32_t)tuples_get(&threads->threads, thread)[1];
	const struct strings *strings = session_strings(facts_session(threads->facts));
	const char *comm = name == STRING_UNKNOWN ? "?" : strings_text(strings, name);
	size_t length = strnlen(comm, MAX_NAME);
	struct writer body = writer_of_memory();
	if (!of->renamed) {
		const uint32_t ids[4] = {pid, pid, of->tid, pid}; /* pid, ppid, tid, ptid */
		for (size_t i = 0; i < 4; i++)
			writer_u32(&body, ids[i], how->swap);
		writer_u64(&body, time, how->swap);
		put_trailer(how, pid, of->tid, time, &body);
		put_record(how, PERF_RECORD_FORK, &body, to);
	}
	writer_u32(&body, pid, how->swap);
	writer_u32(&body, of->tid, how->swap);
	writer_bytes(&body, comm, length);
	writer_bytes(&body, zeros, 8 - length % 8);
	put_trailer(how, pid, of->tid, time, &body);
	put_record(how, PERF_RECORD_COMM, &body, to);
	if (writer_failed(&body))
		to->errnum = body.errnum;
	perfgo_error_destroy(writer_finish(&body));
	of->announced = true;
}

void goroutine_threads_announce(struct goroutine_threads *threads, uint32_t thread,
				const struct announcement *how, struct writer *to)
{
	const struct goroutine_thread *of = &threads->of_threads[thread];
	if (!of->announced)
		announce(threads, thread, of->time, how, to);
}

/* Which program a process ran just before TIME. */
static uint32_t program_at(const struct goroutine_threads *threads, uint32_t pid, uint64_t time)
{
	size_t count;
	uint32_t programs = 0;
	const struct execution *executions =
		session_executions(facts_session(threads->facts), &count);
	for (size_t i = 0; i < count && executions[i].time < time; i++)
		programs += executions[i].pid == pid;
	return programs;
}

void goroutine_threads_end(struct goroutine_threads *threads, uint32_t pid, uint64_t time,
			   const struct announcement *how, struct writer *to)
{
	uint32_t process = find_process(threads, pid), i;
	if (process == IDMAP_NONE || threads->of_processes[process].newest == IDMAP_NONE)
		return;
	uint32_t program = program_at(threads, pid, time);
	for (i = threads->of_processes[process].newest; i != IDMAP_NONE;
	     i = threads->of_threads[i].older) {
		uint64_t first = threads->of_threads[i].time;
		if (!threads->of_threads[i].announced && threads->of_threads[i].program == program)
			announce(threads, i, first < time ? first : time, how, to);
	}
}
