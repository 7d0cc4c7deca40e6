/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that lives as long as its owner and is given back at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialised is an empty arena. */
struct arena {
	struct arena_block *blocks;
	char *at;
	char *end;
};

/* SIZE bytes, not zeroed, aligned for any type, valid until reset or deinit; NULL without memory.
 */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of the SIZE bytes at DATA; NULL without memory. */
void *arena_copy(struct arena *arena, const void *data, size_t size);

/* A copy of the string; NULL without memory. */
char *arena_string(struct arena *arena, const char *string);

/* Forgets everything but keeps one block for what comes next. */
void arena_reset(struct arena *arena);

void arena_deinit(struct arena *arena);

#endif
