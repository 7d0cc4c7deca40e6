/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings interned once: equal strings have equal ids. */
#ifndef BASE_STRINGS_H
#define BASE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/idmap.h"

/* The id of what is not known: `?` on a terminal, null in JSON. strings_text() of it is NULL. */
#define STRING_UNKNOWN 0u

/* Zero-initialised is an empty dictionary. */
struct strings {
	const char **texts; /* by id - 1 */
	uint32_t *lengths;
	size_t count, capacity;
	struct idmap index;
	struct arena arena;
};

/*
 * The id of TEXT, of which a copy is kept. NULL, and running out of memory, give STRING_UNKNOWN: a
 * name is right or absent.
 */
uint32_t strings_id(struct strings *strings, const char *text);

/* The same for the LENGTH bytes at TEXT, which need no NUL and hold none. */
uint32_t strings_id_of(struct strings *strings, const char *text, size_t length);

/* The id if TEXT is there already, else STRING_UNKNOWN. */
uint32_t strings_find(const struct strings *strings, const char *text);

/* Valid as long as the dictionary. NULL for STRING_UNKNOWN. */
static inline const char *strings_text(const struct strings *strings, uint32_t id)
{
	return id ? strings->texts[id - 1] : NULL;
}

void strings_deinit(struct strings *strings);

#endif
