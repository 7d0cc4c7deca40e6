/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_WRITE_ALL_H
#define BASE_WRITE_ALL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Writes all SIZE bytes to FD, however many calls it takes. False with errno set. */
static inline bool write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size) {
		ssize_t written = write(fd, at, size);
		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return true;
}

#endif
