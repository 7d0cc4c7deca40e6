// SPDX-License-Identifier: GPL-2.0-only
#include "elf/symbols.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* Symbols nested in each other are rare, and few. */
enum { MAX_NESTED = 256 };

static uint64_t raw_symbol_size(const struct image *image)
{
	return image->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

/* How many entries a symbol table section has in the file. */
static uint64_t raw_symbol_count(const struct image *image, const struct section *table)
{
	struct cursor c = image_cursor(image, table->offset, table->size);
	return cursor_left(&c) / raw_symbol_size(image);
}

bool raw_symbol_read(const struct image *image, const struct section *table, uint64_t i,
		     struct raw_symbol *ret)
{
	if (i >= raw_symbol_count(image, table))
		return false;
	struct cursor c = image_cursor(image, table->offset, table->size);
	cursor_skip(&c, i * raw_symbol_size(image));
	ret->name = cursor_u32(&c);
	if (!image->wide) {
		ret->value = cursor_u32(&c);
		ret->size = cursor_u32(&c);
	}
	uint8_t info = cursor_u8(&c);
	ret->type = ELF64_ST_TYPE(info);
	ret->binding = ELF64_ST_BIND(info);
	ret->visibility = ELF64_ST_VISIBILITY(cursor_u8(&c));
	ret->section = cursor_u16(&c);
	if (image->wide) {
		ret->value = cursor_u64(&c);
		ret->size = cursor_u64(&c);
	}
	return !c.failed;
}

static const struct section *section_of_type(const struct image *image, uint32_t type)
{
	for (size_t i = 0; i < image->section_count; i++)
		if (image->sections[i].type == type)
			return &image->sections[i];
	return NULL;
}

static uint8_t count_underscores(const char *name)
{
	size_t count = strspn(name, "_");
	return count < UINT8_MAX ? count : UINT8_MAX;
}

bool symbols_add(struct symbols *symbols, struct symbol symbol)
{
	if (!array_reserve(symbols->list, symbols->capacity, symbols->count + 1))
		return false;
	symbol.underscores = count_underscores(symbol.name);
	symbol.length = strlen(symbol.name);
	symbols->list[symbols->count++] = symbol;
	return true;
}

/*
 * Functions, and assembly's labels in code (tools/perf/util/symbol-elf.c, elf_sym__is_label), but
 * not $x, $d and their like, which only tell ARM code from data.
 */
static bool is_function(const struct image *image, const struct raw_symbol *raw, const char *name)
{
	/* "PKG(.text)" is how Go's linker calls a section of C (cmd/link/internal/loadelf). */
	if (!name || !*name || strstr(name, "(.") || raw->section == SHN_UNDEF ||
	    raw->section >= image->section_count)
		return false;
	if (!(image->sections[raw->section].flags & SHF_EXECINSTR))
		return false;
	if (raw->type == STT_FUNC || raw->type == STT_GNU_IFUNC)
		return true;
	return raw->type == STT_NOTYPE && name[0] != '$' && raw->visibility != STV_HIDDEN &&
	       raw->visibility != STV_INTERNAL;
}

static bool read_table(const struct image *image, const struct section *table,
		       struct symbols *symbols)
{
	if (table->link >= image->section_count)
		return true;
	const struct section *names = &image->sections[table->link];
	uint64_t count = raw_symbol_count(image, table);
	const char *file = NULL;
	for (uint64_t i = 0; i < count; i++) {
		struct raw_symbol raw;
		if (!raw_symbol_read(image, table, i, &raw))
			break;
		const char *name = image_text(image, names, raw.name);
		/* Go's linker calls all that it has linked go.go, C too. */
		if (raw.type == STT_FILE)
			file = name && *name && strcmp(name, "go.go") ? name : NULL;
		if (!is_function(image, &raw, name))
			continue;
		struct symbol symbol = {
			.start = raw.value,
			.end = raw.size > UINT64_MAX - raw.value ? 0 : raw.value + raw.size,
			.name = name,
			.file = raw.binding == STB_LOCAL ? file : NULL,
			.section = raw.section,
			.type = raw.type,
			.binding = raw.binding,
		};
		if (!raw.size)
			symbol.end = 0;
		if (!symbols_add(symbols, symbol))
			return false;
	}
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* Names lie in the file in the order of the symbols: keeps the sort stable. */
	return x->name < y->name ? -1 : x->name > y->name;
}

/* -1 when A has the property and B has not, 1 the other way round. */
static int prefer(bool a, bool b)
{
	return (int)b - (int)a;
}

/* True when A is the better name (tools/perf/util/symbol.c, choose_best_symbol, perf 6.12). */
static bool is_better(const struct symbol *a, const struct symbol *b)
{
	int order = prefer(a->end, b->end);
	if (!order)
		order = prefer(a->type != STT_NOTYPE, b->type != STT_NOTYPE);
	if (!order)
		order = prefer(a->binding != STB_WEAK, b->binding != STB_WEAK);
	if (!order)
		order = prefer(a->binding == STB_GLOBAL, b->binding == STB_GLOBAL);
	if (!order)
		order = (int)a->underscores - (int)b->underscores;
	if (!order)
		order = a->length < b->length ? 1 : -(a->length > b->length);
	return order <= 0;
}

static void keep_best_of_aliases(struct symbols *symbols)
{
	size_t kept = 0;
	for (size_t i = 0; i < symbols->count; i++) {
		struct symbol *last = kept ? &symbols->list[kept - 1] : NULL;
		const struct symbol *next = &symbols->list[i];
		if (!last || last->start != next->start)
			symbols->list[kept++] = *next;
		else if (!is_better(last, next))
			*last = *next;
	}
	symbols->count = kept;
}

static uint64_t section_end(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	return s->size > UINT64_MAX - s->address ? UINT64_MAX : s->address + s->size;
}

/* Symbols without a size reach to the next one of their section, or to its end. */
static void extend_sizeless(const struct image *image, struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++) {
		struct symbol *s = &symbols->list[i];
		uint64_t limit = section_end(image, s->section);
		if (i + 1 < symbols->count && symbols->list[i + 1].start < limit)
			limit = symbols->list[i + 1].start;
		if (!s->end)
			s->end = limit > s->start ? limit : s->start;
		uint64_t before = i ? symbols->reach[i - 1] : 0;
		symbols->reach[i] = s->end > before ? s->end : before;
	}
}

