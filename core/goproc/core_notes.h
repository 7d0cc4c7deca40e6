/* SPDX-License-Identifier: GPL-2.0-only */
/* What the notes of a core file say (Linux: fs/binfmt_elf.c, include/uapi/linux/elfcore.h). */
#ifndef GOPROC_CORE_NOTES_H
#define GOPROC_CORE_NOTES_H

#include "base/cursor.h"
#include "goproc/memory_internal.h"

/* A file that was mapped. */
struct core_file {
	uint64_t start, end, offset;
	const char *path;
};

struct core_notes {
	struct core_file *files;
	size_t nr_files, files_capacity;
	uint64_t program_headers; /* address of the executable's (AT_PHDR); 0 unknown */
};

/*
 * Reads a PT_NOTE segment of a core of MACHINE: threads, pid and comm into MEMORY, the rest into
 * RET. False without memory; what is damaged is left out.
 */
bool core_notes_read(struct cursor segment, uint16_t machine, struct memory *memory,
		     struct core_notes *ret);

#endif
