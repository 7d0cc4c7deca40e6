// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/dso_file.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/vdso.h"
#include "base/cleanup.h"

enum { HEX_SIZE = 64 };

static void hex(const uint8_t *id, size_t size, char text[HEX_SIZE])
{
	text[0] = 0;
	for (size_t i = 0; i < size && i < BUILD_ID_SIZE; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
}

bool build_id_cache_path(const struct attribution_options *options, const uint8_t *build_id,
			 size_t size, const char *what, char *buffer, size_t buffer_size)
{
	char id[HEX_SIZE];
	const char *home = getenv("HOME");
	if (!size)
		return false;
	hex(build_id, size, id);
	int length = options->buildid_dir
			     ? snprintf(buffer, buffer_size, "%s/.build-id/%.2s/%s/%s",
					options->buildid_dir, id, id + 2, what)
			     : snprintf(buffer, buffer_size, "%s/.debug/.build-id/%.2s/%s/%s",
					home ? home : "", id, id + 2, what);
	return length > 0 && (size_t)length < buffer_size && !access(buffer, R_OK);
}

/* ELF machine by the name uname -m gives. */
static const struct {
	const char *arch;
	uint16_t machine;
} machines[] = {
	{"x86_64", EM_X86_64}, {"aarch64", EM_AARCH64}, {"i386", EM_386},   {"i486", EM_386},
	{"i586", EM_386},      {"i686", EM_386},	{"arm", EM_ARM},    {"armv7l", EM_ARM},
	{"ppc64", EM_PPC64},   {"ppc64le", EM_PPC64},	{"s390x", EM_S390}, {"riscv64", EM_RISCV},
};

/*
 * Two builds for different machines can share a GNU build id, as Go derives it from its own.
 * 32-bit programs run on 64-bit machines.
 */
static bool machine_fits(const struct image *image, const char *arch)
{
	for (size_t i = 0; arch && i < sizeof(machines) / sizeof(*machines); i++) {
		if (strcmp(machines[i].arch, arch))
			continue;
		uint16_t machine = image_machine(image), host = machines[i].machine;
		return machine == host || (machine == EM_386 && host == EM_X86_64) ||
		       (machine == EM_ARM && host == EM_AARCH64);
	}
	return true;
}

/*
 * Of a position-independent program the kernel maps room for the whole with the first segment, and
 * says so, before it takes what is behind away again (fs/binfmt_elf.c, elf_load, Linux 6.18). Where
 * the code comes first, as in such Go programs up to 1.23, this is its mapping.
 */
static bool is_whole_image(const struct image_segment *segments, size_t count, uint64_t length)
{
	uint64_t page = 4096, start = segments[0].vaddr & ~(page - 1), end = 0;
	for (size_t i = 0; i < count; i++)
		if (segments[i].vaddr + segments[i].memory_size > end)
			end = segments[i].vaddr + segments[i].memory_size;
	return length == ((end - start + page - 1) & ~(page - 1));
}

/*
 * Without a build id, the mapping tells: the kernel mapped the whole of an executable segment.
 * A file whose segment has another place or size is another file.
 */
static bool mapping_fits(const struct image *image, const struct dso_file *file)
{
	uint64_t page = 4096;
	size_t count;
	const struct image_segment *segments = image_segments(image, &count);
	if (!file->map_length)
		return true;
	for (size_t i = 0; i < count; i++) {
		uint64_t start = segments[i].offset & ~(page - 1);
		uint64_t end =
			(segments[i].offset + segments[i].file_size + page - 1) & ~(page - 1);
		uint64_t map_end = file->map_pgoff + file->map_length;
		if (!segments[i].executable || file->map_pgoff < start || file->map_pgoff >= end)
			continue;
		if (!i && file->map_pgoff == start &&
		    is_whole_image(segments, count, file->map_length))
			return true;
		/* Pages are larger than 4 kB on some arm64 and ppc64 machines. */
		return map_end <= ((end + 65535) & ~UINT64_C(65535)) &&
		       (file->map_pgoff != start || map_end >= end);
	}
	return false;
}

static struct perfgo_error *changed(const struct dso_file *file, const char *path,
				    const char *recording, const char *why)
{
	return perfgo_error_hint(
		perfgo_error_new("%s is not the file that ran when %s was recorded (%s)", path,
				 recording, why),
		"give the right %s with --symfs DIR or add it to the build-id cache: "
		"perf buildid-cache -a FILE",
		strrchr(file->name, '/') ? strrchr(file->name, '/') + 1 : file->name);
}

/* Recordings keep BUILD_ID_SIZE bytes, padded with zeros, and not always the size
 * (HEADER_BUILD_ID). */
static bool same_build_id(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	uint8_t padded[2][BUILD_ID_SIZE] = {{0}};
	memcpy(padded[0], a, a_size < BUILD_ID_SIZE ? a_size : BUILD_ID_SIZE);
	memcpy(padded[1], b, b_size < BUILD_ID_SIZE ? b_size : BUILD_ID_SIZE);
	return !memcmp(padded[0], padded[1], BUILD_ID_SIZE);
}

static struct perfgo_error *check(const struct dso_file *file, const struct image *image,
				  const char *recording)
{
	char why[2 * HEX_SIZE + 32], now[HEX_SIZE], then[HEX_SIZE];
	size_t size;
	const uint8_t *id = image_build_id(image, &size);
	if (!machine_fits(image, file->arch)) {
		snprintf(why, sizeof(why), "it is for another machine than %s", file->arch);
		return changed(file, image_path(image), recording, why);
	}
	if (!file->build_id)
		return mapping_fits(image, file) ? NULL
						 : changed(file, image_path(image), recording,
							   "its code has another size or place");
	uint8_t substitute[SUBSTITUTE_BUILD_ID_SIZE];
	bool same = id ? same_build_id(id, size, file->build_id, file->build_id_size)
		       : image_substitute_build_id(image, substitute) &&
				    same_build_id(substitute, sizeof(substitute), file->build_id,
						  file->build_id_size);
	if (same)
		return NULL;
	hex(id, id ? size : 0, now);
	hex(file->build_id, file->build_id_size, then);
	snprintf(why, sizeof(why), "build id %s now, %s then", id ? now : "none", then);
	return changed(file, image_path(image), recording, why);
}

/* Whether PATH was written after the recording had ended. Of pipes and directories nothing is
 * known. */
static bool is_newer(const char *path, const char *recording)
{
	struct stat now, then;
	if (stat(path, &now) || stat(recording, &then))
		return false;
	if (!S_ISREG(now.st_mode) || !S_ISREG(then.st_mode))
		return false;
	return now.st_mtim.tv_sec != then.st_mtim.tv_sec
		       ? now.st_mtim.tv_sec > then.st_mtim.tv_sec
		       : now.st_mtim.tv_nsec > then.st_mtim.tv_nsec;
}

/* *RET stays NULL when PATH is not there or no ELF file. */
static struct perfgo_error *try_path(const struct dso_file *file, const char *path,
				     const char *recording, struct binary **ret)
{
	struct stat status;
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return NULL;
	struct perfgo_error *error = binary_open(path, ret);
	if (error)
		return error;
	error = check(file, binary_image(*ret), recording);
	if (error) {
		binary_close(*ret);
		*ret = NULL;
	}
	return error;
}

/* The path of a line of /proc/PID/maps is all from its first slash on (proc(5)). */
static bool is_line_of(char *line, const char *name)
{
	const char *path = strchr(line, '/');
	line[strcspn(line, "\n")] = 0;
	return path && !strcmp(path, name);
}

/* A process whose id was used again since must not lend its files: it has to have this one mapped.
 */
static bool still_mapped(uint32_t pid, const char *name)
{
	char path[64];
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	FILE *maps = fopen(path, "re");
	bool found = false;
	while (maps && !found && getline(&line, &size, maps) > 0)
		found = is_line_of(line, name);
	if (maps)
		fclose(maps);
	return found;
}

/* Only what its build id proves to be the same. */
static struct perfgo_error *open_own_vdso(const struct dso_file *file, const char *recording,
					  struct binary **ret)
{
	char path[64];
	_cleanup_close_ int fd = file->build_id ? vdso_file() : -1;
	if (fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	perfgo_error_destroy(try_path(file, path, recording, ret));
	return NULL;
}

static struct binary *find_in_cache(const struct dso_file *file,
				    const struct attribution_options *options,
				    const char *recording)
{
	struct binary *found = NULL;
	char path[PATH_MAX];
	if (file->build_id &&
	    build_id_cache_path(options, file->build_id, file->build_id_size,
				file->kind == DSO_VDSO ? "vdso" : "elf", path, sizeof(path)))
		perfgo_error_destroy(try_path(file, path, recording, &found));
	return found;
}

/*
 * What is now where the recording says it was. Builds of little difference have the same mapping,
 * so that alone is not believed of one that came later. Below symfs it is the user who says so.
 */
static struct perfgo_error *try_own_path(const struct dso_file *file,
					 const struct attribution_options *options,
					 const char *path, const char *recording,
					 struct binary **ret)
{
	if (!options->symfs && !file->build_id && file->recorded_here && is_newer(path, recording))
		return changed(file, path, recording,
			       "it is newer, and the recording has no build id of it");
	return try_path(file, path, recording, ret);
}

/* Where the recording says it was, or what a process that still runs has mapped. */
static struct perfgo_error *find_by_name(const struct dso_file *file,
					 const struct attribution_options *options,
					 const char *recording, struct binary **ret)
{
	char path[PATH_MAX];
	if (file->kind == DSO_VDSO)
		return open_own_vdso(file, recording, ret);
	if (file->kind != DSO_FILE)
		return NULL;
	if (snprintf(path, sizeof(path), "%s%s", options->symfs ? options->symfs : "",
		     file->name) >= (int)sizeof(path))
		return NULL;
	struct perfgo_error *error = try_own_path(file, options, path, recording, ret);
	if (*ret || options->symfs)
		return error;
	struct perfgo_error *other = NULL;
	if (snprintf(path, sizeof(path), "/proc/%u/root%s", file->pid, file->name) <
		    (int)sizeof(path) &&
	    still_mapped(file->pid, file->name))
		other = try_path(file, path, recording, ret);
	perfgo_error_destroy(other);
	if (!*ret)
		return error;
	perfgo_error_destroy(error);
	return NULL;
}

/* Not one that has but symbols, as `perf go inject --symbols` puts them into a cache. */
static bool has_code(const struct binary *binary)
{
	struct image_section text;
	return !image_section(binary_image(binary), ".text", &text) || text.data;
}

struct perfgo_error *dso_file_open(const struct dso_file *file,
				   const struct attribution_options *options, const char *recording,
				   struct binary **ret)
{
	struct binary *cached = find_in_cache(file, options, recording);
	*ret = NULL;
	if (cached && has_code(cached)) {
		*ret = cached;
		return NULL;
	}
	struct perfgo_error *error = find_by_name(file, options, recording, ret);
	if (*ret || !cached) {
		binary_close(cached);
		return error;
	}
	*ret = cached;
	perfgo_error_destroy(error);
	return NULL;
}
