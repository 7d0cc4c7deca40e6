// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/attribution.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "attribute/binary.h"
#include "attribute/dso_file.h"
#include "attribute/kernel_symbols.h"
#include "attribute/goroutine_register.h"
#include "attribute/stacks.h"
#include "base/array.h"
#include "base/hash.h"

enum { NAME_MEMO = 4096 };

struct opened_dso {
	bool tried;
	struct binary *binary;
	struct kernel_symbols *kernel;
};

struct attribution {
	struct session *session;
	struct attribution_options options;
	enum binary_lines lines;
	struct stacks *stacks;
	struct goroutine_registers *registers;
	size_t refused;		 /* files that were not taken, or could not be read */
	struct opened_dso *dsos; /* by dso id */
	size_t dsos_capacity, nr_dsos;
	struct frames *frames_of; /* by location id; count 0: not looked up yet */
	size_t frames_of_capacity, nr_frames_of;
	struct frame *frames;
	size_t frames_capacity, nr_frames;
	struct binary_location found; /* large: one for all look-ups */
	struct {
		const char *text;
		uint32_t id;
	} names[NAME_MEMO]; /* string ids of texts that stay where they are, by address */
};

struct perfgo_error *attribution_new(struct session *session,
				     const struct attribution_options *options,
				     struct attribution **ret)
{
	struct attribution *attribution = calloc(1, sizeof(*attribution));
	if (!attribution)
		return perfgo_error_no_memory();
	attribution->session = session;
	if (options)
		attribution->options = *options;
	attribution->stacks = stacks_new(attribution, session);
	attribution->registers = goroutine_registers_new(attribution);
	if (!attribution->stacks || !attribution->registers) {
		attribution_free(attribution);
		return perfgo_error_no_memory();
	}
	*ret = attribution;
	return NULL;
}

void attribution_free(struct attribution *attribution)
{
	if (!attribution)
		return;
	for (size_t i = 0; i < attribution->nr_dsos; i++) {
		binary_close(attribution->dsos[i].binary);
		kernel_symbols_close(attribution->dsos[i].kernel);
	}
	stacks_free(attribution->stacks);
	goroutine_registers_free(attribution->registers);
	free(attribution->dsos);
	free(attribution->frames_of);
	free(attribution->frames);
	free(attribution);
}

const uint64_t *attribution_stack_ends(const struct attribution *attribution)
{
	return stacks_ends(attribution->stacks);
}

struct session *attribution_session(const struct attribution *attribution)
{
	return attribution->session;
}

void attribution_want_lines(struct attribution *attribution, enum binary_lines lines)
{
	if (lines > attribution->lines)
		attribution->lines = lines;
}

enum { MAX_WARNINGS = 3 };

/* A recording of another machine may refuse hundreds of files: the first few say it all. */
static void warn(struct attribution *attribution, struct perfgo_error *error)
{
	const struct observer *observer = session_observer(attribution->session);
	if (!error)
		return;
	attribution->refused++;
	if (attribution->refused <= MAX_WARNINGS) {
		const char *hint = perfgo_error_hint_text(error);
		observer_warn(observer, "%s%s%s", perfgo_error_text(error),
			      hint ? "\n         " : "", hint ? hint : "");
	} else if (attribution->refused == MAX_WARNINGS + 1) {
		observer_warn(observer, "more such files are not told of one by one");
	}
	perfgo_error_destroy(error);
}

static void open_kernel(struct attribution *attribution, const uint8_t *id, size_t size,
			struct kernel_symbols **ret)
{
	uint64_t address;
	const char *reference = session_kernel_reference(attribution->session, &address);
	if (!id)
		return;
	warn(attribution, kernel_symbols_open(&attribution->options, id, size, ret));
	/* Without it nobody knows where the kernel was: it is another place at each boot. */
	if (*ret && !(reference && address && kernel_symbols_relocate(*ret, reference, address))) {
		kernel_symbols_close(*ret);
		*ret = NULL;
	}
}

static bool recorded_here(const struct perfdata_header *header)
{
	struct utsname name;
	return header->hostname && !uname(&name) && !strcmp(header->hostname, name.nodename);
}

