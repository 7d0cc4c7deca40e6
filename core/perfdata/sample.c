// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes samples: include/uapi/linux/perf_event.h, PERF_RECORD_SAMPLE; the parts that are not said
 * there as tools/perf/util/evsel.c, perf 6.12, evsel__parse_sample().
 */
#include "perfdata/internal.h"

struct decode {
	struct cursor c;
	struct perfdata *data;
	const struct event *event;
	const struct perfdata_attr *attr;
};

/* The fields that a sample begins with, all of 8 bytes, in their order. */
#define LEADING                                                                                    \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |            \
	 PERF_SAMPLE_ADDR | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |             \
	 PERF_SAMPLE_PERIOD)
#define BEFORE_TIME (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID)
/* At the end of other records, with sample_id_all */
#define TRAILER_FROM_TIME                                                                          \
	(PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |             \
	 PERF_SAMPLE_IDENTIFIER)

/* COUNT words: in place where that can be, else a copy in scratch memory. */
static const uint64_t *decode_words(struct decode *decode, uint64_t count)
{
	if (count > cursor_left(&decode->c) / 8)
		count = UINT64_MAX / 8;
	const void *bytes = cursor_bytes(&decode->c, count * 8);
	if (!bytes || !count || (!decode->c.swap && (uintptr_t)bytes % 8 == 0))
		return bytes;
	uint64_t *copy = arena_alloc(&decode->data->scratch, count * 8);
	if (!copy) {
		decode->c.failed = true;
		return NULL;
	}
	memcpy(copy, bytes, count * 8);
	for (uint64_t i = 0; decode->c.swap && i < count; i++)
		copy[i] = __builtin_bswap64(copy[i]);
	return copy;
}

/* Bytes of one value of a read, without what comes once for all. */
static size_t read_value_size(uint64_t format)
{
	return 8 + (format & PERF_FORMAT_ID ? 8 : 0) + (format & PERF_FORMAT_LOST ? 8 : 0);
}

