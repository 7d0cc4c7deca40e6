// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/buildinfo.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

enum {
	HEADER_SIZE = 32,
	HEADER_ALIGN = 16,
	MAGIC_SIZE = 14,
	FLAG_BIG_ENDIAN = 1,
	FLAG_INLINE = 2,
	/* The module text lies between two markers of this size (runtime/debug/mod.go). */
	MARKER_SIZE = 16,
	MAX_TEXT = 64 << 20,
};

static const char magic[MAGIC_SIZE + 1] = "\xff Go buildinf:";

struct text {
	const char *at;
	size_t size;
};

static bool is_header(const uint8_t *bytes, uint64_t left)
{
	return left >= HEADER_SIZE && !memcmp(bytes, magic, MAGIC_SIZE) &&
	       (bytes[15] & FLAG_INLINE || bytes[14] == 8);
}

/* The header among the file bytes of a segment, or 0. */
static uint64_t scan_segment(const struct image *image, const struct image_segment *s)
{
	uint64_t left;
	const uint8_t *bytes = image_bytes(image, s->vaddr, &left);
	if (!bytes)
		return 0;
	for (uint64_t at = -s->vaddr & (HEADER_ALIGN - 1); at < left; at += HEADER_ALIGN)
		if (bytes[at] == 0xff && is_header(bytes + at, left - at))
			return s->vaddr + at;
	return 0;
}

/*
 * The address of the header: its section, or, where no section headers are left, a search of the
 * data, the writable first as debug/buildinfo has it.
 */
static uint64_t find_header(const struct image *image)
{
	struct image_section section;
	if (image_section(image, ".go.buildinfo", &section) && section.data &&
	    is_header(section.data, section.size))
		return section.address;
	size_t count;
	uint64_t found = 0;
	const struct image_segment *segments = image_segments(image, &count);
	for (int writable = image_has_sections(image) ? -1 : 1; writable >= 0; writable--)
		for (size_t i = 0; i < count && !found; i++)
			if (segments[i].writable == writable && !segments[i].executable)
				found = scan_segment(image, &segments[i]);
	return found;
}

/* Length as a varint of up to 64 bits, then the bytes. */
static struct text read_inline(struct cursor *c)
{
	uint64_t size = 0;
	uint8_t byte = 0x80;
	for (unsigned int shift = 0; byte & 0x80 && shift < 63; shift += 7) {
		byte = cursor_u8(c);
		size |= (uint64_t)(byte & 0x7f) << shift;
	}
	const char *at = cursor_bytes(c, size);
	return (struct text){at, at ? size : 0};
}

/* The text of a Go string header. */
static struct text read_string(const struct image *image, uint64_t header)
{
	uint64_t at, size, left;
	if (!image_pointer(image, header, &at) || !image_pointer(image, header + 8, &size))
		return (struct text){0};
	const char *bytes = (const char *)image_bytes(image, at, &left);
	return bytes && size <= left ? (struct text){bytes, size} : (struct text){0};
}

/* That of a string header behind a pointer. */
static struct text read_pointed(const struct image *image, uint64_t pointer)
{
	uint64_t header;
	return image_pointer(image, pointer, &header) ? read_string(image, header)
						      : (struct text){0};
}

static void read_texts(const struct image *image, uint64_t address, struct text *version,
		       struct text *module)
{
	uint64_t left;
	const uint8_t *bytes = image_bytes(image, address, &left);
	if (!bytes || left < HEADER_SIZE)
		return;
	if (!(bytes[15] & FLAG_INLINE)) {
		*version = read_pointed(image, address + 16);
		*module = read_pointed(image, address + 24);
		return;
	}
	struct cursor c = cursor_of(bytes + HEADER_SIZE, left - HEADER_SIZE, false);
	*version = read_inline(&c);
	*module = read_inline(&c);
}

static char *copy_text(struct arena *arena, struct text text)
{
	char *copy = arena_alloc(arena, text.size + 1);
	if (copy) {
		memcpy(copy, text.at, text.size);
		copy[text.size] = 0;
	}
	return copy;
}

/* Without the markers, if they are there. */
static struct text strip_markers(struct text module)
{
	if (module.size < 2 * MARKER_SIZE + 1 || module.at[module.size - MARKER_SIZE - 1] != '\n')
		return (struct text){0};
	return (struct text){module.at + MARKER_SIZE, module.size - 2 * MARKER_SIZE};
}

