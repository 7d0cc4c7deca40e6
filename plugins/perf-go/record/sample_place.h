/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are in the samples of an event, as far as the recorder looks into them. */
#ifndef RECORD_SAMPLE_PLACE_H
#define RECORD_SAMPLE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/perf_event.h>

struct sample_place {
	uint64_t sample_type, read_format;
	uint16_t tid, time; /* offsets; 0: not there */
	uint16_t fixed;	    /* where what has a size of its own begins */
};

/* Of events with these parts of their attr. */
struct sample_place sample_place(uint64_t sample_type, uint64_t read_format);

/* Offset of RAW with its size; 0 when there is none, or the sample is cut. */
size_t sample_place_of_raw(const struct sample_place *place, const uint8_t *record, size_t size);

/* Whether ADDRESS is in its callchain. */
bool sample_place_calls(const struct sample_place *place, const uint8_t *record, size_t size,
			uint64_t address);

static inline uint32_t sample_place_u32(const struct perf_event_header *record, size_t offset)
{
	uint32_t value = 0;
	if (offset && offset + sizeof(value) <= record->size)
		memcpy(&value, (const char *)record + offset, sizeof(value));
	return value;
}

static inline uint32_t sample_place_pid(const struct sample_place *place,
					const struct perf_event_header *record)
{
	return sample_place_u32(record, place->tid);
}

static inline uint32_t sample_place_tid(const struct sample_place *place,
					const struct perf_event_header *record)
{
	return sample_place_u32(record, place->tid ? place->tid + sizeof(uint32_t) : 0);
}

static inline uint64_t sample_place_time(const struct sample_place *place,
					 const struct perf_event_header *record)
{
	uint64_t value = 0;
	if (place->time && place->time + sizeof(value) <= record->size)
		memcpy(&value, (const char *)record + place->time, sizeof(value));
	return value;
}

#endif
