/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers in this machine's byte order or, with SWAP, the other. */
#ifndef OUT_BINARY_H
#define OUT_BINARY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "out/writer.h"

static inline void store_u16(void *at, uint16_t value, bool swap)
{
	value = swap ? __builtin_bswap16(value) : value;
	memcpy(at, &value, sizeof(value));
}

static inline void store_u32(void *at, uint32_t value, bool swap)
{
	value = swap ? __builtin_bswap32(value) : value;
	memcpy(at, &value, sizeof(value));
}

static inline void store_u64(void *at, uint64_t value, bool swap)
{
	value = swap ? __builtin_bswap64(value) : value;
	memcpy(at, &value, sizeof(value));
}

static inline void writer_u32(struct writer *writer, uint32_t value, bool swap)
{
	value = swap ? __builtin_bswap32(value) : value;
	writer_bytes(writer, (const char *)&value, sizeof(value));
}

static inline void writer_u64(struct writer *writer, uint64_t value, bool swap)
{
	value = swap ? __builtin_bswap64(value) : value;
	writer_bytes(writer, (const char *)&value, sizeof(value));
}

#endif
