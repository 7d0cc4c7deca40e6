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
/* Of one record: perf packs its ring buffer, some megabytes, into as many records as it takes. */
#define UNPACK_LIMIT (64ull << 20)

/* What perf compresses into one record at most (zstd_compress_stream_to_records()). */
#define PIECE_SIZE (UINT16_MAX - PACKED_HEADER_SIZE)
#define OVERLONG_LIMIT (64u << 20)

/*
 * perf 6.16 and later make one COMPRESSED2 of several when they write a full buffer: its size, of
 * 16 bits, overflows, its data goes on with the other records, and there is no padding
 * (tools/perf/builtin-record.c, record__pushfn()).
 */
uint64_t packed_record_size(const struct perfdata *data, const void *record)
{
	struct perfdata_record_header header = read_header(data->swap, record);
	uint64_t size = read_u64(data, (const char *)record + RECORD_HEADER_SIZE);
	if (size > OVERLONG_LIMIT)
		return header.size;
	uint64_t padded = (PACKED_HEADER_SIZE + size + 7) & ~7ull;
	bool overflowed = padded > UINT16_MAX && (uint16_t)padded == header.size;
	return overflowed ? PACKED_HEADER_SIZE + size : header.size;
}

static struct perfgo_error *start_piece(struct perfdata *data, struct input *input,
					const void *bytes, uint64_t size)
{
	if (!bytes) {
		input->unpacking = false;
		return damaged(data, input, input->packed_offset,
			       "compressed record is shorter than its data");
	}
	input->packed = (struct window){bytes, (const uint8_t *)bytes + size, NULL};
	input->unpacking = true;
	return NULL;
}

/* The next of the records that were written as one. */
static struct perfgo_error *next_piece(struct perfdata *data, struct input *input)
{
	struct window *rest = &input->packed_rest;
	struct cursor c = cursor_of(rest->at, (size_t)(rest->end - rest->at), data->swap);
	cursor_skip(&c, 6); /* type, misc */
	uint16_t size = cursor_u16(&c);
	cursor_skip(&c, 8); /* not set */
	const void *bytes = cursor_bytes(&c, size < PACKED_HEADER_SIZE ? UINT64_MAX
								       : size - PACKED_HEADER_SIZE);
	rest->at = c.at;
	return start_piece(data, input, bytes, size - PACKED_HEADER_SIZE);
}

static bool make_unpacker(struct perfdata *data, struct input *input)
{
	if (!input->zstd)
		input->zstd = ZSTD_createDStream();
	if (!data->unpack_buffer)
		data->unpack_buffer = malloc(UNPACK_SIZE);
	return input->zstd && data->unpack_buffer;
}

struct perfgo_error *unpack_begin(struct perfdata *data, struct input *input, const void *record,
				  uint64_t record_size)
{
	if (!make_unpacker(data, input))
		return perfgo_error_no_memory();
	struct cursor c = cursor_of(record, record_size, data->swap);
	cursor_skip(&c, RECORD_HEADER_SIZE);
	uint64_t size = cursor_left(&c);
	if (read_header(data->swap, record).type == PERF_RECORD_COMPRESSED2)
		size = cursor_u64(&c);
	bool overlong = record_size > UINT16_MAX && size > PIECE_SIZE;
	if (overlong)
		size = PIECE_SIZE;
	const void *bytes = cursor_bytes(&c, size);
	input->packed_rest = (struct window){c.at, overlong ? c.end : c.at, NULL};
	input->packed_offset = input_offset(input) - record_size;
	input->unpacked_size = 0;
	data->header.compressed = true;
	return start_piece(data, input, bytes, size);
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
	if (!input->unpacking && input->packed_rest.at < input->packed_rest.end) {
		struct perfgo_error *error = next_piece(data, input);
		if (error)
			return error;
	}
	if (input->unpacked_size > UNPACK_LIMIT)
		return damaged(data, input, input->packed_offset,
			       "compressed record unpacks to more than 64 MB");
	return out.pos ? keep_unpacked(data, input, out.pos) : NULL;
}

void unpack_deinit(struct input *input)
{
	ZSTD_freeDStream(input->zstd);
}
