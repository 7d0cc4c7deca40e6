// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/vdso.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/write_all.h"

/* The section headers are the last thing in it (arch/x86/entry/vdso/vdso-layout.lds.S). */
static size_t vdso_size(const Elf64_Ehdr *header)
{
	return header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
}

int vdso_file(void)
{
	const Elf64_Ehdr *header = (const void *)getauxval(AT_SYSINFO_EHDR);
	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64)
		return -1;
	int fd = memfd_create("vdso", MFD_CLOEXEC);
	size_t size = vdso_size(header);
	if (fd >= 0 && !write_all(fd, header, size)) {
		close(fd);
		return -1;
	}
	return fd;
}
