// SPDX-License-Identifier: GPL-2.0-only
#include "elf/expression.h"

#include <dwarf.h>

#include <stdbool.h>

enum { MAX_DEPTH = 64, MAX_STEPS = 1024 };
enum { WORD = 8, WORD_BITS = 64, BRANCH_SIZE = 3 };

struct machine {
	const struct expression *expression;
	const struct expression_input *input;
	size_t depth;
	size_t next; /* operation */
	enum cfi_result result;
	uint64_t stack[MAX_DEPTH];
};

static void push(struct machine *machine, uint64_t value)
{
	if (machine->depth == MAX_DEPTH)
		machine->result = CFI_BAD;
	else
		machine->stack[machine->depth++] = value;
}

static uint64_t pop(struct machine *machine)
{
	if (!machine->depth) {
		machine->result = CFI_BAD;
		return 0;
	}
	return machine->stack[--machine->depth];
}

/* The value INDEX below the topmost. */
static void pick(struct machine *machine, uint64_t index)
{
	if (index >= machine->depth)
		machine->result = CFI_BAD;
	else
		push(machine, machine->stack[machine->depth - 1 - index]);
}

static void push_register(struct machine *machine, uint64_t number, uint64_t offset)
{
	const struct cfi_registers *registers = machine->input->registers;
	if (number >= CFI_REGISTERS || !(registers->known >> number & 1))
		machine->result = CFI_BAD;
	else
		push(machine, registers->value[number] + offset);
}

/* The lowest SIZE bytes of a word in memory, which is little-endian. */
static void dereference(struct machine *machine, uint64_t size)
{
	const struct cfi_memory *memory = machine->input->memory;
	uint64_t value = 0, address = pop(machine);
	if (!size || size > WORD)
		machine->result = CFI_BAD;
	else if (machine->result == CFI_STEPPED && !memory->read(memory->context, address, &value))
		machine->result = CFI_NO_MEMORY;
	push(machine, size < WORD ? value & ((1ull << 8 * size) - 1) : value);
}

/* To the operation at OFFSET, or the end. */
static void jump(struct machine *machine, uint64_t offset)
{
	const struct expression *expression = machine->expression;
	const Dwarf_Op *operations = expression->operations;
	for (size_t i = 0; i < expression->count; i++)
		if (operations[i].offset == offset) {
			machine->next = i;
			return;
		}
	machine->next = expression->count;
	if ((int64_t)offset <= (int64_t)operations[expression->count - 1].offset)
		machine->result = CFI_BAD;
}

static void branch(struct machine *machine, const Dwarf_Op *operation)
{
	if (operation->atom == DW_OP_skip || pop(machine))
		jump(machine, operation->offset + BRANCH_SIZE + operation->number);
}

static bool compare(uint8_t atom, int64_t left, int64_t right, uint64_t *ret)
{
	switch (atom) {
	case DW_OP_eq:
		*ret = left == right;
		return true;
	case DW_OP_ge:
		*ret = left >= right;
		return true;
	case DW_OP_gt:
		*ret = left > right;
		return true;
	case DW_OP_le:
		*ret = left <= right;
		return true;
	case DW_OP_lt:
		*ret = left < right;
		return true;
	case DW_OP_ne:
		*ret = left != right;
		return true;
	default:
		return false;
	}
}

static bool compute(uint8_t atom, uint64_t left, uint64_t right, uint64_t *ret)
{
	switch (atom) {
	case DW_OP_and:
		*ret = left & right;
		return true;
	case DW_OP_minus:
		*ret = left - right;
		return true;
	case DW_OP_mul:
		*ret = left * right;
		return true;
	case DW_OP_or:
		*ret = left | right;
		return true;
	case DW_OP_plus:
		*ret = left + right;
		return true;
	case DW_OP_shl:
		*ret = right < WORD_BITS ? left << right : 0;
		return true;
	case DW_OP_shr:
		*ret = right < WORD_BITS ? left >> right : 0;
		return true;
	case DW_OP_shra:
		*ret = (int64_t)left >> (right < WORD_BITS ? right : WORD_BITS - 1);
		return true;
	case DW_OP_xor:
		*ret = left ^ right;
		return true;
	default:
		return compare(atom, left, right, ret);
	}
}

