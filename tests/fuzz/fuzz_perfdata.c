// SPDX-License-Identifier: GPL-2.0-only
/* Reads any bytes as perf.data: by time, and in file order or as a stream. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "perfdata/internal.h"

static volatile uint64_t sum;

static void touch(const void *bytes, uint64_t size)
{
	uint64_t total = 0;
	for (uint64_t i = 0; i < size; i++)
		total += ((const uint8_t *)bytes)[i];
	sum += total;
}

static void touch_regs(const struct sample_regs *regs)
{
	touch(regs->values, 8 * (uint64_t)__builtin_popcountll(regs->mask));
}

static void touch_sample(struct perfdata *data, const struct record *record)
{
	struct sample sample;
	if (!perfdata_sample(data, record, &sample))
		return;
	for (size_t i = 0; i < sample.nr_read_values; i++)
		sum += sample_read_value(data, &sample, i).value;
	touch(sample.callchain, 8 * sample.nr_callchain);
	touch(sample.raw, sample.raw_size);
	touch(sample.branches, sizeof(*sample.branches) * sample.nr_branches);
	touch(sample.branch_counters, sample.branch_counters ? 8 * sample.nr_branches : 0);
	touch_regs(&sample.user_regs);
	touch_regs(&sample.intr_regs);
	touch(sample.stack, sample.stack_size);
	touch(sample.aux, sample.aux_size);
	sum += strlen(perfdata_event(data, sample.event)->name);
}

static void touch_record(struct perfdata *data, const struct record *record)
{
	struct record_mmap mmap;
	struct record_comm comm;
	struct record_task task;
	struct record_ksymbol ksymbol;
	struct record_cgroup cgroup;
	if (record_type(data, record) == PERF_RECORD_SAMPLE)
		touch_sample(data, record);
	touch(record->data, record_size(data, record));
	if (perfdata_mmap(data, record, &mmap)) {
		touch(mmap.build_id, mmap.build_id_size);
		sum += strlen(mmap.filename);
	}
	if (perfdata_comm(data, record, &comm))
		sum += strlen(comm.comm);
	perfdata_task(data, record, &task);
	if (perfdata_ksymbol(data, record, &ksymbol))
		sum += strlen(ksymbol.name);
	if (perfdata_cgroup(data, record, &cgroup))
		sum += strlen(cgroup.path);
	sum += record_offset(data, record);
}

static void touch_header(const struct perfdata *data)
{
	const struct perfdata_header *header = perfdata_header(data);
	const char *const texts[] = {header->hostname, header->osrelease, header->version,
				     header->arch,     header->cpudesc,	  header->cpuid};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		sum += texts[i] ? strlen(texts[i]) : 0;
	for (size_t i = 0; i < header->nr_command_line; i++)
		sum += strlen(header->command_line[i]);
	for (size_t i = 0; i < header->nr_build_ids; i++)
		sum += strlen(header->build_ids[i].filename);
	for (unsigned int i = 0; i < HEADER_FEAT_BITS; i++) {
		size_t size;
		const void *bytes = perfdata_feature(data, i, &size);
		if (bytes)
			touch(bytes, size);
	}
}

static void read_all(struct perfgo_error *error, struct perfdata *data)
{
	const struct record *records;
	size_t count = 1;
	if (error) {
		perfgo_error_destroy(error);
		return;
	}
	touch_header(data);
	while (!error && count) {
		error = perfdata_read(data, &records, &count);
		for (size_t i = 0; !error && i < count; i++)
			touch_record(data, &records[i]);
	}
	touch_header(data);
	perfgo_error_destroy(error);
	perfdata_close(data);
}

/* What fits into a pipe at once, so that no one need write at the same time. */
static void read_stream(const uint8_t *bytes, size_t size)
{
	int fds[2];
	char path[64];
	struct perfdata *data = NULL;
	if (size > 65536 || pipe(fds))
		return;
	if (write(fds[1], bytes, size) != (ssize_t)size)
		_exit(1);
	close(fds[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	struct perfgo_error *error = perfdata_open(path, PERFDATA_TIME_ORDER, NULL, &data);
	close(fds[0]);
	read_all(error, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct perfdata *data = NULL;
	struct perfgo_error *error =
		perfdata_open_memory("input", bytes, size, PERFDATA_TIME_ORDER, NULL, &data);
	read_all(error, data);
	if (size % 2) {
		read_stream(bytes, size);
		return 0;
	}
	error = perfdata_open_memory("input", bytes, size, PERFDATA_FILE_ORDER, NULL, &data);
	read_all(error, data);
	return 0;
}
