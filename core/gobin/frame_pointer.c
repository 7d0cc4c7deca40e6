// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/frame_pointer.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

/* How a pattern ends with where the frame pointer is saved, which is `depth` less WORD from SP. */
enum operand { NO_OPERAND, BYTE_OPERAND, WORD_OPERAND, ZERO_OPERAND };

enum { WORD = 8, MAX_PATTERN = 8 };

/* Code that begins BEFORE bytes before an address. */
struct pattern {
	uint8_t before, size;
	uint8_t bytes[MAX_PATTERN];
	enum operand operand;
	enum frame_pointer means;
	bool link;
};

/*
 * What the assembler emits where it makes and takes down a frame (cmd/internal/obj/x86/obj6.go:
 * preprocess()). From go1.21 on: PUSHQ BP; MOVQ SP, BP; SUBQ … ADDQ; POPQ BP; RET. Before: SUBQ;
 * MOVQ BP, N(SP); LEAQ N(SP), BP … MOVQ N(SP), BP; ADDQ; RET. Around calls of duffzero and
 * duffcopy, which have no frame, it makes one for them below SP (asm6.go, bpduff1 and bpduff2,
 * go1.12 - go1.27): MOVQ BP, -16(SP); LEAQ -16(SP), BP; CALL; MOVQ 0(BP), BP.
 */
static const struct pattern amd64[] = {
	{1, 4, {0x55, 0x48, 0x89, 0xe5}, NO_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x89, 0x6c, 0x24}, BYTE_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x89, 0xac, 0x24}, WORD_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x89, 0x2c, 0x24}, ZERO_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x8d, 0x6c, 0x24}, BYTE_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x8d, 0xac, 0x24}, WORD_OPERAND, FRAME_POINTER_CALLERS},
	{0, 4, {0x48, 0x8d, 0x2c, 0x24}, ZERO_OPERAND, FRAME_POINTER_CALLERS},
	{5, 4, {0x48, 0x8b, 0x6c, 0x24}, BYTE_OPERAND, FRAME_POINTER_CALLERS},
	{8, 4, {0x48, 0x8b, 0xac, 0x24}, WORD_OPERAND, FRAME_POINTER_CALLERS},
	{4, 4, {0x48, 0x8b, 0x2c, 0x24}, ZERO_OPERAND, FRAME_POINTER_CALLERS},
	{5, 6, {0x48, 0x8d, 0x6c, 0x24, 0xf0, 0xe8}, NO_OPERAND, FRAME_POINTER_BELOW},
	{0, 4, {0x48, 0x8b, 0x6d, 0x00}, NO_OPERAND, FRAME_POINTER_BELOW},
};

/*
 * cmd/internal/obj/arm64/obj7.go, preprocess(): MOVD.W R30, -N(SP); MOVD R29, -8(SP); SUB $8, SP,
 * R29 … MOVD -8(SP), R29; MOVD.P N(SP), R30; or LDP -8(SP), (R29, R30); ADD $N, SP.
 * Around duffzero and duffcopy: STP (R29, R27), -24(SP); SUB $24, SP, R29; BL; SUB $8, SP, R29.
 */
static const struct pattern arm64[] = {
	{0, 4, {0xfd, 0x83, 0x1f, 0xf8}, NO_OPERAND, FRAME_POINTER_CALLERS, true},
	{4, 4, {0xfd, 0x63, 0x00, 0xd1}, NO_OPERAND, FRAME_POINTER_BELOW},
	{8, 4, {0xfd, 0x63, 0x00, 0xd1}, NO_OPERAND, FRAME_POINTER_BELOW},
	{0, 4, {0xfd, 0x23, 0x00, 0xd1}, NO_OPERAND, FRAME_POINTER_CALLERS, true},
	{4, 4, {0xfd, 0xfb, 0x7f, 0xa9}, NO_OPERAND, FRAME_POINTER_CALLERS, true},
	{4, 4, {0xfd, 0x83, 0x5f, 0xf8}, NO_OPERAND, FRAME_POINTER_CALLERS},
};

