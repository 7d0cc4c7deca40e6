// SPDX-License-Identifier: GPL-2.0-only
#include "elf/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "elf/internal.h"

/*
 * Far beyond what is found in real files; so that no file makes looking something up take
 * quadratic time.
 */
enum {
	MAX_PROGRAMS = 1170, /* fs/binfmt_elf.c has no more than 64 KiB of headers */
	MAX_SEGMENTS = 128,  /* PT_LOAD */
	MAX_NAME = 1 << 15,
};

/* The fields of the ELF header that locate the other headers. */
struct header {
	uint64_t program_offset, section_offset;
	uint16_t program_entry, program_count, section_entry, section_count, section_names;
};

struct cursor image_cursor(const struct image *image, uint64_t offset, uint64_t size)
{
	if (offset > image->size)
		offset = image->size;
	if (size > image->size - offset)
		size = image->size - offset;
	return cursor_of(image->data + offset, size, image->swap);
}

const char *image_text(const struct image *image, const struct section *table, uint64_t offset)
{
	if (table->type == SHT_NOBITS || offset >= table->size)
		return NULL;
	struct cursor c = image_cursor(image, table->offset, table->size);
	cursor_skip(&c, offset);
	if (cursor_left(&c) > MAX_NAME)
		c.end = c.at + MAX_NAME;
	return cursor_string(&c);
}

static bool text_is(const struct image *image, const struct section *table, uint64_t offset,
		    const char *wanted)
{
	size_t size = strlen(wanted) + 1;
	struct cursor c = image_cursor(image, table->offset, table->size);
	cursor_skip(&c, offset);
	const void *bytes = cursor_bytes(&c, size);
	return bytes && !memcmp(bytes, wanted, size);
}

const struct section *image_find_section(const struct image *image, const char *name)
{
	if (image->section_names >= image->section_count)
		return NULL;
	const struct section *names = &image->sections[image->section_names];
	for (size_t i = 0; i < image->section_count; i++) {
		if (text_is(image, names, image->sections[i].name, name))
			return &image->sections[i];
	}
	return NULL;
}

static struct perfgo_error *map_file(struct image *image)
{
	_cleanup_close_ int fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return perfgo_error_errno(errno, "%s", image->path);
	if (!S_ISREG(st.st_mode))
		return perfgo_error_new("%s: not a regular file", image->path);
	if (st.st_size < EI_NIDENT)
		return perfgo_error_new("%s: not an ELF file, it has %lld bytes", image->path,
					(long long)st.st_size);
	/*
	 * Nothing here writes, but libelf clears flags in the section headers where they lie when
	 * it decompresses DWARF: that stays in this process.
	 */
	void *data = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return perfgo_error_errno(errno, "%s: cannot map", image->path);
	image->data = data;
	image->size = st.st_size;
	return NULL;
}