static void decode_read_times(struct decode *decode, struct sample *ret)
{
	if (decode->attr->read_format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		ret->time_enabled = cursor_u64(&decode->c);
	if (decode->attr->read_format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		ret->time_running = cursor_u64(&decode->c);
}

static void decode_read(struct decode *decode, struct sample *ret)
{
	size_t size = read_value_size(decode->attr->read_format);
	if (decode->attr->read_format & PERF_FORMAT_GROUP) {
		uint64_t count = cursor_u64(&decode->c);
		decode_read_times(decode, ret);
		if (count > cursor_left(&decode->c) / size)
			count = UINT64_MAX / size;
		ret->read_values = cursor_bytes(&decode->c, count * size);
		ret->nr_read_values = (size_t)count;
	} else {
		/* The value is before the times, the rest of it behind them. */
		ret->read_values = cursor_bytes(&decode->c, 8);
		decode_read_times(decode, ret);
		cursor_skip(&decode->c, size - 8);
		ret->nr_read_values = 1;
	}
}

struct sample_read_value sample_read_value(const struct perfdata *data, const struct sample *sample,
					   size_t i)
{
	const struct perfdata_attr *attr = &data->events[sample->event]->public.attr;
	uint64_t format = attr->read_format;
	const char *at = (const char *)sample->read_values + i * read_value_size(format);
	struct sample_read_value value = {.value = read_u64(data, at)};
	at += 8;
	if (!(format & PERF_FORMAT_GROUP))
		at += 8 * __builtin_popcountll(format & (PERF_FORMAT_TOTAL_TIME_ENABLED |
							 PERF_FORMAT_TOTAL_TIME_RUNNING));
	if (format & PERF_FORMAT_ID) {
		value.id = read_u64(data, at);
		at += 8;
	}
	if (format & PERF_FORMAT_LOST)
		value.lost = read_u64(data, at);
	return value;
}

static void decode_callchain(struct decode *decode, struct sample *ret)
{
	ret->nr_callchain = cursor_u64(&decode->c);
	ret->callchain = decode_words(decode, ret->nr_callchain);
}

static void decode_raw(struct decode *decode, struct sample *ret)
{
	ret->raw_size = cursor_u32(&decode->c);
	ret->raw = cursor_bytes(&decode->c, ret->raw_size);
}

/*
 * The flags of a branch are bit fields: the other byte order has them from the highest bit down
 * (tools/perf/util/evsel.c, evsel__bitfield_swap_branch_flags()).
 */
static uint64_t branch_flags(uint64_t other)
{
	static const uint8_t widths[] = {1, 1, 1, 1, 16, 4, 2, 4, 3, 31};
	uint64_t flags = 0;
	unsigned int at = 0;
	for (size_t i = 0; i < sizeof(widths); i++) {
		uint64_t mask = (1ull << widths[i]) - 1;
		flags |= (other >> (64 - at - widths[i]) & mask) << at;
		at += widths[i];
	}
	return flags;
}

static void decode_branches(struct decode *decode, struct sample *ret)
{
	uint64_t count = cursor_u64(&decode->c);
	if (decode->attr->branch_sample_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		ret->branch_hw_index = cursor_u64(&decode->c);
	if (count > cursor_left(&decode->c) / sizeof(*ret->branches)) {
		decode->c.failed = true;
		return;
	}
	struct sample_branch *branches = (void *)decode_words(decode, 3 * count);
	for (uint64_t i = 0; decode->c.swap && branches && i < count; i++)
		branches[i].flags = branch_flags(branches[i].flags);
	ret->branches = branches;
	ret->nr_branches = count;
	if (decode->data->events[decode->event->public.leader]->branch_counters)
		ret->branch_counters = decode_words(decode, count);
}

/* Vector and predicate registers: how many of each, of how many words, then the words. */
static void skip_simd_regs(struct decode *decode)
{
	uint64_t vectors = cursor_u16(&decode->c);
	vectors *= cursor_u16(&decode->c);
	uint64_t predicates = cursor_u16(&decode->c);
	predicates *= cursor_u16(&decode->c);
	cursor_skip(&decode->c, 8 * (vectors + predicates));
}

static void decode_regs(struct decode *decode, uint64_t mask, struct sample_regs *ret)
{
	ret->abi = cursor_u64(&decode->c);
	if (ret->abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	ret->mask = mask;
	ret->values = decode_words(decode, (uint64_t)__builtin_popcountll(mask));
	if (ret->abi & PERF_SAMPLE_REGS_ABI_SIMD)
		skip_simd_regs(decode);
}

static void decode_user_regs(struct decode *decode, struct sample *ret)
{
	decode_regs(decode, decode->attr->sample_regs_user, &ret->user_regs);
}

static void decode_intr_regs(struct decode *decode, struct sample *ret)
{
	decode_regs(decode, decode->attr->sample_regs_intr, &ret->intr_regs);
}

static void decode_stack(struct decode *decode, struct sample *ret)
{
	uint64_t size = cursor_u64(&decode->c);
	if (!size)
		return;
	ret->stack = cursor_bytes(&decode->c, size);
	ret->stack_size = cursor_u64(&decode->c);
	if (ret->stack_size > size)
		decode->c.failed = true;
}

static void decode_weight(struct decode *decode, struct sample *ret)
{
	uint64_t weight = cursor_u64(&decode->c);
	if (decode->attr->sample_type & PERF_SAMPLE_WEIGHT) {
		ret->weight = weight;
		return;
	}
	/* union perf_sample_weight: as a number the same in either byte order */
	ret->weight = (uint32_t)weight;
	ret->ins_lat = (uint16_t)(weight >> 32);
	ret->p_stage_cyc = (uint16_t)(weight >> 48);
}

static void decode_aux(struct decode *decode, struct sample *ret)
{
	ret->aux_size = cursor_u64(&decode->c);
	ret->aux = cursor_bytes(&decode->c, ret->aux_size);
}

#define DECODE_WORD(name)                                                                          \
	static void decode_##name(struct decode *decode, struct sample *ret)                       \
	{                                                                                          \
		ret->name = cursor_u64(&decode->c);                                                \
	}
DECODE_WORD(data_src)
DECODE_WORD(transaction)
DECODE_WORD(phys_addr)
DECODE_WORD(cgroup)
DECODE_WORD(data_page_size)
DECODE_WORD(code_page_size)

/* The fields behind the leading ones, in their order. */
static const struct {
	uint64_t fields;
	decode_field decode;
} fields[] = {
	{PERF_SAMPLE_READ, decode_read},
	{PERF_SAMPLE_CALLCHAIN, decode_callchain},
	{PERF_SAMPLE_RAW, decode_raw},
	{PERF_SAMPLE_BRANCH_STACK, decode_branches},
	{PERF_SAMPLE_REGS_USER, decode_user_regs},
	{PERF_SAMPLE_STACK_USER, decode_stack},
	{PERF_SAMPLE_WEIGHT_TYPE, decode_weight},
	{PERF_SAMPLE_DATA_SRC, decode_data_src},
	{PERF_SAMPLE_TRANSACTION, decode_transaction},
	{PERF_SAMPLE_REGS_INTR, decode_intr_regs},
	{PERF_SAMPLE_PHYS_ADDR, decode_phys_addr},
	{PERF_SAMPLE_CGROUP, decode_cgroup},
	{PERF_SAMPLE_DATA_PAGE_SIZE, decode_data_page_size},
	{PERF_SAMPLE_CODE_PAGE_SIZE, decode_code_page_size},
	{PERF_SAMPLE_AUX, decode_aux},
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) < MAX_DECODE_FIELDS, "a NULL ends them");

static uint16_t words_size(uint64_t sample_type)
{
	return (uint16_t)(8 * __builtin_popcountll(sample_type));
}

void event_layout(struct event *event)
{
	const struct perfdata_attr *attr = &event->public.attr;
	uint64_t type = attr->sample_type;
	event->fixed_size = words_size(type & LEADING);
	event->sample_time = event->trailer_time = 0;
	if (type & PERF_SAMPLE_TIME) {
		event->sample_time =
			(uint16_t)(RECORD_HEADER_SIZE + words_size(type & BEFORE_TIME));
		if (attr->flags & PERF_ATTR_SAMPLE_ID_ALL)
			event->trailer_time = words_size(type & TRAILER_FROM_TIME);
	}
	size_t count = 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (type & fields[i].fields)
			event->decode[count++] = fields[i].decode;
	event->decode[count] = NULL;
}

/* One bounds check for all of them: the caller's. */
static void decode_leading(struct cursor c, uint64_t type, struct sample *ret)
{
	if (type & PERF_SAMPLE_IDENTIFIER)
		ret->id = cursor_u64(&c);
	if (type & PERF_SAMPLE_IP)
		ret->ip = cursor_u64(&c);
	if (type & PERF_SAMPLE_TID) {
		ret->pid = cursor_u32(&c);
		ret->tid = cursor_u32(&c);
	}
	if (type & PERF_SAMPLE_TIME)
		ret->time = cursor_u64(&c);
	if (type & PERF_SAMPLE_ADDR)
		ret->addr = cursor_u64(&c);
	if (type & PERF_SAMPLE_ID)
		ret->id = cursor_u64(&c);
	if (type & PERF_SAMPLE_STREAM_ID)
		ret->stream_id = cursor_u64(&c);
	if (type & PERF_SAMPLE_CPU) {
		ret->cpu = cursor_u32(&c);
		cursor_u32(&c);
	}
	if (type & PERF_SAMPLE_PERIOD)
		ret->period = cursor_u64(&c);
}

static bool unknown_event(struct perfdata *data, const struct record *record)
{
	data->counts.unknown_ids++;
	if (!data->unknown_id_told)
		observer_warn(data->observer,
			      "%s: at offset 0x%llx: sample with an id that no event has, skipped",
			      data->path, (unsigned long long)record_offset(data, record));
	data->unknown_id_told = true;
	return false;
}

static bool bad_sample(struct perfdata *data, const struct record *record)
{
	data->counts.bad_samples++;
	if (!data->bad_sample_told)
		observer_warn(data->observer,
			      "%s: at offset 0x%llx: sample is shorter than its fields, skipped",
			      data->path, (unsigned long long)record_offset(data, record));
	data->bad_sample_told = true;
	return false;
}

bool perfdata_sample(struct perfdata *data, const struct record *record, struct sample *ret)
{
	struct event *event = event_of_record(data, record->data);
	if (!event)
		return unknown_event(data, record);
	const struct perfdata_attr *attr = &event->public.attr;
	struct decode decode = {payload(data, record->data), data, event, attr};
	uint16_t misc = read_header(data->swap, record->data).misc;
	*ret = (struct sample){.type = attr->sample_type & PERF_SAMPLE_KNOWN,
			       .event = event->public.index,
			       .misc = misc,
			       .cpumode = misc & PERF_RECORD_MISC_CPUMODE_MASK,
			       .period = attr->sample_period};
	struct cursor leading = decode.c;
	cursor_skip(&decode.c, event->fixed_size);
	if (decode.c.failed)
		return bad_sample(data, record);
	decode_leading(leading, ret->type, ret);
	for (decode_field *field = event->decode; *field; field++)
		(*field)(&decode, ret);
	return !decode.c.failed || bad_sample(data, record);
}

bool perfdata_raw_place(struct perfdata *data, const struct record *record, struct raw_place *ret)
{
	struct event *event = event_of_record(data, record->data);
	if (!event)
		return false;
	const struct perfdata_attr *attr = &event->public.attr;
	struct decode decode = {payload(data, record->data), data, event, attr};
	struct cursor *c = &decode.c;
	struct sample before = {0};
	cursor_skip(c, event->fixed_size);
	if (attr->sample_type & PERF_SAMPLE_READ)
		decode_read(&decode, &before);
	if (attr->sample_type & PERF_SAMPLE_CALLCHAIN) {
		uint64_t count = cursor_u64(c);
		cursor_skip(c, count > cursor_left(c) / 8 ? UINT64_MAX : 8 * count);
	}
	*ret = (struct raw_place){.event = event->public.index,
				  .offset = (uint32_t)(c->at - (const uint8_t *)record->data)};
	if (attr->sample_type & PERF_SAMPLE_RAW) {
		ret->size = 4 + cursor_u32(c);
		cursor_skip(c, ret->size - 4);
	}
	return !c->failed;
}
