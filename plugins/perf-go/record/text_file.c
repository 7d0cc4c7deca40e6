// SPDX-License-Identifier: GPL-2.0-only
#include "record/text_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

/* Formats of tracepoints have a few kilobytes, the texts of trace_printk() more. */
#define MAX_SIZE (4u << 20)

static int open_in(const char *directory, const char *name, int flags)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (length < 0 || length >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC);
}

bool text_file_exists(const char *directory, const char *name)
{
	_cleanup_close_ int fd = open_in(directory, name, O_PATH);
	return fd >= 0;
}

/* The size that stat() says of these files is none. */
static char *read_all(int fd)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, capacity = 0;
	for (;;) {
		if (size > MAX_SIZE || !array_reserve(text, capacity, size + 4096)) {
			errno = size > MAX_SIZE ? EFBIG : ENOMEM;
			return NULL;
		}
		ssize_t got = read(fd, text + size, capacity - size - 1);
		if (got < 0)
			return NULL;
		size += (size_t)got;
		if (!got)
			break;
	}
	while (size && isspace((unsigned char)text[size - 1]))
		size--;
	text[size] = 0;
	return no_cleanup(text);
}

char *text_file_read(const char *directory, const char *name)
{
	_cleanup_close_ int fd = open_in(directory, name, O_RDONLY);
	return fd < 0 ? NULL : read_all(fd);
}

bool text_number(const char *text, uint64_t *ret)
{
	bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hexadecimal ? text + 2 : text;
	char *end;
	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, hexadecimal ? 16 : 10);
	return !errno && end != digits && !*end;
}

static bool name_add(struct names *names, const char *name)
{
	if (!array_reserve(names->names, names->capacity, names->count + 1))
		return false;
	names->names[names->count] = strdup(name);
	return names->names[names->count] && ++names->count;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool names_read(const char *directory, struct names *ret)
{
	*ret = (struct names){0};
	DIR *dir = opendir(directory);
	if (!dir)
		return false;
	bool added = true;
	for (struct dirent *entry; added && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			added = name_add(ret, entry->d_name);
	closedir(dir);
	if (!added) {
		names_deinit(ret);
		errno = ENOMEM;
		return false;
	}
	if (ret->count)
		qsort(ret->names, ret->count, sizeof(*ret->names), name_order);
	return true;
}

void names_deinit(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct names){0};
}
