// SPDX-License-Identifier: GPL-2.0-only
/*
 * The section is a mark, then chunks: u32 kind, u32 zero, u64 size of what follows, which ends at a
 * multiple of 8 bytes. Readers pass over kinds they do not know.
 *
 *	process	    u32 pid; executable, version, why without goroutines, each with its NUL
 *	label sets  u32 count; for the numbers from 1 on each: u8 flags, u32 count of labels, and
 *		    for each of them key and value, with their NULs
 *	snapshot    as goproc/snapshot.h has it
 */
#include "goproc/section.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cursor.h"

static const char mark[8] = "perf-go\1";

enum chunk_kind {
	CHUNK_PROCESS = 1,
	CHUNK_LABELS,
	CHUNK_SNAPSHOT,
	CHUNK_KINDS,
};

enum { CHUNK_HEADER = 16, CHUNK_ALIGNMENT = 8 };
enum { SET_KNOWN = 1, SET_INCOMPLETE = 2 };
enum { SET_HEADER = 1 + 4, LEAST_LABEL = 2 }; /* bytes */

static size_t padding_of(uint64_t size)
{
	return (size_t)(-size % CHUNK_ALIGNMENT);
}

struct buffer {
	uint8_t *bytes;
	size_t size, capacity;
};

/* A set as bytes, in the writer's arena; NULL: nothing is known of it. */
struct set_bytes {
	const void *bytes;
	size_t size;
};

struct go_section_writer {
	struct buffer processes, snapshots; /* chunks */
	struct buffer section;
	struct buffer scratch;
	struct arena arena;
	struct set_bytes *sets; /* by number less one */
	size_t nr_sets, sets_capacity;
	bool incomplete; /* there was no memory for something */
};

static bool put(struct buffer *to, const void *bytes, size_t size)
{
	if (!array_reserve(to->bytes, to->capacity, to->size + size))
		return false;
	if (size)
		memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
	return true;
}

static bool put_u32(struct buffer *to, uint32_t value)
{
	return put(to, &value, sizeof(value));
}

static bool put_string(struct buffer *to, const char *text)
{
	return put(to, text, strlen(text) + 1);
}

static bool put_chunk_header(struct buffer *to, enum chunk_kind kind, uint64_t size)
{
	return put_u32(to, kind) && put_u32(to, 0) && put(to, &size, sizeof(size));
}

static bool put_chunk(struct buffer *to, enum chunk_kind kind, const void *bytes, size_t size)
{
	static const char zeros[CHUNK_ALIGNMENT];
	size_t before = to->size;
	if (put_chunk_header(to, kind, size) && put(to, bytes, size) &&
	    put(to, zeros, padding_of(size)))
		return true;
	to->size = before;
	return false;
}

struct perfgo_error *go_section_writer_new(struct go_section_writer **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? NULL : perfgo_error_no_memory();
}

void go_section_writer_free(struct go_section_writer *writer)
{
	if (!writer)
		return;
	free(writer->processes.bytes);
	free(writer->snapshots.bytes);
	free(writer->section.bytes);
	free(writer->scratch.bytes);
	free(writer->sets);
	arena_deinit(&writer->arena);
	free(writer);
}

static bool note(struct go_section_writer *writer, bool done)
{
	writer->incomplete = writer->incomplete || !done;
	return done;
}

bool go_section_add_process(struct go_section_writer *writer,
			    const struct go_section_process *process)
{
	struct buffer *scratch = &writer->scratch;
	scratch->size = 0;
	return note(writer, put_u32(scratch, process->pid) &&
				    put_string(scratch, process->executable) &&
				    put_string(scratch, process->version) &&
				    put_string(scratch, process->no_goroutine) &&
				    put_chunk(&writer->processes, CHUNK_PROCESS, scratch->bytes,
					      scratch->size));
}

static int by_key(const void *left, const void *right)
{
	const struct label *a = left, *b = right;
	return strcmp(a->key, b->key);
}

static bool put_set(struct buffer *to, const struct label_set *set, const struct label *sorted)
{
	uint8_t flags = (set->known ? SET_KNOWN : 0) | (set->incomplete ? SET_INCOMPLETE : 0);
	bool done = put(to, &flags, sizeof(flags)) && put_u32(to, (uint32_t)set->count);
	for (size_t i = 0; done && i < set->count; i++)
		done = put_string(to, sorted[i].key) && put_string(to, sorted[i].value);
	return done;
}

