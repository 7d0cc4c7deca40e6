/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as perf go record writes them, for tests: goroutines in RAW, and a section. */
#ifndef UNIT_GO_RECORDING_H
#define UNIT_GO_RECORDING_H

#include "unit/recording.h"

#include "goproc/payload.h"
#include "goproc/section.h"

static const struct perfdata_attr go_attr = {
	.type = PERF_TYPE_SOFTWARE,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
	.sample_period = 1000,
	.flags = PERF_ATTR_SAMPLE_ID_ALL,
};

/* A goroutine that is found: 7, started by 1, running main.worker as by main.main. */
static const struct go_payload worker = {
	.common_type = GO_PAYLOAD_ID,
	.goid = 7,
	.goparent = 1,
	.gocreator = 0x401020,
	.goroutine = 0x401100,
	.golabels = GO_LABELS_BASE,
	.gostate = GOSTATE_RUNNING,
	.gcphase = GCPHASE_MARK,
	.goid_from = GOID_FROM_BPF,
};

static inline void go_sample(struct recording *r, uint32_t pid, const struct go_payload *payload)
{
	begin_record(&r->file, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(&r->file, USER_IP);
	put32(&r->file, pid);
	put32(&r->file, pid);
	put64(&r->file, ++r->time);
	put32(&r->file, sizeof(*payload) + 4); /* with its size a multiple of 8 */
	put(&r->file, payload, sizeof(*payload));
	put32(&r->file, 0);
	end_record(&r->file);
}

/* Ends the recording with WRITER's section, which it frees, and reads it. */
static inline void read_back_with(struct recording *r, struct go_section_writer *writer)
{
	size_t size, table, start;
	const void *bytes = go_section_bytes(writer, &size);
	assert_non_null(bytes);
	end_data(&r->file);
	table = begin_features(&r->file, (const unsigned int[]){HEADER_GO}, 1);
	start = r->file.size;
	put(&r->file, bytes, size);
	end_feature(&r->file, table, 0, start);
	go_section_writer_free(writer);
	read_whole(r);
}

static inline struct go_section_writer *begin_section(void)
{
	struct go_section_writer *writer;
	assert_null(go_section_writer_new(&writer));
	return writer;
}

static inline void set_labels(struct go_section_writer *writer, uint32_t number, size_t count,
			      const struct label *labels)
{
	struct label_set set = {.labels = labels, .count = count, .known = true};
	assert_true(go_section_set_labels(writer, number, &set));
}

#endif
