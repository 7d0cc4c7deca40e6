// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "goproc/snapshot_format.h"

enum outcome { READ, DAMAGED, NO_MEMORY };

static uint64_t number(struct cursor *c)
{
	uint64_t value = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(c);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	c->failed = true;
	return 0;
}

/* How many follow, of which each has LEAST bytes or more: so no count is larger than the file. */
static size_t number_of(struct cursor *c, size_t least)
{
	uint64_t count = number(c);
	if (count <= cursor_left(c) / least)
		return (size_t)count;
	c->failed = true;
	return 0;
}

static uint64_t unzigzag(uint64_t value)
{
	return value >> 1 ^ -(value & 1);
}

/* What does not fit its field is damage. */
static void read_column(struct cursor *c, void *rows, size_t size, size_t count,
			struct snapshot_column column)
{
	uint8_t *row = rows;
	uint64_t value = 0;
	for (size_t i = 0; i < count && !c->failed; i++, row += size) {
		value += unzigzag(number(c));
		c->failed |= value > column.most;
		memcpy(row + column.offset, &value, column.size);
	}
}

static const char *text(struct snapshot *snapshot, struct cursor *c)
{
	const char *string = cursor_string(c);
	return string ? arena_string(&snapshot->arena, string) : "";
}

static enum outcome read_info(struct snapshot *snapshot, struct cursor *c)
{
	struct snapshot_info *info = &snapshot->info;
	info->pid = (uint32_t)number(c);
	info->execution = number(c);
	info->begin = number(c);
	info->end = number(c);
	info->wall_time = number(c);
	info->sweepgen = (uint32_t)number(c);
	info->gcphase = (uint8_t)number(c);
	info->torn = number(c);
	info->map_start = number(c);
	info->map_end = number(c);
	info->map_offset = number(c);
	info->comm = text(snapshot, c);
	info->executable = text(snapshot, c);
	info->version = text(snapshot, c);
	info->build_id = text(snapshot, c);
	return info->comm && info->executable && info->version && info->build_id ? READ : NO_MEMORY;
}

static enum outcome read_texts(struct snapshot *snapshot, struct cursor *c)
{
	size_t count = number_of(c, 1);
	for (uint32_t id = 1; id <= count && !c->failed; id++) {
		const char *string = cursor_string(c);
		uint32_t got = string ? strings_id(&snapshot->texts, string) : 0;
		if (string && !got)
			return NO_MEMORY;
		c->failed |= got != id;
	}
	return READ;
}

static enum outcome read_set(struct snapshot *snapshot, struct cursor *c)
{
	uint64_t flags = number(c);
	size_t count = number_of(c, 2);
	struct label *labels = arena_alloc(&snapshot->arena, (count + 1) * sizeof(*labels));
	if (!labels)
		return NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		labels[i].key = text(snapshot, c);
		labels[i].value = text(snapshot, c);
		if (!labels[i].key || !labels[i].value)
			return NO_MEMORY;
	}
	const struct label_set set = {.labels = labels,
				      .count = count,
				      .known = flags & SNAPSHOT_SET_KNOWN,
				      .incomplete = flags & SNAPSHOT_SET_INCOMPLETE};
	return snapshot_add_set(snapshot, &set) ? READ : NO_MEMORY;
}

static enum outcome read_sets(struct snapshot *snapshot, struct cursor *c)
{
	enum outcome outcome = READ;
	for (size_t left = number_of(c, 2); left && !c->failed && outcome == READ; left--)
		outcome = read_set(snapshot, c);
	return outcome;
}

/* The addresses come when all counts are known. */
static enum outcome read_stacks(struct snapshot *snapshot, struct cursor *c)
{
	size_t count = number_of(c, 1), total = 0;
	if (!array_reserve(snapshot->stacks, snapshot->stacks_capacity, count + 1))
		return NO_MEMORY;
	for (size_t i = 1; i <= count; i++) {
		size_t size = number_of(c, 1);
		snapshot->stacks[i] =
			(struct snapshot_callchain){.first = total, .count = (uint32_t)size};
		total += size;
		c->failed |= total > cursor_left(c);
		if (c->failed)
			return READ;
	}
	if (!array_reserve(snapshot->addresses, snapshot->addresses_capacity, total + 1))
		return NO_MEMORY;
	read_column(c, snapshot->addresses, sizeof(*snapshot->addresses), total,
		    snapshot_address_column);
	snapshot->nr_addresses = total;
	snapshot->nr_stacks = count + 1;
	return READ;
}

/* Numbers of texts, less one, and the line. */
struct numbered_frame {
	uint32_t function, file, line;
};

