// SPDX-License-Identifier: GPL-2.0-only
#include "record/sample_place.h"

/* In the order of perf_output_sample(), kernel/events/core.c: 8 bytes each, before READ. */
static const uint64_t fixed_fields[] = {
	PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP,	  PERF_SAMPLE_TID,
	PERF_SAMPLE_TIME,	PERF_SAMPLE_ADDR, PERF_SAMPLE_ID,
	PERF_SAMPLE_STREAM_ID,	PERF_SAMPLE_CPU,  PERF_SAMPLE_PERIOD,
};

struct sample_place sample_place(uint64_t sample_type, uint64_t read_format)
{
	struct sample_place place = {.sample_type = sample_type,
				     .read_format = read_format,
				     .fixed = sizeof(struct perf_event_header)};
	for (size_t i = 0; i < sizeof(fixed_fields) / sizeof(*fixed_fields); i++) {
		if (!(sample_type & fixed_fields[i]))
			continue;
		if (fixed_fields[i] == PERF_SAMPLE_TID)
			place.tid = place.fixed;
		if (fixed_fields[i] == PERF_SAMPLE_TIME)
			place.time = place.fixed;
		place.fixed += sizeof(uint64_t);
	}
	return place;
}

static bool read_u64(const uint8_t *record, size_t size, size_t at, uint64_t *ret)
{
	if (at + sizeof(*ret) > size)
		return false;
	memcpy(ret, record + at, sizeof(*ret));
	return true;
}

/* perf_output_read(): 8 bytes each. */
static bool skip_read(uint64_t format, const uint8_t *record, size_t size, size_t *at)
{
	uint64_t count = 1;
	size_t times = !!(format & PERF_FORMAT_TOTAL_TIME_ENABLED) +
		       !!(format & PERF_FORMAT_TOTAL_TIME_RUNNING);
	size_t each = 1 + !!(format & PERF_FORMAT_ID) + !!(format & PERF_FORMAT_LOST);
	if (format & PERF_FORMAT_GROUP) {
		if (!read_u64(record, size, *at, &count) || count > size)
			return false;
		*at += sizeof(uint64_t);
	}
	*at += (times + count * each) * sizeof(uint64_t);
	return *at <= size;
}

/* Offset of the callchain, or of what follows without one; 0 when the sample is cut. */
static size_t behind_read(const struct sample_place *place, const uint8_t *record, size_t size)
{
	size_t at = place->fixed;
	if (at > size || (place->sample_type & PERF_SAMPLE_READ &&
			  !skip_read(place->read_format, record, size, &at)))
		return 0;
	return at;
}

bool sample_place_calls(const struct sample_place *place, const uint8_t *record, size_t size,
			uint64_t address)
{
	size_t at = behind_read(place, record, size);
	uint64_t count, entry;
	if (!at || !(place->sample_type & PERF_SAMPLE_CALLCHAIN) ||
	    !read_u64(record, size, at, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		at += sizeof(uint64_t);
		if (!read_u64(record, size, at, &entry))
			return false;
		if (entry == address)
			return true;
	}
	return false;
}

size_t sample_place_of_raw(const struct sample_place *place, const uint8_t *record, size_t size)
{
	size_t at = behind_read(place, record, size);
	uint64_t nr;
	if (!at || !(place->sample_type & PERF_SAMPLE_RAW))
		return 0;
	if (place->sample_type & PERF_SAMPLE_CALLCHAIN) {
		if (!read_u64(record, size, at, &nr) || nr > size)
			return 0;
		at += sizeof(uint64_t) * (nr + 1);
	}
	uint32_t raw;
	if (at + sizeof(raw) > size)
		return 0;
	memcpy(&raw, record + at, sizeof(raw));
	return raw <= size - at - sizeof(raw) ? at : 0;
}
