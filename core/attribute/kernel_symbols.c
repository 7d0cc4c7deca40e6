// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/kernel_symbols.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/dso_file.h"
#include "base/array.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/cursor.h"

struct kernel_symbol {
	uint64_t address;
	size_t line; /* where it stands in the table */
	const char *name;
	const char *module; /* "[name]", one text for all of it; NULL: the kernel itself */
};

struct kernel_symbols {
	struct kernel_symbol *symbols;
	size_t count, capacity;
	uint64_t slide;	    /* recorded address - address in the table */
	const char *module; /* of the last line */
	struct arena names;
};

static int by_address(const void *a, const void *b)
{
	const struct kernel_symbol *x = a, *y = b;
	if (x->address != y->address)
		return x->address > y->address ? 1 : -1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Goes over to another module, or with NULL to the kernel. False without memory. */
static bool set_module(struct kernel_symbols *symbols, const char *module)
{
	if (!module)
		symbols->module = NULL;
	else if (!symbols->module || strcmp(symbols->module, module) != 0)
		symbols->module = arena_string(&symbols->names, module);
	return symbols->module || !module;
}

static bool add_symbol(struct kernel_symbols *symbols, uint64_t address, const char *name)
{
	const char *copy = arena_string(&symbols->names, name);
	if (!copy || !array_reserve(symbols->symbols, symbols->capacity, symbols->count + 1))
		return false;
	symbols->symbols[symbols->count] = (struct kernel_symbol){.address = address,
								  .line = symbols->count,
								  .name = copy,
								  .module = symbols->module};
	symbols->count++;
	return true;
}

/* A line of /proc/kallsyms: address, kind, name, and the module in brackets. Only code is kept. */
static bool add_line(struct kernel_symbols *symbols, char *line)
{
	char *rest;
	uint64_t address = strtoull(line, &rest, 16);
	if (!address || rest[0] != ' ' || !rest[1] || !strchr("tTwW", rest[1]) || rest[2] != ' ')
		return true;
	char *name = rest + 3, *end = name + strcspn(name, "\t\n "), *module = strchr(end, '[');
	if (module)
		module[strcspn(module, "\n")] = 0;
	*end = 0;
	if (!*name || !strncmp(name, "__pfx_", 6) || *name == '$')
		return true;
	return set_module(symbols, module) && add_symbol(symbols, address, name);
}

static struct perfgo_error *read_kallsyms(struct kernel_symbols *symbols, const char *path)
{
	FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	bool enough = true;
	if (!file)
		return perfgo_error_errno(errno, "cannot open %s", path);
	while (enough && getline(&line, &size, file) > 0)
		enough = add_line(symbols, line);
	fclose(file);
	if (!enough)
		return perfgo_error_no_memory();
	if (symbols->count)
		qsort(symbols->symbols, symbols->count, sizeof(*symbols->symbols), by_address);
	return NULL;
}

/* The build id in /sys/kernel/notes: an ELF note of owner GNU, type 3 (NT_GNU_BUILD_ID). */
static size_t running_build_id(uint8_t id[BUILD_ID_SIZE])
{
	uint8_t notes[4096];
	FILE *file = fopen("/sys/kernel/notes", "re");
	size_t size = file ? fread(notes, 1, sizeof(notes), file) : 0;
	if (file)
		fclose(file);
	struct cursor c = cursor_of(notes, size, false);
	while (cursor_left(&c) > 12) {
		uint32_t name_size = cursor_u32(&c), id_size = cursor_u32(&c),
			 type = cursor_u32(&c);
		const char *name = cursor_bytes(&c, (name_size + UINT64_C(3)) & ~UINT64_C(3));
		const void *data = cursor_bytes(&c, (id_size + UINT64_C(3)) & ~UINT64_C(3));
		if (!name || !data || type != 3 || name_size != 4 || memcmp(name, "GNU", 4) ||
		    id_size > BUILD_ID_SIZE)
			continue;
		memcpy(id, data, id_size);
		return id_size;
	}
	return 0;
}

static bool is_running_kernel(const uint8_t *build_id, size_t size)
{
	uint8_t running[BUILD_ID_SIZE] = {0};
	size_t running_size = running_build_id(running);
	return running_size && size >= running_size && !memcmp(build_id, running, running_size);
}

struct perfgo_error *kernel_symbols_open(const struct attribution_options *options,
					 const uint8_t *build_id, size_t build_id_size,
					 struct kernel_symbols **ret)
{
	char path[PATH_MAX];
	*ret = NULL;
	if (!build_id_cache_path(options, build_id, build_id_size, "kallsyms", path,
				 sizeof(path))) {
		if (!is_running_kernel(build_id, build_id_size))
			return NULL;
		strcpy(path, "/proc/kallsyms");
	}
	struct kernel_symbols *symbols = calloc(1, sizeof(*symbols));
	struct perfgo_error *error =
		symbols ? read_kallsyms(symbols, path) : perfgo_error_no_memory();
	if (error || !symbols->count) {
		kernel_symbols_close(symbols);
		return error;
	}
	*ret = symbols;
	return NULL;
}

void kernel_symbols_close(struct kernel_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->symbols);
	arena_deinit(&symbols->names);
	free(symbols);
}

bool kernel_symbols_relocate(struct kernel_symbols *symbols, const char *name, uint64_t address)
{
	for (size_t i = 0; i < symbols->count; i++) {
		if (symbols->symbols[i].module || strcmp(symbols->symbols[i].name, name))
			continue;
		symbols->slide = address - symbols->symbols[i].address;
		return true;
	}
	return false;
}

static bool same_module(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/*
 * The last symbol of the kernel, and of a module, ends with the page behind its own, as for perf
 * (tools/perf/util/symbol.c, perf 6.12, symbols__fixup_end()): sizes are not in the table.
 */
static uint64_t end_of(const struct kernel_symbols *symbols, size_t i)
{
	enum { PAGE = 4096 };
	const struct kernel_symbol *symbol = &symbols->symbols[i];
	const struct kernel_symbol *next = i + 1 < symbols->count ? symbol + 1 : NULL;
	uint64_t end = ((symbol->address + PAGE - 1) & ~(uint64_t)(PAGE - 1)) + PAGE;
	if (next && (same_module(symbol->module, next->module) || next->address < end))
		return next->address;
	return end;
}

const char *kernel_symbols_find(const struct kernel_symbols *symbols, uint64_t address,
				const char *module, uint64_t *start_ret)
{
	size_t low = 0, high = symbols->count;
	/* Modules are loaded at addresses of their own at each boot. */
	if (module && symbols->slide)
		return NULL;
	address -= symbols->slide;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (symbols->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* Of several names the last one, as perf: only that has a size there (symbols__fixup_end
	 * before symbols__fixup_duplicate, tools/perf/util/symbol.c, perf 6.12). */
	if (!low || address >= end_of(symbols, low - 1) ||
	    !same_module(symbols->symbols[low - 1].module, module))
		return NULL;
	*start_ret = symbols->symbols[low - 1].address + symbols->slide;
	return symbols->symbols[low - 1].name;
}
