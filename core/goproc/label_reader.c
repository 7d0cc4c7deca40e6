// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/label_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

enum {
	MAX_LABELS = 4096,
	MAX_TEXT = 1 << 20, /* of all labels of a set */
};

/* What Go has of a string. */
struct go_string {
	uint64_t start, length;
};

/* A label as runtime/pprof keeps it from go1.24 on (label.go); also what is taken out of a map. */
struct go_label {
	struct go_string key, value;
};

struct reading {
	struct memory_cache *memory;
	struct arena *arena;
	struct go_label *labels;
	size_t count, capacity;
	size_t buckets; /* read so far */
	bool incomplete;
};

static bool add(struct reading *reading, const struct go_label *label)
{
	if (reading->count == MAX_LABELS) {
		reading->incomplete = true;
		return true;
	}
	if (!array_reserve(reading->labels, reading->capacity, reading->count + 1))
		return false;
	reading->labels[reading->count++] = *label;
	return true;
}

static bool read_slice(struct reading *reading, uint64_t address)
{
	struct {
		uint64_t start, length, capacity;
	} slice;
	enum { ADDRESS_BITS = 48 }; /* no slice is larger than what can be mapped */
	if (!memory_cache_read(reading->memory, address, &slice, sizeof(slice)) ||
	    slice.length > slice.capacity ||
	    slice.capacity > (1ull << ADDRESS_BITS) / sizeof(*reading->labels))
		return false;
	reading->incomplete = slice.length > MAX_LABELS;
	size_t count = reading->incomplete ? MAX_LABELS : slice.length;
	if (!array_reserve(reading->labels, reading->capacity, count))
		return false;
	reading->count = count;
	return !count || memory_cache_read(reading->memory, slice.start, reading->labels,
					   count * sizeof(*reading->labels));
}

/*
 * The map of runtime/map.go up to go1.23: buckets of eight, each with a tail of others, and while
 * it grows the old buckets beside the new ones.
 */
struct hmap {
	uint64_t count;
	uint8_t flags, log2_buckets;
	uint16_t noverflow;
	uint32_t seed;
	uint64_t buckets, old_buckets, evacuated, extra;
};

enum {
	BUCKET = 8,
	SAME_SIZE_GROW = 8, /* sameSizeGrow: the old buckets are as many as the new ones */
	MIN_TOP_HASH = 5,   /* less: empty, or moved to the new buckets */
	MAX_LOG2 = 10,
	MAX_BUCKETS = 4096, /* with their tails: eight times what MAX_LABELS fill */
};

/* A bucket of a map[string]string. */
struct bmap {
	uint8_t top[BUCKET];
	struct go_string keys[BUCKET], values[BUCKET];
	uint64_t overflow;
};

static bool read_chain(struct reading *reading, uint64_t address)
{
	struct bmap bucket;
	for (; address && !reading->incomplete; address = bucket.overflow) {
		if (reading->buckets++ == MAX_BUCKETS ||
		    !memory_cache_read(reading->memory, address, &bucket, sizeof(bucket)))
			return false;
		for (int i = 0; i < BUCKET; i++) {
			const struct go_label label = {bucket.keys[i], bucket.values[i]};
			if (bucket.top[i] >= MIN_TOP_HASH && !add(reading, &label))
				return false;
		}
	}
	return true;
}

static bool read_buckets(struct reading *reading, uint64_t buckets, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (!read_chain(reading, buckets + i * sizeof(struct bmap)))
			return false;
	return true;
}

/* The count tells whether all were found: the sets are made once and not changed. */
static bool read_map(struct reading *reading, uint64_t address)
{
	struct hmap map;
	uint64_t pointer;
	if (!memory_cache_read(reading->memory, address, &pointer, sizeof(pointer)))
		return false;
	if (!pointer)
		return true;
	if (!memory_cache_read(reading->memory, pointer, &map, sizeof(map)) ||
	    map.log2_buckets > MAX_LOG2)
		return false;
	uint64_t buckets = UINT64_C(1) << map.log2_buckets;
	uint64_t old = map.flags & SAME_SIZE_GROW ? buckets : buckets / 2;
	return !map.count ||
	       (read_buckets(reading, map.buckets, buckets) &&
		(!map.old_buckets || read_buckets(reading, map.old_buckets, old)) &&
		(reading->count == map.count || (reading->incomplete && map.count > MAX_LABELS)));
}

/* *RET is NULL where the text has a NUL in it. False when it can't be read. */
static bool read_text(struct reading *reading, const struct go_string *string, const char **ret)
{
	char *text = arena_alloc(reading->arena, string->length + 1);
	if (!text || (string->length &&
		      !memory_cache_read(reading->memory, string->start, text, string->length)))
		return false;
	text[string->length] = 0;
	*ret = memchr(text, 0, string->length) ? NULL : text;
	return true;
}

/* What is too long, or has a NUL in it, is left out whole. */
static bool read_texts(struct reading *reading, struct label *ret, size_t *count_ret)
{
	uint64_t left = MAX_TEXT;
	size_t count = 0;
	for (size_t i = 0; i < reading->count; i++) {
		const struct go_label *label = &reading->labels[i];
		if (label->key.length > left || label->value.length > left - label->key.length)
			continue;
		left -= label->key.length + label->value.length;
		if (!read_text(reading, &label->key, &ret[count].key) ||
		    !read_text(reading, &label->value, &ret[count].value))
			return false;
		count += ret[count].key && ret[count].value;
	}
	reading->incomplete |= count < reading->count;
	*count_ret = count;
	return true;
}

static int by_key(const void *left, const void *right)
{
	const struct label *a = left, *b = right;
	return strcmp(a->key, b->key);
}

bool labels_read(struct memory_cache *memory, uint64_t labels, bool is_map, struct arena *arena,
		 struct label_set *ret)
{
	struct reading reading = {.memory = memory, .arena = arena};
	*ret = (struct label_set){.known = true};
	if (!labels)
		return true;
	bool done = is_map ? read_map(&reading, labels) : read_slice(&reading, labels);
	struct label *texts =
		done ? arena_alloc(arena, (reading.count + 1) * sizeof(*texts)) : NULL;
	done = texts && read_texts(&reading, texts, &ret->count);
	free(reading.labels);
	if (!done)
		return false;
	if (ret->count)
		qsort(texts, ret->count, sizeof(*texts), by_key);
	ret->labels = texts;
	ret->incomplete = reading.incomplete;
	return true;
}
