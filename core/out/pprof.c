// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of fields are those of profile.proto. Strings and functions get their numbers as they
 * come and are written at the end; the rest is written at once.
 */
#include "out/pprof.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strings.h"
#include "base/tuples.h"
#include "out/gzip.h"

enum { MAX_VARINT = 10, WIRE_VARINT = 0, WIRE_BYTES = 2 };

enum profile_field {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE,
	PROFILE_MAPPING,
	PROFILE_LOCATION,
	PROFILE_FUNCTION,
	PROFILE_STRING_TABLE,
	PROFILE_TIME_NANOS = 9,
	PROFILE_DURATION_NANOS,
	PROFILE_PERIOD_TYPE,
	PROFILE_PERIOD,
	PROFILE_COMMENT,
	PROFILE_DEFAULT_SAMPLE_TYPE,
};
enum { VALUE_TYPE_TYPE = 1, VALUE_TYPE_UNIT };
enum { SAMPLE_LOCATION_ID = 1, SAMPLE_VALUE, SAMPLE_LABEL };
enum { LABEL_KEY = 1, LABEL_STR, LABEL_NUM, LABEL_NUM_UNIT };
enum {
	MAPPING_ID = 1,
	MAPPING_START,
	MAPPING_LIMIT,
	MAPPING_OFFSET,
	MAPPING_FILENAME,
	MAPPING_BUILD_ID,
	MAPPING_HAS_FUNCTIONS,
	MAPPING_HAS_FILENAMES,
	MAPPING_HAS_LINE_NUMBERS,
	MAPPING_HAS_INLINE_FRAMES,
};
enum { LOCATION_ID = 1, LOCATION_MAPPING_ID, LOCATION_ADDRESS, LOCATION_LINE };
enum { LINE_FUNCTION_ID = 1, LINE_LINE };
enum {
	FUNCTION_ID = 1,
	FUNCTION_NAME,
	FUNCTION_SYSTEM_NAME,
	FUNCTION_FILENAME,
	FUNCTION_START_LINE
};

struct message {
	uint8_t *bytes;
	size_t size, capacity;
	bool failed;
};

struct pprof {
	struct message profile;
	struct message message, part; /* what is being put together */
	struct strings strings;
	struct tuples functions; /* numbers of name, system name and file; start line */
	size_t nr_types;
	uint64_t mappings, locations;
	bool failed;
};

