// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every runtime.g is copied twice, before and after what it leads to is read: where both copies say
 * the same it was so all the time between. Those that lie side by side are copied in one piece,
 * which is what makes a million of them readable in a fraction of a second.
 */
#include "goproc/goroutines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "goproc/payload.h"
#include "goproc/radix_sort.h"

enum {
	SCAN_BIT = 0x1000, /* _Gscan (runtime/runtime2.go) */
	MAX_G_SIZE = 1024,
	MAX_GAP = 256,			      /* bytes between two of one piece */
	BUFFER_SIZE = GOROUTINE_BATCH * 1024, /* of a batch: MAX_G_SIZE each */
	ATTEMPTS = 20,
};

/* Numbers of runtime.g.atomicstatus that stand for no goroutine (runtime/runtime2.go). */
enum { G_IDLE = 0, G_DEAD = 6, G_DEADEXTRA = 11 };

/* Where a g is in the copies, and the piece that it is a part of. */
struct planned {
	uint32_t piece, offset;
};

struct goroutines_reader {
	struct memory *memory;
	const struct runtime_layout *layout;
	uint64_t *addresses; /* of all, in order */
	size_t nr_addresses, next;
	uint64_t torn;
	/* The batch. */
	struct goroutine_fields fields[GOROUTINE_BATCH];
	size_t count;
	uint32_t places[GOROUTINE_BATCH]; /* of each one, in: */
	struct planned planned[GOROUTINE_BATCH];
	struct memory_request requests[GOROUTINE_BATCH];
	size_t nr_requests;
	uint8_t *copies;
};

/* runtime.allgs, a slice. */
struct slice {
	uint64_t start, length, capacity;
};

static bool is_mapped(const struct memory *memory, uint64_t address, uint64_t size)
{
	size_t count;
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count && size; i++) {
		if (address < mappings[i].start || address >= mappings[i].end)
			continue;
		uint64_t here = mappings[i].end - address;
		size -= here < size ? here : size;
		address = mappings[i].end;
	}
	return !size;
}

/* The heap may have grown since the mappings were read, so size alone must be sane as well. */
static bool read_slice(struct goroutines_reader *reader, uint64_t address, struct slice *ret)
{
	enum { SANE = 1 << 20 };
	return memory_read(reader->memory, address, ret, sizeof(*ret)) &&
	       ret->length <= ret->capacity &&
	       (ret->length <= SANE ||
		is_mapped(reader->memory, ret->start, ret->length * sizeof(uint64_t)));
}

static bool read_addresses(struct goroutines_reader *reader, const struct slice *slice)
{
	uint64_t *addresses =
		reallocarray(reader->addresses, slice->length + 1, sizeof(*addresses));
	if (!addresses)
		return false;
	reader->addresses = addresses;
	reader->nr_addresses = slice->length;
	return memory_read(reader->memory, slice->start, addresses,
			   slice->length * sizeof(*addresses));
}

/* Goroutines are only ever added, and the array moves when there is no room for more. */
static struct perfgo_error *read_allgs(struct goroutines_reader *reader, uint64_t address)
{
	struct slice before, after;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (!read_slice(reader, address, &before) || !read_addresses(reader, &before))
			continue;
		if (memory_read(reader->memory, address, &after, sizeof(after)) &&
		    !memcmp(&before, &after, sizeof(before)))
			return NULL;
	}
	return perfgo_error_new("%s (%u): cannot read the list of its goroutines at %#llx",
				memory_comm(reader->memory), memory_pid(reader->memory),
				(unsigned long long)address);
}

/* So that neighbours come one behind the other. */
static bool sort_addresses(struct goroutines_reader *reader)
{
	size_t count = reader->nr_addresses;
	_cleanup_free_ struct keyed *list = calloc(count + 1, sizeof(*list));
	if (!list)
		return false;
	for (size_t i = 0; i < count; i++)
		list[i].key = reader->addresses[i];
	if (!radix_sort(list, count))
		return false;
	for (size_t i = 0; i < count; i++)
		reader->addresses[i] = list[i].key;
	return true;
}

static struct perfgo_error *load(struct goroutines_reader *reader, uint64_t allgs)
{
	if (!(reader->copies = malloc(BUFFER_SIZE)))
		return perfgo_error_no_memory();
	struct perfgo_error *error = read_allgs(reader, allgs);
	if (error)
		return error;
	return sort_addresses(reader) ? NULL : perfgo_error_no_memory();
}

struct perfgo_error *goroutines_reader_new(struct goproc *process, struct goroutines_reader **ret)
{
	const struct goproc_info *info = goproc_info(process);
	struct goroutines_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return perfgo_error_no_memory();
	reader->memory = goproc_memory(process);
	reader->layout = info->layout;
	struct perfgo_error *error = load(reader, info->allgs);
	if (error) {
		goroutines_reader_free(reader);
		return error;
	}
	*ret = reader;
	return NULL;
}

void goroutines_reader_free(struct goroutines_reader *reader)
{
	if (!reader)
		return;
	free(reader->addresses);
	free(reader->copies);
	free(reader);
}

uint64_t goroutines_torn(const struct goroutines_reader *reader)
{
	return reader->torn;
}

static uint64_t word(const uint8_t *g, uint16_t offset)
{
	uint64_t value;
	memcpy(&value, g + offset, sizeof(value));
	return value;
}

