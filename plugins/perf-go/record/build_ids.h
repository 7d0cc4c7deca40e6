/* SPDX-License-Identifier: GPL-2.0-only */
/* The build ids of what was mapped, for HEADER_BUILD_ID. */
#ifndef RECORD_BUILD_IDS_H
#define RECORD_BUILD_IDS_H

#include <linux/perf_event.h>

#include "base/error.h"
#include "record/file.h"

struct build_ids;

/* The caller frees *RET with build_ids_free(). */
struct perfgo_error *build_ids_new(struct build_ids **ret);
void build_ids_free(struct build_ids *build_ids);

/* Remembers what an MMAP2 record maps. */
void build_ids_see(struct build_ids *build_ids, const struct perf_event_header *record);

/* Of the kernel, and of all executables that were seen and still can be read. */
void build_ids_write(struct build_ids *build_ids, struct file *file);

/* Whether there was no memory for some. */
bool build_ids_failed(const struct build_ids *build_ids);

#endif
