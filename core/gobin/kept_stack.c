// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/kept_stack.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "gobin/unwind.h"

/*
 * What follows the call where asmcgocall stays on its stack, having aligned SP: it takes its own
 * back from where it has kept it. Where it comes back to a goroutine's, it computes that
 * (runtime/asm_amd64.s, asm_arm64.s, go1.17 - go1.27).
 */
static const struct way_back {
	uint16_t machine;
	uint8_t size;
	uint8_t bytes[8];
	int32_t sp;
} ways_back[] = {
	{EM_X86_64, 8, {0x48, 0x8b, 0x74, 0x24, 0x28, 0x48, 0x89, 0xf4}, 40}, /* MOVQ 40(SP), SI */
	{EM_X86_64, 7, {0x48, 0x8b, 0x34, 0x24, 0x48, 0x89, 0xf4}, 0},	      /* MOVQ 0(SP), SI */
	{EM_AARCH64, 8, {0xe2, 0x07, 0x40, 0xf9, 0x5f, 0x00, 0x00, 0x91}, 8}, /* MOVD 8(RSP), R2 */
};

enum { PROLOGUE = 4 }; /* bytes of code that make its frame on these machines, if it has one */

bool gobin_kept_stack(const struct gobin *go, const struct image *image, uint64_t start,
		      uint64_t address, int32_t *sp_ret, int32_t *depth_ret)
{
	uint64_t left;
	struct unwind_rule rule;
	const uint8_t *code = image_bytes(image, address, &left);
	for (size_t i = 0; code && i < sizeof(ways_back) / sizeof(*ways_back); i++) {
		const struct way_back *way = &ways_back[i];
		if (way->machine != image_machine(image) || left < way->size ||
		    memcmp(code, way->bytes, way->size) ||
		    !gobin_unwind_rule(go, start + PROLOGUE, &rule))
			continue;
		*sp_ret = way->sp;
		*depth_ret = rule.depth;
		return true;
	}
	return false;
}