static bool symbols_fill(const struct image *image, struct symbols *symbols)
{
	const struct section *table = section_of_type(image, SHT_SYMTAB);
	if (!table)
		table = section_of_type(image, SHT_DYNSYM);
	if (table && !read_table(image, table, symbols))
		return false;
	if (!symbols_add_plt(image, symbols))
		return false;
	symbols->reach = calloc(symbols->count + 1, sizeof(*symbols->reach));
	if (!symbols->reach)
		return false;
	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), by_start);
	keep_best_of_aliases(symbols);
	extend_sizeless(image, symbols);
	return true;
}

static struct symbols *symbols_read(const struct image *image)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	if (symbols && !symbols_fill(image, symbols)) {
		symbols_destroy(symbols);
		return NULL;
	}
	return symbols;
}

void symbols_destroy(struct symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->list);
	free(symbols->reach);
	arena_deinit(&symbols->arena);
	free(symbols);
}

/* NULL without memory. */
static const struct symbols *image_symbols(const struct image *image)
{
	struct image *lazy = (struct image *)image;
	pthread_mutex_lock(&lazy->lock);
	if (!lazy->symbols)
		lazy->symbols = symbols_read(image);
	pthread_mutex_unlock(&lazy->lock);
	return lazy->symbols;
}

bool image_symbol(const struct image *image, uint64_t address, struct image_symbol *ret)
{
	const struct symbols *symbols = image_symbols(image);
	size_t low = 0, high = symbols ? symbols->count : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (symbols->list[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* Of nested symbols the innermost; reach says when none further down can cover it. */
	for (size_t last = low; low && symbols->reach[low - 1] > address && last - low < MAX_NESTED;
	     low--) {
		const struct symbol *s = &symbols->list[low - 1];
		if (address >= s->end)
			continue;
		*ret = (struct image_symbol){s->name, s->start, s->end, s->file};
		return true;
	}
	return false;
}

static bool find_by_name(const struct image *image, const struct section *table, const char *name,
			 uint64_t *address_ret)
{
	if (!table || table->link >= image->section_count)
		return false;
	const struct section *names = &image->sections[table->link];
	uint64_t count = raw_symbol_count(image, table);
	for (uint64_t i = 0; i < count; i++) {
		struct raw_symbol raw;
		if (!raw_symbol_read(image, table, i, &raw) || raw.section == SHN_UNDEF)
			continue;
		const char *text = image_text(image, names, raw.name);
		if (!text || strcmp(text, name))
			continue;
		*address_ret = raw.value;
		return true;
	}
	return false;
}

bool image_symbol_address(const struct image *image, const char *name, uint64_t *address_ret)
{
	return find_by_name(image, section_of_type(image, SHT_SYMTAB), name, address_ret) ||
	       find_by_name(image, section_of_type(image, SHT_DYNSYM), name, address_ret);
}
