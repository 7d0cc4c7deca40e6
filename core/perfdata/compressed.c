// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of `perf record -z`: each compressed record carries the next bytes of one zstd stream a
 * file, of which records are cut without regard to where the compressed ones end
 * (tools/perf/util/session.c, perf_session__process_compressed_event()).
 */
#include <stdlib.h>
#include <zstd.h>

#include "perfdata/internal.h"

#define UNPACK_SIZE (256u << 10)
/* perf unpacks no more than its ring buffer's size at once, which is this at most by default. */
#define UNPACK_LIMIT (512ull << 20)

struct perfgo_error *unpack_begin(struct perfdata *data, struct input *input, const void *record)
{
	struct perfdata_record_header header = read_header(data->swap, record);
	struct cursor c = payload(data, record);
	uint64_t size = header.type == PERF_RECORD_COMPRESSED2 ? cursor_u64(&c) : cursor_left(&c);
	uint64_t offset = input_offset(input) - header.size;
	const uint8_t *bytes = cursor_bytes(&c, size);
	if (c.failed)
		return damaged(data, input, offset, "compressed record is shorter than its data");
	if (!input->zstd)
		input->zstd = ZSTD_createDStream();
	if (!data->unpack_buffer)
		data->unpack_buffer = malloc(UNPACK_SIZE);
	if (!input->zstd || !data->unpack_buffer)
		return perfgo_error_no_memory();
	data->header.compressed = true;
	input->packed = (struct window){bytes, bytes + size, NULL};
	input->packed_offset = offset;
	input->unpacked_size = 0;
	input->unpacking = true;
	return NULL;
}

/* What was unpacked goes behind the beginning of a record that is left of before. */
static struct perfgo_error *keep_unpacked(struct perfdata *data, struct input *input, size_t size)
{
	struct window *window = &input->unpacked;
	size_t left = (size_t)(window->end - window->at);
	struct chunk *chunk = chunk_new(&data->chunks, left + size, input->packed_offset);
	if (!chunk)
		return perfgo_error_no_memory();
	chunk->unpacked = true;
	if (left)
		memcpy(chunk->bytes, window->at, left);
	memcpy(chunk->bytes + left, data->unpack_buffer, size);
	chunk->used = left + size;
	if (window->chunk)
		window->chunk->open = false;
	*window = (struct window){chunk->bytes, chunk->bytes + chunk->used, chunk};
	return NULL;
}

struct perfgo_error *unpack_more(struct perfdata *data, struct input *input)
{
	size_t size = (size_t)(input->packed.end - input->packed.at);
	ZSTD_inBuffer in = {input->packed.at, size, 0};
	ZSTD_outBuffer out = {data->unpack_buffer, UNPACK_SIZE, 0};
	size_t result = 0;
	do {
		result = ZSTD_decompressStream(input->zstd, &out, &in);
	} while (!ZSTD_isError(result) && in.pos < in.size && out.pos < out.size);
	if (ZSTD_isError(result)) {
		input->unpacking = false;
		return damaged(data, input, input->packed_offset,
			       "compressed record cannot be unpacked: %s",
			       ZSTD_getErrorName(result));
	}
	input->packed.at += in.pos;
	input->unpacked_size += out.pos;
	/* A full buffer: zstd may hold more. */
	input->unpacking = out.pos == out.size;
	if (input->unpacked_size > UNPACK_LIMIT)
		return damaged(data, input, input->packed_offset,
			       "compressed record unpacks to more than 512 MB");
	return out.pos ? keep_unpacked(data, input, out.pos) : NULL;
}

void unpack_deinit(struct input *input)
{
	ZSTD_freeDStream(input->zstd);
}
