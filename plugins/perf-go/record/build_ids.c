// SPDX-License-Identifier: GPL-2.0-only
#include "record/build_ids.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
	MMAP2_PID = 8,
	MMAP2_START = 16,
	MMAP2_INODE = 48,
	MMAP2_PROTECTION = 64,
	MMAP2_NAME = 72, /* offsets in the record */
};

static const char vdso_name[] = "[vdso]";

/*
 * A path is that of the process's, which may have another root than this one. Such files are opened
 * at once, as it may end; others when the recording ends.
 */
struct build_ids {
	struct strings seen, paths; /* the latter below this root */
	struct writer foreign;	    /* what is found of files below other roots */
	bool failed;		    /* there was no memory for some */
};

struct perfgo_error *build_ids_new(struct build_ids **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return perfgo_error_no_memory();
	(*ret)->foreign = writer_of_memory();
	return NULL;
}

void build_ids_free(struct build_ids *build_ids)
{
	if (!build_ids)
		return;
	strings_deinit(&build_ids->seen);
	strings_deinit(&build_ids->paths);
	perfgo_error_destroy(writer_finish(&build_ids->foreign));
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

static struct perfgo_error *open_mapped(const char *file, struct image **ret)
{
	char own[32];
	if (strcmp(file, vdso_name))
		return image_open(file, ret);
	_cleanup_close_ int fd = vdso_file();
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	return image_open(own, ret);
}

/* FILE is where PATH can be read. */
static void put_file(struct writer *to, const char *file, const char *path)
{
	struct image *image;
	struct perfgo_error *error = open_mapped(file, &image);
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

/* Whether what two paths lead to is the same. */
static bool same_place(const char *one, const char *other)
{
	struct stat a, b;
	return !stat(one, &a) && !stat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Of a process that has ended, the number of the file says whether it is this one. */
static bool is_own_file(const char *record, const char *path)
{
	struct stat status;
	uint64_t inode;
	memcpy(&inode, record + MMAP2_INODE, sizeof(inode));
	return !stat(path, &status) && (!inode || status.st_ino == inode);
}

/* False without memory. */
static bool add_place(struct build_ids *build_ids, const char *record, const char *path)
{
	char root[PATH_MAX];
	uint32_t pid;
	memcpy(&pid, record + MMAP2_PID, sizeof(pid));
	snprintf(root, sizeof(root), "/proc/%u/root", pid);
	if (*path != '/' || same_place(root, "/"))
		return strings_id(&build_ids->paths, path) != STRING_UNKNOWN;
	if (access(root, F_OK))
		return !is_own_file(record, path) ||
		       strings_id(&build_ids->paths, path) != STRING_UNKNOWN;
	if (snprintf(root, sizeof(root), "/proc/%u/root%s", pid, path) < (int)sizeof(root))
		put_file(&build_ids->foreign, root, path);
	return !writer_failed(&build_ids->foreign);
}

static void add_path(struct build_ids *build_ids, const char *record, size_t length)
{
	char path[PATH_MAX];
	if (length >= sizeof(path))
		return;
	memcpy(path, record + MMAP2_NAME, length);
	path[length] = 0;
	if (strings_find(&build_ids->seen, path) != STRING_UNKNOWN)
		return;
	if (strings_id(&build_ids->seen, path) == STRING_UNKNOWN ||
	    !add_place(build_ids, record, path))
		build_ids->failed = true;
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
		add_path(build_ids, bytes, length);
}

void build_ids_write(struct build_ids *build_ids, struct file *file)
{
	size_t size;
	const char *bytes;
	struct writer to = writer_of_memory();
	put_kernel(&to);
	for (size_t i = 0; i < build_ids->paths.count; i++)
		put_file(&to, build_ids->paths.texts[i], build_ids->paths.texts[i]);
	bytes = writer_text(&build_ids->foreign, &size);
	writer_bytes(&to, bytes, size);
	bytes = writer_text(&to, &size);
	build_ids->failed = build_ids->failed || writer_failed(&to);
	if (size && !writer_failed(&to))
		file_feature(file, FEATURE, bytes, size);
	perfgo_error_destroy(writer_finish(&to));
}

bool build_ids_failed(const struct build_ids *build_ids)
{
	return build_ids->failed;
}