static void put(struct message *to, const void *bytes, size_t size)
{
	if (to->failed || !array_reserve(to->bytes, to->capacity, to->size + size)) {
		to->failed = true;
		return;
	}
	if (size)
		memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

static void put_varint(struct message *to, uint64_t value)
{
	uint8_t bytes[MAX_VARINT], *at = bytes;
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	put(to, bytes, (size_t)(at - bytes));
}

static void put_bytes(struct message *to, unsigned int field, const void *bytes, size_t size)
{
	put_varint(to, field << 3 | WIRE_BYTES);
	put_varint(to, size);
	put(to, bytes, size);
}

/* 0 is what a field is that is left out. */
static void put_number(struct message *to, unsigned int field, uint64_t value)
{
	if (!value)
		return;
	put_varint(to, field << 3 | WIRE_VARINT);
	put_varint(to, value);
}

/* Ends PART, a message in the field of another. */
static void put_message(struct message *to, unsigned int field, struct message *part)
{
	put_bytes(to, field, part->bytes, part->size);
	to->failed |= part->failed;
	part->size = 0;
}

/* Number 0 is the empty one; numbers of the dictionary begin with 1 as well. */
static uint64_t string(struct pprof *profile, const char *text)
{
	if (!text || !*text)
		return 0;
	uint32_t id = strings_id(&profile->strings, text);
	profile->failed |= !id;
	return id;
}

struct perfgo_error *pprof_new(struct pprof **ret)
{
	struct pprof *profile = calloc(1, sizeof(*profile));
	if (!profile)
		return perfgo_error_no_memory();
	profile->functions.width = 4;
	*ret = profile;
	return NULL;
}

void pprof_free(struct pprof *profile)
{
	if (!profile)
		return;
	free(profile->profile.bytes);
	free(profile->message.bytes);
	free(profile->part.bytes);
	strings_deinit(&profile->strings);
	tuples_deinit(&profile->functions);
	free(profile);
}

static void put_value_type(struct pprof *profile, unsigned int field, const char *type,
			   const char *unit)
{
	put_number(&profile->message, VALUE_TYPE_TYPE, string(profile, type));
	put_number(&profile->message, VALUE_TYPE_UNIT, string(profile, unit));
	put_message(&profile->profile, field, &profile->message);
}

void pprof_sample_type(struct pprof *profile, const char *type, const char *unit)
{
	profile->nr_types++;
	put_value_type(profile, PROFILE_SAMPLE_TYPE, type, unit);
}

void pprof_default_type(struct pprof *profile, const char *type)
{
	put_number(&profile->profile, PROFILE_DEFAULT_SAMPLE_TYPE, string(profile, type));
}

void pprof_comment(struct pprof *profile, const char *text)
{
	put_number(&profile->profile, PROFILE_COMMENT, string(profile, text));
}

void pprof_time(struct pprof *profile, uint64_t begin, uint64_t duration)
{
	put_number(&profile->profile, PROFILE_TIME_NANOS, begin);
	put_number(&profile->profile, PROFILE_DURATION_NANOS, duration);
}

void pprof_period(struct pprof *profile, const char *type, const char *unit, uint64_t period)
{
	put_value_type(profile, PROFILE_PERIOD_TYPE, type, unit);
	put_number(&profile->profile, PROFILE_PERIOD, period);
}

uint64_t pprof_mapping(struct pprof *profile, const struct pprof_mapping *mapping)
{
	struct message *message = &profile->message;
	put_number(message, MAPPING_ID, ++profile->mappings);
	put_number(message, MAPPING_START, mapping->start);
	put_number(message, MAPPING_LIMIT, mapping->end);
	put_number(message, MAPPING_OFFSET, mapping->offset);
	put_number(message, MAPPING_FILENAME, string(profile, mapping->file));
	put_number(message, MAPPING_BUILD_ID, string(profile, mapping->build_id));
	/* So that pprof does not look for the binary to do it again, and worse. */
	for (unsigned int has = MAPPING_HAS_FUNCTIONS; has <= MAPPING_HAS_INLINE_FRAMES; has++)
		put_number(message, has, 1);
	put_message(&profile->profile, PROFILE_MAPPING, message);
	return profile->mappings;
}

static uint64_t function(struct pprof *profile, const struct pprof_line *line)
{
	const char *system_name = line->system_name ? line->system_name : line->function;
	const uint64_t tuple[] = {string(profile, line->function), string(profile, system_name),
				  string(profile, line->file), line->start_line};
	uint32_t id = tuples_id(&profile->functions, tuple);
	profile->failed |= id == IDMAP_NONE;
	return (uint64_t)id + 1;
}

uint64_t pprof_location(struct pprof *profile, uint64_t mapping, uint64_t address,
			const struct pprof_line *lines, size_t count)
{
	struct message *message = &profile->message;
	put_number(message, LOCATION_ID, ++profile->locations);
	put_number(message, LOCATION_MAPPING_ID, mapping);
	put_number(message, LOCATION_ADDRESS, address);
	for (size_t i = 0; i < count; i++) {
		put_number(&profile->part, LINE_FUNCTION_ID, function(profile, &lines[i]));
		put_number(&profile->part, LINE_LINE, lines[i].line);
		put_message(message, LOCATION_LINE, &profile->part);
	}
	put_message(&profile->profile, PROFILE_LOCATION, message);
	return profile->locations;
}

static void put_label(struct pprof *profile, const struct pprof_label *label)
{
	struct message *part = &profile->part;
	put_number(part, LABEL_KEY, string(profile, label->key));
	put_number(part, LABEL_STR, string(profile, label->text));
	if (!label->text) {
		put_number(part, LABEL_NUM, (uint64_t)label->number);
		put_number(part, LABEL_NUM_UNIT, string(profile, label->unit));
	}
	put_message(&profile->message, SAMPLE_LABEL, part);
}

/* Repeated numbers, packed. */
static void put_numbers(struct pprof *profile, unsigned int field, const uint64_t *numbers,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_varint(&profile->part, numbers[i]);
	put_message(&profile->message, field, &profile->part);
}

void pprof_sample(struct pprof *profile, const struct pprof_sample *sample)
{
	put_numbers(profile, SAMPLE_LOCATION_ID, sample->locations, sample->nr_locations);
	put_numbers(profile, SAMPLE_VALUE, (const uint64_t *)sample->values, profile->nr_types);
	for (size_t i = 0; i < sample->nr_labels; i++)
		put_label(profile, &sample->labels[i]);
	put_message(&profile->profile, PROFILE_SAMPLE, &profile->message);
}

static void put_functions(struct pprof *profile)
{
	for (uint32_t id = 0; id < profile->functions.count; id++) {
		const uint64_t *tuple = tuples_get(&profile->functions, id);
		put_number(&profile->message, FUNCTION_ID, (uint64_t)id + 1);
		put_number(&profile->message, FUNCTION_NAME, tuple[0]);
		put_number(&profile->message, FUNCTION_SYSTEM_NAME, tuple[1]);
		put_number(&profile->message, FUNCTION_FILENAME, tuple[2]);
		put_number(&profile->message, FUNCTION_START_LINE, tuple[3]);
		put_message(&profile->profile, PROFILE_FUNCTION, &profile->message);
	}
}

static void put_strings(struct pprof *profile)
{
	put_bytes(&profile->profile, PROFILE_STRING_TABLE, "", 0);
	for (uint32_t id = 1; id <= profile->strings.count; id++) {
		const char *text = strings_text(&profile->strings, id);
		put_bytes(&profile->profile, PROFILE_STRING_TABLE, text, strlen(text));
	}
}

struct perfgo_error *pprof_finish(struct pprof *profile, void **bytes_ret, size_t *size_ret)
{
	put_functions(profile);
	put_strings(profile);
	if (profile->failed || profile->profile.failed || profile->message.failed)
		return perfgo_error_no_memory();
	*bytes_ret = gzip(profile->profile.bytes, profile->profile.size, size_ret);
	return *bytes_ret ? NULL : perfgo_error_no_memory();
}
