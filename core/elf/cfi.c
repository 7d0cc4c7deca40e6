// SPDX-License-Identifier: GPL-2.0-only
#include "elf/cfi.h"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>

#include <stdlib.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "elf/expression.h"
#include "elf/internal.h"

/* How a register of the caller is found; those that are not listed are the callee's. */
struct rule {
	uint8_t number;
	bool undefined;
	bool value; /* what the expression gives, not what is in memory there */
	struct expression expression;
};

/* What holds at an address. */
struct row {
	uint64_t address;
	bool signal;
	uint8_t return_register;
	uint8_t nr_rules;
	struct expression cfa; /* count 0: nothing is known */
	struct rule *rules;
};

struct cfi {
	const struct image *image;
	Elf *elf;
	Dwarf *dwarf;
	Dwarf_CFI *tables[2]; /* .eh_frame, .debug_frame; NULL: not there */
	struct row *rows;
	size_t nr_rows, rows_capacity;
	struct idmap index;
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
		cfi->tables[0] = dwarf_getcfi_elf(cfi->elf);
		cfi->tables[1] = cfi->dwarf ? dwarf_getcfi(cfi->dwarf) : NULL;
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
	free(cfi->rows);
	idmap_deinit(&cfi->index);
	arena_deinit(&cfi->arena);
	free(cfi);
}

/* libdw's operations may be in the caller's or the frame's memory: a copy stays. */
static bool keep(struct cfi *cfi, const Dwarf_Op *ops, size_t count, struct expression *ret)
{
	Dwarf_Op *copy = arena_copy(&cfi->arena, ops, count * sizeof(*ops));
	*ret = (struct expression){.operations = copy, .count = count};
	return copy;
}

static bool is_register(uint8_t atom)
{
	return (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) || atom == DW_OP_regx;
}

static bool add_rule(struct cfi *cfi, Dwarf_Frame *frame, uint8_t number, struct rule *rules,
		     struct row *row)
{
	Dwarf_Op memory[3], *ops = NULL;
	size_t count = 0;
	struct rule *rule = &rules[row->nr_rules];
	if (dwarf_frame_register(frame, number, memory, &ops, &count) || (!count && !ops))
		return true; /* the callee's */
	*rule = (struct rule){.number = number, .undefined = !count};
	row->nr_rules++;
	if (!count)
		return true;
	bool computed = ops[count - 1].atom == DW_OP_stack_value;
	rule->value = computed || is_register(ops[0].atom);
	return keep(cfi, ops, count - computed, &rule->expression);
}

static bool fill_row(struct cfi *cfi, Dwarf_Frame *frame, struct row *row)
{
	Dwarf_Op *ops = NULL;
	size_t count = 0;
	struct rule rules[CFI_REGISTERS];
	int return_register = dwarf_frame_info(frame, NULL, NULL, &row->signal);
	if (return_register < 0 || return_register >= CFI_REGISTERS ||
	    dwarf_frame_cfa(frame, &ops, &count) || !count)
		return true;
	row->return_register = return_register;
	for (unsigned int number = 0; number < CFI_REGISTERS; number++)
		if (!add_rule(cfi, frame, number, rules, row))
			return false;
	row->rules = arena_copy(&cfi->arena, rules, row->nr_rules * sizeof(*rules));
	return row->rules && keep(cfi, ops, count, &row->cfa);
}

static void cleanup_frame(Dwarf_Frame **frame)
{
	free(*frame);
}

static bool read_row(struct cfi *cfi, struct row *row)
{
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(cleanup_frame) Dwarf_Frame *frame = NULL;
		if (cfi->tables[i] && !dwarf_cfi_addrframe(cfi->tables[i], row->address, &frame))
			return fill_row(cfi, frame, row);
	}
	return true;
}

/* The row of an address, read at first use; NULL without memory. */
static const struct row *find_row(struct cfi *cfi, uint64_t address)
{
	uint32_t hash = hash_fold(hash_word(0, address)), id;
	for (size_t probe = hash; (id = idmap_probe(&cfi->index, hash, &probe)) != IDMAP_NONE;)
		if (cfi->rows[id].address == address)
			return &cfi->rows[id];
	struct row row = {.address = address};
	if (!read_row(cfi, &row) ||
	    !array_reserve(cfi->rows, cfi->rows_capacity, cfi->nr_rows + 1) ||
	    !idmap_insert(&cfi->index, hash, cfi->nr_rows))
		return NULL;
	cfi->rows[cfi->nr_rows] = row;
	return &cfi->rows[cfi->nr_rows++];
}

static uint8_t stack_pointer(const struct image *image)
{
	return image_machine(image) == EM_AARCH64 ? 31 : 7;
}

static void set(struct cfi_registers *registers, uint8_t number, uint64_t value)
{
	registers->value[number] = value;
	registers->known |= 1ull << number;
}

/* One register of the caller. */
static enum cfi_result apply(const struct rule *rule, const struct expression_input *input,
			     struct cfi_registers *ret)
{
	uint64_t value;
	if (rule->undefined) {
		ret->known &= ~(1ull << rule->number);
		return CFI_STEPPED;
	}
	enum cfi_result result = expression_evaluate(&rule->expression, input, &value);
	if (result == CFI_STEPPED && !rule->value &&
	    !input->memory->read(input->memory->context, value, &value))
		result = CFI_NO_MEMORY;
	if (result == CFI_STEPPED)
		set(ret, rule->number, value);
	else
		ret->known &= ~(1ull << rule->number);
	return result;
}

enum cfi_result cfi_step(struct cfi *cfi, uint64_t address, struct cfi_registers *registers,
			 const struct cfi_memory *memory, bool *signal_ret)
{
	const struct row *row = find_row(cfi, address);
	if (!row || !row->cfa.count)
		return CFI_NONE;
	struct cfi_registers before = *registers;
	/* Expressions of a plt ask for the pc by the number of the return address. */
	set(&before, row->return_register, registers->pc);
	struct expression_input input = {.registers = &before, .memory = memory};
	enum cfi_result result = expression_evaluate(&row->cfa, &input, &input.cfa), one;
	if (result != CFI_STEPPED)
		return result;
	set(registers, stack_pointer(cfi->image), input.cfa);
	for (size_t i = 0; i < row->nr_rules; i++) {
		const struct rule *rule = &row->rules[i];
		one = apply(rule, &input, registers);
		/* Other registers may be out of reach without harm. */
		if (rule->number != row->return_register)
			continue;
		if (rule->undefined)
			return CFI_OUTERMOST;
		result = one;
	}
	if (result == CFI_STEPPED && !(registers->known >> row->return_register & 1))
		result = CFI_BAD;
	registers->pc = registers->value[row->return_register];
	*signal_ret = row->signal;
	return result;
}
