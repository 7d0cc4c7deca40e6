// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries of procedure linkage tables, named after the symbol of the GOT slot they jump
 * through. The code is read rather than the order of the relocations trusted: linkers order them
 * differently, and -z ibt, BTI and PAC change the entries' sizes.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/instruction.h"
#include "elf/symbols.h"

/* A GOT slot and what the loader puts there. */
struct slot {
	uint64_t address;
	const char *name;
};

struct slots {
	struct slot *list;
	size_t count, capacity;
};

/* One entry found in the code of a plt. */
struct plt_entry {
	uint64_t slot;
	size_t start, end; /* within the section */
};

/*
 * How a machine's plt code looks. find: the next entry from offset AT of the SIZE bytes of code at
 * ADDRESS on; false when there is none.
 */
struct plt_machine {
	uint16_t machine;
	uint32_t jump_slot, glob_dat;
	bool (*find)(const uint8_t *code, size_t size, uint64_t address, size_t at,
		     struct plt_entry *ret);
};

/* [endbr64] [bnd] jmp *slot(%rip) in entries of 16 or, in .plt.got, of 8 bytes. */
static bool find_x86_64(const uint8_t *code, size_t size, uint64_t address, size_t at,
			struct plt_entry *ret)
{
	static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
	for (at = (at + 7) & ~(size_t)7; size >= 8 && at <= size - 8; at += 8) {
		size_t jump = at;
		bool marked = !memcmp(code + at, endbr64, 4);
		if (marked)
			jump += 4;
		if (code[jump] == 0xf2)
			jump++;
		if (jump + 6 > size || code[jump] != 0xff || code[jump + 1] != 0x25)
			continue;
		int32_t displacement = (int32_t)instruction_word(code + jump + 2);
		ret->slot = address + jump + 6 + (int64_t)displacement;
		ret->start = at;
		bool lazy = jump + 7 <= size && code[jump + 6] == 0x68; /* push $n; jmp .plt */
		ret->end = at + (marked || lazy ? 16 : 8);
		return true;
	}
	return false;
}

enum {
	A64_BTI_C = 0xd503245f,
	A64_ADRP_X16_MASK = 0x9f00001f,
	A64_ADRP_X16 = 0x90000010,
	A64_LDR_X17_X16_MASK = 0xffc003ff,
	A64_LDR_X17_X16 = 0xf9400211,
};

/* [bti c]; adrp x16, page; ldr x17, [x16, #offset]; add x16, …; [autia1716]; br x17 */
static bool find_aarch64(const uint8_t *code, size_t size, uint64_t address, size_t at,
			 struct plt_entry *ret)
{
	for (; size >= 16 && at <= size - 16; at += 4) {
		bool marked = instruction_word(code + at) == (uint32_t)A64_BTI_C;
		size_t first = at + (marked ? 4 : 0);
		if (first + 8 > size)
			return false;
		uint32_t adrp = instruction_word(code + first),
			 ldr = instruction_word(code + first + 4);
		if ((adrp & (uint32_t)A64_ADRP_X16_MASK) != (uint32_t)A64_ADRP_X16 ||
		    (ldr & (uint32_t)A64_LDR_X17_X16_MASK) != (uint32_t)A64_LDR_X17_X16)
			continue;
		uint64_t pages = (uint64_t)(adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);
		uint64_t signed_pages = (pages ^ 0x100000) - 0x100000;
		ret->slot = ((address + first) & ~0xfffull) + (signed_pages << 12) +
			    (ldr >> 10 & 0xfff) * 8;
		ret->start = at;
		ret->end = at + (marked ? 24 : 16);
		return true;
	}
	return false;
}

static const struct plt_machine machines[] = {
	{EM_X86_64, R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, find_x86_64},
	{EM_AARCH64, R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, find_aarch64},
};

static const struct plt_machine *machine_of(const struct image *image)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == image->machine && image->wide && !image->swap)
			return &machines[i];
	return NULL;
}

