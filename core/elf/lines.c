// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines and inlined functions by DWARF, through libdw. Its own look-up of the unit of an address
 * needs .debug_aranges up to elfutils 0.190, which clang and Go do not write: the units' ranges are
 * put into a table here.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strings.h"
#include "elf/internal.h"

enum {
	MAX_DEPTH = 128,      /* of nested scopes; what lies deeper is left out */
	MAX_INLINED = 128,    /* functions inlined into each other */
	MAX_RANGES = 1 << 22, /* of all units, or of the functions of one */
};

struct range {
	uint64_t start, end;
	size_t of; /* index of the unit, or offset of the function's DIE */
};

/* Ranges in order of their start. */
struct ranges {
	struct range *list;
	size_t count, capacity;
};

struct unit {
	Dwarf_Die die;	       /* lines and files */
	Dwarf_Die functions;   /* the same but for split DWARF */
	const char *directory; /* of the compiler; NULL unknown */
	bool walked;
	struct ranges ranges; /* of its functions, read at first use */
};

struct lines {
	const struct image *image;
	Elf *elf;
	Dwarf *dwarf;
	struct unit *units;
	size_t count, capacity;
	struct ranges ranges;
	struct strings paths; /* that were relative */
};

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* The enclosing one first. */
	return x->end > y->end ? -1 : x->end < y->end;
}

static void ranges_sort(struct ranges *ranges)
{
	if (ranges->count)
		qsort(ranges->list, ranges->count, sizeof(*ranges->list), by_start);
}

/* Functions that the linker has left out keep their DWARF, at address 0 or nowhere. */
static bool is_code(const struct image *image, uint64_t address)
{
	for (size_t i = 0; address && i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		if (s->executable && address >= s->vaddr && address - s->vaddr < s->memory_size)
			return true;
	}
	return false;
}

static void ranges_add_die(const struct lines *lines, struct ranges *ranges, Dwarf_Die *die,
			   size_t of)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t next = 0;
	while (ranges->count < MAX_RANGES &&
	       (next = dwarf_ranges(die, next, &base, &start, &end)) > 0) {
		if (start >= end || !is_code(lines->image, start) ||
		    !array_reserve(ranges->list, ranges->capacity, ranges->count + 1))
			continue;
		ranges->list[ranges->count++] = (struct range){start, end, of};
	}
}

/* The innermost range that has the address, or NULL. */
static const struct range *ranges_find(const struct ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranges->list[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* Nested functions are rare, and never many. */
	for (size_t back = 0; low > back && back < MAX_DEPTH; back++)
		if (address < ranges->list[low - 1 - back].end)
			return &ranges->list[low - 1 - back];
	return NULL;
}

static const char *text_attribute(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

static void add_unit(struct lines *lines, Dwarf_Die *die, Dwarf_Die *split)
{
	Dwarf_Die *functions = dwarf_tag(split) != DW_TAG_invalid ? split : die;
	if (!array_reserve(lines->units, lines->capacity, lines->count + 1))
		return;
	lines->units[lines->count] = (struct unit){
		.die = *die,
		.functions = *functions,
		.directory = text_attribute(die, DW_AT_comp_dir),
	};
	ranges_add_die(lines, &lines->ranges, die, lines->count++);
}

static void read_units(struct lines *lines)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die, split;
	while (!dwarf_get_units(lines->dwarf, unit, &unit, NULL, NULL, &die, &split))
		if (dwarf_tag(&die) != DW_TAG_invalid)
			add_unit(lines, &die, &split);
	ranges_sort(&lines->ranges);
}

/* Never NULL but without memory; without DWARF it has no units. */
static struct lines *lines_open(const struct image *image)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	if (!lines)
		return NULL;
	lines->image = image;
	elf_version(EV_CURRENT);
	lines->elf = elf_memory((char *)image->data, image->size);
	if (lines->elf)
		lines->dwarf = dwarf_begin_elf(lines->elf, DWARF_C_READ, NULL);
	if (lines->dwarf)
		read_units(lines);
	return lines;
}

void lines_destroy(struct lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->count; i++)
		free(lines->units[i].ranges.list);
	free(lines->units);
	free(lines->ranges.list);
	strings_deinit(&lines->paths);
	dwarf_end(lines->dwarf);
	elf_end(lines->elf);
	free(lines);
}

/* The next sibling; false at the end, or where a damaged file goes backwards. */
static bool next_sibling(Dwarf_Die *die)
{
	Dwarf_Off before = dwarf_dieoffset(die);
	return !dwarf_siblingof(die, die) && dwarf_dieoffset(die) > before;
}

/* Notes the functions that have code, wherever they are nested. */
static void walk_functions(const struct lines *lines, struct unit *unit, Dwarf_Die *parent,
			   int depth)
{
	Dwarf_Die die;
	if (depth > MAX_DEPTH || dwarf_child(parent, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			ranges_add_die(lines, &unit->ranges, &die, dwarf_dieoffset(&die));
			walk_functions(lines, unit, &die, depth + 1);
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
		case DW_TAG_class_type:
		case DW_TAG_structure_type:
		case DW_TAG_lexical_block:
			walk_functions(lines, unit, &die, depth + 1);
			break;
		}
	} while (next_sibling(&die));
}

