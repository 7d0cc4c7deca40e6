/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the bytes of records come from: a mapped file, or chunks filled from a stream. */
#ifndef PERFDATA_INPUT_H
#define PERFDATA_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Memory for the records of a stream or a decompressor, freed when they have been handed out. */
struct chunk {
	struct chunk *next;
	uint64_t offset; /* in the file: of its first byte, or of the record that was unpacked */
	bool unpacked;	 /* the second of these */
	bool open;	 /* bytes still go in, or have not been looked at */
	bool queued;	 /* records of it have been queued, the last in this round of the queue */
	uint64_t round;
	size_t capacity;
	size_t used;
	_Alignas(16) uint8_t bytes[];
};

struct chunks {
	struct chunk *first, *last;
};

/* An open chunk; NULL without memory. */
struct chunk *chunk_new(struct chunks *chunks, size_t capacity, uint64_t offset);

/* Frees the chunks that are not open and of which nothing was queued from ROUND on. */
void chunks_release(struct chunks *chunks, uint64_t round);
void chunks_deinit(struct chunks *chunks);

/* Bytes at hand. */
struct window {
	const uint8_t *at, *end;
	struct chunk *chunk; /* where they are, NULL in a map */
};

struct input {
	char *path;
	int fd;
	const uint8_t *map; /* NULL for a stream */
	size_t map_size;
	bool borrowed;	    /* the map belongs to someone else */
	uint64_t dropped;   /* of the map: up to here the pages were given back */
	uint64_t rounds[3]; /* offsets of the last FINISHED_ROUNDs, the last one last */
	struct window window;
	uint64_t stream_offset; /* of a stream: of window.end */
	bool stream_end;
	bool cut;	 /* ends before the data section should */
	bool unfinished; /* the data section has no size: perf record did not come to its end */
	bool done;
	uint64_t turn; /* bytes read since it was another input's turn */
	/* Of a compressed record: what is not unpacked yet, and what is unpacked but not read. */
	struct window packed, unpacked;
	struct window packed_rest; /* more such records, written as one */
	uint64_t packed_offset;
	uint64_t unpacked_size;	  /* out of this record */
	bool unpacking;		  /* more can come out */
	struct ZSTD_DCtx_s *zstd; /* one stream a file */
};

/* Maps the regular file FD, which INPUT then owns, whole. */
struct perfgo_error *input_map(struct input *input, const char *path, int fd);

/* Makes a stream of FD, which INPUT then owns. */
struct perfgo_error *input_stream(struct input *input, const char *path, int fd);

/* Takes over SIZE bytes in memory that stay valid. */
struct perfgo_error *input_memory(struct input *input, const char *path, const void *bytes,
				  size_t size);

/*
 * Tries to have SIZE bytes at window.at. *RET is how many there are, which is less only at the end.
 */
struct perfgo_error *input_need(struct input *input, struct chunks *chunks, size_t size,
				size_t *ret);

/* Goes over SIZE bytes. *RET is how many there were. */
struct perfgo_error *input_skip(struct input *input, uint64_t size, uint64_t *ret);

/* Gives back the pages of the map before OFFSET: they are read again should someone look there. */
void input_drop(struct input *input, uint64_t offset);

/* Of window.at */
uint64_t input_offset(const struct input *input);

void input_deinit(struct input *input);

#endif
