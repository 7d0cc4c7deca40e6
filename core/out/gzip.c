// SPDX-License-Identifier: GPL-2.0-only
#include "out/gzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 };

/* zlib counts in 32 bits. */
static uInt piece(size_t left)
{
	return left < UINT32_MAX ? (uInt)left : UINT32_MAX;
}

/* All of the input into SIZE bytes at TO, which have room for it. Returns how many it takes. */
static size_t deflate_all(z_stream *stream, const uint8_t *from, size_t length, uint8_t *to,
			  size_t size)
{
	size_t read = 0, made = 0;
	int status;
	do {
		uInt in = piece(length - read), out = piece(size - made);
		stream->next_in = (Bytef *)from + read;
		stream->avail_in = in;
		stream->next_out = to + made;
		stream->avail_out = out;
		status = deflate(stream, read + in == length ? Z_FINISH : Z_NO_FLUSH);
		read += in - stream->avail_in;
		made += out - stream->avail_out;
	} while (status == Z_OK);
	return status == Z_STREAM_END ? made : 0;
}

void *gzip(const void *bytes, size_t size, size_t *size_ret)
{
	z_stream stream = {0};
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	size_t bound = deflateBound(&stream, size);
	void *packed = malloc(bound);
	*size_ret = packed ? deflate_all(&stream, bytes, size, packed, bound) : 0;
	deflateEnd(&stream);
	if (*size_ret)
		return packed;
	free(packed);
	return NULL;
}
