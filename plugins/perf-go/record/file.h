/* SPDX-License-Identifier: GPL-2.0-only */
/* The perf.data that is being recorded. */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "out/writer.h"

struct file;

/* ATTR is the kernel's struct perf_event_attr. */
struct file_event {
	const void *attr;
	uint32_t attr_size;
	const char *name;
	const uint64_t *ids;
	size_t nr_ids;
};

struct file_options {
	const char *path;
	const struct file_event *events; /* borrowed */
	size_t nr_events;
	int compression; /* zstd's level; 0 none */
};

/* The caller frees *RET with file_free(). */
struct perfgo_error *file_open(const struct file_options *options, struct file **ret);

/* Removes what has been written, unless it was finished. NULL is allowed. */
void file_free(struct file *file);

/* Takes records, each at once. */
struct writer *file_records(struct file *file);

/*
 * Ends a round: what comes later is not earlier than what came before the round before. False when
 * nothing more can be written; file_finish() says why.
 */
bool file_end_round(struct file *file);

/* Bytes written so far. */
uint64_t file_size(const struct file *file);

/* A header feature; copied. False without memory. */
bool file_feature(struct file *file, unsigned int feature, const void *bytes, size_t size);

/*
 * Writes features and header, keeps an older recording as PATH.old, as perf does, and gives the
 * file its name. Where the disk is full the file ends with the records before, and there is an
 * error all the same.
 */
struct perfgo_error *file_finish(struct file *file);

#endif
