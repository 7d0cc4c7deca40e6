/* SPDX-License-Identifier: GPL-2.0-only */
/* Output that is made once for each id and used many times. */
#ifndef PERF_GO_PIECES_H
#define PERF_GO_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct piece {
	const char *text; /* NULL: not made yet */
	size_t size;
};

/* Zero-initialised is empty. */
struct pieces {
	struct piece *pieces;
	size_t count, capacity;
	struct arena arena;
};

static inline const struct piece *pieces_find(const struct pieces *pieces, uint32_t id)
{
	return id < pieces->count && pieces->pieces[id].text ? &pieces->pieces[id] : NULL;
}

/* Keeps a copy; without memory it does not, and the piece is made again next time. */
void pieces_keep(struct pieces *pieces, uint32_t id, const char *text, size_t size);

void pieces_deinit(struct pieces *pieces);

#endif
