/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes perf.data byte by byte, in either byte order, for the tests of its reader. */
#ifndef UNIT_PERFDATA_FILE_H
#define UNIT_PERFDATA_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perfdata/internal.h"

struct file {
	uint8_t *bytes;
	size_t size, capacity;
	bool big;      /* byte order */
	size_t record; /* where the one being written begins */
	size_t data;   /* where the data section begins */
};

static inline void put(struct file *f, const void *bytes, size_t size)
{
	if (f->size + size > f->capacity) {
		f->capacity = 2 * (f->size + size);
		f->bytes = realloc(f->bytes, f->capacity);
	}
	if (size)
		memcpy(f->bytes + f->size, bytes, size);
	f->size += size;
}

static inline void set_number(struct file *f, size_t at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		f->bytes[at + (f->big ? size - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static inline void put_number(struct file *f, uint64_t value, size_t size)
{
	uint64_t zero = 0;
	put(f, &zero, size);
	set_number(f, f->size - size, value, size);
}

static inline void put8(struct file *f, uint8_t value)
{
	put_number(f, value, 1);
}

static inline void put16(struct file *f, uint16_t value)
{
	put_number(f, value, 2);
}

static inline void put32(struct file *f, uint32_t value)
{
	put_number(f, value, 4);
}

static inline void put64(struct file *f, uint64_t value)
{
	put_number(f, value, 8);
}

/* Text, NUL, and NULs up to SIZE bytes. */
static inline void put_text(struct file *f, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put8(f, i < strlen(text) ? (uint8_t)text[i] : 0);
}

static inline void begin_record(struct file *f, uint32_t type, uint16_t misc)
{
	f->record = f->size;
	put32(f, type);
	put16(f, misc);
	put16(f, 0);
}

static inline void end_record(struct file *f)
{
	set_number(f, f->record + 6, f->size - f->record, 2);
}

/* The bit fields of a big-endian machine begin at the highest bit. */
static inline uint64_t bits_of_order(const struct file *f, uint64_t bits)
{
	uint64_t reversed = 0;
	for (int i = 0; i < 64; i++)
		reversed |= (bits >> i & 1) << (63 - i);
	return f->big ? reversed : bits;
}

/* ATTR as SIZE bytes. */
static inline void put_attr(struct file *f, const struct perfdata_attr *a, uint32_t size)
{
	size_t start = f->size;
	put32(f, a->type);
	put32(f, size);
	put64(f, a->config);
	put64(f, a->sample_period);
	put64(f, a->sample_type);
	put64(f, a->read_format);
	put64(f, bits_of_order(f, a->flags));
	put32(f, a->wakeup_events);
	put32(f, a->bp_type);
	put64(f, a->config1);
	put64(f, a->config2);
	put64(f, a->branch_sample_type);
	put64(f, a->sample_regs_user);
	put32(f, a->sample_stack_user);
	put32(f, (uint32_t)a->clockid);
	put64(f, a->sample_regs_intr);
	put32(f, a->aux_watermark);
	put16(f, a->sample_max_stack);
	put16(f, 0);
	put32(f, a->aux_sample_size);
	put32(f, a->aux_action);
	put64(f, a->sig_data);
	put64(f, a->config3);
	put64(f, a->config4);
	while (f->size < start + size)
		put8(f, 0xee);
	f->size = start + size;
}

#define MAGIC2 0x32454c4946524550ull

/* A file's header with NR attributes of ATTR_SIZE bytes; event i has the ids 100 * i + 1, + 2. */
static inline void begin_file(struct file *f, const struct perfdata_attr *attrs, size_t nr,
			      uint32_t attr_size)
{
	size_t ids = 104, table = ids + 16 * nr;
	put64(f, MAGIC2);
	put64(f, 104);
	put64(f, attr_size + 16);
	put64(f, table);
	put64(f, nr * (attr_size + 16));
	put64(f, table + nr * (attr_size + 16));
	for (int i = 0; i < 7; i++)
		put64(f, 0);
	for (size_t i = 0; i < nr; i++) {
		put64(f, 100 * i + 1);
		put64(f, 100 * i + 2);
	}
	for (size_t i = 0; i < nr; i++) {
		put_attr(f, &attrs[i], attr_size);
		put64(f, ids + 16 * i);
		put64(f, 16);
	}
	f->data = f->size;
}

static inline void end_data(struct file *f)
{
	set_number(f, 48, f->size - f->data, 8);
}

/* Sets the bits of NR features in ascending order and makes room for their table. */
static inline size_t begin_features(struct file *f, const unsigned int *ids, size_t nr)
{
	size_t table = f->size;
	for (size_t i = 0; i < nr; i++) {
		uint64_t word = 0;
		for (size_t j = 0; j < nr; j++)
			if (ids[j] / 64 == ids[i] / 64)
				word |= 1ull << ids[j] % 64;
		set_number(f, 72 + 8 * (ids[i] / 64), word, 8);
		put64(f, 0);
		put64(f, 0);
	}
	return table;
}

/* What was put since START is the I-th feature. */
static inline void end_feature(struct file *f, size_t table, size_t i, size_t start)
{
	set_number(f, table + 16 * i, start, 8);
	set_number(f, table + 16 * i + 8, f->size - start, 8);
}

/* u32 length, then the text padded to a multiple of 64 (tools/perf/util/header.c). */
static inline void put_feature_text(struct file *f, const char *text)
{
	uint32_t length = (uint32_t)(strlen(text) + 64) / 64 * 64;
	put32(f, length);
	put_text(f, text, length);
}

static inline void begin_pipe(struct file *f)
{
	put64(f, MAGIC2);
	put64(f, 16);
}

static inline void put_pipe_attr(struct file *f, const struct perfdata_attr *attr, uint64_t id)
{
	begin_record(f, PERF_RECORD_HEADER_ATTR, 0);
	put_attr(f, attr, 136);
	put64(f, id);
	end_record(f);
}

/* For SAMPLE_TYPE IP|TID|TIME, sample_id_all: a sample, and a COMM with its trailer. */
#define SIMPLE (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME)

static const struct perfdata_attr simple_attr = {.type = PERF_TYPE_SOFTWARE,
						 .sample_type = SIMPLE,
						 .sample_period = 1000,
						 .flags = PERF_ATTR_SAMPLE_ID_ALL};

static inline void put_sample(struct file *f, uint64_t ip, uint64_t time)
{
	begin_record(f, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(f, ip);
	put32(f, 7);
	put32(f, 8);
	put64(f, time);
	end_record(f);
}

static inline void put_comm(struct file *f, const char *comm, uint64_t time)
{
	begin_record(f, PERF_RECORD_COMM, 0);
	put32(f, 7);
	put32(f, 8);
	put_text(f, comm, 16);
	put32(f, 7); /* trailer */
	put32(f, 8);
	put64(f, time);
	end_record(f);
}

static inline void put_round(struct file *f)
{
	begin_record(f, PERF_RECORD_FINISHED_ROUND, 0);
	end_record(f);
}

/* What the observer heard. */
static char warnings[4096];
static unsigned int nr_warnings;

static inline void note_warning(void *context, const char *text)
{
	(void)context;
	size_t used = strlen(warnings);
	snprintf(warnings + used, sizeof(warnings) - used, "%s\n", text);
	nr_warnings++;
}

static const struct observer noting = {.warning = note_warning};

static inline void forget_warnings(void)
{
	warnings[0] = 0;
	nr_warnings = 0;
}

/* Opens what was written, which stays in F. */
static inline struct perfgo_error *try_open(const struct file *f, enum perfdata_order order,
					    struct perfdata **ret)
{
	forget_warnings();
	return perfdata_open_memory("FILE", f->bytes, f->size, order, &noting, ret);
}

static inline void assert_no_error(struct perfgo_error *error)
{
	if (error)
		fail_msg("%s", perfgo_error_text(error));
}

static inline struct perfdata *open_file(const struct file *f, enum perfdata_order order)
{
	struct perfdata *data = NULL;
	assert_no_error(try_open(f, order, &data));
	return data;
}

/* Reads to the end, and notes of each record a letter: s, or the last digit of another type. */
struct reading {
	char types[256];
	uint64_t times[256];
	uint64_t ips[256]; /* of samples */
	size_t count;
};

static inline struct perfgo_error *read_to_end(struct perfdata *data, struct reading *ret)
{
	*ret = (struct reading){0};
	for (;;) {
		const struct record *records;
		size_t count;
		struct perfgo_error *error = perfdata_read(data, &records, &count);
		if (error || !count)
			return error;
		for (size_t i = 0; i < count; i++) {
			struct sample sample;
			uint32_t type = record_type(data, &records[i]);
			bool decoded = type == PERF_RECORD_SAMPLE &&
				       perfdata_sample(data, &records[i], &sample);
			if (ret->count == 255)
				continue;
			ret->types[ret->count] =
				type == PERF_RECORD_SAMPLE ? 's' : (char)('0' + type % 10);
			ret->times[ret->count] = records[i].time;
			ret->ips[ret->count++] = decoded ? sample.ip : 0;
		}
	}
}

static inline void free_file(struct file *f)
{
	free(f->bytes);
	*f = (struct file){.big = f->big};
}

#endif
