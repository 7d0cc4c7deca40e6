// SPDX-License-Identifier: GPL-2.0-only
#include "base/strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

static uint32_t find(const struct strings *strings, uint32_t hash, const char *text, size_t length)
{
	uint32_t at;
	for (size_t probe = hash; (at = idmap_probe(&strings->index, hash, &probe)) != IDMAP_NONE;)
		if (strings->lengths[at] == length && !memcmp(strings->texts[at], text, length))
			return at + 1;
	return STRING_UNKNOWN;
}

static bool reserve(struct strings *strings)
{
	size_t texts = strings->capacity, lengths = strings->capacity;
	if (!array_reserve(strings->texts, texts, strings->count + 1) ||
	    !array_reserve(strings->lengths, lengths, strings->count + 1))
		return false;
	strings->capacity = texts;
	return true;
}

static uint32_t add(struct strings *strings, uint32_t hash, const char *text, size_t length)
{
	char *copy = arena_alloc(&strings->arena, length + 1);
	if (!copy || !reserve(strings) ||
	    !idmap_insert(&strings->index, hash, (uint32_t)strings->count))
		return STRING_UNKNOWN;
	memcpy(copy, text, length);
	copy[length] = 0;
	strings->texts[strings->count] = copy;
	strings->lengths[strings->count] = (uint32_t)length;
	return (uint32_t)++strings->count;
}

uint32_t strings_id_of(struct strings *strings, const char *text, size_t length)
{
	uint32_t hash = hash_fold(hash_bytes(text, length));
	uint32_t id = find(strings, hash, text, length);
	return id ? id : add(strings, hash, text, length);
}

uint32_t strings_id(struct strings *strings, const char *text)
{
	return text ? strings_id_of(strings, text, strlen(text)) : STRING_UNKNOWN;
}

uint32_t strings_find(const struct strings *strings, const char *text)
{
	size_t length = strlen(text);
	return find(strings, hash_fold(hash_bytes(text, length)), text, length);
}

void strings_deinit(struct strings *strings)
{
	free(strings->texts);
	free(strings->lengths);
	idmap_deinit(&strings->index);
	arena_deinit(&strings->arena);
	*strings = (struct strings){0};
}
