/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pclntab and what hangs on it, read in place by one layout row. Everything is checked against
 * the bounds of the file when it is read; nothing is indexed beforehand.
 */
#ifndef GOBIN_PCLNTAB_H
#define GOBIN_PCLNTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "elf/image.h"
#include "gobin/layout.h"

struct span {
	const uint8_t *data;
	uint64_t size;
};

/*
 * Text of several ELF sections, as external linkers lay out large programs: what the tables call
 * [start, end) lies at address (runtime/symtab.go, textOff and textAddr).
 */
struct text_section {
	uint64_t start, end, address;
};

struct pclntab {
	const struct image *image;
	const struct layout *layout;
	uint64_t address;
	uint64_t table_address; /* of the functab, to which _func offsets are relative */
	bool swap;
	uint8_t quantum; /* pc deltas count this many bytes */
	size_t functions;
	struct span names, units, files, pc_values, table;
	uint32_t file_count; /* single_table only */

	/* From moduledata. */
	uint64_t text, etext;	       /* [text, etext) is Go's own */
	uint64_t gofunc;	       /* funcdata offsets are relative to it; 0 unknown */
	uint64_t data, edata;	       /* [data, edata) has Go's variables; 0 unknown */
	struct text_section *sections; /* NULL: one section that starts at text */
	size_t section_count;
};

/*
 * A place in the text as the tables name it: the offset from runtime.text (1.18 on), before that
 * the address. False outside of Go's text.
 */
bool pclntab_key(const struct pclntab *t, uint64_t address, uint64_t *key_ret);
uint64_t pclntab_address(const struct pclntab *t, uint64_t key);

/*
 * Looks for a pclntab at ADDRESS as LAYOUT has it: false when there is none. moduledata_read() adds
 * what it does not say itself.
 */
bool pclntab_read(const struct image *image, uint64_t address, const struct layout *layout,
		  struct pclntab *ret);

void pclntab_deinit(struct pclntab *t);

/* The key of functab entry I; that of entry t->functions is the end of the last function. */
uint64_t pclntab_function_key(const struct pclntab *t, size_t i);

/* The index of the function whose [entry, next entry) has KEY. */
bool pclntab_find(const struct pclntab *t, uint64_t key, size_t *i_ret);

/* The fixed part of a _func. */
struct function {
	uint64_t start, limit; /* keys: its entry and the next function's */
	uint64_t offset;       /* of the _func in the table */
	const char *name;
	uint32_t depth, file, line; /* pc-value tables */
	uint32_t unit;
	uint32_t pcdata_count, funcdata_count;
	int start_line; /* of its source; 0 unknown */
	uint8_t id, flags;
};

bool pclntab_function(const struct pclntab *t, size_t i, struct function *ret);

/*
 * The value of a pc-value table at KEY; false where the table, or the bytes, end before. Values
 * are -1 where nothing is known.
 */
bool pclntab_value(const struct pclntab *t, const struct function *f, uint32_t table, uint64_t key,
		   int32_t *value_ret);

/* One run of a pc-value table: VALUE holds below KEY. */
struct run {
	struct cursor at;
	uint64_t key;
	uint32_t value;
	uint32_t count;
};

/* What is before the first run of the function's whose keys begin with START. */
struct run pclntab_runs(const struct pclntab *t, uint64_t start, uint32_t table);

/* The next run, of one instruction at least; false at the end, behind which is another table. */
bool pclntab_next_run(const struct pclntab *t, struct run *run);

/* The key at which a pc-value table ends, at most F->limit. */
uint64_t pclntab_values_end(const struct pclntab *t, const struct function *f, uint32_t table);

/*
 * Source position of a key of F. False, with FILE NULL and LINE 0, where there is none: behind the
 * last instruction, and in what has a name but is no code, as go:textfipsstart.
 */
bool pclntab_line(const struct pclntab *t, const struct function *f, uint64_t key,
		  const char **file_ret, int *line_ret);

struct inlined_call {
	const char *name;
	uint64_t parent; /* key of an instruction at the call */
	int start_line;	 /* of its source; 0 unknown */
	uint8_t id;
};

/* The innermost function inlined at KEY: 1 found, 0 none, -1 the tables are damaged. */
int pclntab_inlined(const struct pclntab *t, const struct function *f, uint64_t key,
		    struct inlined_call *ret);

#endif
