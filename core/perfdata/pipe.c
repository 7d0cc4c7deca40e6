// SPDX-License-Identifier: GPL-2.0-only
/* What pipe mode has in records instead of in a header (tools/perf/util/header.c, perf 6.12). */
#include "perfdata/internal.h"

static struct perfgo_error *add_attr(struct perfdata *data, struct cursor c)
{
	struct perfdata_attr attr;
	if (!attr_decode(c.at, cursor_left(&c), data->swap, &attr))
		return NULL;
	cursor_skip(&c, attr.size);
	return events_add(data, &attr, c);
}

static struct perfgo_error *update_event(struct perfdata *data, struct cursor c)
{
	uint64_t type = cursor_u64(&c);
	uint64_t id = cursor_u64(&c);
	int index = data->nr_events == 1 ? 0 : perfdata_event_of_id(data, id);
	const char *name = type == PERF_EVENT_UPDATE_NAME ? cursor_string(&c) : NULL;
	if (!name || !*name || index < 0 || !data->nr_events)
		return NULL;
	return event_rename(data, data->events[index], name);
}

/* The bytes outlive the record: the header points into them. */
static struct perfgo_error *add_feature(struct perfdata *data, struct cursor c)
{
	uint64_t id = cursor_u64(&c);
	if (c.failed || !id || id >= HEADER_FEAT_BITS || data->features[id].data)
		return NULL;
	void *copy = arena_copy(&data->arena, c.at, cursor_left(&c));
	if (!copy)
		return perfgo_error_no_memory();
	if (feature_add(data, (unsigned int)id, copy, cursor_left(&c)))
		data->header.features[id / 64] |= 1ull << id % 64;
	return NULL;
}

static struct perfgo_error *add_build_id(struct perfdata *data, const void *record)
{
	struct perfdata_record_header header = read_header(data->swap, record);
	struct cursor c = payload(data, record);
	void *copy = arena_copy(&data->arena, c.at, cursor_left(&c));
	if (!copy)
		return perfgo_error_no_memory();
	build_id_add(data, cursor_of(copy, cursor_left(&c), data->swap), header.misc);
	return NULL;
}

struct perfgo_error *header_record(struct perfdata *data, const void *record)
{
	switch (read_header(data->swap, record).type) {
	case PERF_RECORD_HEADER_ATTR:
		return add_attr(data, payload(data, record));
	case PERF_RECORD_EVENT_UPDATE:
		return update_event(data, payload(data, record));
	case PERF_RECORD_HEADER_FEATURE:
		return add_feature(data, payload(data, record));
	case PERF_RECORD_HEADER_BUILD_ID:
		return add_build_id(data, record);
	}
	return NULL;
}
