/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of perfdata share. The public interface is perfdata.h. */
#ifndef PERFDATA_INTERNAL_H
#define PERFDATA_INTERNAL_H

#include "base/arena.h"
#include "base/cursor.h"
#include "base/idmap.h"
#include "perfdata/input.h"
#include "perfdata/order.h"
#include "perfdata/perfdata.h"

/* Records that one perfdata_read() hands out at most */
#define RECORDS_AT_ONCE 4096
#define RECORD_HEADER_SIZE sizeof(struct perfdata_record_header)

struct decode; /* sample.c */
typedef void (*decode_field)(struct decode *decode, struct sample *ret);
#define MAX_DECODE_FIELDS 16

/* An event with what is precomputed for reading its records. */
struct event {
	struct perfdata_event public;
	bool named; /* by the file, not after the attr */
	bool branch_counters;
	uint16_t fixed_size;   /* of the leading fields of a sample, all of 8 bytes */
	uint16_t sample_time;  /* offset of the time in a sample record, 0 when it has none */
	uint16_t trailer_time; /* the same from the end of another record */
	decode_field decode[MAX_DECODE_FIELDS]; /* the fields after the leading ones, then NULL */
};

struct id_entry {
	uint64_t id;
	uint32_t event;
};

struct feature {
	const void *data;
	size_t size;
};

struct perfdata {
	char *path;
	enum perfdata_order order;
	const struct observer *observer;
	bool swap;    /* the file has the other byte order */
	bool ordered; /* by time, through the queue */
	bool ended;
	bool damage_told;
	bool unknown_id_told, bad_sample_told, unknown_record_told;
	struct arena arena;   /* lives as long as the whole */
	struct arena scratch; /* until the next perfdata_read() */
	struct perfdata_header header;
	struct feature features[HEADER_FEAT_BITS];
	struct perfdata_counts counts;

	struct event **events;
	size_t nr_events, events_capacity;
	struct id_entry *ids;
	size_t nr_ids, ids_capacity;
	size_t nr_listed_ids; /* in the attribute section, with those that come again */
	struct idmap ids_index;
	uint32_t last_id; /* index into ids: samples of one event come in runs */
	/* Where the first event has the id (tools/perf/util/evsel.c, __evsel__calc_id_pos); 0: none
	 */
	uint16_t sample_id, trailer_id;
	/* Set when all events have their time there, so that no id need be looked up for it. */
	bool same_times;

	struct perfdata_build_id *build_ids;
	size_t build_ids_capacity;

	struct data_section section; /* of a file; size 0 when it is not whole */
	struct input *inputs;
	size_t nr_inputs, inputs_capacity;
	size_t current; /* input */
	struct chunks chunks;
	struct order queue;
	uint64_t released; /* state of the queue when chunks were last given back */
	struct record *batch;
	size_t batch_size;
	bool batch_waits; /* filled while opening */
	uint8_t *unpack_buffer;
	uint64_t progress_told;
};

static inline uint64_t read_u64(const struct perfdata *data, const void *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof(value));
	return data->swap ? __builtin_bswap64(value) : value;
}

/* The header of a record that is wholly there. */
static inline struct perfdata_record_header read_header(bool swap, const void *at)
{
	struct perfdata_record_header header;
	memcpy(&header, at, sizeof(header));
	if (swap) {
		header.type = __builtin_bswap32(header.type);
		header.misc = __builtin_bswap16(header.misc);
		header.size = __builtin_bswap16(header.size);
	}
	return header;
}

/* The bytes behind the header of a record. */
static inline struct cursor payload(const struct perfdata *data, const void *record)
{
	size_t size = read_header(data->swap, record).size;
	return cursor_of((const char *)record + RECORD_HEADER_SIZE, size - RECORD_HEADER_SIZE,
			 data->swap);
}

/* open.c: reads SIZE bytes in memory, which have to stay, as the file NAME. For tests. */
struct perfgo_error *perfdata_open_memory(const char *name, const void *bytes, size_t size,
					  enum perfdata_order order,
					  const struct observer *observer, struct perfdata **ret);

/* attr.c: decodes the SIZE bytes at DATA; false when they are no attr. */
bool attr_decode(const void *data, size_t size, bool swap, struct perfdata_attr *ret);

/* event.c */
struct perfgo_error *events_add(struct perfdata *data, const struct perfdata_attr *attr,
				struct cursor ids);
struct perfgo_error *event_rename(struct perfdata *data, struct event *event, const char *name);
/* Makes an event a member of LEADER's group; both are there. */
void event_join(struct perfdata *data, uint32_t event, uint32_t leader);
/* As perf's evlist__event2evsel(); NULL when there is none. */
struct event *event_of_record(struct perfdata *data, const void *record);
void events_deinit(struct perfdata *data);

/* event_name.c: as perf names an event that the file does not name. */
const char *event_derived_name(struct arena *arena, const struct perfdata_attr *attr);

/* tracing.c: names tracepoints after TRACING_DATA, if there. */
struct perfgo_error *name_tracepoints(struct perfdata *data);

/* sample.c: fills in the layout of a new event. */
void event_layout(struct event *event);

/* header.c: file mode, from its mapped input. */
struct perfgo_error *header_read(struct perfdata *data, struct input *input);

/* features.c: takes over the bytes of one feature, which stay valid; false when damaged. */
bool feature_add(struct perfdata *data, unsigned int id, const void *bytes, size_t size);
/* One record of build ids: in the feature, or as a record of its own. False without memory. */
bool build_id_add(struct perfdata *data, struct cursor c, uint16_t misc);

/* pipe.c: a record of type >= 64 that serves the reader. */
struct perfgo_error *header_record(struct perfdata *data, const void *record);

/* compressed.c: begins with a COMPRESSED or COMPRESSED2 record, and goes on with it. */
struct perfgo_error *unpack_begin(struct perfdata *data, struct input *input, const void *record,
				  uint64_t record_size);
struct perfgo_error *unpack_more(struct perfdata *data, struct input *input);
/* The size of the COMPRESSED2 record of which the first PACKED_HEADER_SIZE bytes are there. */
#define PACKED_HEADER_SIZE (RECORD_HEADER_SIZE + 8)
uint64_t packed_record_size(const struct perfdata *data, const void *record);
void unpack_deinit(struct input *input);

/*
 * reader.c: the reading of INPUT ends at OFFSET. An error when there is nothing to show for it,
 * else a warning, unless the end of the input was complained about already.
 */
struct perfgo_error *damaged(struct perfdata *data, struct input *input, uint64_t offset,
			     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* reader.c: for pipe mode, all up to the first record that is not part of the header. */
struct perfgo_error *read_pipe_header(struct perfdata *data);

#endif
