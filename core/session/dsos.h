/* SPDX-License-Identifier: GPL-2.0-only */
/* What is mapped: files, the kernel and its modules, vdso, anonymous memory. */
#ifndef SESSION_DSOS_H
#define SESSION_DSOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"
#include "base/strings.h"
#include "perfdata/abi.h"

enum dso_kind {
	DSO_UNKNOWN,
	DSO_FILE,
	DSO_KERNEL, /* [kernel.kallsyms] */
	DSO_MODULE,
	DSO_VDSO,
	DSO_BPF,  /* a BPF program or trampoline, whose name is its symbol */
	DSO_ANON, /* memory without a file */
};

/*
 * One mapped thing, by name and build id. In the kernel, its modules and BPF, addresses are those
 * of the running kernel; elsewhere offsets into the file.
 */
struct dso {
	enum dso_kind kind;
	uint32_t name;	     /* string id: the path as recorded; STRING_UNKNOWN for DSO_UNKNOWN */
	uint32_t short_name; /* string id: as perf report shows it */
	uint32_t pid;	     /* a process that had it mapped */
	uint64_t map_pgoff, map_length; /* its first executable mapping; length 0: none yet */
	uint8_t build_id[BUILD_ID_SIZE];
	uint8_t build_id_size; /* 0: the mmap record had none; the header may */
};

/* Zero-initialised is an empty table; `strings` has to be set. */
struct dsos {
	struct strings *strings;
	struct dso *dsos;
	size_t count, capacity;
	struct idmap index;
};

/* The id of what is not mapped or not known. */
#define DSO_NONE 0u

/*
 * The id of a dso, made at first sight. NAME as in the mmap record. BUILD_ID may be NULL. DSO_NONE
 * without memory.
 */
uint32_t dsos_find(struct dsos *dsos, enum dso_kind kind, const char *name, const uint8_t *build_id,
		   size_t build_id_size, uint32_t pid);

/* Keeps the first executable mapping seen of a dso. */
void dsos_mapped(struct dsos *dsos, uint32_t id, uint64_t pgoff, uint64_t length);

static inline const struct dso *dsos_get(const struct dsos *dsos, uint32_t id)
{
	static const struct dso none;
	return id ? &dsos->dsos[id - 1] : &none;
}

void dsos_deinit(struct dsos *dsos);

#endif