/* The name of entry I of the symbol table that a relocation section links to, or NULL. */
static const char *symbol_name(const struct image *image, const struct section *relocations,
			       uint32_t i)
{
	struct raw_symbol raw;
	if (!i || relocations->link >= image->section_count)
		return NULL;
	const struct section *table = &image->sections[relocations->link];
	if (table->type != SHT_DYNSYM || table->link >= image->section_count ||
	    !raw_symbol_read(image, table, i, &raw))
		return NULL;
	const char *name = image_text(image, &image->sections[table->link], raw.name);
	return name && *name ? name : NULL;
}

static bool add_slots(const struct image *image, const struct plt_machine *machine,
		      const struct section *relocations, struct slots *slots)
{
	struct cursor c = image_cursor(image, relocations->offset, relocations->size);
	while (cursor_left(&c) >= sizeof(Elf64_Rela)) {
		uint64_t address = cursor_u64(&c);
		uint64_t info = cursor_u64(&c);
		cursor_skip(&c, 8);
		uint32_t type = ELF64_R_TYPE(info);
		if (type != machine->jump_slot && type != machine->glob_dat)
			continue;
		const char *name = symbol_name(image, relocations, ELF64_R_SYM(info));
		if (!name)
			continue;
		if (!array_reserve(slots->list, slots->capacity, slots->count + 1))
			return false;
		slots->list[slots->count++] = (struct slot){address, name};
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	return x->address < y->address ? -1 : x->address > y->address;
}

static bool read_slots(const struct image *image, const struct plt_machine *machine,
		       struct slots *slots)
{
	for (size_t i = 0; i < image->section_count; i++)
		if (image->sections[i].type == SHT_RELA && image->sections[i].flags & SHF_ALLOC &&
		    !add_slots(image, machine, &image->sections[i], slots))
			return false;
	if (slots->count)
		qsort(slots->list, slots->count, sizeof(*slots->list), by_address);
	return true;
}

static bool add_entry(struct symbols *symbols, const struct section *plt, uint32_t section,
		      const struct plt_entry *entry, const char *name)
{
	size_t length = strlen(name);
	char *text = arena_alloc(&symbols->arena, length + sizeof("@plt"));
	if (!text)
		return false;
	memcpy(text, name, length);
	memcpy(text + length, "@plt", sizeof("@plt"));
	return symbols_add(symbols, (struct symbol){.start = plt->address + entry->start,
						    .end = plt->address + entry->end,
						    .name = text,
						    .section = section,
						    .type = STT_FUNC,
						    .binding = STB_GLOBAL});
}

static bool add_section(const struct image *image, const struct plt_machine *machine,
			const struct slots *slots, uint32_t section, struct symbols *symbols)
{
	const struct section *plt = &image->sections[section];
	struct cursor code = image_cursor(image, plt->offset, plt->size);
	struct plt_entry entry = {0};
	size_t size = cursor_left(&code);
	while (machine->find(code.at, size, plt->address, entry.end, &entry)) {
		struct slot wanted = {.address = entry.slot};
		const struct slot *slot = bsearch(&wanted, slots->list, slots->count,
						  sizeof(*slots->list), by_address);
		if (slot && !add_entry(symbols, plt, section, &entry, slot->name))
			return false;
	}
	return true;
}

static void slots_deinit(struct slots *slots)
{
	free(slots->list);
}

bool symbols_add_plt(const struct image *image, struct symbols *symbols)
{
	static const char *const names[] = {".plt", ".plt.sec", ".plt.got"};
	const struct plt_machine *machine = machine_of(image);
	_cleanup_(slots_deinit) struct slots slots = {0};
	if (!machine)
		return true;
	if (!read_slots(image, machine, &slots))
		return false;
	for (size_t i = 0; slots.count && i < sizeof(names) / sizeof(names[0]); i++) {
		const struct section *plt = image_find_section(image, names[i]);
		if (plt && plt->type == SHT_PROGBITS &&
		    !add_section(image, machine, &slots, plt - image->sections, symbols))
			return false;
	}
	return true;
}