static struct perfgo_error *read_ident(struct image *image)
{
	const uint8_t *ident = image->data;
	if (memcmp(ident, ELFMAG, SELFMAG))
		return perfgo_error_new("%s: not an ELF file", image->path);
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return perfgo_error_new("%s: offset 4: unknown ELF class %u", image->path,
					ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return perfgo_error_new("%s: offset 5: unknown ELF byte order %u", image->path,
					ident[EI_DATA]);
	image->wide = ident[EI_CLASS] == ELFCLASS64;
	image->swap = (ident[EI_DATA] == ELFDATA2MSB) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	return NULL;
}

static struct perfgo_error *read_header(struct image *image, struct header *header)
{
	struct perfgo_error *error = read_ident(image);
	if (error)
		return error;
	struct cursor c = image_cursor(image, EI_NIDENT, UINT64_MAX);
	image->type = cursor_u16(&c);
	image->machine = cursor_u16(&c);
	cursor_skip(&c, 4);
	image_word(image, &c); /* e_entry */
	header->program_offset = image_word(image, &c);
	header->section_offset = image_word(image, &c);
	cursor_skip(&c, 4 + 2); /* e_flags, e_ehsize */
	header->program_entry = cursor_u16(&c);
	header->program_count = cursor_u16(&c);
	header->section_entry = cursor_u16(&c);
	header->section_count = cursor_u16(&c);
	header->section_names = cursor_u16(&c);
	if (c.failed)
		return perfgo_error_new("%s: the ELF header is cut at offset %zu", image->path,
					image->size);
	return NULL;
}

static struct section section_read(const struct image *image, struct cursor *c)
{
	struct section s;
	s.name = cursor_u32(c);
	s.type = cursor_u32(c);
	s.flags = image_word(image, c);
	s.address = image_word(image, c);
	s.offset = image_word(image, c);
	s.size = image_word(image, c);
	s.link = cursor_u32(c);
	s.info = cursor_u32(c);
	image_word(image, c); /* sh_addralign */
	s.entry_size = image_word(image, c);
	return s;
}

/* How many headers of ENTRY bytes at OFFSET the file really has, of COUNT. */
static size_t headers_present(const struct image *image, uint64_t offset, uint64_t entry,
			      uint64_t least, uint64_t count)
{
	if (!offset || offset >= image->size || entry < least)
		return 0;
	uint64_t room = (image->size - offset) / entry;
	return count < room ? count : room;
}

/*
 * Counts that do not fit the header are in section 0: e_shnum in sh_size, e_shstrndx in sh_link,
 * e_phnum in sh_info (elf(5)).
 */
static void read_large_counts(struct image *image, const struct header *header,
			      uint64_t *sections_ret, uint32_t *programs_ret)
{
	*sections_ret = header->section_count;
	*programs_ret = header->program_count;
	image->section_names = header->section_names;
	uint64_t least = image->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	if (!headers_present(image, header->section_offset, header->section_entry, least, 1))
		return;
	struct cursor c = image_cursor(image, header->section_offset, header->section_entry);
	struct section zero = section_read(image, &c);
	if (!header->section_count)
		*sections_ret = zero.size;
	if (header->section_names == SHN_XINDEX)
		image->section_names = zero.link;
	if (header->program_count == PN_XNUM)
		*programs_ret = zero.info;
}

static struct perfgo_error *read_sections(struct image *image, const struct header *header,
					  uint64_t count)
{
	uint64_t least = image->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	uint64_t entry = header->section_entry;
	size_t present = headers_present(image, header->section_offset, entry, least, count);
	image->sections = calloc(present + 1, sizeof(*image->sections));
	if (!image->sections)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < present; i++) {
		struct cursor c = image_cursor(image, header->section_offset + i * entry, entry);
		image->sections[i] = section_read(image, &c);
	}
	image->section_count = present;
	return NULL;
}

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, file_size, memory_size, align;
};

static struct program_header program_read(const struct image *image, struct cursor *c)
{
	struct program_header p;
	p.type = cursor_u32(c);
	if (image->wide)
		p.flags = cursor_u32(c);
	p.offset = image_word(image, c);
	p.vaddr = image_word(image, c);
	image_word(image, c); /* p_paddr */
	p.file_size = image_word(image, c);
	p.memory_size = image_word(image, c);
	if (!image->wide)
		p.flags = cursor_u32(c);
	p.align = image_word(image, c);
	return p;
}

static void add_program(struct image *image, const struct program_header *p)
{
	struct cursor bytes = image_cursor(image, p->offset, p->file_size);
	uint64_t present = cursor_left(&bytes);
	if (p->type != PT_LOAD) {
		image->parts[image->part_count++] = (struct program_part){
			.type = p->type,
			.vaddr = p->vaddr,
			.offset = p->offset,
			.size = present,
			.memory_size = p->memory_size,
			.align = p->align,
		};
		return;
	}
	uint64_t memory = p->memory_size;
	if (image->segment_count == MAX_SEGMENTS)
		return;
	if (memory > UINT64_MAX - p->vaddr)
		memory = UINT64_MAX - p->vaddr;
	image->segments[image->segment_count++] = (struct image_segment){
		.vaddr = p->vaddr,
		.memory_size = memory,
		.offset = p->offset,
		.file_size = present < memory ? present : memory,
		.readable = p->flags & PF_R,
		.writable = p->flags & PF_W,
		.executable = p->flags & PF_X,
	};
}