static bool find_function(const struct lines *lines, struct unit *unit, uint64_t address,
			  Dwarf_Die *ret)
{
	if (!unit->walked) {
		unit->walked = true;
		walk_functions(lines, unit, &unit->functions, 0);
		ranges_sort(&unit->ranges);
	}
	const struct range *range = ranges_find(&unit->ranges, address);
	Dwarf *dwarf = range ? dwarf_cu_getdwarf(unit->functions.cu) : NULL;
	return dwarf && dwarf_offdie(dwarf, range->of, ret);
}

/*
 * The function inlined at the address directly below PARENT, through blocks; blocks without
 * addresses of their own may hold it too.
 */
static bool find_inlined(Dwarf_Die *parent, uint64_t address, int depth, Dwarf_Die *ret)
{
	Dwarf_Die die;
	if (depth > MAX_DEPTH || dwarf_child(parent, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);
		bool block = tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
			     tag == DW_TAG_catch_block;
		if (!block && tag != DW_TAG_inlined_subroutine)
			continue;
		bool covers = dwarf_haspc(&die, address) > 0;
		if (!block && covers) {
			*ret = die;
			return true;
		}
		bool bare =
			!dwarf_hasattr(&die, DW_AT_low_pc) && !dwarf_hasattr(&die, DW_AT_ranges);
		if (block && (covers || bare) && find_inlined(&die, address, depth + 1, ret))
			return true;
	} while (next_sibling(&die));
	return false;
}

/* Languages whose names are the linker's (bfd/dwarf2.c, non_mangled). */
static bool is_not_mangled(int language)
{
	static const int languages[] = {DW_LANG_C89, DW_LANG_C, DW_LANG_C99, DW_LANG_C11,
					DW_LANG_Mips_Assembler};
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (languages[i] == language)
			return true;
	return false;
}

static void fill_name(struct unit *unit, Dwarf_Die *die, struct image_frame *frame)
{
	frame->function = text_attribute(die, DW_AT_linkage_name);
	if (!frame->function)
		frame->function = text_attribute(die, DW_AT_MIPS_linkage_name);
	frame->linkage = frame->function || is_not_mangled(dwarf_srclang(&unit->functions));
	if (!frame->function)
		frame->function = text_attribute(die, DW_AT_name);
}

static unsigned int number_attribute(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;
	return dwarf_formudata(dwarf_attr(die, name, &attribute), &value) ? 0 : value;
}

/* A path of the unit, below the directory of the compiler when it is relative. */
static const char *full_path(struct lines *lines, const struct unit *unit, const char *path)
{
	_cleanup_free_ char *joined = NULL;
	if (!path || !*path)
		return NULL;
	if (*path == '/' || !unit->directory)
		return path;
	if (asprintf(&joined, "%s/%s", unit->directory, path) < 0)
		joined = NULL;
	return strings_text(&lines->paths, strings_id(&lines->paths, joined));
}

/* Where the call is that was inlined as DIE. */
static void fill_call(struct lines *lines, const struct unit *unit, Dwarf_Die *die,
		      struct image_frame *frame)
{
	Dwarf_Files *files;
	Dwarf_Die holder;
	size_t count;
	frame->line = (int)number_attribute(die, DW_AT_call_line);
	unsigned int file = number_attribute(die, DW_AT_call_file);
	if (dwarf_diecu(die, &holder, NULL, NULL) && !dwarf_getsrcfiles(&holder, &files, &count) &&
	    file < count)
		frame->file = full_path(lines, unit, dwarf_filesrc(files, file, NULL, NULL));
}

static bool fill_line(struct lines *lines, struct unit *unit, uint64_t address,
		      struct image_frame *frame)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->die, address);
	if (!line)
		return false;
	frame->file = full_path(lines, unit, dwarf_linesrc(line, NULL, NULL));
	if (dwarf_lineno(line, &frame->line))
		frame->line = 0;
	if (dwarf_linediscriminator(line, &frame->discriminator))
		frame->discriminator = 0;
	return true;
}

/* Scopes from the function inwards become frames from the innermost outwards. */
static size_t fill_frames(struct lines *lines, struct unit *unit, uint64_t address,
			  struct image_frame *frames, size_t max)
{
	Dwarf_Die scopes[MAX_INLINED];
	size_t depth = 0, count = 0;
	struct image_frame frame = {0};
	bool known = fill_line(lines, unit, address, &frame);
	if (find_function(lines, unit, address, &scopes[0]))
		for (depth = 1; depth < MAX_INLINED; depth++)
			if (!find_inlined(&scopes[depth - 1], address, 0, &scopes[depth]))
				break;
	if (!depth && known && max)
		frames[count++] = frame;
	for (; depth && count < max; depth--) {
		fill_name(unit, &scopes[depth - 1], &frame);
		frames[count++] = frame;
		frame = (struct image_frame){0};
		fill_call(lines, unit, &scopes[depth - 1], &frame);
	}
	return count;
}

size_t image_frames(struct image *image, uint64_t address, struct image_frame *frames, size_t max)
{
	size_t count = 0;
	pthread_mutex_lock(&image->lock);
	if (!image->lines)
		image->lines = lines_open(image);
	struct lines *lines = image->lines;
	const struct range *range = lines ? ranges_find(&lines->ranges, address) : NULL;
	if (range)
		count = fill_frames(lines, &lines->units[range->of], address, frames, max);
	pthread_mutex_unlock(&image->lock);
	return count;
}
