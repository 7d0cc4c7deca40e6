// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/pclntab.h"

#include <stdlib.h>

/* Of a 64-bit program. */
enum { WORD = 8 };

/* Far beyond what Go writes; so that no file makes a look-up take forever. */
enum {
	MAX_NAME = 1 << 14,
	MAX_RUNS = 1 << 20, /* of one pc-value table */
};

static struct cursor span_cursor(const struct pclntab *t, struct span span, uint64_t offset)
{
	struct cursor c = cursor_of(span.data, span.size, t->swap);
	cursor_skip(&c, offset);
	return c;
}

static uint32_t span_u32(const struct pclntab *t, struct span span, uint64_t offset)
{
	struct cursor c = span_cursor(t, span, offset);
	return cursor_u32(&c);
}

static const struct text_section *section_of_address(const struct pclntab *t, uint64_t address)
{
	for (size_t i = 0; i < t->section_count; i++) {
		const struct text_section *s = &t->sections[i];
		if (address >= s->address && address - s->address < s->end - s->start)
			return s;
	}
	return NULL;
}

bool pclntab_key(const struct pclntab *t, uint64_t address, uint64_t *key_ret)
{
	if (address < t->text || address >= t->etext)
		return false;
	*key_ret = t->layout->function->word == WORD ? address : address - t->text;
	if (!t->section_count)
		return true;
	const struct text_section *s = section_of_address(t, address);
	if (s)
		*key_ret = s->start + (address - s->address);
	return s;
}

uint64_t pclntab_address(const struct pclntab *t, uint64_t key)
{
	for (size_t i = 0; i < t->section_count; i++) {
		const struct text_section *s = &t->sections[i];
		if (key >= s->start && key < s->end)
			return s->address + (key - s->start);
	}
	return t->layout->function->word == WORD ? key : t->text + key;
}

static bool read_single_table(struct pclntab *t, struct span whole)
{
	const struct header_layout *h = t->layout->header;
	uint64_t functab = (uint64_t)h->size * WORD;
	t->names = t->pc_values = t->table = whole;
	t->table_address = t->address;
	if (t->functions >= (whole.size - functab) / (2 * WORD))
		return false;
	uint64_t end = functab + (uint64_t)t->functions * 2 * WORD;
	uint32_t files = span_u32(t, whole, end + WORD);
	t->file_count = span_u32(t, whole, files);
	t->files = (struct span){whole.data + files, whole.size - files};
	return files > end && files < whole.size && t->file_count <= t->files.size / 4;
}

/* Sub-tables reach to the end of the segment: their sizes are not in the header. */
static bool sub_table(struct pclntab *t, struct span whole, uint8_t word, uint64_t *before,
		      struct span *ret)
{
	struct cursor c = span_cursor(t, whole, (uint64_t)word * WORD);
	uint64_t offset = cursor_u64(&c);
	if (c.failed || offset < *before || offset >= whole.size)
		return false;
	*before = offset;
	*ret = (struct span){whole.data + offset, whole.size - offset};
	return true;
}

static bool read_sub_tables(struct pclntab *t, struct span whole)
{
	const struct header_layout *h = t->layout->header;
	uint64_t before = (uint64_t)h->size * WORD;
	if (!sub_table(t, whole, h->names, &before, &t->names) ||
	    !sub_table(t, whole, h->units, &before, &t->units) ||
	    !sub_table(t, whole, h->files, &before, &t->files) ||
	    !sub_table(t, whole, h->pc_values, &before, &t->pc_values) ||
	    !sub_table(t, whole, h->table, &before, &t->table))
		return false;
	t->table_address = t->address + before;
	/* Sub-tables that others follow end there. */
	t->names.size -= t->units.size;
	t->units.size -= t->files.size;
	t->files.size -= t->pc_values.size;
	t->pc_values.size -= t->table.size;
	return t->functions < t->table.size / (2ull * t->layout->function->word);
}

/* Entries in order at the ends and in the middle, and a first function that has a name. */
static bool is_plausible(const struct pclntab *t)
{
	struct function f;
	size_t last = t->functions;
	uint64_t first = pclntab_function_key(t, 0), end = pclntab_function_key(t, last);
	uint64_t middle = pclntab_function_key(t, last / 2);
	return first <= middle && middle <= pclntab_function_key(t, last - 1) &&
	       pclntab_function_key(t, last - 1) <= end && first < end &&
	       pclntab_function(t, 0, &f) && pclntab_function(t, last - 1, &f);
}

