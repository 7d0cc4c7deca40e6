// SPDX-License-Identifier: GPL-2.0-only
/*
 * parse [-t] FILE: reads every record of FILE, in file order or with -t in time order, and touches
 * every field of every sample. Prints `SAMPLES SECONDS SUM`; the sum keeps the work from being
 * optimised away and is the same for the same file.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "perfdata/perfdata.h"

static uint64_t sum_values(const uint64_t *values, uint64_t count)
{
	uint64_t sum = 0;
	for (uint64_t i = 0; i < count; i++)
		sum += values[i];
	return sum;
}

static uint64_t touch_regs(const struct sample_regs *regs)
{
	return sum_values(regs->values, regs->abi ? __builtin_popcountll(regs->mask) : 0);
}

static uint64_t touch_bytes(const void *bytes, uint64_t size)
{
	const unsigned char *byte = bytes;
	uint64_t sum = 0;
	for (uint64_t i = 0; i < size; i += 64)
		sum += byte[i];
	return sum;
}

static uint64_t touch_reads(const struct perfdata *data, const struct sample *sample)
{
	uint64_t sum = sample->time_enabled + sample->time_running;
	for (size_t i = 0; i < sample->nr_read_values; i++) {
		struct sample_read_value value = sample_read_value(data, sample, i);
		sum += value.value + value.id + value.lost;
	}
	return sum;
}

static uint64_t touch_branches(const struct sample *sample)
{
	uint64_t sum = sample->branch_hw_index;
	for (uint64_t i = 0; i < sample->nr_branches; i++)
		sum += sample->branches[i].from + sample->branches[i].to +
		       sample->branches[i].flags;
	return sum;
}

static uint64_t touch_numbers(const struct sample *s)
{
	return s->type + s->event + s->misc + s->cpumode + s->pid + s->tid + s->cpu + s->ip +
	       s->time + s->addr + s->id + s->stream_id + s->period + s->weight + s->ins_lat +
	       s->p_stage_cyc + s->data_src + s->transaction + s->phys_addr + s->cgroup +
	       s->data_page_size + s->code_page_size;
}

static uint64_t touch(const struct perfdata *data, const struct sample *sample)
{
	return touch_numbers(sample) + touch_reads(data, sample) + touch_branches(sample) +
	       sum_values(sample->callchain, sample->nr_callchain) +
	       touch_regs(&sample->user_regs) + touch_regs(&sample->intr_regs) +
	       touch_bytes(sample->raw, sample->raw_size) +
	       touch_bytes(sample->stack, sample->stack_size) +
	       touch_bytes(sample->aux, sample->aux_size);
}

static struct perfgo_error *read_all(struct perfdata *data, uint64_t *samples_ret,
				     uint64_t *sum_ret)
{
	const struct record *records;
	size_t count;
	struct perfgo_error *error;

	while (!(error = perfdata_read(data, &records, &count)) && count) {
		for (size_t i = 0; i < count; i++) {
			struct sample sample;
			if (record_type(data, &records[i]) != PERF_RECORD_SAMPLE ||
			    !perfdata_sample(data, &records[i], &sample))
				continue;
			*samples_ret += 1;
			*sum_ret += touch(data, &sample);
		}
	}
	return error;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	bool by_time = argc > 2 && !strcmp(argv[1], "-t");
	uint64_t samples = 0, sum = 0;
	double start = now();
	struct perfdata *data = NULL;

	if (argc != 2 + by_time) {
		fprintf(stderr, "usage: parse [-t] FILE\n");
		return 2;
	}
	struct perfgo_error *error = perfdata_open(
		argv[argc - 1], by_time ? PERFDATA_TIME_ORDER : PERFDATA_FILE_ORDER, NULL, &data);
	if (!error)
		error = read_all(data, &samples, &sum);
	if (error) {
		fprintf(stderr, "parse: %s\n", perfgo_error_text(error));
		perfgo_error_destroy(error);
	} else {
		printf("%llu %.6f %016llx\n", (unsigned long long)samples, now() - start,
		       (unsigned long long)sum);
	}
	perfdata_close(data);
	return error ? 1 : 0;
}
