/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes perf.data in file mode. The file has a temporary name beside PATH until it is whole; only
 * perfdata_writer_finish() gives it its own.
 */
#ifndef OUT_PERFDATA_WRITER_H
#define OUT_PERFDATA_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "out/writer.h"
#include "perfdata/abi.h"

struct perfdata_writer;

/*
 * Begins to write PATH over what is there if that is a recording, or OVERWRITE. SWAP: in the other
 * byte order than this machine's. The caller frees *RET with perfdata_writer_free().
 */
struct perfgo_error *perfdata_writer_new(const char *path, bool overwrite, bool swap,
					 struct perfdata_writer **ret);

/* Removes what has been written, unless it was finished. NULL is allowed. */
void perfdata_writer_free(struct perfdata_writer *writer);

/* To be removed when the program ends by a signal. Valid as long as the writer. */
const char *perfdata_writer_temporary(const struct perfdata_writer *writer);

struct perfdata_writer_event {
	struct perfdata_attr attr;
	const char *name;
	const uint64_t *ids;
	size_t nr_ids;
};

/* What the file begins with. To be called once, before any data; everything is borrowed. */
struct perfgo_error *perfdata_writer_events(struct perfdata_writer *writer,
					    const struct perfdata_writer_event *events,
					    size_t count);

/* Takes the records, in the file's byte order. */
struct writer *perfdata_writer_data(struct perfdata_writer *writer);

/* Where in the file the next record will lie. */
uint64_t perfdata_writer_offset(const struct perfdata_writer *writer);

/* A header feature, in the file's byte order; borrowed. EVENT_DESC is the writer's own. */
void perfdata_writer_feature(struct perfdata_writer *writer, unsigned int feature,
			     const void *bytes, size_t size);

/*
 * After a failure to write: takes off what lies from OFFSET on, where a record begins, and what was
 * not yet written, so that what came before can be finished.
 */
struct perfgo_error *perfdata_writer_cut(struct perfdata_writer *writer, uint64_t offset);

/* Writes features and header, and gives the file its name. */
struct perfgo_error *perfdata_writer_finish(struct perfdata_writer *writer);

#endif