static struct perfgo_error *read_programs(struct image *image, const struct header *header,
					  uint32_t count)
{
	uint64_t least = image->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t entry = header->program_entry;
	size_t present = headers_present(image, header->program_offset, entry, least, count);
	if (present > MAX_PROGRAMS)
		present = MAX_PROGRAMS;
	image->segments = calloc(MAX_SEGMENTS, sizeof(*image->segments));
	image->parts = calloc(present + 1, sizeof(*image->parts));
	if (!image->segments || !image->parts)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < present; i++) {
		struct cursor c = image_cursor(image, header->program_offset + i * entry, entry);
		struct program_header p = program_read(image, &c);
		add_program(image, &p);
	}
	return NULL;
}

static struct perfgo_error *image_load(struct image *image)
{
	struct header header;
	uint64_t sections;
	uint32_t programs;
	struct perfgo_error *error = map_file(image);
	if (!error)
		error = read_header(image, &header);
	if (error)
		return error;
	read_large_counts(image, &header, &sections, &programs);
	error = read_sections(image, &header, sections);
	return error ? error : read_programs(image, &header, programs);
}

struct perfgo_error *image_open(const char *path, struct image **ret)
{
	struct image *image = calloc(1, sizeof(*image));
	if (!image)
		return perfgo_error_no_memory();
	pthread_mutex_init(&image->lock, NULL);
	image->path = strdup(path);
	struct perfgo_error *error = image->path ? image_load(image) : perfgo_error_no_memory();
	if (error) {
		image_close(image);
		return error;
	}
	*ret = image;
	return NULL;
}

void image_close(struct image *image)
{
	if (!image)
		return;
	lines_destroy(image->lines);
	symbols_destroy(image->symbols);
	relocations_destroy(image->relocations);
	if (image->data)
		munmap((void *)image->data, image->size);
	pthread_mutex_destroy(&image->lock);
	free(image->sections);
	free(image->segments);
	free(image->parts);
	free(image->path);
	free(image);
}

const char *image_path(const struct image *image)
{
	return image->path;
}

uint16_t image_machine(const struct image *image)
{
	return image->machine;
}

bool image_big_endian(const struct image *image)
{
	return image->data[EI_DATA] == ELFDATA2MSB;
}

bool image_position_independent(const struct image *image)
{
	return image->type == ET_DYN;
}

const struct image_segment *image_segments(const struct image *image, size_t *count_ret)
{
	*count_ret = image->segment_count;
	return image->segments;
}

bool image_address_of_offset(const struct image *image, uint64_t offset, uint64_t *address_ret)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		/* Also where the file is but symbols, without contents (elf/symbol_file.h). */
		if (s->executable && offset >= s->offset && offset - s->offset < s->memory_size) {
			*address_ret = s->vaddr + (offset - s->offset);
			return true;
		}
	}
	return false;
}

/* The segment that has file bytes for an address, or NULL. */
static const struct image_segment *segment_of(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		if (address >= s->vaddr && address - s->vaddr < s->file_size)
			return s;
	}
	return NULL;
}

const uint8_t *image_bytes(const struct image *image, uint64_t address, uint64_t *left_ret)
{
	const struct image_segment *s = segment_of(image, address);
	if (!s)
		return NULL;
	uint64_t within = address - s->vaddr;
	*left_ret = s->file_size - within;
	return image->data + s->offset + within;
}

bool image_has_sections(const struct image *image)
{
	return image->section_count > 1;
}

bool image_section(const struct image *image, const char *name, struct image_section *ret)
{
	const struct section *s = image_find_section(image, name);
	if (!s)
		return false;
	struct cursor c = image_cursor(image, s->offset, s->size);
	*ret = (struct image_section){.address = s->address, .size = s->size};
	if (s->type != SHT_NOBITS) {
		ret->size = cursor_left(&c);
		ret->data = c.at;
	}
	return true;
}
