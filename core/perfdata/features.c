// SPDX-License-Identifier: GPL-2.0-only
/* Header features: tools/perf/util/header.c, perf 6.12, process_*() and write_*(). */
#include "base/array.h"
#include "perfdata/internal.h"

/* u32 length, and as many bytes, of which a string with its NUL is the beginning. */
static const char *read_string(struct cursor *c)
{
	uint32_t length = cursor_u32(c);
	const void *bytes = cursor_bytes(c, length);
	struct cursor string = cursor_of(bytes ? bytes : "", bytes ? length : 0, false);
	const char *text = cursor_string(&string);
	c->failed |= string.failed;
	return text;
}

#define READ_STRING(name)                                                                          \
	static bool read_##name(struct perfdata *data, struct cursor *c)                           \
	{                                                                                          \
		const char *text = read_string(c);                                                 \
		if (!c->failed)                                                                    \
			data->header.name = text;                                                  \
		return !c->failed;                                                                 \
	}
READ_STRING(hostname)
READ_STRING(osrelease)
READ_STRING(version)
READ_STRING(arch)
READ_STRING(cpudesc)
READ_STRING(cpuid)

static bool read_nr_cpus(struct perfdata *data, struct cursor *c)
{
	data->header.nr_cpus_available = cursor_u32(c);
	data->header.nr_cpus_online = cursor_u32(c);
	return !c->failed;
}

static bool read_total_memory(struct perfdata *data, struct cursor *c)
{
	data->header.total_memory = cursor_u64(c);
	return !c->failed;
}

static bool read_command_line(struct perfdata *data, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	if (count > cursor_left(c) / sizeof(uint32_t))
		return false;
	const char **words = arena_alloc(&data->arena, count * sizeof(*words) + 1);
	if (!words)
		return false;
	for (uint32_t i = 0; i < count; i++)
		words[i] = read_string(c);
	if (c->failed)
		return false;
	data->header.command_line = words;
	data->header.nr_command_line = count;
	return true;
}

static bool read_sample_time(struct perfdata *data, struct cursor *c)
{
	data->header.first_sample_time = cursor_u64(c);
	data->header.last_sample_time = cursor_u64(c);
	return !c->failed;
}

static bool read_clock_data(struct perfdata *data, struct cursor *c)
{
	uint32_t version = cursor_u32(c);
	data->header.clock_id = cursor_u32(c);
	data->header.wall_clock_ns = cursor_u64(c);
	data->header.clock_ns = cursor_u64(c);
	data->header.has_clock = version == 1 && !c->failed;
	return data->header.has_clock;
}

static bool read_compressed(struct perfdata *data, struct cursor *c)
{
	cursor_u32(c); /* version */
	data->header.compression_type = cursor_u32(c);
	data->header.compression_level = cursor_u32(c);
	data->header.compression_ratio = cursor_u32(c);
	cursor_u32(c); /* size of the ring buffer */
	data->header.compressed = !c->failed;
	return !c->failed;
}

/* One event: attr, number of ids, name, ids. The n-th is the n-th of the attributes. */
static bool read_event_name(struct perfdata *data, struct cursor *c, uint32_t attr_size, size_t i)
{
	cursor_skip(c, attr_size);
	uint32_t nr_ids = cursor_u32(c);
	const char *name = read_string(c);
	cursor_skip(c, 8ull * nr_ids);
	if (c->failed)
		return false;
	if (i >= data->nr_events || data->events[i]->named || !*name)
		return true;
	struct perfgo_error *error = event_rename(data, data->events[i], name);
	perfgo_error_destroy(error);
	return !error;
}

static bool read_event_desc(struct perfdata *data, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	uint32_t attr_size = cursor_u32(c);
	for (uint32_t i = 0; i < count && !c->failed; i++)
		if (!read_event_name(data, c, attr_size, i))
			return false;
	return !c->failed;
}

