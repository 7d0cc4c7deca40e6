// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/gobin.h"

#include <stdlib.h>
#include <string.h>

#include "gobin/buildinfo.h"
#include "gobin/find.h"
#include "gobin/internal.h"

/* Functions inlined into each other: an inlining tree that goes deeper is damaged. */
enum { MAX_LEVELS = 128 };

static struct perfgo_error *read_build(struct gobin *go)
{
	struct buildinfo build;
	size_t length;
	struct perfgo_error *error = buildinfo_read(go->image, &go->arena, &build);
	if (error)
		return error;
	const char *id = image_go_build_id(go->image, &length);
	go->info.version = build.version;
	if (!build.version && id)
		go->info.version = buildinfo_version_symbol(go->image, &go->arena);
	go->info.release = buildinfo_release(go->info.version);
	go->info.path = build.path;
	go->info.module = build.module;
	go->info.settings = build.settings;
	if (!id)
		return NULL;
	char *copy = arena_alloc(&go->arena, length + 1);
	if (!copy)
		return perfgo_error_no_memory();
	memcpy(copy, id, length);
	copy[length] = 0;
	go->info.go_build_id = copy;
	return NULL;
}

static void fill_info(struct gobin *go)
{
	const struct pclntab *t = &go->table;
	int count;
	const struct layout *rows = layout_rows(&count);
	go->info.pclntab_address = t->address;
	go->info.pclntab_magic = t->layout->magic;
	go->info.text_start = t->text;
	go->info.text_end = t->etext;
	go->info.functions = t->functions;
	/* A row of one release tells it; what the last row is taken for may be a newer one. */
	if (!go->info.release && t->layout->first == t->layout->last &&
	    t->layout != &rows[count - 1])
		go->info.release = t->layout->first;
	go->info.inlines = t->gofunc || t->layout->function->funcdata == 8;
}

/* Of a binary from which build info and symbols were taken. */
static void find_version(struct gobin *go)
{
	if (go->info.version)
		return;
	go->info.version =
		buildinfo_version_variable(go->image, go->table.data, go->table.edata, &go->arena);
	if (go->info.version)
		go->info.release = buildinfo_release(go->info.version);
}

/* Go's linker leaves its mark in every binary, unless someone has taken all section headers off. */
static bool may_be_go(const struct gobin *go)
{
	struct image_section section;
	return go->info.version || go->info.go_build_id ||
	       image_section(go->image, ".gopclntab", &section) || !image_has_sections(go->image);
}

/* *FOUND_RET false: not a Go binary. */
static struct perfgo_error *gobin_load(struct gobin *go, bool *found_ret)
{
	struct perfgo_error *error = read_build(go);
	*found_ret = false;
	if (error || !may_be_go(go))
		return error;
	if (!pclntab_locate(go->image, go->info.release, &go->table, &go->info.pclntab_from)) {
		if (!go->info.version && !go->info.go_build_id)
			return NULL;
		return perfgo_error_new("%s: a Go binary (%s) without a function table that can be "
					"read",
					image_path(go->image),
					go->info.version ? go->info.version : "release unknown");
	}
	fill_info(go);
	find_version(go);
	*found_ret = true;
	return NULL;
}

struct perfgo_error *gobin_open(const struct image *image, struct gobin **ret)
{
	bool found;
	*ret = NULL;
	struct gobin *go = calloc(1, sizeof(*go));
	if (!go)
		return perfgo_error_no_memory();
	pthread_mutex_init(&go->lock, NULL);
	go->image = image;
	struct perfgo_error *error = gobin_load(go, &found);
	if (error || !found) {
		gobin_close(go);
		return error;
	}
	*ret = go;
	return NULL;
}

void gobin_close(struct gobin *go)
{
	if (!go)
		return;
	pclntab_deinit(&go->table);
	strings_deinit(&go->names);
	arena_deinit(&go->arena);
	pthread_mutex_destroy(&go->lock);
	free(go);
}

const struct gobin_info *gobin_info(const struct gobin *go)
{
	return &go->info;
}

/*
 * NAME as Frame.Function has it: from 1.21 on all between the first [ and the last ] is "..."
 * (runtime/traceback.go, funcNameForPrint).
 */
static const char *printed_name(const struct gobin *go, const char *name)
{
	const char *open = go->table.layout->elides_type_arguments ? strchr(name, '[') : NULL;
	const char *close = open ? strrchr(open, ']') : NULL;
	if (!close || (close - open == 4 && !memcmp(open, "[...]", 5)))
		return name;
	struct gobin *lazy = (struct gobin *)go;
	size_t head = open - name, tail = strlen(close);
	size_t length = head + 4 + tail;
	char *text = malloc(length);
	if (!text)
		return NULL;
	memcpy(text, name, head);
	memcpy(text + head, "[...", 4);
	memcpy(text + head + 4, close, tail);
	pthread_mutex_lock(&lazy->lock);
	const char *kept = strings_text(&lazy->names, strings_id_of(&lazy->names, text, length));
	pthread_mutex_unlock(&lazy->lock);
	free(text);
	return kept;
}

