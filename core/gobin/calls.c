// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/calls.h"

#include <stddef.h>

#include "gobin/branch.h"

bool gobin_call_before(const struct image *image, uint64_t address, uint64_t *target_ret)
{
	uint64_t left;
	const struct branch_encoding *encoding = branch_encoding(image_machine(image));
	if (!encoding)
		return false;
	const uint8_t *code = image_bytes(image, address - encoding->size, &left);
	return code && left >= encoding->size &&
	       encoding->target(code, address - encoding->size, BRANCH_CALL, target_ret);
}

bool gobin_returns_to(const struct image *image, uint64_t address)
{
	uint64_t left;
	const struct branch_encoding *encoding = branch_encoding(image_machine(image));
	if (!encoding || address < BRANCH_MAX_CALL)
		return false;
	const uint8_t *code = image_bytes(image, address - BRANCH_MAX_CALL, &left);
	return code && left >= BRANCH_MAX_CALL && encoding->ends_call(code + BRANCH_MAX_CALL);
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
		     const struct branch_encoding *encoding, uint64_t address, uint64_t target)
{
	enum { MAX_SIZE = 1024 }; /* such functions are stubs in assembly */
	uint64_t size, found;
	const uint8_t *code = function_code(go, image, address, &size);
	if (!code || size > MAX_SIZE)
		return false;
	for (uint64_t at = 0; branch_next(encoding, code, size, address, BRANCH_JUMP, &at, &found);
	     at += encoding->step)
		if (found == target)
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
	enum { MAX_CALLS = 4096 }; /* each is followed: no more work than that */
	uint64_t size, found, count = 0, calls = 0;
	const struct branch_encoding *encoding = branch_encoding(image_machine(image));
	const uint8_t *code = encoding ? function_code(go, image, function, &size) : NULL;
	for (uint64_t at = 0; code && count < 2 &&
			      branch_next(encoding, code, size, function, BRANCH_CALL, &at, &found);
	     at += encoding->step) {
		if (++calls > MAX_CALLS)
			return false;
		if (found != target && !jumps_to(go, image, encoding, found, target))
			continue;
		*return_ret = function + at + encoding->size;
		count++;
	}
	return count == 1;
}
