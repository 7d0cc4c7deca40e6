// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call frame information of whatever bytes there are, and a stack that is gone up by it: the first
 * byte says what the section is, 128 are of the stack and the registers, the rest is the section.
 */
#include <stdlib.h>

#include "cfi_file.h"
#include "elf/cfi.h"
#include "memory_image.h"

enum { STACK = 128, STACK_START = 0x7000, MAX_STEPS = 64 };

static bool read_word(void *context, uint64_t address, uint64_t *ret)
{
	const uint8_t *stack = context;
	if (address < STACK_START || address - STACK_START > STACK - sizeof(*ret))
		return false;
	memcpy(ret, stack + (address - STACK_START), sizeof(*ret));
	return true;
}

static void climb(struct cfi *cfi, uint8_t *stack, uint64_t pc)
{
	const struct cfi_memory memory = {.read = read_word, .context = stack};
	struct cfi_registers registers = {.pc = pc, .known = (1ull << CFI_REGISTERS) - 1};
	bool signal;
	for (size_t i = 0; i < CFI_REGISTERS; i++)
		registers.value[i] = STACK_START + stack[i];
	for (size_t i = 0; i < MAX_STEPS; i++) {
		const struct cfi_row *row = cfi_find(cfi, registers.pc);
		if (cfi_step(row, &registers, &memory, &signal) != CFI_STEPPED)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t stack[STACK];
	struct cfi *cfi;
	if (size < 1 + STACK)
		return 0;
	memcpy(stack, data + 1, STACK);
	bool eh_frame = data[0] & 1;
	size_t file_size;
	uint8_t *file = cfi_file(eh_frame ? ".eh_frame" : ".debug_frame", data + 1 + STACK,
				 size - 1 - STACK, eh_frame ? SHF_ALLOC : 0, &file_size);
	struct image *image = memory_image(file, file_size);
	free(file);
	if (!image)
		return 0;
	perfgo_error_destroy(cfi_open(image, &cfi));
	for (uint64_t pc = 0; cfi && pc < 16; pc++)
		climb(cfi, stack, CFI_TEXT + pc * (pc < 8 ? 1 : 64));
	cfi_close(cfi);
	image_close(image);
	return 0;
}
