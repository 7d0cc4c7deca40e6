/* SPDX-License-Identifier: GPL-2.0-only */
/* Output through one large buffer, to a file descriptor or into memory. */
#ifndef OUT_WRITER_H
#define OUT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

/* After a failure all output is dropped; writer_finish() tells of it. */
struct writer {
	int fd; /* -1: into memory, for writer_text() */
	const char *name;
	char *buffer;
	size_t used, capacity;
	int errnum;
};

/* Writes to FD, which stays the caller's, as NAME ("standard output"). */
struct writer writer_of_fd(int fd, const char *name);
struct writer writer_of_memory(void);

/* SIZE bytes at the end of the buffer, to be filled and added to `used`; NULL after a failure. */
char *writer_make_room(struct writer *writer, size_t size);

static inline char *writer_room(struct writer *writer, size_t size)
{
	if (__builtin_expect(writer->capacity - writer->used >= size, 1))
		return writer->buffer + writer->used;
	return writer_make_room(writer, size);
}

static inline void writer_bytes(struct writer *writer, const char *bytes, size_t size)
{
	char *to = size ? writer_room(writer, size) : NULL;
	if (!to)
		return;
	memcpy(to, bytes, size);
	writer->used += size;
}

static inline void writer_string(struct writer *writer, const char *string)
{
	writer_bytes(writer, string, strlen(string));
}

static inline void writer_char(struct writer *writer, char c)
{
	char *to = writer_room(writer, 1);
	if (!to)
		return;
	*to = c;
	writer->used++;
}

/* SIZE bytes of a file from OFFSET on, to a descriptor. */
void writer_copy(struct writer *writer, int fd, uint64_t offset, uint64_t size);

void writer_unsigned(struct writer *writer, uint64_t value);
void writer_grouped(struct writer *writer, uint64_t value); /* 1,234,567 */
void writer_signed(struct writer *writer, int64_t value);
void writer_hex(struct writer *writer, uint64_t value); /* without 0x */
void writer_printf(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The output may as well end: it goes nowhere. */
static inline bool writer_failed(const struct writer *writer)
{
	return writer->errnum;
}

/* What has been written into memory, not terminated, until the next output. */
static inline const char *writer_text(const struct writer *writer, size_t *size_ret)
{
	*size_ret = writer->used;
	return writer->buffer;
}

/* Forgets what has been written into memory. */
static inline void writer_clear(struct writer *writer)
{
	writer->used = 0;
}

/* Writes what is left and frees the buffer. Says what went wrong since the beginning. */
struct perfgo_error *writer_finish(struct writer *writer);

#endif
