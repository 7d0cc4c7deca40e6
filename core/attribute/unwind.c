// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/unwind.h"

#include <elf.h>
#include <string.h>

#include "gobin/unwind.h"

enum { WORD = 8 };

/* Go code of a process: its binary and the address there. */
struct go_code {
	const struct gobin *go;
	bool link_register; /* the machine has one */
	uint64_t address;
};

static bool find_code(const struct unwind_context *context, uint64_t pc, struct go_code *ret)
{
	const struct map *map = maps_find(context->maps, pc);
	if (!map || !map->dso)
		return false;
	const struct binary *binary = attribution_open(context->attribution, map->dso);
	if (!binary || !binary_go(binary))
		return false;
	const struct image *image = binary_image(binary);
	ret->go = binary_go(binary);
	ret->link_register = image_machine(image) == EM_AARCH64;
	return image_address_of_offset(image, pc - map->start + map->pgoff, &ret->address);
}

static bool read_word(const struct unwind_window *window, uint64_t address, uint64_t *ret)
{
	if (address < window->start || window->size < WORD ||
	    address - window->start > window->size - WORD)
		return false;
	memcpy(ret, window->bytes + (address - window->start), WORD);
	return true;
}

/*
 * One frame up. A frame has DEPTH bytes below the return address on amd64; on arm64 the return
 * address is at its lower end, or, where the frame has none yet, still in LR (cmd/internal/obj).
 */
static bool step(const struct unwind_window *window, const struct go_code *code,
		 const struct unwind_rule *rule, struct unwind_registers *registers)
{
	if (rule->depth < 0)
		return false;
	if (code->link_register) {
		if (rule->link_register)
			registers->pc = registers->lr;
		else if (!read_word(window, registers->sp, &registers->pc))
			return false;
		registers->sp += (uint64_t)rule->depth;
		return true;
	}
	if (!read_word(window, registers->sp + (uint64_t)rule->depth, &registers->pc))
		return false;
	registers->sp += (uint64_t)rule->depth + WORD;
	return true;
}

size_t unwind_go(const struct unwind_context *context, struct unwind_registers registers,
		 uint64_t *ret, size_t max, enum unwind_end *end_ret)
{
	struct go_code code;
	struct unwind_rule rule;
	for (size_t count = 0;; count++) {
		bool found = find_code(context, registers.pc, &code) &&
			     gobin_unwind_rule(code.go, code.address - (count > 0), &rule);
		*end_ret = !found				  ? UNWIND_UNKNOWN_CODE
			   : rule.flags & UNWIND_FUNCTION_TOP	  ? UNWIND_ROOT
			   : rule.flags & UNWIND_FUNCTION_SPWRITE ? UNWIND_SWITCH
			   : count == max			  ? UNWIND_FULL
								  : UNWIND_NO_MEMORY;
		if (*end_ret != UNWIND_NO_MEMORY ||
		    !step(&context->window, &code, &rule, &registers))
			return count;
		ret[count] = registers.pc;
		/* The caller's LR is on the stack by now. */
		registers.lr = 0;
	}
}
