// SPDX-License-Identifier: GPL-2.0-only
#include "record/build_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "attribute/vdso.h"
#include "base/cleanup.h"
#include "base/strings.h"
#include "elf/image.h"

enum {
	NO_PROCESS = -1,
	ID_ROOM = 24, /* 20 bytes, and where the record says how many of them count */
	MAX_ID = 20,
	FEATURE = 2,		/* HEADER_BUILD_ID, tools/perf/util/header.h */
	SIZE_IS_SAID = 1 << 15, /* PERF_RECORD_MISC_BUILD_ID_SIZE */
	MMAP2_START = 16,
	MMAP2_PROTECTION = 64,
	MMAP2_NAME = 72, /* offsets in the record */
};

static const char vdso_name[] = "[vdso]";

struct build_ids {
	struct strings paths;
};

struct perfgo_error *build_ids_new(struct build_ids **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? NULL : perfgo_error_no_memory();
}

void build_ids_free(struct build_ids *build_ids)
{
	if (!build_ids)
		return;
	strings_deinit(&build_ids->paths);
	free(build_ids);
}

/* Of a 64-bit process, as this one is. */
static bool is_own_vdso(const char *record, size_t length)
{
	uint64_t start;
	memcpy(&start, record + MMAP2_START, sizeof(start));
	return start > UINT32_MAX && length == strlen(vdso_name) &&
	       !memcmp(record + MMAP2_NAME, vdso_name, length);
}

void build_ids_see(struct build_ids *build_ids, const struct perf_event_header *record)
{
	const char *bytes = (const char *)record;
	uint32_t protection;
	if (record->type != PERF_RECORD_MMAP2 || record->size <= MMAP2_NAME)
		return;
	memcpy(&protection, bytes + MMAP2_PROTECTION, sizeof(protection));
	size_t length = strnlen(bytes + MMAP2_NAME, record->size - MMAP2_NAME);
	/* Not //anon, and the like. */
	bool file = bytes[MMAP2_NAME] == '/' && bytes[MMAP2_NAME + 1] != '/';
	if (protection & PROT_EXEC && (file || is_own_vdso(bytes, length)))
		strings_id_of(&build_ids->paths, bytes + MMAP2_NAME, length);
}

/* write_buildid() and struct perf_record_header_build_id, tools/perf, perf 6.12. */
static void put_build_id(struct writer *to, uint16_t mode, const uint8_t *id, size_t id_size,
			 const char *path)
{
	size_t length = (strlen(path) + 1 + 63) & ~(size_t)63;
	struct perf_event_header header = {.misc = mode | SIZE_IS_SAID};
	int32_t pid = NO_PROCESS;
	size_t size = sizeof(header) + sizeof(pid) + ID_ROOM + length;
	char *at = size <= UINT16_MAX ? writer_room(to, size) : NULL;
	if (!at || id_size > MAX_ID)
		return;
	header.size = (uint16_t)size;
	memset(at, 0, size);
	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), &pid, sizeof(pid));
	at += sizeof(header) + sizeof(pid);
	memcpy(at, id, id_size);
	at[MAX_ID] = (char)id_size;
	strcpy(at + ID_ROOM, path);
	to->used += size;
}

/* /sys/kernel/notes is the kernel's note section. */
static void put_kernel(struct writer *to)
{
	uint8_t notes[4096];
	FILE *file = fopen("/sys/kernel/notes", "re");
	size_t size = file ? fread(notes, 1, sizeof(notes), file) : 0;
	if (file)
		fclose(file);
	for (size_t at = 0; at + 12 <= size;) {
		uint32_t head[3]; /* sizes of name and contents, type */
		memcpy(head, notes + at, sizeof(head));
		size_t name = at + sizeof(head), contents = name + ((head[0] + 3u) & ~3u);
		if (head[0] > size || head[1] > size || contents + head[1] > size)
			return;
		if (head[2] == 3 /* NT_GNU_BUILD_ID */ && head[0] == 4 &&
		    !memcmp(notes + name, "GNU", 4)) {
			put_build_id(to, PERF_RECORD_MISC_KERNEL, notes + contents, head[1],
				     "[kernel.kallsyms]");
			return;
		}
		at = contents + ((head[1] + 3u) & ~3u);
	}
}

static struct perfgo_error *open_mapped(const char *path, struct image **ret)
{
	char own[32];
	if (strcmp(path, vdso_name))
		return image_open(path, ret);
	_cleanup_close_ int fd = vdso_file();
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	return image_open(own, ret);
}

static void put_file(struct writer *to, const char *path)
{
	struct image *image;
	struct perfgo_error *error = open_mapped(path, &image);
	if (error) {
		perfgo_error_destroy(error);
		return;
	}
	size_t size;
	const uint8_t *id = image_build_id(image, &size);
	if (id)
		put_build_id(to, PERF_RECORD_MISC_USER, id, size, path);
	image_close(image);
}

void build_ids_write(struct build_ids *build_ids, struct file *file)
{
	struct writer to = writer_of_memory();
	put_kernel(&to);
	for (size_t i = 0; i < build_ids->paths.count; i++)
		put_file(&to, build_ids->paths.texts[i]);
	size_t size;
	const char *bytes = writer_text(&to, &size);
	if (size && !writer_failed(&to))
		file_feature(file, FEATURE, bytes, size);
	perfgo_error_destroy(writer_finish(&to));
}
