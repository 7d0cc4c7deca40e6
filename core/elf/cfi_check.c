// SPDX-License-Identifier: GPL-2.0-only
#include "elf/cfi_check.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <stdint.h>
#include <string.h>

/* More than any machine has, or any compiler writes for a function. */
enum { MAX_REGISTER = 256, MAX_STATES = 64, MAX_INSTRUCTIONS = 1 << 16 };

struct span {
	const uint8_t *at, *end;
	bool failed;
};

static void skip(struct span *span, uint64_t size)
{
	if (size > (uint64_t)(span->end - span->at))
		span->failed = true;
	else
		span->at += size;
}

static uint64_t uleb(struct span *span)
{
	uint64_t value = 0;
	for (unsigned int shift = 0; span->at < span->end; shift += 7) {
		uint8_t byte = *span->at++;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	span->failed = true;
	return 0;
}

/* A pointer: 0 stands for one whose size LEB128 tells. */
static void skip_pointer(struct span *span, uint8_t encoding)
{
	static const uint8_t sizes[16] = {
		[DW_EH_PE_absptr] = 8, [DW_EH_PE_udata2] = 2, [DW_EH_PE_udata4] = 4,
		[DW_EH_PE_udata8] = 8, [DW_EH_PE_sdata2] = 2, [DW_EH_PE_sdata4] = 4,
		[DW_EH_PE_sdata8] = 8, [DW_EH_PE_signed] = 8};
	uint8_t size = sizes[encoding & 0x0f];
	if (size)
		skip(span, size);
	else
		uleb(span);
}

/*
 * Operands by operation (DWARF 5, 6.4.2): r a register, u a number, b a block of bytes, a an
 * address, digits bytes.
 */
static const char *const operands[] = {
	[DW_CFA_nop] = "",
	[DW_CFA_set_loc] = "a",
	[DW_CFA_advance_loc1] = "1",
	[DW_CFA_advance_loc2] = "2",
	[DW_CFA_advance_loc4] = "4",
	[DW_CFA_offset_extended] = "ru",
	[DW_CFA_restore_extended] = "r",
	[DW_CFA_undefined] = "r",
	[DW_CFA_same_value] = "r",
	[DW_CFA_register] = "rr",
	[DW_CFA_remember_state] = "",
	[DW_CFA_restore_state] = "",
	[DW_CFA_def_cfa] = "ru",
	[DW_CFA_def_cfa_register] = "r",
	[DW_CFA_def_cfa_offset] = "u",
	[DW_CFA_def_cfa_expression] = "b",
	[DW_CFA_expression] = "rb",
	[DW_CFA_offset_extended_sf] = "ru",
	[DW_CFA_def_cfa_sf] = "ru",
	[DW_CFA_def_cfa_offset_sf] = "u",
	[DW_CFA_val_offset] = "ru",
	[DW_CFA_val_offset_sf] = "ru",
	[DW_CFA_val_expression] = "rb",
	[DW_CFA_MIPS_advance_loc8] = "8",
	[DW_CFA_GNU_window_save] = "",
	[DW_CFA_GNU_args_size] = "u",
	[DW_CFA_GNU_negative_offset_extended] = "ru",
};

static void check_operand(struct span *span, char kind, uint8_t encoding)
{
	if (kind == 'r')
		span->failed |= uleb(span) >= MAX_REGISTER;
	else if (kind == 'u')
		uleb(span);
	else if (kind == 'b')
		skip(span, uleb(span));
	else if (kind == 'a')
		skip_pointer(span, encoding);
	else
		skip(span, kind - '0');
}

static bool check_instructions(struct span span, uint8_t encoding)
{
	int states = 0;
	if (span.at > span.end || span.end - span.at > MAX_INSTRUCTIONS)
		return false;
	while (span.at < span.end && !span.failed && states <= MAX_STATES) {
		uint8_t operation = *span.at++;
		if (operation >= DW_CFA_advance_loc) {
			if ((operation & 0xc0) == DW_CFA_offset)
				uleb(&span);
			continue;
		}
		if (operation >= sizeof(operands) / sizeof(*operands) || !operands[operation])
			return true; /* libdw does not go on behind it */
		for (const char *kind = operands[operation]; *kind; kind++)
			check_operand(&span, *kind, encoding);
		states += (operation == DW_CFA_remember_state) -
			  (operation == DW_CFA_restore_state && states);
	}
	return !span.failed && states <= MAX_STATES;
}

/* How a CIE's FDEs have their addresses. */
static uint8_t fde_encoding(const Dwarf_CIE *cie)
{
	const uint8_t *data = cie->augmentation_data;
	struct span span = {data, data ? data + cie->augmentation_data_size : data, false};
	for (const char *at = cie->augmentation; *at && span.at < span.end; at++) {
		uint8_t encoding = *span.at;
		if (*at == 'R')
			return encoding;
		if (*at == 'L' || *at == 'P')
			skip(&span, 1);
		if (*at == 'P')
			skip_pointer(&span, encoding);
	}
	return DW_EH_PE_absptr;
}

/* A section of entries. */
struct frames {
	const unsigned char *ident;
	Elf_Data *data;
	bool eh_frame;
};

static bool check_fde(const struct frames *frames, const Dwarf_FDE *fde)
{
	Dwarf_CFI_Entry cie;
	Dwarf_Off next;
	struct span span = {fde->start, fde->end, false};
	if (dwarf_next_cfi(frames->ident, frames->data, frames->eh_frame, fde->CIE_pointer, &next,
			   &cie) ||
	    cie.CIE_id != LIBDW_CIE_ID)
		return true; /* libdw has no use for it */
	uint8_t encoding = fde_encoding(&cie.cie);
	skip_pointer(&span, encoding);
	skip_pointer(&span, encoding & 0x0f);
	if (*cie.cie.augmentation == 'z')
		skip(&span, uleb(&span));
	else
		skip(&span, cie.cie.fde_augmentation_data_size);
	return !span.failed && check_instructions(span, encoding);
}

static bool check_cie(const Dwarf_CIE *cie)
{
	struct span span = {cie->initial_instructions, cie->initial_instructions_end, false};
	return check_instructions(span, fde_encoding(cie));
}

static bool check_all(const struct frames *frames)
{
	Dwarf_CFI_Entry entry;
	Dwarf_Off at = 0, next = 0;
	for (;; at = next) {
		int result = dwarf_next_cfi(frames->ident, frames->data, frames->eh_frame, at,
					    &next, &entry);
		if (result > 0)
			return true;
		if (next <= at || next > frames->data->d_size)
			return result < 0; /* nor does libdw go on */
		if (result < 0)
			continue;
		if (!(entry.CIE_id == LIBDW_CIE_ID ? check_cie(&entry.cie)
						   : check_fde(frames, &entry.fde)))
			return false;
	}
}

bool cfi_check(Elf *elf, const char *name)
{
	size_t names;
	GElf_Shdr header;
	if (elf_getshdrstrndx(elf, &names))
		return false;
	for (Elf_Scn *section = elf_nextscn(elf, NULL); section;
	     section = elf_nextscn(elf, section)) {
		const char *own = gelf_getshdr(section, &header)
					  ? elf_strptr(elf, names, header.sh_name)
					  : NULL;
		if (!own || strcmp(own, name))
			continue;
		const struct frames frames = {.ident = (void *)elf_getident(elf, NULL),
					      .data = elf_getdata(section, NULL),
					      .eh_frame = *name == '.' && name[1] == 'e'};
		return frames.data && frames.data->d_buf && check_all(&frames);
	}
	return false;
}
