// SPDX-License-Identifier: GPL-2.0-only
/*
 * Of a core file. What it leaves out of the files that were mapped, as their code and constants, is
 * read from those files, if they are the same still.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "goproc/core_notes.h"

enum { PATH_SIZE = 4096, HEAD_SIZE = 1024 };

/* A range of memory, and how much of its beginning is in the core file, at OFFSET. */
struct segment {
	uint64_t start, size, file_size, offset;
};

/* A file that was mapped, opened when it is first needed; size 0: it is not there, or another. */
struct backing {
	const char *path;
	const uint8_t *bytes;
	uint64_t size;
};

struct core_memory {
	struct memory memory;
	const char *path;
	const uint8_t *bytes;
	size_t size;
	uint16_t machine;
	struct segment *segments; /* in order of their addresses */
	size_t nr_segments, segments_capacity;
	struct core_notes notes;
	struct backing *backings;
	size_t nr_backings, backings_capacity;
};

/* The last segment that begins at or before ADDRESS, if that is in it. */
static const struct segment *find_segment(const struct core_memory *core, uint64_t address)
{
	size_t low = 0, high = core->nr_segments;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->segments[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	const struct segment *segment = low ? &core->segments[low - 1] : NULL;
	return segment && address - segment->start < segment->size ? segment : NULL;
}

/* What the core has of up to SIZE bytes at ADDRESS; NULL nothing. */
static const uint8_t *dumped(const struct core_memory *core, uint64_t address, uint64_t *size)
{
	const struct segment *segment = find_segment(core, address);
	uint64_t at = segment ? address - segment->start : 0;
	if (!segment || at >= segment->file_size)
		return NULL;
	if (*size > segment->file_size - at)
		*size = segment->file_size - at;
	return core->bytes + segment->offset + at;
}

static const struct core_file *find_file(const struct core_memory *core, uint64_t address)
{
	for (size_t i = 0; i < core->notes.nr_files; i++)
		if (address >= core->notes.files[i].start && address < core->notes.files[i].end)
			return &core->notes.files[i];
	return NULL;
}

/* The core has the beginning of most files: headers and build id (core(5), coredump_filter). */
static bool is_same_file(const struct core_memory *core, const struct backing *backing)
{
	for (size_t i = 0; i < core->notes.nr_files; i++) {
		const struct core_file *file = &core->notes.files[i];
		uint64_t size = HEAD_SIZE;
		if (file->offset || strcmp(file->path, backing->path) != 0)
			continue;
		const uint8_t *head = dumped(core, file->start, &size);
		return !head || (size <= backing->size && !memcmp(head, backing->bytes, size));
	}
	return true;
}

static void open_backing(const struct core_memory *core, struct backing *backing)
{
	struct stat status;
	/* The path is anybody's: to open what is no file may do something. */
	if (stat(backing->path, &status) || !S_ISREG(status.st_mode))
		return;
	_cleanup_close_ int fd = open(backing->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode) || !status.st_size)
		return;
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return;
	backing->bytes = bytes;
	backing->size = (uint64_t)status.st_size;
	if (is_same_file(core, backing))
		return;
	munmap(bytes, backing->size);
	backing->bytes = NULL;
	backing->size = 0;
}

static const struct backing *find_backing(struct core_memory *core, const char *path)
{
	for (size_t i = 0; i < core->nr_backings; i++)
		if (!strcmp(core->backings[i].path, path))
			return &core->backings[i];
	if (path[0] != '/' ||
	    !array_reserve(core->backings, core->backings_capacity, core->nr_backings + 1))
		return NULL;
	struct backing *backing = &core->backings[core->nr_backings++];
	*backing = (struct backing){.path = path};
	open_backing(core, backing);
	return backing;
}

/* What is not in the core as it is in the file that was mapped there. */
static const uint8_t *in_file(struct core_memory *core, uint64_t address, uint64_t *size)
{
	const struct core_file *file = find_file(core, address);
	const struct backing *backing = file ? find_backing(core, file->path) : NULL;
	uint64_t offset = file ? file->offset + (address - file->start) : 0;
	if (!backing || offset >= backing->size)
		return NULL;
	if (*size > file->end - address)
		*size = file->end - address;
	if (*size > backing->size - offset)
		*size = backing->size - offset;
	return backing->bytes + offset;
}

