// SPDX-License-Identifier: GPL-2.0-only
#include "record/sample_place.h"

#include <stdbool.h>

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

size_t sample_place_of_raw(const struct sample_place *place, const uint8_t *record, size_t size)
{
	size_t at = place->fixed;
	uint64_t nr;
	if (!(place->sample_type & PERF_SAMPLE_RAW) || at > size)
		return 0;
	if (place->sample_type & PERF_SAMPLE_READ &&
	    !skip_read(place->read_format, record, size, &at))
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