/* Modules have their symbols in the kernel's kallsyms, so they share its table. */
static void open_dso(struct attribution *attribution, uint32_t id, struct opened_dso *opened)
{
	struct strings *strings = session_strings(attribution->session);
	const struct dso *dso = session_dso(attribution->session, id);
	const char *name = strings_text(strings, dso->name);
	const struct perfdata *data = session_data(attribution->session);
	size_t size;
	const uint8_t *build_id = session_build_id(attribution->session, id, &size);
	if (dso->kind == DSO_KERNEL) {
		open_kernel(attribution, build_id, size, &opened->kernel);
		return;
	}
	struct dso_file file = {.name = name,
				.kind = dso->kind,
				.pid = dso->pid,
				.build_id = build_id,
				.build_id_size = size,
				.recorded_here = recorded_here(perfdata_header(data)),
				.arch = perfdata_header(data)->arch,
				.map_pgoff = dso->map_pgoff,
				.map_length = dso->map_length};
	if (dso->kind == DSO_FILE || dso->kind == DSO_VDSO)
		warn(attribution, dso_file_open(&file, &attribution->options, perfdata_path(data),
						&opened->binary));
	if (opened->binary)
		warn(attribution, binary_take_go_error(opened->binary));
}

/* NULL without memory. */
static struct opened_dso *opened_dso(struct attribution *attribution, uint32_t id)
{
	if (!array_reserve(attribution->dsos, attribution->dsos_capacity, id + 1))
		return NULL;
	for (; attribution->nr_dsos <= id; attribution->nr_dsos++)
		attribution->dsos[attribution->nr_dsos] = (struct opened_dso){0};
	struct opened_dso *opened = &attribution->dsos[id];
	if (!opened->tried) {
		opened->tried = true;
		open_dso(attribution, id, opened);
	}
	return opened;
}

struct binary *attribution_open(struct attribution *attribution, uint32_t dso)
{
	const struct opened_dso *opened = opened_dso(attribution, dso);
	return opened ? opened->binary : NULL;
}

const struct binary *attribution_binary(const struct attribution *attribution, uint32_t dso)
{
	return dso < attribution->nr_dsos ? attribution->dsos[dso].binary : NULL;
}

/*
 * Where a signal handler returns to, its frame holds the first instruction of a function: the
 * kernel put the address there, no call did (runtime/sys_linux_amd64.s, sigreturn__sigaction). So
 * does gosave_systemstack_switch of go1.17 (runtime/asm_amd64.s).
 */
static bool may_return_to_start(const char *symbol)
{
	return symbol &&
	       (!strncmp(symbol, "runtime.sigreturn", 17) || !strcmp(symbol, "__restore_rt") ||
		!strcmp(symbol, "runtime.systemstack_switch"));
}

/* Compilers and linkers for the machines perf-go knows begin functions there. */
enum { FUNCTION_ALIGNMENT = 16 };

/* What is at a location: the physical function, and the frames where a binary tells them. */
struct place {
	const char *symbol; /* NULL unknown */
	uint64_t symbol_offset;
	size_t count;
};

/* Looks in the binary at an address less BACK; frames go to attribution->found. */
static bool look(struct attribution *attribution, struct binary *binary, uint64_t offset,
		 unsigned int back, struct place *place)
{
	struct binary_location *found = &attribution->found;
	uint64_t address;
	if (!image_address_of_offset(binary_image(binary), offset - back, &address))
		return false;
	binary_locate(binary, address, attribution->lines, found);
	*place = (struct place){.symbol = found->symbol, .count = found->count};
	if (found->symbol)
		place->symbol_offset = address + back - found->symbol_start;
	return true;
}

static struct place locate_in_binary(struct attribution *attribution, struct binary *binary,
				     const struct location *location)
{
	struct place place = {0};
	if (location->returns && location->offset % FUNCTION_ALIGNMENT == 0 &&
	    look(attribution, binary, location->offset, 0, &place) && !place.symbol_offset &&
	    may_return_to_start(place.symbol))
		return place;
	place = (struct place){0};
	look(attribution, binary, location->offset, location->returns, &place);
	return place;
}

/* MODULE is NULL for the kernel itself. */
static struct place locate_in_kernel(const struct kernel_symbols *symbols, const char *module,
				     const struct location *location)
{
	uint64_t start = 0;
	struct place place = {0};
	place.symbol =
		kernel_symbols_find(symbols, location->offset - location->returns, module, &start);
	if (place.symbol)
		place.symbol_offset = location->offset - start;
	return place;
}

static struct place locate(struct attribution *attribution, const struct location *location)
{
	const struct dso *dso = session_dso(attribution->session, location->dso);
	bool kernel = dso->kind == DSO_KERNEL || dso->kind == DSO_MODULE;
	/* The symbols of modules are in the kernel's own table. */
	uint32_t id = kernel ? session_kernel_dso(attribution->session) : location->dso;
	struct opened_dso *opened = location->dso ? opened_dso(attribution, id) : NULL;
	const struct strings *strings = session_strings(attribution->session);
	if (!location->dso && location->offset == ADDRESS_NOT_RECORDED)
		return (struct place){.symbol = "[goroutine stack not recorded]"};
	if (dso->kind == DSO_BPF)
		return (struct place){.symbol = strings_text(strings, dso->name),
				      .symbol_offset = location->offset};
	if (opened && opened->kernel)
		return locate_in_kernel(
			opened->kernel,
			dso->kind == DSO_MODULE ? strings_text(strings, dso->short_name) : NULL,
			location);
	if (opened && opened->binary)
		return locate_in_binary(attribution, opened->binary, location);
	return (struct place){0};
}

