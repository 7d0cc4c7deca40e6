// SPDX-License-Identifier: GPL-2.0-only
#include "elf/cfi.h"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "elf/cfi_check.h"
#include "elf/expression.h"
#include "elf/internal.h"

/* What most rules are: a register, or the CFA, and a distance. */
enum { BASE_CFA = CFI_REGISTERS };

struct place {
	uint8_t base;
	uint64_t offset;
	struct expression expression; /* of any other */
};

/* How a register of the caller is found; those without a rule are the callee's. */
struct rule {
	uint8_t number;
	bool value; /* the place is the value, not where it is in memory */
	struct place place;
};

struct cfi_row {
	bool signal;
	bool reads_registers; /* other than for a CFA that is simple */
	uint8_t stack_pointer, return_register;
	uint8_t nr_rules;
	uint64_t undefined; /* a bit a register */
	struct place cfa;
	struct rule rules[];
};

struct cfi {
	const struct image *image;
	Elf *elf;
	Dwarf *dwarf;
	Dwarf_CFI *tables[2]; /* .eh_frame, .debug_frame; NULL: not there */
	struct arena arena;
};

struct perfgo_error *cfi_open(const struct image *image, struct cfi **ret)
{
	struct cfi *cfi = calloc(1, sizeof(*cfi));
	if (!cfi)
		return perfgo_error_no_memory();
	cfi->image = image;
	elf_version(EV_CURRENT);
	cfi->elf = elf_memory((char *)image->data, image->size);
	if (cfi->elf) {
		cfi->dwarf = dwarf_begin_elf(cfi->elf, DWARF_C_READ, NULL);
		if (cfi_check(cfi->elf, ".eh_frame"))
			cfi->tables[0] = dwarf_getcfi_elf(cfi->elf);
		/* What was compressed has been decompressed with the Dwarf. */
		if (cfi->dwarf && cfi_check(cfi->elf, ".debug_frame"))
			cfi->tables[1] = dwarf_getcfi(cfi->dwarf);
	}
	*ret = cfi;
	return NULL;
}

void cfi_close(struct cfi *cfi)
{
	if (!cfi)
		return;
	dwarf_cfi_end(cfi->tables[0]); /* the other belongs to the Dwarf */
	dwarf_end(cfi->dwarf);
	elf_end(cfi->elf);
	arena_deinit(&cfi->arena);
	free(cfi);
}

