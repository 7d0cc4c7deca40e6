// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/binary_debug_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/error.h"

static const char debug_root[] = "/usr/lib/debug";

static struct image *try_open(const char *path)
{
	struct image *image;
	struct perfgo_error *error = image_open(path, &image);
	perfgo_error_destroy(error);
	return error ? NULL : image;
}

static bool same_build_id(const struct image *a, const struct image *b)
{
	size_t a_size, b_size;
	const uint8_t *a_id = image_build_id(a, &a_size), *b_id = image_build_id(b, &b_size);
	return a_id && b_id && a_size == b_size && !memcmp(a_id, b_id, a_size);
}

static struct image *by_build_id(const struct image *image)
{
	char path[PATH_MAX];
	size_t size;
	const uint8_t *id = image_build_id(image, &size);
	if (!id || size < 2 || size > 64)
		return NULL;
	int length = snprintf(path, sizeof(path), "%s/.build-id/%02x/", debug_root, id[0]);
	for (size_t i = 1; i < size; i++)
		length += snprintf(path + length, sizeof(path) - length, "%02x", id[i]);
	snprintf(path + length, sizeof(path) - length, ".debug");
	struct image *debug = try_open(path);
	if (debug && !same_build_id(image, debug)) {
		image_close(debug);
		debug = NULL;
	}
	return debug;
}

/* A name, NUL, padding to 4 bytes, and the CRC of the file (gdb manual, Separate Debug Files). */
struct debug_link {
	const char *name;
	uint32_t crc;
};

static bool read_debug_link(const struct image *image, struct debug_link *ret)
{
	struct image_section section;
	if (!image_section(image, ".gnu_debuglink", &section) || !section.data)
		return false;
	bool swap = image_big_endian(image) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	struct cursor c = cursor_of(section.data, section.size, swap);
	ret->name = cursor_string(&c);
	if (!ret->name || !*ret->name || strchr(ret->name, '/'))
		return false;
	cursor_skip(&c, -(strlen(ret->name) + 1) & 3);
	ret->crc = cursor_u32(&c);
	return !c.failed;
}

static bool has_crc(const char *path, uint32_t wanted)
{
	uint8_t buffer[1 << 16];
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	uLong crc = crc32(0, NULL, 0);
	size_t size;
	while ((size = fread(buffer, 1, sizeof(buffer), file)))
		crc = crc32(crc, buffer, size);
	fclose(file);
	return crc == wanted;
}

static struct image *by_debug_link(const struct image *image)
{
	struct debug_link link;
	_cleanup_free_ char *real = realpath(image_path(image), NULL);
	if (!real || !read_debug_link(image, &link))
		return NULL;
	*strrchr(real, '/') = 0;
	const struct {
		const char *root, *below;
	} places[] = {{"", ""}, {"", "/.debug"}, {debug_root, ""}};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[PATH_MAX];
		int length = snprintf(path, sizeof(path), "%s%s%s/%s", places[i].root, real,
				      places[i].below, link.name);
		if (length < (int)sizeof(path) && has_crc(path, link.crc))
			return try_open(path);
	}
	return NULL;
}

struct image *binary_find_debug_file(const struct image *image)
{
	struct image *debug = by_build_id(image);
	return debug ? debug : by_debug_link(image);
}
