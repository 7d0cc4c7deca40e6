// SPDX-License-Identifier: GPL-2.0-only
#include "out/writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>

#include "base/write_all.h"

/* Large enough that calls do not count, small enough to stay in a cache. */
enum { BUFFER_SIZE = 256 * 1024, NUMBER_SIZE = 24 };

struct writer writer_of_fd(int fd, const char *name)
{
	return (struct writer){.fd = fd, .name = name};
}

struct writer writer_of_memory(void)
{
	return (struct writer){.fd = -1, .name = "memory"};
}

static void flush(struct writer *writer)
{
	if (!writer->errnum && !write_all(writer->fd, writer->buffer, writer->used))
		writer->errnum = errno;
	writer->used = 0;
}

char *writer_make_room(struct writer *writer, size_t size)
{
	if (writer->fd >= 0)
		flush(writer);
	if (writer->capacity - writer->used < size) {
		size_t capacity = writer->capacity ? writer->capacity : BUFFER_SIZE;
		while (capacity - writer->used < size)
			capacity *= 2;
		char *grown = realloc(writer->buffer, capacity);
		if (!grown) {
			writer->errnum = ENOMEM;
			return NULL;
		}
		writer->buffer = grown;
		writer->capacity = capacity;
	}
	return writer->buffer + writer->used;
}

void writer_copy(struct writer *writer, int fd, uint64_t offset, uint64_t size)
{
	enum { PIECE = 1 << 30 };
	off_t at = (off_t)offset;
	flush(writer);
	while (size && !writer->errnum) {
		ssize_t count = sendfile(writer->fd, fd, &at, size < PIECE ? size : PIECE);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			writer->errnum = count ? errno : EIO; /* it has become shorter */
		else
			size -= (uint64_t)count;
	}
}

static const char two_digits[] = "00010203040506070809101112131415161718192021222324"
				 "25262728293031323334353637383940414243444546474849"
				 "50515253545556575859606162636465666768697071727374"
				 "75767778798081828384858687888990919293949596979899";

static size_t decimal_digits(uint64_t value)
{
	size_t digits = 1;
	for (; value >= 10000; value /= 10000)
		digits += 4;
	return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

void writer_unsigned(struct writer *writer, uint64_t value)
{
	char *to = writer_room(writer, NUMBER_SIZE);
	if (!to)
		return;
	size_t digits = decimal_digits(value);
	char *at = to + digits;
	for (; value >= 100; value /= 100) {
		at -= 2;
		memcpy(at, &two_digits[value % 100 * 2], 2);
	}
	if (value >= 10)
		memcpy(at - 2, &two_digits[value * 2], 2);
	else
		at[-1] = (char)('0' + value);
	writer->used += digits;
}

void writer_grouped(struct writer *writer, uint64_t value)
{
	if (value >= 1000) {
		writer_grouped(writer, value / 1000);
		writer_printf(writer, ",%03u", (unsigned int)(value % 1000));
	} else {
		writer_unsigned(writer, value);
	}
}

void writer_signed(struct writer *writer, int64_t value)
{
	if (value < 0)
		writer_char(writer, '-');
	writer_unsigned(writer, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void writer_hex(struct writer *writer, uint64_t value)
{
	char *to = writer_room(writer, NUMBER_SIZE);
	if (!to)
		return;
	size_t digits = value ? (size_t)(67 - __builtin_clzll(value)) / 4 : 1;
	for (char *at = to + digits; at > to; value >>= 4)
		*--at = "0123456789abcdef"[value & 15];
	writer->used += digits;
}

void writer_printf(struct writer *writer, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	char *to = length >= 0 ? writer_room(writer, (size_t)length + 1) : NULL;
	if (to) {
		vsnprintf(to, (size_t)length + 1, format, again);
		writer->used += (size_t)length;
	}
	va_end(again);
	va_end(args);
}

struct perfgo_error *writer_finish(struct writer *writer)
{
	if (writer->fd >= 0)
		flush(writer);
	free(writer->buffer);
	writer->buffer = NULL;
	writer->used = writer->capacity = 0;
	if (writer->errnum == ENOMEM)
		return perfgo_error_no_memory();
	return writer->errnum ? perfgo_error_errno(writer->errnum, "cannot write %s", writer->name)
			      : NULL;
}
