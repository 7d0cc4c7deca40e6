/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between Go releases in the tables of a binary, as rows. Code that reads the tables
 * takes offsets and sizes from a row and never asks for the release.
 */
#ifndef GOBIN_LAYOUT_H
#define GOBIN_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PCLNTAB_MAGIC_12 = 0xfffffffb,
	PCLNTAB_MAGIC_116 = 0xfffffffa,
	PCLNTAB_MAGIC_118 = 0xfffffff0,
	PCLNTAB_MAGIC_120 = 0xfffffff1,
};

/*
 * The header behind magic, two zero bytes, quantum and pointer size: words by their index. Tables
 * are offsets from the header.
 */
struct header_layout {
	bool single_table;  /* no offsets: all are relative to the header, the functab follows nfunc
			     */
	uint8_t functions;  /* number of functions */
	uint8_t text_start; /* 0: not in the header */
	uint8_t names, units, files, pc_values, table;
	uint8_t size; /* in words, with the first */
};

/* The functab and the fixed part of _func, in bytes. Flags follow the id (zero before 1.17). */
struct function_layout {
	uint8_t word; /* size of an entry's two fields and of the entry pc in _func */
	uint8_t name, depth, file, line, pcdata_count, unit, id, funcdata_count;
	uint8_t start_line; /* 0: not there */
	uint8_t size;	    /* where the pcdata offsets start */
	uint8_t funcdata;   /* 8: pointers, aligned; 4: offsets from moduledata.gofunc */
	bool has_units;	    /* file numbers go through cutab[unit + number] */
};

/* A record of the inlining tree and where the tree hangs. */
struct inline_layout {
	uint8_t size, id, name, parent_pc;
	uint8_t start_line;	  /* 0: not there */
	uint8_t pcdata, funcdata; /* their indices */
};

/* The funcIDs that decide whether a wrapper is told (runtime/traceback.go, elideWrapperCalling). */
struct function_ids {
	uint8_t wrapper, panic, sigpanic, panicwrap;
};

/* Offsets in runtime.moduledata; 0: not there. */
struct moduledata_layout {
	uint16_t names, units; /* the addresses that prove it is one; 0 when single_table */
	uint16_t text, etext, gofunc, text_sections;
	uint16_t size;
};

struct layout {
	int first, last; /* releases 1.FIRST to 1.LAST */
	uint32_t magic;
	const struct header_layout *header;
	const struct function_layout *function;
	const struct inline_layout *inlining;
	const struct function_ids *ids;
	const struct moduledata_layout *moduledata;
	bool text_sections_have_length; /* the second word of a textsect, not its end */
	bool hides_physical_wrapper;	/* around inlined code, as around inlined wrappers */
	bool elides_type_arguments;	/* prints f[…] as f[...] */
	/*
	 * A function of every program of these releases that the row before, of the same magic,
	 * does not have; NULL where ids and moduledata tell the rows apart.
	 */
	const char *marker;
};

/* The row of release 1.RELEASE, the last one for newer releases, or NULL. */
const struct layout *layout_of_release(int release);

/* The rows in order of release. What is newer than the last is read as it. */
const struct layout *layout_rows(int *count_ret);

#endif
