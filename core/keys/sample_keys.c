// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the sample itself: what perf recorded. */
#include "keys/facts.h"

/* A field of the sample that is there when one of BITS is. */
#define FILL_FIELD(name, bits, field)                                                              \
	void fill_##name(struct facts *facts, const struct things *things, struct column *ret)     \
	{                                                                                          \
		(void)facts;                                                                       \
		for (size_t i = 0; i < things->count; i++) {                                       \
			ret->values[i] = things->samples[i].field;                                 \
			ret->known[i] = things->samples[i].type & (bits);                          \
		}                                                                                  \
	}

FILL_FIELD(cpu, PERF_SAMPLE_CPU, cpu)
FILL_FIELD(time, PERF_SAMPLE_TIME, time)
FILL_FIELD(ip, PERF_SAMPLE_IP, ip)
FILL_FIELD(addr, PERF_SAMPLE_ADDR, addr)
FILL_FIELD(phys_addr, PERF_SAMPLE_PHYS_ADDR, phys_addr)
FILL_FIELD(data_page_size, PERF_SAMPLE_DATA_PAGE_SIZE, data_page_size)
FILL_FIELD(code_page_size, PERF_SAMPLE_CODE_PAGE_SIZE, code_page_size)
FILL_FIELD(weight, PERF_SAMPLE_WEIGHT_TYPE, weight)
FILL_FIELD(ins_lat, PERF_SAMPLE_WEIGHT_STRUCT, ins_lat)
FILL_FIELD(retire_lat, PERF_SAMPLE_WEIGHT_STRUCT, p_stage_cyc)
FILL_FIELD(data_src, PERF_SAMPLE_DATA_SRC, data_src)
FILL_FIELD(transaction, PERF_SAMPLE_TRANSACTION, transaction)
FILL_FIELD(id, PERF_SAMPLE_ID | PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_READ, id)
FILL_FIELD(stream_id, PERF_SAMPLE_STREAM_ID, stream_id)

void fill_period(struct facts *facts, const struct things *things, struct column *ret)
{
	(void)facts;
	for (size_t i = 0; i < things->count; i++)
		column_set(ret, i, things->samples[i].period);
}

void fill_event(struct facts *facts, const struct things *things, struct column *ret)
{
	struct session *session = facts_session(facts);
	uint32_t last = UINT32_MAX, name = STRING_UNKNOWN;
	for (size_t i = 0; i < things->count; i++) {
		uint32_t event = things->samples[i].event;
		if (event != last)
			name = strings_id(session_strings(session),
					  perfdata_event(session_data(session), event)->name);
		last = event;
		column_set_text(ret, i, name);
	}
}

void fill_cgroup(struct facts *facts, const struct things *things, struct column *ret)
{
	struct session *session = facts_session(facts);
	for (size_t i = 0; i < things->count; i++)
		column_set_text(ret, i,
				things->samples[i].type & PERF_SAMPLE_CGROUP
					? session_cgroup(session, things->samples[i].cgroup)
					: STRING_UNKNOWN);
}

void fill_callchain(struct facts *facts, const struct things *things, struct column *ret)
{
	(void)facts;
	for (size_t i = 0; i < things->count; i++) {
		ret->values[i] = things->ids[i];
		ret->known[i] = things->ids[i];
	}
}
