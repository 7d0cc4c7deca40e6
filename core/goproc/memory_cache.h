/* SPDX-License-Identifier: GPL-2.0-only */
/* Many small reads of what lies close together, as few large ones. */
#ifndef GOPROC_MEMORY_CACHE_H
#define GOPROC_MEMORY_CACHE_H

#include "goproc/memory.h"

struct memory_cache;
/* Borrows MEMORY. */
struct perfgo_error *memory_cache_new(struct memory *memory, struct memory_cache **ret);
void memory_cache_free(struct memory_cache *cache);

/* What has been read before may have changed. */
void memory_cache_forget(struct memory_cache *cache);

bool memory_cache_read(struct memory_cache *cache, uint64_t address, void *buffer, size_t size);

#endif