static bool read_one(struct core_memory *core, const struct memory_request *request)
{
	uint8_t *to = request->buffer;
	for (uint64_t done = 0; done < request->size;) {
		uint64_t address = request->address + done, size = request->size - done;
		const uint8_t *bytes = dumped(core, address, &size);
		if (!bytes)
			bytes = in_file(core, address, &size);
		if (!bytes)
			return false;
		memcpy(to + done, bytes, size);
		done += size;
	}
	return true;
}

static void read_many(struct memory *memory, struct memory_request *requests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		requests[i].done = read_one((struct core_memory *)memory, &requests[i]);
}

static bool is_there(struct memory *memory)
{
	(void)memory;
	return true;
}

static const char *file(const struct memory *memory, const char *path, char buffer[PATH_SIZE])
{
	(void)memory;
	(void)buffer;
	return path;
}

static void close_core(struct memory *memory)
{
	struct core_memory *core = (struct core_memory *)memory;
	for (size_t i = 0; i < core->nr_backings; i++)
		if (core->backings[i].bytes)
			munmap((void *)core->backings[i].bytes, core->backings[i].size);
	free(core->backings);
	free(core->segments);
	free(core->notes.files);
	if (core->bytes)
		munmap((void *)core->bytes, core->size);
	memory_free(memory);
}

static const struct memory_ops core_ops = {read_many, is_there, file, close_core};

static struct perfgo_error *map_file(struct core_memory *core)
{
	struct stat status;
	_cleanup_close_ int fd = open(core->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		return perfgo_error_errno(errno, "cannot open %s", core->path);
	if (!S_ISREG(status.st_mode) || !status.st_size)
		return perfgo_error_new("%s is not a core file", core->path);
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return perfgo_error_errno(errno, "cannot read %s", core->path);
	core->bytes = bytes;
	core->size = (size_t)status.st_size;
	return NULL;
}

/* Cut to what the file has: it may have been cut off. */
static struct segment segment_of(const struct core_memory *core, const Elf64_Phdr *header)
{
	struct segment ret = {.start = header->p_vaddr,
			      .size = header->p_memsz,
			      .file_size = header->p_filesz,
			      .offset = header->p_offset};
	if (ret.start && ret.size > -ret.start)
		ret.size = -ret.start;
	if (ret.offset > core->size)
		ret.file_size = 0;
	else if (ret.file_size > core->size - ret.offset)
		ret.file_size = core->size - ret.offset;
	if (ret.file_size > ret.size)
		ret.file_size = ret.size;
	return ret;
}

static bool add_segment(struct core_memory *core, const Elf64_Phdr *header)
{
	struct segment segment = segment_of(core, header);
	const struct mapping mapping = {
		.start = segment.start,
		.end = segment.start + segment.size,
		.readable = header->p_flags & PF_R,
		.writable = header->p_flags & PF_W,
		.executable = header->p_flags & PF_X,
		.path = "",
	};
	if (!segment.size)
		return true;
	if (!array_reserve(core->segments, core->segments_capacity, core->nr_segments + 1) ||
	    !memory_add_mapping(&core->memory, &mapping))
		return false;
	core->segments[core->nr_segments++] = segment;
	return true;
}

static bool add_notes(struct core_memory *core, const Elf64_Phdr *header)
{
	struct segment notes = segment_of(core, &(Elf64_Phdr){.p_memsz = header->p_filesz,
							      .p_filesz = header->p_filesz,
							      .p_offset = header->p_offset});
	return core_notes_read(
		cursor_of(core->bytes + notes.offset * !!notes.file_size, notes.file_size, false),
		core->machine, &core->memory, &core->notes);
}

static bool add_header(struct core_memory *core, const Elf64_Phdr *header)
{
	return header->p_type == PT_LOAD   ? add_segment(core, header)
	       : header->p_type == PT_NOTE ? add_notes(core, header)
					   : true;
}

/* More than PN_XNUM segments are counted by the first section header (elf(5)). */
static uint64_t nr_headers(const struct core_memory *core, const Elf64_Ehdr *elf)
{
	Elf64_Shdr section;
	if (elf->e_phnum != PN_XNUM)
		return elf->e_phnum;
	if (elf->e_shoff > core->size || core->size - elf->e_shoff < sizeof(section))
		return 0;
	memcpy(&section, core->bytes + elf->e_shoff, sizeof(section));
	return section.sh_info;
}

static struct perfgo_error *read_headers(struct core_memory *core)
{
	Elf64_Ehdr elf = {0};
	if (core->size >= sizeof(elf))
		memcpy(&elf, core->bytes, sizeof(elf));
	if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_type != ET_CORE)
		return perfgo_error_new("%s is not a core file", core->path);
	if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_ident[EI_DATA] != ELFDATA2LSB ||
	    elf.e_phentsize != sizeof(Elf64_Phdr))
		return perfgo_error_new("%s: a core file of a machine that perf-go does not know",
					core->path);
	core->machine = elf.e_machine;
	uint64_t count = nr_headers(core, &elf);
	if (elf.e_phoff > core->size || count > (core->size - elf.e_phoff) / sizeof(Elf64_Phdr))
		return perfgo_error_new("%s: a core file that was cut off in its headers at %#zx",
					core->path, core->size);
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Phdr header;
		memcpy(&header, core->bytes + elf.e_phoff + i * sizeof(header), sizeof(header));
		if (!add_header(core, &header))
			return perfgo_error_no_memory();
	}
	return NULL;
}

