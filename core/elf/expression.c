// SPDX-License-Identifier: GPL-2.0-only
#include "elf/expression.h"

#include <dwarf.h>

#include <stdbool.h>

enum { MAX_DEPTH = 16 };

struct machine {
	const struct expression_input *input;
	uint64_t stack[MAX_DEPTH];
	size_t depth;
	enum cfi_result result;
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

static void push_register(struct machine *machine, uint64_t number, uint64_t offset)
{
	const struct cfi_registers *registers = machine->input->registers;
	if (number >= CFI_REGISTERS || !(registers->known >> number & 1))
		machine->result = CFI_BAD;
	else
		push(machine, registers->value[number] + offset);
}

static void dereference(struct machine *machine)
{
	const struct cfi_memory *memory = machine->input->memory;
	uint64_t value = 0, address = pop(machine);
	if (machine->result == CFI_STEPPED && !memory->read(memory->context, address, &value))
		machine->result = CFI_NO_MEMORY;
	push(machine, value);
}

/* Operations on the two topmost values; false for another one. */
static bool binary(struct machine *machine, uint8_t atom)
{
	uint64_t right = pop(machine), left = pop(machine), value;
	switch (atom) {
	case DW_OP_plus:
		value = left + right;
		break;
	case DW_OP_minus:
		value = left - right;
		break;
	case DW_OP_mul:
		value = left * right;
		break;
	case DW_OP_and:
		value = left & right;
		break;
	case DW_OP_or:
		value = left | right;
		break;
	case DW_OP_shl:
		value = right < 64 ? left << right : 0;
		break;
	case DW_OP_shr:
		value = right < 64 ? left >> right : 0;
		break;
	case DW_OP_ge:
		value = (int64_t)left >= (int64_t)right;
		break;
	case DW_OP_gt:
		value = (int64_t)left > (int64_t)right;
		break;
	case DW_OP_le:
		value = (int64_t)left <= (int64_t)right;
		break;
	case DW_OP_lt:
		value = (int64_t)left < (int64_t)right;
		break;
	case DW_OP_eq:
		value = left == right;
		break;
	case DW_OP_ne:
		value = left != right;
		break;
	default:
		return false;
	}
	push(machine, value);
	return true;
}

/* The other operations that compilers write into call frame information. */
static bool simple(struct machine *machine, const Dwarf_Op *operation)
{
	switch (operation->atom) {
	case DW_OP_call_frame_cfa:
		push(machine, machine->input->cfa);
		return true;
	case DW_OP_plus_uconst:
		push(machine, pop(machine) + operation->number);
		return true;
	case DW_OP_deref:
		dereference(machine);
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
	case DW_OP_dup:
		if (machine->depth)
			push(machine, machine->stack[machine->depth - 1]);
		return machine->depth;
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
	else if (!simple(machine, operation) && !binary(machine, atom))
		machine->result = CFI_BAD;
}

enum cfi_result expression_evaluate(const struct expression *expression,
				    const struct expression_input *input, uint64_t *ret)
{
	struct machine machine = {.input = input, .result = CFI_STEPPED};
	for (size_t i = 0; i < expression->count && machine.result == CFI_STEPPED; i++)
		execute(&machine, &expression->operations[i]);
	*ret = pop(&machine);
	return machine.result;
}