static bool is_simple(const Dwarf_Op *ops, size_t count, struct place *ret)
{
	uint8_t atom = ops[0].atom;
	if (atom == DW_OP_call_frame_cfa && count <= 2 &&
	    (count == 1 || ops[1].atom == DW_OP_plus_uconst))
		*ret = (struct place){.base = BASE_CFA, .offset = count == 2 ? ops[1].number : 0};
	else if (count == 1 && atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		*ret = (struct place){.base = atom - DW_OP_breg0, .offset = ops[0].number};
	else if (count == 1 && atom == DW_OP_bregx && ops[0].number < CFI_REGISTERS)
		*ret = (struct place){.base = ops[0].number, .offset = ops[0].number2};
	else if (count == 1 && atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
		*ret = (struct place){.base = atom - DW_OP_reg0};
	else
		return false;
	return true;
}

/* libdw's operations may be in the caller's or the frame's memory: a copy stays. */
static bool keep(struct cfi *cfi, const Dwarf_Op *ops, size_t count, struct place *ret)
{
	if (is_simple(ops, count, ret))
		return true;
	Dwarf_Op *copy = arena_copy(&cfi->arena, ops, count * sizeof(*ops));
	*ret = (struct place){.expression = {.operations = copy, .count = count}};
	return copy;
}

static bool is_register(uint8_t atom)
{
	return (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) || atom == DW_OP_regx;
}

static bool add_rule(struct cfi *cfi, Dwarf_Frame *frame, uint8_t number, struct rule *rules,
		     struct cfi_row *row)
{
	Dwarf_Op memory[3], *ops = NULL;
	size_t count = 0;
	struct rule *rule = &rules[row->nr_rules];
	if (dwarf_frame_register(frame, number, memory, &ops, &count) || (!count && !ops))
		return true; /* the callee's */
	if (!count) {
		row->undefined |= 1ull << number;
		return true;
	}
	bool computed = count > 1 && ops[count - 1].atom == DW_OP_stack_value;
	*rule = (struct rule){.number = number, .value = computed || is_register(ops[0].atom)};
	row->nr_rules++;
	if (!keep(cfi, ops, count - computed, &rule->place))
		return false;
	row->reads_registers |= rule->place.expression.count || rule->place.base != BASE_CFA;
	return true;
}

/*
 * elfutils has RAX where RBX is meant among the registers that calls leave alone on amd64
 * (backends/x86_64_cfi.c, 0.188).
 */
static void correct_registers(struct cfi_row *row, uint16_t machine)
{
	enum { RAX = 1 << 0, RBX = 1 << 3 };
	if (machine == EM_X86_64) {
		row->undefined &= ~(uint64_t)RBX;
		row->undefined |= RAX;
	}
}

static const struct cfi_row *make_row(struct cfi *cfi, Dwarf_Frame *frame)
{
	Dwarf_Op *ops = NULL;
	size_t count = 0;
	struct rule rules[CFI_REGISTERS];
	struct cfi_row row = {.stack_pointer = image_machine(cfi->image) == EM_AARCH64 ? 31 : 7};
	int return_register = dwarf_frame_info(frame, NULL, NULL, &row.signal);
	if (return_register < 0 || return_register >= CFI_REGISTERS ||
	    dwarf_frame_cfa(frame, &ops, &count) || !count || !keep(cfi, ops, count, &row.cfa))
		return NULL;
	row.return_register = return_register;
	row.reads_registers = row.cfa.expression.count || row.cfa.base == return_register;
	for (unsigned int number = 0; number < CFI_REGISTERS; number++)
		if (!add_rule(cfi, frame, number, rules, &row))
			return NULL;
	correct_registers(&row, image_machine(cfi->image));
	struct cfi_row *ret = arena_alloc(&cfi->arena, sizeof(row) + row.nr_rules * sizeof(*rules));
	if (ret) {
		*ret = row;
		memcpy(ret->rules, rules, row.nr_rules * sizeof(*rules));
	}
	return ret;
}

static void cleanup_frame(Dwarf_Frame **frame)
{
	free(*frame);
}

const struct cfi_row *cfi_find(struct cfi *cfi, uint64_t address)
{
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(cleanup_frame) Dwarf_Frame *frame = NULL;
		if (cfi->tables[i] && !dwarf_cfi_addrframe(cfi->tables[i], address, &frame))
			return make_row(cfi, frame);
	}
	return NULL;
}

static void set(struct cfi_registers *registers, uint8_t number, uint64_t value)
{
	registers->value[number] = value;
	registers->known |= 1ull << number;
}

static enum cfi_result evaluate(const struct place *place, const struct expression_input *input,
				uint64_t *ret)
{
	if (place->expression.count)
		return expression_evaluate(&place->expression, input, ret);
	if (place->base == BASE_CFA) {
		*ret = input->cfa + place->offset;
		return CFI_STEPPED;
	}
	*ret = input->registers->value[place->base] + place->offset;
	return input->registers->known >> place->base & 1 ? CFI_STEPPED : CFI_BAD;
}

/* One register of the caller. */
static enum cfi_result apply(const struct rule *rule, const struct expression_input *input,
			     struct cfi_registers *ret)
{
	uint64_t value;
	enum cfi_result result = evaluate(&rule->place, input, &value);
	if (result == CFI_STEPPED && !rule->value &&
	    !input->memory->read(input->memory->context, value, &value))
		result = CFI_NO_MEMORY;
	if (result == CFI_STEPPED)
		set(ret, rule->number, value);
	else
		ret->known &= ~(1ull << rule->number);
	return result;
}

/* All of them, by INPUT; how it went with the return address, without which others are no use. */
static enum cfi_result apply_all(const struct cfi_row *row, const struct expression_input *input,
				 struct cfi_registers *registers)
{
	enum cfi_result result = CFI_STEPPED;
	registers->known &= ~row->undefined;
	set(registers, row->stack_pointer, input->cfa);
	for (size_t i = 0; i < row->nr_rules; i++) {
		enum cfi_result one = apply(&row->rules[i], input, registers);
		if (row->rules[i].number == row->return_register)
			result = one;
	}
	if (row->undefined >> row->return_register & 1)
		return CFI_OUTERMOST;
	if (result == CFI_STEPPED && !(registers->known >> row->return_register & 1))
		return CFI_BAD;
	registers->pc = registers->value[row->return_register];
	return result;
}

enum cfi_result cfi_step(const struct cfi_row *row, struct cfi_registers *registers,
			 const struct cfi_memory *memory, bool *signal_ret)
{
	struct cfi_registers before;
	struct expression_input input = {.registers = registers, .memory = memory};
	if (!row)
		return CFI_NONE;
	if (row->reads_registers) {
		before = *registers;
		/* Expressions of a plt ask for the pc by the number of the return address. */
		set(&before, row->return_register, registers->pc);
		input.registers = &before;
	}
	enum cfi_result result = evaluate(&row->cfa, &input, &input.cfa);
	if (result != CFI_STEPPED)
		return result;
	*signal_ret = row->signal;
	return apply_all(row, &input, registers);
}