/*
 * Code and constants of files, which gdb's gcore leaves out altogether. Which is which is not
 * known; whoever looks for code has to look into the file.
 */
static bool add_left_out(struct core_memory *core)
{
	for (size_t i = 0; i < core->notes.nr_files; i++) {
		const struct core_file *left = &core->notes.files[i];
		const struct mapping mapping = {
			.start = left->start,
			.end = left->end,
			.readable = true,
			.executable = true,
			.path = "",
		};
		if (left->start < left->end && !find_segment(core, left->start) &&
		    !memory_add_mapping(&core->memory, &mapping))
			return false;
	}
	return true;
}

static int by_start(const void *left, const void *right)
{
	const struct segment *a = left, *b = right;
	return (a->start > b->start) - (a->start < b->start);
}

static int by_mapping_start(const void *left, const void *right)
{
	const struct mapping *a = left, *b = right;
	return (a->start > b->start) - (a->start < b->start);
}

/* Paths to the mappings; the executable is the file that has the program headers of AT_PHDR. */
static void name_mappings(struct core_memory *core)
{
	struct memory *memory = &core->memory;
	for (size_t i = 0; i < memory->nr_mappings; i++) {
		struct mapping *mapping = &memory->mappings[i];
		const struct core_file *found = find_file(core, mapping->start);
		if (!found)
			continue;
		mapping->path = found->path;
		mapping->offset = found->offset + (mapping->start - found->start);
	}
	const struct core_file *executable = find_file(core, core->notes.program_headers);
	memory->comm = memory->comm ? memory->comm : "";
	memory->executable = executable ? executable->path : "";
}

static struct perfgo_error *load(struct core_memory *core)
{
	struct perfgo_error *error = map_file(core);
	if (!error)
		error = read_headers(core);
	if (error)
		return error;
	if (!core->nr_segments)
		return perfgo_error_new("%s: a core file without memory", core->path);
	qsort(core->segments, core->nr_segments, sizeof(*core->segments), by_start);
	if (!add_left_out(core))
		return perfgo_error_no_memory();
	qsort(core->memory.mappings, core->memory.nr_mappings, sizeof(struct mapping),
	      by_mapping_start);
	name_mappings(core);
	return NULL;
}

struct perfgo_error *memory_open_core(const char *path, struct memory **ret)
{
	struct core_memory *core = calloc(1, sizeof(*core));
	if (!core)
		return perfgo_error_no_memory();
	core->memory.ops = &core_ops;
	core->path = arena_string(&core->memory.arena, path);
	struct perfgo_error *error = core->path ? load(core) : perfgo_error_no_memory();
	if (error) {
		close_core(&core->memory);
		return error;
	}
	*ret = &core->memory;
	return NULL;
}