bool pclntab_read(const struct image *image, uint64_t address, const struct layout *layout,
		  struct pclntab *ret)
{
	struct span whole;
	*ret = (struct pclntab){.image = image, .layout = layout, .address = address};
	ret->swap = image_big_endian(image) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	whole.data = image_bytes(image, address, &whole.size);
	if (!whole.data || whole.size < (uint64_t)layout->header->size * WORD)
		return false;
	struct cursor c = cursor_of(whole.data, whole.size, ret->swap);
	uint32_t magic = cursor_u32(&c);
	uint16_t zeros = cursor_u16(&c);
	ret->quantum = cursor_u8(&c);
	uint8_t word = cursor_u8(&c);
	ret->functions = cursor_u64(&c);
	if (magic != layout->magic || zeros || word != WORD || !ret->quantum || ret->quantum > 4 ||
	    !ret->functions)
		return false;
	bool read = layout->header->single_table ? read_single_table(ret, whole)
						 : read_sub_tables(ret, whole);
	return read && is_plausible(ret);
}

void pclntab_deinit(struct pclntab *t)
{
	free(t->sections);
	*t = (struct pclntab){0};
}

/* Where functab entry I starts in the table. */
static uint64_t functab_offset(const struct pclntab *t, size_t i)
{
	uint64_t start = t->layout->header->single_table ? t->layout->header->size * WORD : 0;
	return start + (uint64_t)i * 2 * t->layout->function->word;
}

uint64_t pclntab_function_key(const struct pclntab *t, size_t i)
{
	uint64_t offset = functab_offset(t, i), value = 0;
	if (t->layout->function->word == WORD)
		image_pointer(t->image, t->table_address + offset, &value);
	else
		value = span_u32(t, t->table, offset);
	return value;
}

bool pclntab_find(const struct pclntab *t, uint64_t key, size_t *i_ret)
{
	size_t low = 0, high = t->functions;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (pclntab_function_key(t, middle) <= key)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || key >= pclntab_function_key(t, low))
		return false;
	*i_ret = low - 1;
	return true;
}

static const char *name_at(const struct pclntab *t, uint64_t offset)
{
	struct cursor c = span_cursor(t, t->names, offset);
	if (cursor_left(&c) > MAX_NAME)
		c.end = c.at + MAX_NAME;
	return cursor_string(&c);
}

/* The start line in a record whose layout has it at OFFSET. Of what is no source it is 0 or less.
 */
static int start_line(const struct pclntab *t, struct span record, uint8_t offset)
{
	int32_t line = offset ? (int32_t)span_u32(t, record, offset) : 0;
	return line > 0 ? line : 0;
}

bool pclntab_function(const struct pclntab *t, size_t i, struct function *ret)
{
	const struct function_layout *layout = t->layout->function;
	struct cursor c = span_cursor(t, t->table, functab_offset(t, i) + layout->word);
	uint64_t offset = layout->word == WORD ? cursor_u64(&c) : cursor_u32(&c);
	c = span_cursor(t, t->table, offset);
	struct span record = {cursor_bytes(&c, layout->size), layout->size};
	if (!record.data)
		return false;
	ret->start = pclntab_function_key(t, i);
	ret->limit = pclntab_function_key(t, i + 1);
	ret->offset = offset;
	ret->name = name_at(t, span_u32(t, record, layout->name));
	ret->depth = span_u32(t, record, layout->depth);
	ret->file = span_u32(t, record, layout->file);
	ret->line = span_u32(t, record, layout->line);
	ret->start_line = start_line(t, record, layout->start_line);
	ret->unit = layout->has_units ? span_u32(t, record, layout->unit) : 0;
	ret->pcdata_count = span_u32(t, record, layout->pcdata_count);
	ret->funcdata_count = record.data[layout->funcdata_count];
	ret->id = record.data[layout->id];
	ret->flags = record.data[layout->id + 1];
	return ret->name;
}

struct run pclntab_runs(const struct pclntab *t, uint64_t start, uint32_t table)
{
	struct cursor c = span_cursor(t, t->pc_values, table);
	return (struct run){.at = c, .key = start, .value = -1};
}

/* runtime/symtab.go, step() */
bool pclntab_next_run(const struct pclntab *t, struct run *run)
{
	uint32_t change = cursor_varint32(&run->at);
	if (!change && run->count)
		return false;
	uint32_t instructions = cursor_varint32(&run->at);
	if (run->at.failed || !instructions || run->count++ == MAX_RUNS)
		return false;
	run->value += -(change & 1) ^ (change >> 1);
	run->key += (uint64_t)instructions * t->quantum;
	return true;
}

