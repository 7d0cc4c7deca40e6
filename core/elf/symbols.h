/* SPDX-License-Identifier: GPL-2.0-only */
/* The sorted function symbols of an image, and how its plt entries get into them. */
#ifndef ELF_SYMBOLS_H
#define ELF_SYMBOLS_H

#include "base/arena.h"
#include "elf/internal.h"

struct symbol {
	uint64_t start, end; /* end 0 at first: reaches to the next one */
	const char *name, *file;
	uint32_t section;
	uint8_t type, binding;
	uint8_t underscores; /* leading ones, which choose_best() counts */
	uint32_t length;     /* of the name */
};

struct symbols {
	struct symbol *list; /* by start, no two with the same */
	uint64_t *reach;     /* the furthest end of the symbols up to this one */
	size_t count, capacity;
	struct arena arena; /* names made here */
};

/* False without memory. */
bool symbols_add(struct symbols *symbols, struct symbol symbol);

/* One entry of a symbol table, of either class. */
struct raw_symbol {
	uint32_t name;
	uint8_t type, binding, visibility;
	uint16_t section;
	uint64_t value, size;
};

/* The I-th entry of a symbol table section; false when there is none. */
bool raw_symbol_read(const struct image *image, const struct section *table, uint64_t i,
		     struct raw_symbol *ret);

/* Adds NAME@plt for each entry of the procedure linkage tables. False without memory. */
bool symbols_add_plt(const struct image *image, struct symbols *symbols);

#endif
