/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Mixes one word into a hash: a 64 x 64 bit multiplication, folded. */
static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	__uint128_t product =
		(__uint128_t)(hash ^ 0x9e3779b97f4a7c15ull) * (word ^ 0xa0761d6478bd642full);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* What base/idmap.h takes. */
static inline uint32_t hash_fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

/* COUNT words, two in one multiplication. */
static inline uint64_t hash_words(uint64_t hash, const uint64_t *words, size_t count)
{
	for (; count >= 2; count -= 2, words += 2)
		hash = hash_word(words[0] ^ hash, words[1]);
	return count ? hash_word(hash, words[0]) : hash;
}

static inline uint64_t hash_bytes(const void *data, size_t size)
{
	const uint8_t *at = data;
	uint64_t hash = size, words[2];
	for (; size >= 16; size -= 16, at += 16) {
		memcpy(words, at, 16);
		hash = hash_words(hash, words, 2);
	}
	if (size) {
		memset(words, 0, 16);
		memcpy(words, at, size);
		hash = hash_words(hash, words, 2);
	}
	return hash;
}

#endif
