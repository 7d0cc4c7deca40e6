// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/array.h"
#include "goproc/snapshot_format.h"

enum { MAX_VARINT = 10 };

struct buffer {
	uint8_t *bytes;
	size_t size, capacity;
	bool failed;
};

static void put(struct buffer *to, const void *bytes, size_t size)
{
	if (to->failed || !array_reserve(to->bytes, to->capacity, to->size + size)) {
		to->failed = true;
		return;
	}
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

static void put_string(struct buffer *to, const char *text)
{
	text = text ? text : "";
	put(to, text, strlen(text) + 1);
}

/* There is room. */
static uint8_t *varint(uint8_t *at, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	return at;
}

static void put_number(struct buffer *to, uint64_t value)
{
	uint8_t bytes[MAX_VARINT];
	put(to, bytes, (size_t)(varint(bytes, value) - bytes));
}

static uint64_t zigzag(uint64_t difference)
{
	return difference << 1 ^ (uint64_t)((int64_t)difference >> 63);
}

/* COUNT rows of SIZE bytes. */
static void put_column(struct buffer *to, const void *rows, size_t size, size_t count,
		       struct snapshot_column column)
{
	const uint8_t *row = rows;
	uint64_t before = 0;
	if (to->failed || !array_reserve(to->bytes, to->capacity, to->size + count * MAX_VARINT)) {
		to->failed = true;
		return;
	}
	uint8_t *at = to->bytes + to->size;
	for (size_t i = 0; i < count; i++, row += size) {
		uint64_t value = 0;
		memcpy(&value, row + column.offset, column.size);
		at = varint(at, zigzag(value - before));
		before = value;
	}
	to->size = (size_t)(at - to->bytes);
}

static void put_info(struct buffer *to, const struct snapshot_info *info)
{
	put_number(to, info->pid);
	put_number(to, info->execution);
	put_number(to, info->begin);
	put_number(to, info->end);
	put_number(to, info->wall_time);
	put_number(to, info->sweepgen);
	put_number(to, info->gcphase);
	put_number(to, info->torn);
	put_number(to, info->map_start);
	put_number(to, info->map_end);
	put_number(to, info->map_offset);
	put_string(to, info->comm);
	put_string(to, info->executable);
	put_string(to, info->version);
	put_string(to, info->build_id);
}

static void put_texts(struct buffer *to, const struct strings *texts)
{
	put_number(to, texts->count);
	for (uint32_t id = 1; id <= texts->count; id++)
		put_string(to, strings_text(texts, id));
}

static void put_sets(struct buffer *to, const struct snapshot *snapshot)
{
	put_number(to, snapshot->nr_sets - 1);
	for (size_t i = 1; i < snapshot->nr_sets; i++) {
		const struct label_set *set = &snapshot->sets[i];
		put_number(to, (set->known ? SNAPSHOT_SET_KNOWN : 0) |
				       (set->incomplete ? SNAPSHOT_SET_INCOMPLETE : 0));
		put_number(to, set->count);
		for (size_t label = 0; label < set->count; label++) {
			put_string(to, set->labels[label].key);
			put_string(to, set->labels[label].value);
		}
	}
}

static void put_stacks(struct buffer *to, const struct snapshot *snapshot)
{
	put_number(to, snapshot->nr_stacks - 1);
	for (size_t i = 1; i < snapshot->nr_stacks; i++)
		put_number(to, snapshot->stacks[i].count);
	put_column(to, snapshot->addresses, sizeof(*snapshot->addresses), snapshot->nr_addresses,
		   snapshot_address_column);
}

/* A frame with its texts as numbers. */
struct numbered_frame {
	uint32_t function, file, line;
};

static void put_frames(struct buffer *to, const struct snapshot *snapshot)
{
	size_t count = snapshot->nr_frames;
	struct numbered_frame *frames = calloc(count + 1, sizeof(*frames));
	if (!frames) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct numbered_frame){
			.function = strings_find(&snapshot->texts, snapshot->frames[i].function),
			.file = strings_find(&snapshot->texts, snapshot->frames[i].file),
			.line = snapshot->frames[i].line};
	put_number(to, count);
	for (size_t column = 0; column < sizeof(*frames) / sizeof(uint32_t); column++)
		put_column(to, frames, sizeof(*frames), count,
			   (struct snapshot_column){(uint16_t)(column * sizeof(uint32_t)),
						    sizeof(uint32_t), UINT32_MAX});
	free(frames);
}

static void put_codes(struct buffer *to, const struct snapshot_codes *codes)
{
	put_number(to, codes->count);
	for (size_t i = 0; i < SNAPSHOT_CODE_COLUMNS; i++)
		put_column(to, codes->list, sizeof(*codes->list), codes->count,
			   snapshot_code_columns[i]);
}

static void put_goroutines(struct buffer *to, const struct snapshot *snapshot)
{
	put_number(to, snapshot->nr_goroutines);
	for (size_t i = 0; i < SNAPSHOT_GOROUTINE_COLUMNS; i++)
		put_column(to, snapshot->goroutines, sizeof(*snapshot->goroutines),
			   snapshot->nr_goroutines, snapshot_goroutine_columns[i]);
}

uint8_t *snapshot_encode(const struct snapshot *snapshot, size_t *size_ret)
{
	struct buffer to = {0};
	put(&to, SNAPSHOT_MARK, SNAPSHOT_MARK_SIZE);
	put_info(&to, &snapshot->info);
	put_texts(&to, &snapshot->texts);
	put_sets(&to, snapshot);
	put_stacks(&to, snapshot);
	put_frames(&to, snapshot);
	put_codes(&to, &snapshot->codes);
	put_codes(&to, &snapshot->entries);
	put_goroutines(&to, snapshot);
	if (to.failed) {
		free(to.bytes);
		return NULL;
	}
	*size_ret = to.size;
	return to.bytes;
}
