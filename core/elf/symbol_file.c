// SPDX-License-Identifier: GPL-2.0-only
#include "elf/symbol_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/new_file.h"
#include "base/write_all.h"
#include "elf/internal.h"

enum { BUILD_ID_MAX = 64, ALIGNMENT = 8 };

struct note {
	Elf64_Nhdr header;
	char owner[4];
	uint8_t build_id[BUILD_ID_MAX];
};

/* The names of sections, at the offsets that are used below. */
static const char section_names[] = "\0.text\0.note.gnu.build-id\0.symtab\0.strtab\0.shstrtab";
enum { TEXT_NAME = 1, NOTE_NAME = 7, SYMTAB_NAME = 26, STRTAB_NAME = 34, SHSTRTAB_NAME = 42 };

/* A file being built: sizes first, then all in one piece. */
struct symbol_file {
	const struct image *target;
	const struct image_segment *segments;
	size_t nr_segments, nr_texts; /* of those, the executable ones */
	const struct symbol_file_function *functions;
	size_t nr_functions;
	struct note note;
	size_t note_size, strings_size, symbols_size, names_size;
	uint64_t note_at, strings_at, symbols_at, names_at, sections_at, size;
	uint8_t *bytes;
};

bool symbol_file_possible(const struct image *target)
{
	return target->wide && !target->swap;
}

static uint64_t place(uint64_t *end, size_t size)
{
	uint64_t at = (*end + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
	*end = at + size;
	return at;
}

/* Without a build id there is none. */
static void make_note(struct symbol_file *file, const uint8_t *build_id, size_t size)
{
	if (!size || size > BUILD_ID_MAX)
		return;
	file->note = (struct note){.header = {4, (uint32_t)size, NT_GNU_BUILD_ID}, .owner = "GNU"};
	memcpy(file->note.build_id, build_id, size);
	file->note_size = offsetof(struct note, build_id) + ((size + 3) & ~(size_t)3);
}

static void measure(struct symbol_file *file)
{
	file->segments = image_segments(file->target, &file->nr_segments);
	for (size_t i = 0; i < file->nr_segments; i++)
		file->nr_texts += file->segments[i].executable;
	file->strings_size = 1;
	for (size_t i = 0; i < file->nr_functions; i++)
		file->strings_size += strlen(file->functions[i].name) + 1;
	file->symbols_size = (file->nr_functions + 1) * sizeof(Elf64_Sym);
	file->names_size = sizeof(section_names);
	size_t nr_sections = 1 + file->nr_texts + (file->note_size != 0) + 3;
	uint64_t end = sizeof(Elf64_Ehdr) + file->nr_segments * sizeof(Elf64_Phdr);
	file->note_at = place(&end, file->note_size);
	file->symbols_at = place(&end, file->symbols_size);
	file->strings_at = place(&end, file->strings_size);
	file->names_at = place(&end, file->names_size);
	file->sections_at = place(&end, nr_sections * sizeof(Elf64_Shdr));
	file->size = end;
}

static void put_header(struct symbol_file *file, uint16_t nr_sections)
{
	Elf64_Ehdr *header = (void *)file->bytes;
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	*header = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			    big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT},
		.e_type = image_position_independent(file->target) ? ET_DYN : ET_EXEC,
		.e_machine = image_machine(file->target),
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_shoff = file->sections_at,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)file->nr_segments,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = nr_sections,
		.e_shstrndx = (uint16_t)(nr_sections - 1),
	};
}

static void put_segments(struct symbol_file *file)
{
	Elf64_Phdr *to = (void *)(file->bytes + sizeof(Elf64_Ehdr));
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct image_segment *segment = &file->segments[i];
		to[i] = (Elf64_Phdr){.p_type = PT_LOAD,
				     .p_flags = (segment->readable ? PF_R : 0u) |
						(segment->writable ? PF_W : 0u) |
						(segment->executable ? PF_X : 0u),
				     .p_offset = segment->offset,
				     .p_vaddr = segment->vaddr,
				     .p_paddr = segment->vaddr,
				     .p_filesz = segment->file_size,
				     .p_memsz = segment->memory_size,
				     .p_align = 4096};
	}
}