/* The function of an address, its key and the source position there. */
struct place {
	struct function function;
	uint64_t key;
	const char *file;
	int line;
};

/* False outside of Go's text. */
static bool find_function(const struct gobin *go, uint64_t address, struct place *ret)
{
	const struct pclntab *t = &go->table;
	size_t i;
	ret->file = NULL;
	ret->line = 0;
	return pclntab_key(t, address, &ret->key) && pclntab_find(t, ret->key, &i) &&
	       pclntab_function(t, i, &ret->function);
}

/* False in padding, and in what has a name but is no code. The position is only read on demand. */
static bool find_position(const struct gobin *go, bool with_lines, struct place *place)
{
	int32_t line = -1;
	if (with_lines)
		return pclntab_line(&go->table, &place->function, place->key, &place->file,
				    &place->line);
	return place->function.file &&
	       pclntab_value(&go->table, &place->function, place->function.line, place->key,
			     &line) &&
	       line >= 0;
}

/* A wrapper is told only when it called what panics (runtime/traceback.go, elideWrapperCalling). */
static bool is_elided(const struct function_ids *ids, uint8_t id, uint8_t callee)
{
	return id == ids->wrapper && callee != ids->panic && callee != ids->sigpanic &&
	       callee != ids->panicwrap;
}

/* What is being filled by the walk from the innermost function outwards. */
struct walk {
	struct gobin_frame *frames;
	size_t count, max;
	uint8_t callee;
};

static void walk_add(struct walk *walk, const struct gobin *go, const char *name, int start_line,
		     const struct place *place)
{
	if (walk->count == walk->max)
		return;
	walk->frames[walk->count++] = (struct gobin_frame){
		.function = printed_name(go, name),
		.linkage = name,
		.file = place->file,
		.line = place->line,
		.start_line = start_line,
	};
}

/*
 * As runtime_expandFinalInlineFrame (runtime/symtab.go, runtime/symtabinl.go): the callee of the
 * innermost function counts as an ordinary one.
 */
static size_t walk_frames(const struct gobin *go, struct place place, bool with_lines,
			  struct gobin_frame *frames, size_t max)
{
	const struct layout *layout = go->table.layout;
	struct walk walk = {.frames = frames, .max = max};
	struct inlined_call call;
	int found, levels = 0;
	while ((found = pclntab_inlined(&go->table, &place.function, place.key, &call)) > 0) {
		if (!is_elided(layout->ids, call.id, walk.callee))
			walk_add(&walk, go, call.name, call.start_line, &place);
		if (++levels == MAX_LEVELS || walk.count == max)
			return walk.count;
		walk.callee = call.id;
		place.key = call.parent;
		find_position(go, with_lines, &place);
	}
	if (found < 0)
		return 0;
	if (!levels || !layout->hides_physical_wrapper ||
	    !is_elided(layout->ids, place.function.id, walk.callee))
		walk_add(&walk, go, place.function.name, place.function.start_line, &place);
	return walk.count;
}

/* The linker's own marks in the text: go.buildid, go:textfipsstart, runtime.etext. */
static bool is_mark(const char *name)
{
	return !strncmp(name, "go:", 3) || !strncmp(name, "go.", 3) ||
	       !strncmp(name, "runtime.", 8);
}

/* The linker gives foreign functions an entry too, with nothing behind it but a name. */
static bool is_owned(const struct function *f)
{
	return f->line || is_mark(f->name);
}

void gobin_locate(const struct gobin *go, uint64_t address, bool with_lines,
		  struct gobin_frame *frames, size_t max, struct gobin_place *ret)
{
	struct place place;
	*ret = (struct gobin_place){.owned = find_function(go, address, &place) &&
					     is_owned(&place.function)};
	if (!ret->owned || !find_position(go, with_lines, &place))
		return;
	ret->name = printed_name(go, place.function.name);
	ret->start = pclntab_address(&go->table, place.function.start);
	ret->wrapper = place.function.id == go->table.layout->ids->wrapper;
	ret->count = walk_frames(go, place, with_lines, frames, max);
}

bool gobin_function_at(const struct gobin *go, size_t i, struct gobin_function *ret)
{
	const struct pclntab *t = &go->table;
	struct function f;
	if (i >= t->functions || !pclntab_function(t, i, &f))
		return false;
	uint64_t end = pclntab_values_end(t, &f, f.line);
	if (end <= f.start)
		return false;
	ret->name = printed_name(go, f.name);
	ret->start = pclntab_address(t, f.start);
	ret->end = ret->start + (end - f.start);
	return ret->name;
}

bool gobin_function_bounds(const struct gobin *go, uint64_t address, uint64_t *start_ret,
			   uint64_t *end_ret)
{
	const struct pclntab *t = &go->table;
	uint64_t key;
	size_t i;
	if (!pclntab_key(t, address, &key) || !pclntab_find(t, key, &i))
		return false;
	*start_ret = pclntab_address(t, pclntab_function_key(t, i));
	*end_ret = pclntab_address(t, pclntab_function_key(t, i + 1));
	return *end_ret > *start_ret;
}
