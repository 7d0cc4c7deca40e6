// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/calls.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

/* How direct calls and jumps are encoded; both have SIZE. */
struct call_encoding {
	uint8_t size, step; /* bytes; instructions begin at multiples of STEP */
	bool (*target)(const uint8_t *code, uint64_t address, bool jump, uint64_t *ret);
};

static uint32_t word(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* CALL rel32 and JMP rel32 */
static bool amd64_target(const uint8_t *code, uint64_t address, bool jump, uint64_t *ret)
{
	if (*code != (jump ? 0xe9 : 0xe8))
		return false;
	*ret = address + 5 + (uint64_t)(int64_t)(int32_t)word(code + 1);
	return true;
}

/* BL and B, with 26 bits that count instructions */
static bool arm64_target(const uint8_t *code, uint64_t address, bool jump, uint64_t *ret)
{
	if ((word(code) & 0xfc000000) != (jump ? 0x14000000 : 0x94000000))
		return false;
	*ret = address + (uint64_t)(int64_t)((int32_t)(word(code) << 6) >> 4);
	return true;
}

static const struct call_encoding amd64 = {.size = 5, .step = 1, .target = amd64_target};
static const struct call_encoding arm64 = {.size = 4, .step = 4, .target = arm64_target};

static const struct call_encoding *encoding_of(const struct image *image)
{
	switch (image_machine(image)) {
	case EM_X86_64:
		return &amd64;
	case EM_AARCH64:
		return &arm64;
	default:
		return NULL;
	}
}

bool gobin_call_before(const struct image *image, uint64_t address, uint64_t *target_ret)
{
	uint64_t left;
	const struct call_encoding *encoding = encoding_of(image);
	if (!encoding)
		return false;
	const uint8_t *code = image_bytes(image, address - encoding->size, &left);
	return code && left >= encoding->size &&
	       encoding->target(code, address - encoding->size, false, target_ret);
}

/* The code of the function that starts at ADDRESS, and its size in *RET; NULL when none does. */
static const uint8_t *function_code(const struct gobin *go, const struct image *image,
				    uint64_t address, uint64_t *ret)
{
	uint64_t left, start, end;
	const uint8_t *code = image_bytes(image, address, &left);
	if (!code || !gobin_function_bounds(go, address, &start, &end) || start != address)
		return NULL;
	*ret = end - start < left ? end - start : left;
	return code;
}

/* Whether the function at ADDRESS may end with a jump to TARGET, which then returns for it. */
static bool jumps_to(const struct gobin *go, const struct image *image,
		     const struct call_encoding *encoding, uint64_t address, uint64_t target)
{
	enum { MAX_SIZE = 1024 }; /* such functions are stubs in assembly */
	uint64_t size, found;
	const uint8_t *code = function_code(go, image, address, &size);
	if (!code || size > MAX_SIZE)
		return false;
	for (uint64_t i = 0; i + encoding->size <= size; i += encoding->step)
		if (encoding->target(code + i, address + i, true, &found) && found == target)
			return true;
	return false;
}

/*
 * On amd64 bytes inside of another instruction may look like a call: then there seem to be several,
 * or the wrong one is 1 in 2^32.
 */
bool gobin_only_call(const struct gobin *go, const struct image *image, uint64_t function,
		     uint64_t target, uint64_t *return_ret)
{
	uint64_t size, found, count = 0;
	const struct call_encoding *encoding = encoding_of(image);
	const uint8_t *code = encoding ? function_code(go, image, function, &size) : NULL;
	for (uint64_t i = 0; code && i + encoding->size <= size; i += encoding->step) {
		if (!encoding->target(code + i, function + i, false, &found) ||
		    (found != target && !jumps_to(go, image, encoding, found, target)))
			continue;
		*return_ret = function + i + encoding->size;
		count++;
	}
	return count == 1;
}