/* False without memory. */
static bool make_set_bytes(struct go_section_writer *writer, const struct label_set *set,
			   struct set_bytes *ret)
{
	struct label *sorted = calloc(set->count + 1, sizeof(*sorted));
	if (!sorted)
		return false;
	if (set->count) {
		memcpy(sorted, set->labels, set->count * sizeof(*sorted));
		qsort(sorted, set->count, sizeof(*sorted), by_key);
	}
	writer->scratch.size = 0;
	bool done = put_set(&writer->scratch, set, sorted);
	free(sorted);
	ret->size = writer->scratch.size;
	ret->bytes = done ? arena_copy(&writer->arena, writer->scratch.bytes, ret->size) : NULL;
	return ret->bytes;
}

bool go_section_set_labels(struct go_section_writer *writer, uint32_t number,
			   const struct label_set *set)
{
	struct set_bytes bytes;
	if (!number)
		return true;
	if (!make_set_bytes(writer, set, &bytes) ||
	    !array_reserve(writer->sets, writer->sets_capacity, number))
		return note(writer, false);
	for (; writer->nr_sets < number; writer->nr_sets++)
		writer->sets[writer->nr_sets] = (struct set_bytes){0};
	writer->sets[number - 1] = bytes;
	return true;
}

bool go_section_add_snapshot(struct go_section_writer *writer, const void *snapshot, size_t size)
{
	return note(writer, put_chunk(&writer->snapshots, CHUNK_SNAPSHOT, snapshot, size));
}

static bool put_sets(struct go_section_writer *writer, struct buffer *to)
{
	static const uint8_t unknown[SET_HEADER];
	bool done = put_u32(to, (uint32_t)writer->nr_sets);
	for (size_t i = 0; done && i < writer->nr_sets; i++) {
		const struct set_bytes *set = &writer->sets[i];
		done = set->bytes ? put(to, set->bytes, set->size)
				  : put(to, unknown, sizeof(unknown));
	}
	return done;
}

const void *go_section_bytes(struct go_section_writer *writer, size_t *size_ret)
{
	struct buffer *section = &writer->section, *sets = &writer->scratch;
	section->size = sets->size = 0;
	if (writer->incomplete || !put(section, mark, sizeof(mark)) ||
	    !put(section, writer->processes.bytes, writer->processes.size) ||
	    !put_sets(writer, sets) || !put_chunk(section, CHUNK_LABELS, sets->bytes, sets->size) ||
	    !put(section, writer->snapshots.bytes, writer->snapshots.size))
		return NULL;
	*size_ret = section->size;
	return section->bytes;
}

struct snapshot_bytes {
	const void *bytes;
	size_t size;
};

struct go_section {
	struct arena arena;
	struct go_section_process *processes;
	size_t nr_processes, processes_capacity;
	struct label_set *sets; /* by number; the first is the empty one */
	size_t nr_sets;
	struct snapshot_bytes *snapshots;
	size_t nr_snapshots, snapshots_capacity;
};

enum outcome { READ, DAMAGED, NO_MEMORY };

static enum outcome read_process(struct go_section *section, struct cursor *c)
{
	struct go_section_process process = {.pid = cursor_u32(c)};
	process.executable = cursor_string(c);
	process.version = cursor_string(c);
	process.no_goroutine = cursor_string(c);
	if (c->failed)
		return DAMAGED;
	if (!array_reserve(section->processes, section->processes_capacity,
			   section->nr_processes + 1))
		return NO_MEMORY;
	section->processes[section->nr_processes++] = process;
	return READ;
}

static enum outcome read_set(struct go_section *section, struct cursor *c, struct label_set *ret)
{
	uint8_t flags = cursor_u8(c);
	uint32_t count = cursor_u32(c);
	if (c->failed || count > cursor_left(c) / LEAST_LABEL)
		return DAMAGED;
	struct label *labels = NULL;
	if (count && !(labels = arena_alloc(&section->arena, count * sizeof(*labels))))
		return NO_MEMORY;
	for (uint32_t i = 0; i < count; i++) {
		labels[i].key = cursor_string(c);
		labels[i].value = cursor_string(c);
	}
	*ret = (struct label_set){.labels = labels,
				  .count = count,
				  .known = flags & SET_KNOWN,
				  .incomplete = flags & SET_INCOMPLETE};
	return c->failed ? DAMAGED : READ;
}