/* False for an operation that is not known, or has no result. */
static bool divide(uint8_t atom, uint64_t left, uint64_t right, uint64_t *ret)
{
	bool negative = atom == DW_OP_div;
	if ((atom != DW_OP_div && atom != DW_OP_mod) || !right ||
	    (negative && (int64_t)left == INT64_MIN && (int64_t)right == -1))
		return false;
	*ret = negative ? (uint64_t)((int64_t)left / (int64_t)right) : left % right;
	return true;
}

static void binary(struct machine *machine, uint8_t atom)
{
	uint64_t right = pop(machine), left = pop(machine), value;
	if (compute(atom, left, right, &value) || divide(atom, left, right, &value))
		push(machine, value);
	else
		machine->result = CFI_BAD;
}

/* Those that change the topmost value; false for another operation. */
static bool unary(struct machine *machine, const Dwarf_Op *operation)
{
	if (!machine->depth)
		return false;
	uint64_t *value = &machine->stack[machine->depth - 1];
	switch (operation->atom) {
	case DW_OP_abs:
		*value = (int64_t)*value < 0 ? -*value : *value;
		return true;
	case DW_OP_neg:
		*value = -*value;
		return true;
	case DW_OP_not:
		*value = ~*value;
		return true;
	case DW_OP_plus_uconst:
		*value += operation->number;
		return true;
	default:
		return false;
	}
}

/* Those that move values about; false for another operation. */
static bool move(struct machine *machine, const Dwarf_Op *operation)
{
	uint64_t top[3];
	switch (operation->atom) {
	case DW_OP_dup:
		pick(machine, 0);
		return true;
	case DW_OP_over:
		pick(machine, 1);
		return true;
	case DW_OP_pick:
		pick(machine, operation->number);
		return true;
	case DW_OP_drop:
		pop(machine);
		return true;
	case DW_OP_swap:
	case DW_OP_rot:
		for (size_t i = 0, count = operation->atom == DW_OP_rot ? 3 : 2; i < count; i++)
			top[i] = pop(machine);
		push(machine, top[0]);
		if (operation->atom == DW_OP_rot)
			push(machine, top[2]);
		push(machine, top[1]);
		return true;
	default:
		return false;
	}
}

/* Constants, registers, memory and branches; false for another operation. */
static bool simple(struct machine *machine, const Dwarf_Op *operation)
{
	switch (operation->atom) {
	case DW_OP_call_frame_cfa:
		push(machine, machine->input->cfa);
		return true;
	case DW_OP_deref:
		dereference(machine, WORD);
		return true;
	case DW_OP_deref_size:
		dereference(machine, operation->number);
		return true;
	case DW_OP_addr:
	case DW_OP_const1u ... DW_OP_consts:
		push(machine, operation->number);
		return true;
	case DW_OP_bregx:
		push_register(machine, operation->number, operation->number2);
		return true;
	case DW_OP_regx:
		push_register(machine, operation->number, 0);
		return true;
	case DW_OP_skip:
	case DW_OP_bra:
		branch(machine, operation);
		return true;
	case DW_OP_nop:
		return true;
	default:
		return false;
	}
}

static void execute(struct machine *machine, const Dwarf_Op *operation)
{
	uint8_t atom = operation->atom;
	if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		push_register(machine, atom - DW_OP_breg0, operation->number);
	else if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
		push_register(machine, atom - DW_OP_reg0, 0);
	else if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		push(machine, atom - DW_OP_lit0);
	else if (!simple(machine, operation) && !move(machine, operation) &&
		 !unary(machine, operation))
		binary(machine, atom);
}

enum cfi_result expression_evaluate(const struct expression *expression,
				    const struct expression_input *input, uint64_t *ret)
{
	struct machine machine = {.expression = expression, .input = input, .result = CFI_STEPPED};
	for (size_t steps = 0; machine.next < expression->count && machine.result == CFI_STEPPED;
	     steps++) {
		if (steps == MAX_STEPS)
			return CFI_BAD;
		execute(&machine, &expression->operations[machine.next++]);
	}
	*ret = pop(&machine);
	return machine.result;
}