static struct frame base_frame(const struct location *location, const struct place *place)
{
	return (struct frame){.dso = location->dso,
			      .has_symbol = place->symbol,
			      .symbol_offset = (uint32_t)place->symbol_offset};
}

/* The string id of a text of a binary, which is as a rule the one that was there before. */
static uint32_t name_id(struct attribution *attribution, const char *text)
{
	size_t at = hash_fold(hash_word(0, (uintptr_t)text)) % NAME_MEMO;
	if (attribution->names[at].text != text) {
		attribution->names[at].text = text;
		attribution->names[at].id = strings_id(session_strings(attribution->session), text);
	}
	return attribution->names[at].id;
}

/* Frames from the innermost on; without a binary that tells them, one that may be unknown. */
static void add_frames(struct attribution *attribution, const struct location *location,
		       const struct place *place)
{
	if (!place->count) {
		struct frame *frame = &attribution->frames[attribution->nr_frames++];
		*frame = base_frame(location, place);
		frame->symbol = frame->linkage = name_id(attribution, place->symbol);
	}
	for (size_t i = 0; i < place->count; i++) {
		const struct binary_frame *from = &attribution->found.frames[i];
		struct frame *frame = &attribution->frames[attribution->nr_frames++];
		*frame = base_frame(location, place);
		frame->symbol = name_id(attribution, from->function);
		frame->function = from->go ? frame->symbol : STRING_UNKNOWN;
		frame->file = name_id(attribution, from->file);
		frame->line = (uint32_t)from->line;
		frame->start_line = (uint32_t)from->start_line;
		frame->linkage = name_id(attribution, from->linkage);
		frame->inlined = from->inlined;
		frame->wrapper = from->wrapper;
		/* DWARF names a clone after its source; the symbol is what perf shows. */
		if (!from->go && !from->inlined && place->symbol)
			frame->symbol = name_id(attribution, place->symbol);
	}
}

/* The frame a sample itself counts for; one of its own where the physical function is another. */
static uint32_t add_self(struct attribution *attribution, uint32_t first, const struct place *place)
{
	uint32_t physical = name_id(attribution, place->symbol);
	if (attribution->frames[first].symbol == physical && !attribution->frames[first].inlined)
		return first;
	struct frame *self = &attribution->frames[attribution->nr_frames];
	*self = attribution->frames[first];
	self->symbol = physical;
	self->inlined = false;
	return (uint32_t)attribution->nr_frames++;
}

static bool reserve(struct attribution *attribution, uint32_t location)
{
	if (!array_reserve(attribution->frames, attribution->frames_capacity,
			   attribution->nr_frames + BINARY_MAX_FRAMES + 2) ||
	    !array_reserve(attribution->frames_of, attribution->frames_of_capacity, location + 1))
		return false;
	if (!attribution->nr_frames) /* [0] is what memory failed for */
		attribution->frames[attribution->nr_frames++] = (struct frame){0};
	for (; attribution->nr_frames_of <= location; attribution->nr_frames_of++)
		attribution->frames_of[attribution->nr_frames_of] = (struct frames){0};
	return true;
}

static struct frames look_up(struct attribution *attribution, uint32_t id)
{
	if (!reserve(attribution, id))
		return (struct frames){.count = 1};
	const struct location *location = session_location(attribution->session, id);
	struct place place = locate(attribution, location);
	struct frames *frames = &attribution->frames_of[id];
	frames->first = (uint32_t)attribution->nr_frames;
	add_frames(attribution, location, &place);
	frames->count = (uint32_t)attribution->nr_frames - frames->first;
	frames->self = add_self(attribution, frames->first, &place);
	return *frames;
}

struct frames attribution_frames(struct attribution *attribution, uint32_t location)
{
	if (location < attribution->nr_frames_of && attribution->frames_of[location].count)
		return attribution->frames_of[location];
	return look_up(attribution, location);
}

const struct frame *attribution_frame(const struct attribution *attribution, uint32_t frame)
{
	static const struct frame unknown;
	return attribution->nr_frames ? &attribution->frames[frame] : &unknown;
}

size_t attribution_nr_frames(const struct attribution *attribution)
{
	return attribution->nr_frames;
}