/* There is one such chunk; of several the last counts. */
static enum outcome read_sets(struct go_section *section, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	enum outcome outcome = READ;
	if (c->failed || count > cursor_left(c) / SET_HEADER)
		return DAMAGED;
	struct label_set *sets = arena_alloc(&section->arena, ((size_t)count + 1) * sizeof(*sets));
	if (!sets)
		return NO_MEMORY;
	sets[0] = (struct label_set){.known = true};
	for (uint32_t i = 1; i <= count && outcome == READ; i++)
		outcome = read_set(section, c, &sets[i]);
	if (outcome != READ)
		return outcome;
	section->sets = sets;
	section->nr_sets = (size_t)count + 1;
	return READ;
}

static enum outcome read_snapshot(struct go_section *section, struct cursor *c)
{
	if (!array_reserve(section->snapshots, section->snapshots_capacity,
			   section->nr_snapshots + 1))
		return NO_MEMORY;
	section->snapshots[section->nr_snapshots++] =
		(struct snapshot_bytes){c->at, cursor_left(c)};
	return READ;
}

static enum outcome read_chunk(struct go_section *section, struct cursor *c)
{
	static enum outcome (*const readers[CHUNK_KINDS])(struct go_section *, struct cursor *) = {
		[CHUNK_PROCESS] = read_process,
		[CHUNK_LABELS] = read_sets,
		[CHUNK_SNAPSHOT] = read_snapshot,
	};
	uint32_t kind = cursor_u32(c);
	cursor_skip(c, sizeof(uint32_t));
	uint64_t size = cursor_u64(c);
	const void *bytes = cursor_bytes(c, size);
	if (!bytes)
		return DAMAGED;
	cursor_skip(c, padding_of(size) <= cursor_left(c) ? padding_of(size) : cursor_left(c));
	struct cursor chunk = cursor_of(bytes, size, false);
	return kind < CHUNK_KINDS && readers[kind] ? readers[kind](section, &chunk) : READ;
}

static struct perfgo_error *read_chunks(struct go_section *section, const uint8_t *bytes,
					size_t size)
{
	struct cursor c = cursor_of(bytes, size, false);
	const void *begin = cursor_bytes(&c, sizeof(mark));
	if (!begin || memcmp(begin, mark, sizeof(mark)) != 0)
		return perfgo_error_new("the section of goroutines is not of this version of "
					"perf-go");
	while (cursor_left(&c)) {
		size_t at = (size_t)(c.at - bytes);
		enum outcome outcome = read_chunk(section, &c);
		if (outcome == NO_MEMORY)
			return perfgo_error_no_memory();
		if (outcome == DAMAGED)
			return perfgo_error_new("the section of goroutines is damaged at its "
						"offset %#zx",
						at);
	}
	return NULL;
}

struct perfgo_error *go_section_read(const void *bytes, size_t size, struct go_section **ret)
{
	struct go_section *section = calloc(1, sizeof(*section));
	if (!section)
		return perfgo_error_no_memory();
	struct perfgo_error *error = read_chunks(section, bytes, size);
	if (error) {
		go_section_free(section);
		return error;
	}
	*ret = section;
	return NULL;
}

void go_section_free(struct go_section *section)
{
	if (!section)
		return;
	free(section->processes);
	free(section->snapshots);
	arena_deinit(&section->arena);
	free(section);
}

size_t go_section_nr_processes(const struct go_section *section)
{
	return section->nr_processes;
}

const struct go_section_process *go_section_process(const struct go_section *section, size_t i)
{
	return &section->processes[i];
}

static const struct label_set empty_set = {.known = true};

size_t go_section_nr_label_sets(const struct go_section *section)
{
	return section->sets ? section->nr_sets : 1;
}

const struct label_set *go_section_label_set(const struct go_section *section, uint32_t number)
{
	if (!number)
		return &empty_set;
	return number < section->nr_sets ? &section->sets[number] : NULL;
}

size_t go_section_nr_snapshots(const struct go_section *section)
{
	return section->nr_snapshots;
}

const void *go_section_snapshot(const struct go_section *section, size_t i, size_t *size_ret)
{
	*size_ret = section->snapshots[i].size;
	return section->snapshots[i].bytes;
}
