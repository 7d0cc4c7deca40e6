/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bounds-checked cursor: all reading of untrusted bytes goes through it.
 *
 * A read past the end, or of what the cursor cannot represent, returns zero (or NULL), leaves the
 * position at the end and sets `failed`, which stays set: a decoder reads a whole structure and
 * tests once. Inline, because samples are decoded with it.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool swap; /* the bytes are in the other byte order than this machine's */
	bool failed;
};

static inline struct cursor cursor_of(const void *data, size_t size, bool swap)
{
	return (struct cursor){.at = data, .end = (const uint8_t *)data + size, .swap = swap};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* SIZE bytes in place, or NULL. SIZE may be any value read from the input. */
static inline const void *cursor_bytes(struct cursor *c, uint64_t size)
{
	if (__builtin_expect(size > cursor_left(c), 0)) {
		c->failed = true;
		c->at = c->end;
		return NULL;
	}
	const void *bytes = c->at;
	c->at += size;
	return bytes;
}

static inline void cursor_skip(struct cursor *c, uint64_t size)
{
	cursor_bytes(c, size);
}

#define CURSOR_READ(name, type, swapped)                                                           \
	static inline type cursor_##name(struct cursor *c)                                         \
	{                                                                                          \
		type value = 0;                                                                    \
		const void *bytes = cursor_bytes(c, sizeof(value));                                \
		if (bytes)                                                                         \
			memcpy(&value, bytes, sizeof(value));                                      \
		return c->swap ? swapped(value) : value;                                           \
	}
#define CURSOR_SAME(value) (value)
CURSOR_READ(u8, uint8_t, CURSOR_SAME)
CURSOR_READ(u16, uint16_t, __builtin_bswap16)
CURSOR_READ(u32, uint32_t, __builtin_bswap32)
CURSOR_READ(u64, uint64_t, __builtin_bswap64)
#undef CURSOR_SAME
#undef CURSOR_READ

/* A string with its NUL, in place, or NULL when no NUL comes before the end. */
static inline const char *cursor_string(struct cursor *c)
{
	const uint8_t *nul = cursor_left(c) ? memchr(c->at, 0, cursor_left(c)) : NULL;
	return cursor_bytes(c, nul ? (uint64_t)(nul - c->at) + 1 : UINT64_MAX);
}

/* An unsigned LEB128 of at most 32 bits, as Go's pc-value tables use it (runtime/symtab.go). */
static inline uint32_t cursor_varint32(struct cursor *c)
{
	uint32_t value = 0;
	for (unsigned int shift = 0; shift < 35; shift += 7) {
		uint8_t byte = cursor_u8(c);
		value |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	c->failed = true;
	return 0;
}

#endif
