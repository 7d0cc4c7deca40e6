// SPDX-License-Identifier: GPL-2.0-only
#include "pieces.h"

#include <stdlib.h>

#include "base/array.h"

void pieces_keep(struct pieces *pieces, uint32_t id, const char *text, size_t size)
{
	if (!array_reserve(pieces->pieces, pieces->capacity, (size_t)id + 1))
		return;
	for (; pieces->count <= id; pieces->count++)
		pieces->pieces[pieces->count] = (struct piece){0};
	const char *copy = arena_copy(&pieces->arena, text, size);
	pieces->pieces[id] = (struct piece){.text = copy, .size = size};
}

void pieces_deinit(struct pieces *pieces)
{
	free(pieces->pieces);
	arena_deinit(&pieces->arena);
}
