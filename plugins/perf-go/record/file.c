// SPDX-License-Identifier: GPL-2.0-only
#include "record/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zstd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "out/perfdata_writer.h"
#include "perfdata/abi.h"

enum {
	/* How much of the records is compressed at once; perf makes room for that (comp_mmap_len).
	 */
	CHUNK_SIZE = 512 * 1024,
	MAX_COMPRESSED = 65536 - 8 - sizeof(struct perfdata_record_header),
	NR_CHECKPOINTS = 8,
};

struct file {
	struct file_options options;
	struct perfdata_writer *out;
	struct perfdata_writer_event *events;
	struct writer pending; /* records to be compressed */
	ZSTD_CCtx *zstd;
	uint64_t records_size, compressed_size;
	/* Offsets of the file up to which whole records are surely written, the latest first. */
	uint64_t checkpoints[NR_CHECKPOINTS];
	struct arena arena; /* of features */
};

static struct perfgo_error *begin(struct file *file)
{
	const struct file_options *options = &file->options;
	struct perfgo_error *error = perfdata_writer_new(options->path, false, false, &file->out);
	if (error)
		return error;
	file->events = calloc(options->nr_events + 1, sizeof(*file->events));
	if (!file->events)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < options->nr_events; i++) {
		const struct file_event *from = &options->events[i];
		struct perfdata_writer_event *to = &file->events[i];
		size_t size = from->attr_size;
		memcpy(&to->attr, from->attr, size < sizeof(to->attr) ? size : sizeof(to->attr));
		to->name = from->name;
		to->ids = from->ids;
		to->nr_ids = from->nr_ids;
	}
	return perfdata_writer_events(file->out, file->events, options->nr_events);
}

struct perfgo_error *file_open(const struct file_options *options, struct file **ret)
{
	struct file *file = calloc(1, sizeof(*file));
	if (!file)
		return perfgo_error_no_memory();
	file->options = *options;
	file->pending = writer_of_memory();
	struct perfgo_error *error = NULL;
	if (options->compression) {
		file->zstd = ZSTD_createCCtx();
		if (!file->zstd)
			error = perfgo_error_no_memory();
		else
			ZSTD_CCtx_setParameter(file->zstd, ZSTD_c_compressionLevel,
					       options->compression);
	}
	if (!error)
		error = begin(file);
	if (error)
		file_free(file);
	else
		*ret = file;
	return error;
}

void file_free(struct file *file)
{
	if (!file)
		return;
	perfdata_writer_free(file->out);
	perfgo_error_destroy(writer_finish(&file->pending));
	ZSTD_freeCCtx(file->zstd);
	arena_deinit(&file->arena);
	free(file->events);
	free(file);
}

struct writer *file_records(struct file *file)
{
	return file->zstd ? &file->pending : perfdata_writer_data(file->out);
}

/*
 * Compresses what IN has left into one record, and ends a block of the stream. False when there is
 * no more to be put out.
 */
static bool put_compressed(struct file *file, ZSTD_inBuffer *in)
{
	struct writer *out = perfdata_writer_data(file->out);
	struct perfdata_record_header header = {.type = PERF_RECORD_COMPRESSED};
	char *to = writer_room(out, sizeof(header) + MAX_COMPRESSED);
	if (!to)
		return false;
	ZSTD_outBuffer made = {to + sizeof(header), MAX_COMPRESSED, 0};
	size_t left = ZSTD_compressStream2(file->zstd, &made, in, ZSTD_e_flush);
	if (ZSTD_isError(left))
		return false;
	header.size = (uint16_t)(sizeof(header) + made.pos);
	memcpy(to, &header, sizeof(header));
	out->used += header.size;
	file->compressed_size += header.size;
	return left > 0 || in->pos < in->size;
}

static void compress_pending(struct file *file)
{
	size_t size;
	const char *records = writer_text(&file->pending, &size);
	for (size_t at = 0; at < size; at += CHUNK_SIZE) {
		ZSTD_inBuffer in = {records + at, size - at, 0};
		if (in.size > CHUNK_SIZE)
			in.size = CHUNK_SIZE;
		while (put_compressed(file, &in))
			;
	}
	file->records_size += size;
	writer_clear(&file->pending);
}

/* Remembers where the file ends, if more has been written since. */
static void set_checkpoint(struct file *file)
{
	uint64_t end = perfdata_writer_offset(file->out) - perfdata_writer_data(file->out)->used;
	if (end == file->checkpoints[0])
		return;
	memmove(file->checkpoints + 1, file->checkpoints,
		(NR_CHECKPOINTS - 1) * sizeof(*file->checkpoints));
	file->checkpoints[0] = end;
}

bool file_end_round(struct file *file)
{
	struct perfdata_record_header round = {PERF_RECORD_FINISHED_ROUND, 0, sizeof(round)};
	struct writer *out = perfdata_writer_data(file->out);
	if (file->zstd)
		compress_pending(file);
	writer_bytes(out, (const char *)&round, sizeof(round));
	if (writer_failed(out) || writer_failed(&file->pending))
		return false;
	set_checkpoint(file);
	return true;
}

uint64_t file_size(const struct file *file)
{
	return perfdata_writer_offset(file->out);
}

bool file_feature(struct file *file, unsigned int feature, const void *bytes, size_t size)
{
	const void *copy = arena_copy(&file->arena, bytes, size);
	if (copy)
		perfdata_writer_feature(file->out, feature, copy, size);
	return copy;
}

/* write_compressed(), tools/perf/util/header.c, perf 6.12. */
static void tell_compression(struct file *file)
{
	uint64_t ratio = file->compressed_size ? file->records_size / file->compressed_size : 1;
	uint32_t words[] = {1, PERF_COMP_ZSTD, (uint32_t)file->options.compression, (uint32_t)ratio,
			    CHUNK_SIZE};
	file_feature(file, HEADER_COMPRESSED, words, sizeof(words));
}

static void keep_older(const char *path)
{
	char old[4096];
	if ((size_t)snprintf(old, sizeof(old), "%s.old", path) < sizeof(old))
		rename(path, old);
}

struct perfgo_error *file_finish(struct file *file)
{
	if (file->zstd)
		tell_compression(file);
	keep_older(file->options.path);
	struct perfgo_error *error = perfdata_writer_finish(file->out);
	struct perfgo_error *again = error;
	for (size_t i = 0; again && i < NR_CHECKPOINTS && file->checkpoints[i]; i++) {
		if (again != error)
			perfgo_error_destroy(again);
		again = perfdata_writer_cut(file->out, file->checkpoints[i]);
		if (!again)
			again = perfdata_writer_finish(file->out);
	}
	if (again && again != error)
		perfgo_error_destroy(again);
	return error;
}
