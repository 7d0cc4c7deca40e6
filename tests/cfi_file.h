/* SPDX-License-Identifier: GPL-2.0-only */
/* ELF files of nothing but call frame information. */
#ifndef TESTS_CFI_FILE_H
#define TESTS_CFI_FILE_H

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CFI_TEXT = 0x1000, CFI_TEXT_SIZE = 0x1000, CFI_SECTION = 0x4000 };

/* The file, of *SIZE_RET bytes, whose section NAME (".eh_frame") has CONTENT. The caller's. */
static inline uint8_t *cfi_file(const char *name, const void *content, size_t size, uint64_t flags,
				size_t *size_ret)
{
	enum { NAMES_AT = 512, CONTENT_AT = 1024, NAME = 11 };
	size_t sections_at = CONTENT_AT + ((size + 7) & ~(size_t)7);
	*size_ret = sections_at + 3 * sizeof(Elf64_Shdr);
	uint8_t *file = calloc(1, *size_ret);
	if (!file)
		abort();
	Elf64_Ehdr *header = (void *)file;
	*header = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(*header),
		.e_shoff = sections_at,
		.e_ehsize = sizeof(*header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
		.e_shstrndx = 1,
	};
	Elf64_Phdr *segment = (void *)(file + sizeof(*header));
	*segment = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_vaddr = CFI_TEXT,
				.p_filesz = CONTENT_AT,
				.p_memsz = CFI_TEXT_SIZE};
	memcpy(file + NAMES_AT + 1, ".shstrtab", 9);
	strcpy((char *)file + NAMES_AT + NAME, name);
	memcpy(file + CONTENT_AT, content, size);
	Elf64_Shdr *sections = (void *)(file + sections_at);
	sections[1] = (Elf64_Shdr){.sh_name = 1,
				   .sh_type = SHT_STRTAB,
				   .sh_offset = NAMES_AT,
				   .sh_size = 64,
				   .sh_addralign = 1};
	sections[2] = (Elf64_Shdr){.sh_name = NAME,
				   .sh_type = SHT_PROGBITS,
				   .sh_flags = flags,
				   .sh_addr = flags & SHF_ALLOC ? CFI_SECTION : 0,
				   .sh_offset = CONTENT_AT,
				   .sh_size = size,
				   .sh_addralign = 8};
	return file;
}

#endif