/* Groups come in the order of their leaders, which their members follow. */
static bool read_group_desc(struct perfdata *data, struct cursor *c)
{
	uint32_t count = cursor_u32(c), next = 0;
	for (uint32_t i = 0; i < count && !c->failed; i++) {
		read_string(c);
		uint32_t leader = cursor_u32(c);
		uint32_t members = cursor_u32(c);
		if (c->failed || leader < next || leader >= data->nr_events || !members ||
		    members > data->nr_events - leader)
			return false;
		data->events[leader]->public.group_members = members;
		for (next = leader; next < leader + members; next++)
			event_join(data, next, leader);
	}
	return !c->failed;
}

/*
 * perf before 2.6.33 left the pid out, which shows in the kernel's name missing its beginning
 * (perf_header__read_build_ids()).
 */
static bool without_pid(struct cursor c)
{
	cursor_skip(&c, 4 + 24);
	const char *name = cursor_string(&c);
	return name && !strcmp(name, "nel.kallsyms]");
}

bool build_id_add(struct perfdata *data, struct cursor c, uint16_t misc)
{
	struct perfdata_build_id build_id = {.misc = misc, .size = BUILD_ID_SIZE, .pid = -1};
	if (!without_pid(c))
		build_id.pid = (int32_t)cursor_u32(&c);
	const void *id = cursor_bytes(&c, BUILD_ID_SIZE);
	uint8_t size = cursor_u8(&c);
	cursor_skip(&c, 3);
	build_id.filename = cursor_string(&c);
	if (c.failed)
		return false;
	memcpy(build_id.id, id, BUILD_ID_SIZE);
	if (misc & PERF_RECORD_MISC_BUILD_ID_SIZE && size && size < BUILD_ID_SIZE)
		build_id.size = size;
	build_id.misc &= PERF_RECORD_MISC_CPUMODE_MASK;
	if (!array_reserve(data->build_ids, data->build_ids_capacity,
			   data->header.nr_build_ids + 1))
		return false;
	data->build_ids[data->header.nr_build_ids++] = build_id;
	data->header.build_ids = data->build_ids;
	return true;
}

static bool read_build_ids(struct perfdata *data, struct cursor *c)
{
	while (cursor_left(c)) {
		cursor_u32(c); /* type */
		uint16_t misc = cursor_u16(c);
		uint16_t size = cursor_u16(c);
		if (c->failed || size < RECORD_HEADER_SIZE)
			return false;
		const void *bytes = cursor_bytes(c, size - RECORD_HEADER_SIZE);
		if (!bytes ||
		    !build_id_add(data, cursor_of(bytes, size - RECORD_HEADER_SIZE, data->swap),
				  misc))
			return false;
	}
	return true;
}

/* Those that are understood; the others are only kept. */
static bool (*const readers[HEADER_FEAT_BITS])(struct perfdata *data, struct cursor *c) = {
	[HEADER_BUILD_ID] = read_build_ids,
	[HEADER_HOSTNAME] = read_hostname,
	[HEADER_OSRELEASE] = read_osrelease,
	[HEADER_VERSION] = read_version,
	[HEADER_ARCH] = read_arch,
	[HEADER_NRCPUS] = read_nr_cpus,
	[HEADER_CPUDESC] = read_cpudesc,
	[HEADER_CPUID] = read_cpuid,
	[HEADER_TOTAL_MEM] = read_total_memory,
	[HEADER_CMDLINE] = read_command_line,
	[HEADER_EVENT_DESC] = read_event_desc,
	[HEADER_GROUP_DESC] = read_group_desc,
	[HEADER_SAMPLE_TIME] = read_sample_time,
	[HEADER_COMPRESSED] = read_compressed,
	[HEADER_CLOCK_DATA] = read_clock_data,
};

bool feature_add(struct perfdata *data, unsigned int id, const void *bytes, size_t size)
{
	struct cursor c = cursor_of(bytes, size, data->swap);
	data->features[id] = (struct feature){bytes, size};
	return !readers[id] || readers[id](data, &c);
}

const void *perfdata_feature(const struct perfdata *data, unsigned int feature, size_t *size_ret)
{
	if (feature >= HEADER_FEAT_BITS || !data->features[feature].data)
		return NULL;
	*size_ret = data->features[feature].size;
	return data->features[feature].data;
}