static enum outcome read_frames(struct snapshot *snapshot, struct cursor *c)
{
	enum { COLUMNS = sizeof(struct numbered_frame) / sizeof(uint32_t) };
	size_t count = number_of(c, COLUMNS);
	_cleanup_free_ struct numbered_frame *frames = calloc(count + 1, sizeof(*frames));
	if (!frames)
		return NO_MEMORY;
	for (size_t column = 0; column < COLUMNS; column++)
		read_column(c, frames, sizeof(*frames), count,
			    (struct snapshot_column){(uint16_t)(column * sizeof(uint32_t)),
						     sizeof(uint32_t), UINT32_MAX});
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_frame frame = {
			.function = snapshot_text(snapshot, frames[i].function),
			.file = snapshot_text(snapshot, frames[i].file),
			.line = frames[i].line};
		if (!snapshot_add_frame(snapshot, &frame))
			return NO_MEMORY;
	}
	return READ;
}

static enum outcome read_codes(struct snapshot *snapshot, struct cursor *c,
			       struct snapshot_codes *codes)
{
	size_t count = number_of(c, SNAPSHOT_CODE_COLUMNS);
	if (!array_reserve(codes->list, codes->capacity, count))
		return NO_MEMORY;
	for (size_t i = 0; i < SNAPSHOT_CODE_COLUMNS; i++)
		read_column(c, codes->list, sizeof(*codes->list), count, snapshot_code_columns[i]);
	for (size_t i = 0; i < count && !c->failed; i++) {
		const struct snapshot_code *code = &codes->list[i];
		c->failed |= code->first > snapshot->nr_frames ||
			     code->count > snapshot->nr_frames - code->first ||
			     (i && code->address <= code[-1].address);
	}
	codes->count = c->failed ? 0 : count;
	return READ;
}

static enum outcome read_return_addresses(struct snapshot *snapshot, struct cursor *c)
{
	return read_codes(snapshot, c, &snapshot->codes);
}

static enum outcome read_entries(struct snapshot *snapshot, struct cursor *c)
{
	return read_codes(snapshot, c, &snapshot->entries);
}

static bool is_sound(const struct snapshot *snapshot, const struct snapshot_goroutine *goroutine)
{
	return (goroutine->label_set < snapshot->nr_sets || goroutine->label_set == UINT32_MAX) &&
	       goroutine->wait_reason <= snapshot->texts.count &&
	       goroutine->stack < snapshot->nr_stacks;
}

static enum outcome read_goroutines(struct snapshot *snapshot, struct cursor *c)
{
	size_t count = number_of(c, SNAPSHOT_GOROUTINE_COLUMNS);
	struct snapshot_goroutine *list = calloc(count + 1, sizeof(*list));
	if (!list)
		return NO_MEMORY;
	snapshot->goroutines = list;
	for (size_t i = 0; i < SNAPSHOT_GOROUTINE_COLUMNS; i++)
		read_column(c, list, sizeof(*list), count, snapshot_goroutine_columns[i]);
	for (size_t i = 0; i < count && !c->failed; i++)
		c->failed |=
			!is_sound(snapshot, &list[i]) || (i && list[i].goid <= list[i - 1].goid);
	snapshot->nr_goroutines = snapshot->info.nr_goroutines = c->failed ? 0 : count;
	return READ;
}

static enum outcome (*const readers[])(struct snapshot *, struct cursor *) = {
	read_info,    read_texts,      read_sets, read_stacks, read_frames, read_return_addresses,
	read_entries, read_goroutines,
};

static struct perfgo_error *decode(struct snapshot *snapshot, struct cursor c, const char *name)
{
	const uint8_t *begin = c.at;
	const void *mark = cursor_bytes(&c, SNAPSHOT_MARK_SIZE);
	if (!mark || memcmp(mark, SNAPSHOT_MARK, SNAPSHOT_MARK_SIZE - 1) != 0)
		return perfgo_error_new("%s is not a snapshot of goroutines", name);
	if (memcmp(mark, SNAPSHOT_MARK, SNAPSHOT_MARK_SIZE) != 0)
		return perfgo_error_new("%s is a snapshot of another version of perf-go (%u)", name,
					begin[SNAPSHOT_MARK_SIZE - 1]);
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		size_t at = (size_t)(c.at - begin);
		if (readers[i](snapshot, &c) == NO_MEMORY)
			return perfgo_error_no_memory();
		if (c.failed)
			return perfgo_error_new("%s: a damaged snapshot, in the part at %#zx", name,
						at);
	}
	return NULL;
}

struct perfgo_error *snapshot_decode(const void *bytes, size_t size, const char *name,
				     struct snapshot **ret)
{
	struct snapshot *snapshot = snapshot_new();
	if (!snapshot)
		return perfgo_error_no_memory();
	struct perfgo_error *error = decode(snapshot, cursor_of(bytes, size, false), name);
	if (error) {
		snapshot_free(snapshot);
		return error;
	}
	*ret = snapshot;
	return NULL;
}

struct perfgo_error *snapshot_open(const char *path, struct snapshot **ret)
{
	struct stat status;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		return perfgo_error_errno(errno, "cannot open %s", path);
	size_t size = (size_t)status.st_size;
	if (!S_ISREG(status.st_mode) || !size)
		return perfgo_error_new("%s is not a snapshot of goroutines", path);
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return perfgo_error_errno(errno, "cannot read %s", path);
	struct perfgo_error *error = snapshot_decode(bytes, size, path, ret);
	munmap(bytes, size);
	return error;
}