bool pclntab_value(const struct pclntab *t, const struct function *f, uint32_t table, uint64_t key,
		   int32_t *value_ret)
{
	struct run run = pclntab_runs(t, f->start, table);
	while (table && pclntab_next_run(t, &run)) {
		if (key < run.key) {
			*value_ret = (int32_t)run.value;
			return true;
		}
	}
	return false;
}

uint64_t pclntab_values_end(const struct pclntab *t, const struct function *f, uint32_t table)
{
	struct run run = pclntab_runs(t, f->start, table);
	while (table && run.key < f->limit && pclntab_next_run(t, &run))
		;
	return run.key < f->limit ? run.key : f->limit;
}

static const char *file_name(const struct pclntab *t, const struct function *f, int32_t number)
{
	uint32_t offset;
	struct span strings = t->files;
	if (number < 0)
		return NULL;
	if (t->layout->function->has_units) {
		struct cursor c = span_cursor(t, t->units, ((uint64_t)f->unit + number) * 4);
		offset = cursor_u32(&c);
		if (c.failed || offset == UINT32_MAX)
			return NULL;
	} else {
		if (!number || (uint32_t)number >= t->file_count)
			return NULL;
		offset = span_u32(t, t->files, (uint64_t)number * 4);
		strings = t->names;
	}
	struct cursor c = span_cursor(t, strings, offset);
	return cursor_string(&c);
}

bool pclntab_line(const struct pclntab *t, const struct function *f, uint64_t key,
		  const char **file_ret, int *line_ret)
{
	int32_t file = -1, line = -1;
	*file_ret = NULL;
	*line_ret = 0;
	/* Neither is known without the other (runtime/symtab.go, funcline1). */
	if (pclntab_value(t, f, f->line, key, &line) && line >= 0 &&
	    pclntab_value(t, f, f->file, key, &file))
		*file_ret = file_name(t, f, file);
	if (*file_ret)
		*line_ret = line;
	return *file_ret;
}

static uint32_t pcdata_table(const struct pclntab *t, const struct function *f, uint32_t i)
{
	return i < f->pcdata_count
		       ? span_u32(t, t->table, f->offset + t->layout->function->size + i * 4ull)
		       : 0;
}

/* The address funcdata I points to; false when there is none. */
static bool funcdata_address(const struct pclntab *t, const struct function *f, uint32_t i,
			     uint64_t *address_ret)
{
	const struct function_layout *layout = t->layout->function;
	if (i >= f->funcdata_count)
		return false;
	uint64_t refs = f->offset + layout->size + f->pcdata_count * 4ull;
	if (layout->funcdata == WORD) {
		uint64_t address = (t->table_address + refs + WORD - 1) & -(uint64_t)WORD;
		return image_pointer(t->image, address + i * WORD, address_ret) && *address_ret;
	}
	struct cursor c = span_cursor(t, t->table, refs + i * 4ull);
	uint32_t offset = cursor_u32(&c);
	*address_ret = t->gofunc + offset;
	return !c.failed && offset != UINT32_MAX && t->gofunc;
}

static int read_inlined_call(const struct pclntab *t, const struct function *f, uint64_t tree,
			     int32_t i, struct inlined_call *ret)
{
	const struct inline_layout *layout = t->layout->inlining;
	uint64_t left = 0;
	const uint8_t *bytes = image_bytes(t->image, tree, &left);
	if (!bytes)
		return -1;
	struct cursor c = cursor_of(bytes, left, t->swap);
	cursor_skip(&c, (uint64_t)i * layout->size);
	struct span record = {cursor_bytes(&c, layout->size), layout->size};
	if (!record.data)
		return -1;
	ret->id = record.data[layout->id];
	ret->name = name_at(t, span_u32(t, record, layout->name));
	ret->start_line = start_line(t, record, layout->start_line);
	ret->parent = f->start + span_u32(t, record, layout->parent_pc);
	return ret->name && ret->parent < f->limit ? 1 : -1;
}

int pclntab_inlined(const struct pclntab *t, const struct function *f, uint64_t key,
		    struct inlined_call *ret)
{
	const struct inline_layout *layout = t->layout->inlining;
	uint64_t tree;
	int32_t i = -1;
	if (!funcdata_address(t, f, layout->funcdata, &tree))
		return 0;
	pclntab_value(t, f, pcdata_table(t, f, layout->pcdata), key, &i);
	return i < 0 ? 0 : read_inlined_call(t, f, tree, i, ret);
}