/* "mod\tPATH\tVERSION\tSUM" is told as "PATH VERSION". */
static const char *module_of(char *fields)
{
	char *tab = strchr(fields, '\t');
	if (!tab)
		return fields;
	*tab = ' ';
	char *end = strchr(tab, '\t');
	if (end)
		*end = 0;
	return fields;
}

/* Takes the module text apart, line by line (runtime/debug/mod.go, ParseBuildInfo). */
static void read_lines(char *lines, char *settings, struct buildinfo *ret)
{
	char *line, *settings_end = settings;
	while ((line = strsep(&lines, "\n"))) {
		if (!strncmp(line, "path\t", 5))
			ret->path = line + 5;
		else if (!strncmp(line, "mod\t", 4))
			ret->module = module_of(line + 4);
		else if (!strncmp(line, "build\t", 6))
			settings_end = stpcpy(stpcpy(settings_end, line + 6), "\n");
	}
	if (settings_end > settings) {
		settings_end[-1] = 0;
		ret->settings = settings;
	}
}

struct perfgo_error *buildinfo_read(const struct image *image, struct arena *arena,
				    struct buildinfo *ret)
{
	struct text version = {0}, module = {0};
	uint64_t address = find_header(image);
	*ret = (struct buildinfo){0};
	if (address)
		read_texts(image, address, &version, &module);
	if (version.size && version.size < MAX_TEXT) {
		ret->version = copy_text(arena, version);
		if (!ret->version)
			return perfgo_error_no_memory();
	}
	module = strip_markers(module);
	if (!module.size || module.size > MAX_TEXT)
		return NULL;
	char *lines = copy_text(arena, module);
	char *settings = copy_text(arena, module);
	if (!lines || !settings)
		return perfgo_error_no_memory();
	read_lines(lines, settings, ret);
	return NULL;
}

const char *buildinfo_version_symbol(const struct image *image, struct arena *arena)
{
	uint64_t header;
	struct text version = {0};
	if (image_symbol_address(image, "runtime.buildVersion", &header))
		version = read_string(image, header);
	return version.size && version.size < MAX_TEXT ? copy_text(arena, version) : NULL;
}

static size_t skip_digits(struct text text, size_t at)
{
	while (at < text.size && text.at[at] >= '0' && text.at[at] <= '9')
		at++;
	return at;
}

/* "go1.26.8", "go1.27rc1", "go1.24.6 X:…", as cmd/go and cmd/link put them together. */
static bool is_version(struct text text)
{
	static const char start[] = "go1.", *const parts[] = {".", "rc", "beta"};
	size_t at = sizeof(start) - 1;
	if (text.size <= at || memcmp(text.at, start, at) != 0 || skip_digits(text, at) == at)
		return false;
	at = skip_digits(text, at);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t size = strlen(parts[i]);
		if (text.size - at > size && !memcmp(text.at + at, parts[i], size))
			at = skip_digits(text, at + size);
	}
	return at == text.size || text.at[at] == ' ' || text.at[at] == '-';
}

const char *buildinfo_version_variable(const struct image *image, uint64_t start, uint64_t end,
				       struct arena *arena)
{
	enum { WORD = 8, LEAST = 6, MOST = 256 };
	struct text found = {0};
	uint64_t left, size;
	for (uint64_t at = start; at < end && end - at >= 2 * WORD; at += WORD) {
		const uint8_t *bytes = image_bytes(image, at, &left);
		if (!bytes || left < 2 * WORD)
			break; /* from here on they are zero at first */
		memcpy(&size, bytes + WORD, WORD);
		if (size < LEAST || size > MOST)
			continue;
		struct text text = read_string(image, at);
		if (!is_version(text))
			continue;
		if (found.size &&
		    (found.size != text.size || memcmp(found.at, text.at, text.size) != 0))
			return NULL;
		found = text;
	}
	return found.size ? copy_text(arena, found) : NULL;
}

int buildinfo_release(const char *version)
{
	static const char devel[] = "devel ";
	if (!version)
		return 0;
	if (!strncmp(version, devel, sizeof(devel) - 1))
		version += sizeof(devel) - 1;
	if (strncmp(version, "go1.", 4) || version[4] < '0' || version[4] > '9')
		return 0;
	long release = strtol(version + 4, NULL, 10);
	return release < 1000 ? (int)release : 0;
}
