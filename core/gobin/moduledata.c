// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/moduledata.h"

#include <stdlib.h>

enum {
	WORD = 8,
	TEXTSECT_SIZE = 3 * WORD,
	/* From `text` on (runtime/symtab.go, go1.12 to go1.27): noptrdata, enoptrbss. */
	DATA = 2 * WORD,
	EDATA = 9 * WORD,
	/* The linker starts a new one every few dozen megabytes at the least. */
	MAX_TEXT_SECTIONS = 4096,
};

static bool points_to(const struct pclntab *t, uint64_t moduledata, uint16_t field, uint64_t target)
{
	uint64_t value;
	return !field || (image_pointer(t->image, moduledata + field, &value) && value == target);
}

static uint64_t span_address(const struct pclntab *t, struct span span)
{
	return t->table_address - (uint64_t)(t->table.data - span.data);
}

static bool is_moduledata(const struct pclntab *t, uint64_t address)
{
	const struct moduledata_layout *layout = t->layout->moduledata;
	uint64_t text, etext;
	return points_to(t, address, layout->names, span_address(t, t->names)) &&
	       points_to(t, address, layout->units, span_address(t, t->units)) &&
	       image_pointer(t->image, address + layout->text, &text) &&
	       image_pointer(t->image, address + layout->etext, &etext) && text < etext;
}

/* The address of the moduledata that describes this pclntab; false when there is none. */
static bool moduledata_find(const struct pclntab *t, uint64_t *address_ret)
{
	/* 1.26 gives it a section of its own (cmd/link/internal/ld/data.go). */
	struct image_section section;
	uint64_t address = 0;
	if (image_section(t->image, ".go.module", &section))
		address = section.address;
	for (; image_find_pointer(t->image, t->address, &address); address += WORD) {
		if (is_moduledata(t, address)) {
			*address_ret = address;
			return true;
		}
	}
	return false;
}

static bool read_text_section(const struct pclntab *t, uint64_t address, struct text_section *ret)
{
	if (!image_pointer(t->image, address, &ret->start) ||
	    !image_pointer(t->image, address + WORD, &ret->end) ||
	    !image_pointer(t->image, address + 2 * WORD, &ret->address))
		return false;
	if (t->layout->text_sections_have_length)
		ret->end += ret->start;
	return ret->start <= ret->end;
}

/* A Go slice in memory. */
struct slice {
	uint64_t data, length;
};

static bool read_slice(const struct pclntab *t, uint64_t address, struct slice *ret)
{
	uint64_t capacity;
	return image_pointer(t->image, address, &ret->data) &&
	       image_pointer(t->image, address + WORD, &ret->length) &&
	       image_pointer(t->image, address + 2 * WORD, &capacity) && ret->length <= capacity;
}

/*
 * The list of text sections, of which every binary has one at least, and which starts with the
 * text: that it does proves that the layout is the right one. Tables of addresses do not need it,
 * others only when there are several (runtime/symtab.go, textOff).
 */
static bool read_text_sections(struct pclntab *t, uint64_t moduledata)
{
	struct slice list;
	struct text_section first;
	if (!read_slice(t, moduledata + t->layout->moduledata->text_sections, &list) ||
	    !list.length || list.length > MAX_TEXT_SECTIONS ||
	    !read_text_section(t, list.data, &first) || first.start || first.address != t->text)
		return false;
	if (list.length == 1 || t->layout->function->word == WORD)
		return true;
	t->sections = calloc(list.length, sizeof(*t->sections));
	if (!t->sections)
		return false;
	for (; t->section_count < list.length; t->section_count++)
		if (!read_text_section(t, list.data + t->section_count * TEXTSECT_SIZE,
				       &t->sections[t->section_count]))
			return false;
	return true;
}

/* What the functab itself says of the text. */
static void text_from_functab(struct pclntab *t, uint64_t base)
{
	uint64_t first = pclntab_function_key(t, 0);
	t->text = t->layout->function->word == WORD ? first : base;
	t->etext = pclntab_function_key(t, t->functions) - first + t->text;
}

/* Without a moduledata: the header's text start, or the symbol. */
static bool text_from_elsewhere(struct pclntab *t)
{
	static const char *const gofunc_names[] = {"go:func.*", "go.func.*"};
	uint64_t base = 0;
	uint8_t word = t->layout->header->text_start;
	if (word)
		image_pointer(t->image, t->address + (uint64_t)word * WORD, &base);
	if (!base)
		image_symbol_address(t->image, "runtime.text", &base);
	for (size_t i = 0; !t->gofunc && i < sizeof(gofunc_names) / sizeof(gofunc_names[0]); i++)
		image_symbol_address(t->image, gofunc_names[i], &t->gofunc);
	text_from_functab(t, base);
	return t->text;
}

bool moduledata_read(struct pclntab *t)
{
	const struct moduledata_layout *layout = t->layout->moduledata;
	uint64_t address;
	if (!moduledata_find(t, &address))
		return text_from_elsewhere(t);
	if (layout->gofunc)
		image_pointer(t->image, address + layout->gofunc, &t->gofunc);
	image_pointer(t->image, address + layout->text + DATA, &t->data);
	image_pointer(t->image, address + layout->text + EDATA, &t->edata);
	return image_pointer(t->image, address + layout->text, &t->text) &&
	       image_pointer(t->image, address + layout->etext, &t->etext) &&
	       read_text_sections(t, address);
}