static struct goroutine_fields decode(const struct runtime_layout *layout, uint64_t address,
				      const uint8_t *g)
{
	struct goroutine_fields ret = {.g = address};
	ret.stack_lo = word(g, layout->g.stack_lo);
	ret.stack_hi = word(g, layout->g.stack_hi);
	ret.m = word(g, layout->g.m);
	ret.sp = word(g, layout->g.sched + layout->gobuf.sp);
	ret.pc = word(g, layout->g.sched + layout->gobuf.pc);
	ret.lr = word(g, layout->g.sched + layout->gobuf.lr);
	ret.syscall_sp = word(g, layout->g.syscall_sp);
	ret.syscall_pc = word(g, layout->g.syscall_pc);
	ret.goid = word(g, layout->g.goid);
	ret.parent = layout->g.parent_goid ? word(g, layout->g.parent_goid) : GO_GOID_UNKNOWN;
	ret.creator_pc = word(g, layout->g.creator_pc);
	ret.start_pc = word(g, layout->g.start_pc);
	ret.wait_since = word(g, layout->g.wait_since);
	ret.labels = word(g, layout->g.labels);
	memcpy(&ret.status, g + layout->g.status, sizeof(ret.status));
	ret.status &= ~(uint32_t)SCAN_BIT;
	ret.wait_reason = g[layout->g.wait_reason];
	return ret;
}

static bool is_goroutine(const struct goroutine_fields *fields)
{
	return fields->status != G_IDLE && fields->status != G_DEAD &&
	       fields->status != G_DEADEXTRA && fields->goid;
}

static bool same(const struct goroutine_fields *a, const struct goroutine_fields *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* One, both times in the same call. */
static bool read_one(struct goroutines_reader *reader, uint64_t address,
		     struct goroutine_fields *ret)
{
	uint8_t copies[2][MAX_G_SIZE];
	size_t size = reader->layout->g.size;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct memory_request requests[] = {{address, copies[0], size, false},
						    {address, copies[1], size, false}};
		memory_read_many(reader->memory, requests, 2);
		if (!requests[0].done || !requests[1].done)
			break;
		*ret = decode(reader->layout, address, copies[0]);
		struct goroutine_fields second = decode(reader->layout, address, copies[1]);
		if (same(ret, &second))
			return true;
	}
	reader->torn++;
	return false;
}

/* Whether the g at ADDRESS lies in, or right behind, PIECE. */
static bool joins(const struct memory_request *piece, uint64_t address)
{
	return address >= piece->address + piece->size &&
	       address - (piece->address + piece->size) <= MAX_GAP;
}

/* Lays the goroutines from `next` on out in pieces. Returns how many there is room for. */
static size_t plan(struct goroutines_reader *reader)
{
	size_t size = reader->layout->g.size, count = 0;
	size_t left = reader->nr_addresses - reader->next;
	struct memory_request *piece = NULL;
	reader->nr_requests = 0;
	for (uint32_t used = 0; count < left && count < GOROUTINE_BATCH; count++) {
		uint64_t address = reader->addresses[reader->next + count];
		if (!piece || !joins(piece, address)) {
			piece = &reader->requests[reader->nr_requests++];
			*piece = (struct memory_request){.address = address};
		}
		uint32_t more = (uint32_t)(address + size - (piece->address + piece->size));
		piece->size += more;
		used += more;
		reader->planned[count] = (struct planned){
			.piece = (uint32_t)(reader->nr_requests - 1), .offset = used - size};
	}
	return count;
}

static void copy(struct goroutines_reader *reader)
{
	uint8_t *to = reader->copies;
	for (size_t i = 0; i < reader->nr_requests; i++) {
		reader->requests[i].buffer = to;
		to += reader->requests[i].size;
	}
	memory_read_many(reader->memory, reader->requests, reader->nr_requests);
}

/* The I-th planned one; false when it can't be read. */
static bool take(struct goroutines_reader *reader, size_t i, struct goroutine_fields *ret)
{
	const struct planned *planned = &reader->planned[i];
	uint64_t address = reader->addresses[reader->next + i];
	if (!reader->requests[planned->piece].done)
		return read_one(reader, address, ret);
	*ret = decode(reader->layout, address, reader->copies + planned->offset);
	return true;
}

static void fill_batch(struct goroutines_reader *reader)
{
	size_t planned = plan(reader);
	copy(reader);
	reader->count = 0;
	for (size_t i = 0; i < planned; i++) {
		struct goroutine_fields *fields = &reader->fields[reader->count];
		if (take(reader, i, fields) && is_goroutine(fields))
			reader->places[reader->count++] = (uint32_t)i;
	}
	reader->next += planned;
}

size_t goroutines_next(struct goroutines_reader *reader, const struct goroutine_fields **ret)
{
	reader->count = 0;
	while (!reader->count && reader->next < reader->nr_addresses)
		fill_batch(reader);
	*ret = reader->fields;
	return reader->count;
}

void goroutines_unchanged(struct goroutines_reader *reader, bool ret[GOROUTINE_BATCH])
{
	copy(reader);
	for (size_t i = 0; i < reader->count; i++) {
		const struct planned *planned = &reader->planned[reader->places[i]];
		struct goroutine_fields now = decode(reader->layout, reader->fields[i].g,
						     reader->copies + planned->offset);
		ret[i] = reader->requests[planned->piece].done && same(&now, &reader->fields[i]);
	}
}

bool goroutines_again(struct goroutines_reader *reader, size_t i, struct goroutine_fields *ret)
{
	return read_one(reader, reader->fields[i].g, ret) && is_goroutine(ret);
}