/* What makes BP, and R29, a frame's own. */
struct maker {
	uint8_t size, bytes[4];
};
static const struct maker amd64_makers[] = {
	{3, {0x48, 0x89, 0xe5}},
	{4, {0x48, 0x8d, 0x6c, 0x24}},
	{4, {0x48, 0x8d, 0xac, 0x24}},
	{4, {0x48, 0x8d, 0x2c, 0x24}},
};
static const struct maker arm64_makers[] = {{4, {0xfd, 0x23, 0x00, 0xd1}}};

static const struct machine {
	uint16_t machine;
	const struct pattern *patterns;
	size_t nr_patterns;
	const struct maker *makers;
	size_t nr_makers;
	uint8_t step; /* between instructions, as far as is known */
	bool link;    /* without a frame the return address is in LR */
} machines[] = {
	{EM_X86_64, amd64, sizeof(amd64) / sizeof(*amd64), amd64_makers,
	 sizeof(amd64_makers) / sizeof(*amd64_makers), 1, false},
	{EM_AARCH64, arm64, sizeof(arm64) / sizeof(*arm64), arm64_makers,
	 sizeof(arm64_makers) / sizeof(*arm64_makers), 4, true},
};

static const struct machine *find_machine(uint16_t number)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == number)
			return &machines[i];
	return NULL;
}

/* The bytes of a function, of which AT is meant. */
struct code {
	const uint8_t *bytes;
	uint64_t size, at;
};

static bool operand_fits(const struct code *code, uint64_t at, enum operand operand, int32_t depth)
{
	int32_t saved = depth - WORD, word;
	switch (operand) {
	case NO_OPERAND:
		return true;
	case ZERO_OPERAND:
		return !saved;
	case BYTE_OPERAND:
		return at < code->size && (int8_t)code->bytes[at] == saved;
	case WORD_OPERAND:
		if (code->size - at < sizeof(word))
			return false;
		memcpy(&word, code->bytes + at, sizeof(word));
		return word == saved;
	}
	return false;
}

static bool fits(const struct code *code, const struct pattern *pattern, int32_t depth)
{
	if (code->at < pattern->before)
		return false;
	uint64_t from = code->at - pattern->before;
	return code->size - from >= pattern->size &&
	       !memcmp(code->bytes + from, pattern->bytes, pattern->size) &&
	       operand_fits(code, from + pattern->size, pattern->operand, depth);
}

/* Whether the function has made the frame pointer its own before: near its beginning, or never. */
static bool makes_frame(const struct code *code, const struct machine *machine)
{
	enum { LAST = 64 }; /* behind the check for room on the stack */
	for (uint64_t at = 0; at < LAST && at < code->at; at += machine->step)
		for (size_t i = 0; i < machine->nr_makers; i++)
			if (code->at - at >= machine->makers[i].size &&
			    !memcmp(code->bytes + at, machine->makers[i].bytes,
				    machine->makers[i].size))
				return true;
	return false;
}

enum frame_pointer gobin_frame_pointer(const struct image *image, uint64_t start, uint64_t address,
				       int32_t depth, bool *link_ret)
{
	const struct machine *machine = find_machine(image_machine(image));
	struct code code = {.at = address - start};
	*link_ret = machine && machine->link && !depth;
	if (!machine || address < start)
		return FRAME_POINTER_UNKNOWN;
	code.bytes = image_bytes(image, start, &code.size);
	if (!code.bytes || code.at >= code.size)
		return FRAME_POINTER_UNKNOWN;
	for (size_t i = 0; i < machine->nr_patterns; i++) {
		const struct pattern *pattern = &machine->patterns[i];
		/* Without a frame it is the caller's, or below. */
		if ((depth || pattern->means == FRAME_POINTER_BELOW) &&
		    fits(&code, pattern, depth)) {
			*link_ret |= pattern->link;
			return pattern->means;
		}
	}
	if (!depth)
		return FRAME_POINTER_CALLERS;
	return makes_frame(&code, machine) ? FRAME_POINTER_OWN : FRAME_POINTER_UNKNOWN;
}