static Elf64_Shdr section(uint32_t name, uint32_t type, uint64_t at, uint64_t size)
{
	return (Elf64_Shdr){.sh_name = name,
			    .sh_type = type,
			    .sh_offset = at,
			    .sh_size = size,
			    .sh_addralign = 1};
}

/* Returns how many. */
static uint16_t put_sections(struct symbol_file *file)
{
	Elf64_Shdr *to = (void *)(file->bytes + file->sections_at);
	uint16_t count = 1;
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct image_segment *segment = &file->segments[i];
		if (!segment->executable)
			continue;
		to[count] = section(TEXT_NAME, SHT_NOBITS, segment->offset, segment->file_size);
		to[count].sh_flags = SHF_ALLOC | SHF_EXECINSTR;
		to[count++].sh_addr = segment->vaddr;
	}
	if (file->note_size)
		to[count++] = section(NOTE_NAME, SHT_NOTE, file->note_at, file->note_size);
	to[count] = section(SYMTAB_NAME, SHT_SYMTAB, file->symbols_at, file->symbols_size);
	to[count].sh_link = count + 1u;
	to[count].sh_info = 1; /* the first that is not local */
	to[count].sh_addralign = ALIGNMENT;
	to[count++].sh_entsize = sizeof(Elf64_Sym);
	to[count++] = section(STRTAB_NAME, SHT_STRTAB, file->strings_at, file->strings_size);
	to[count++] = section(SHSTRTAB_NAME, SHT_STRTAB, file->names_at, file->names_size);
	return count;
}

/* The section of an address, which are the executable segments. */
static uint16_t section_of(const struct symbol_file *file, uint64_t address)
{
	uint16_t index = 1;
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct image_segment *segment = &file->segments[i];
		if (!segment->executable)
			continue;
		if (address - segment->vaddr < segment->memory_size)
			return index;
		index++;
	}
	return SHN_ABS;
}

static void put_symbols(struct symbol_file *file)
{
	Elf64_Sym *to = (void *)(file->bytes + file->symbols_at);
	char *strings = (char *)file->bytes + file->strings_at;
	size_t at = 1;
	for (size_t i = 0; i < file->nr_functions; i++) {
		const struct symbol_file_function *function = &file->functions[i];
		size_t size = strlen(function->name) + 1;
		memcpy(strings + at, function->name, size);
		to[i + 1] = (Elf64_Sym){.st_name = (uint32_t)at,
					.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					.st_shndx = section_of(file, function->start),
					.st_value = function->start,
					.st_size = function->end - function->start};
		at += size;
	}
}

static void build(struct symbol_file *file)
{
	put_header(file, put_sections(file));
	put_segments(file);
	put_symbols(file);
	memcpy(file->bytes + file->note_at, &file->note, file->note_size);
	memcpy(file->bytes + file->names_at, section_names, file->names_size);
}

static struct perfgo_error *save(const struct symbol_file *file, const char *path)
{
	struct new_file saved;
	struct perfgo_error *error = new_file_begin(path, false, &saved);
	if (!error && !write_all(saved.fd, file->bytes, file->size))
		error = perfgo_error_errno(errno, "cannot write %s", path);
	if (!error)
		error = new_file_finish(&saved, path);
	new_file_discard(&saved);
	return error;
}

struct perfgo_error *symbol_file_write(const char *path, const struct image *target,
				       const uint8_t *build_id, size_t build_id_size,
				       const struct symbol_file_function *functions, size_t count)
{
	struct symbol_file file = {.target = target, .functions = functions, .nr_functions = count};
	make_note(&file, build_id, build_id_size);
	measure(&file);
	_cleanup_free_ uint8_t *bytes = calloc(1, file.size);
	if (!bytes)
		return perfgo_error_no_memory();
	file.bytes = bytes;
	build(&file);
	return save(&file, path);
}
