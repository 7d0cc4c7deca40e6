// SPDX-License-Identifier: GPL-2.0-only
/*
 * What code of arm64 does with variables: their address is made in a register, of a page and an
 * offset, or their value loaded into one. Registers are followed from instruction to instruction,
 * whatever jumps there are between them.
 */
#include <string.h>

#include "base/instruction.h"
#include "gobin/runtime_find.h"

enum { REGISTERS = 32, INSTRUCTION = 4, WORD = 8 };

struct follow {
	uint64_t at;		    /* address of the instruction */
	uint64_t known[REGISTERS];  /* the address in a register; 0 unknown */
	uint64_t loaded[REGISTERS]; /* the address of the 32 bits in a register; 0 unknown */
	struct runtime_use *uses;
	size_t count, max;
};

static void add_use(struct follow *f, uint8_t kind, uint64_t address, uint32_t value)
{
	if (address && f->count < f->max)
		f->uses[f->count++] = (struct runtime_use){address, value, kind};
}

static uint32_t rd(uint32_t instruction)
{
	return instruction & 31;
}

static uint32_t rn(uint32_t instruction)
{
	return instruction >> 5 & 31;
}

static uint32_t imm12(uint32_t instruction)
{
	return instruction >> 10 & 0xfff;
}

static void set(struct follow *f, uint32_t number, uint64_t known, uint64_t loaded)
{
	f->known[number] = known;
	f->loaded[number] = loaded;
}

/* ADRP Xd, page: 21 bits of it, the lowest two first */
static void adrp(struct follow *f, uint32_t i)
{
	uint64_t pages = (uint64_t)(i >> 5 & 0x7ffff) << 2 | (i >> 29 & 3);
	int64_t distance = (int64_t)(pages << 43) >> 31;
	set(f, rd(i), (f->at & ~0xfffull) + (uint64_t)distance, 0);
}

/* ADD Xd, Xn, #imm: an address, or a sum of what was loaded */
static void add(struct follow *f, uint32_t i)
{
	uint64_t base = f->known[rn(i)];
	add_use(f, RUNTIME_USE_ADD32, f->loaded[rn(i)], imm12(i));
	set(f, rd(i), base ? base + imm12(i) : 0, 0);
	add_use(f, RUNTIME_USE_ADDRESS, f->known[rd(i)], 0);
}

/* ADD Wd, Wn, #imm */
static void add32(struct follow *f, uint32_t i)
{
	add_use(f, RUNTIME_USE_ADD32, f->loaded[rn(i)], imm12(i));
	set(f, rd(i), 0, 0);
}

/* LDR Wt, [Xn, #imm]; LDRSW Xt, [Xn, #imm] */
static void ldr32(struct follow *f, uint32_t i)
{
	uint64_t base = f->known[rn(i)];
	set(f, rd(i), 0, base ? base + imm12(i) * 4ull : 0);
}

static void use_word(struct follow *f, uint32_t i)
{
	uint64_t base = f->known[rn(i)];
	add_use(f, RUNTIME_USE_WORD, base ? base + imm12(i) * (uint64_t)WORD : 0, 0);
}

/* LDR Xt, [Xn, #imm] */
static void ldr64(struct follow *f, uint32_t i)
{
	use_word(f, i);
	set(f, rd(i), 0, 0);
}

static void use_pair(struct follow *f, uint32_t i)
{
	int64_t words = (int32_t)(i << 10) >> 25;
	uint64_t base = f->known[rn(i)], address = base + (uint64_t)(words * WORD);
	add_use(f, RUNTIME_USE_WORD, base ? address : 0, 0);
	add_use(f, RUNTIME_USE_WORD, base ? address + WORD : 0, 0);
}

/* LDP Xt, Xt2, [Xn, #imm] */
static void ldp64(struct follow *f, uint32_t i)
{
	use_pair(f, i);
	set(f, rd(i), 0, 0);
	set(f, i >> 10 & 31, 0, 0);
}

/* CMP Wn, #imm */
static void cmp32(struct follow *f, uint32_t i)
{
	add_use(f, RUNTIME_USE_COMPARE32, f->loaded[rn(i)], imm12(i));
}

/* CBZ Wt, CBNZ Wt */
static void cbz32(struct follow *f, uint32_t i)
{
	add_use(f, RUNTIME_USE_COMPARE32, f->loaded[rd(i)], 0);
}

/* BL */
static void call(struct follow *f, uint32_t i)
{
	(void)i;
	memset(f->known, 0, sizeof(f->known));
	memset(f->loaded, 0, sizeof(f->loaded));
}

/* Arm Architecture Reference Manual, C4.1; what is not here may write its lowest register. */
static const struct form {
	uint32_t mask, bits;
	void (*follow)(struct follow *f, uint32_t instruction);
} forms[] = {
	{0x9f000000, 0x90000000, adrp},	    {0xffc00000, 0x91000000, add},
	{0xffc00000, 0x11000000, add32},    {0xffc00000, 0xb9400000, ldr32},
	{0xffc00000, 0xb9800000, ldr32},    {0xffc00000, 0xf9400000, ldr64},
	{0xffc00000, 0xf9000000, use_word}, {0xffc00000, 0xa9400000, ldp64},
	{0xffc00000, 0xa9000000, use_pair}, {0xffc0001f, 0x7100001f, cmp32},
	{0xfe000000, 0x34000000, cbz32},    {0xfc000000, 0x94000000, call},
};

static void follow(struct follow *f, uint32_t instruction)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if ((instruction & forms[i].mask) != forms[i].bits)
			continue;
		forms[i].follow(f, instruction);
		return;
	}
	set(f, rd(instruction), 0, 0);
}

size_t runtime_uses_arm64(const struct runtime_code *code, struct runtime_use *uses, size_t max)
{
	struct follow f = {.at = code->address, .uses = uses, .max = max};
	for (uint64_t at = 0; at + INSTRUCTION <= code->size; at += INSTRUCTION) {
		follow(&f, instruction_word(code->bytes + at));
		f.at += INSTRUCTION;
	}
	return f.count;
}
