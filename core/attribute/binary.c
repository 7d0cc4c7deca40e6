// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/binary.h"

#include <stdlib.h>
#include <string.h>

#include "attribute/binary_debug_file.h"
#include "attribute/binary_demangle.h"
#include "base/cleanup.h"

struct binary {
	struct image *image;
	struct image *debug; /* the separate debug file, or NULL */
	struct gobin *go;    /* NULL: no Go in it */
	struct perfgo_error *go_error;
	struct demangler demangler;
	struct cfi *cfi[2]; /* of the image and of the debug file, opened at first use */
};

static struct perfgo_error *binary_load(struct binary *binary, const char *path)
{
	struct image_section section;
	struct perfgo_error *error = image_open(path, &binary->image);
	if (error)
		return error;
	binary->go_error = gobin_open(binary->image, &binary->go);
	if (!image_section(binary->image, ".symtab", &section))
		binary->debug = binary_find_debug_file(binary->image);
	return NULL;
}

struct perfgo_error *binary_open(const char *path, struct binary **ret)
{
	struct binary *binary = calloc(1, sizeof(*binary));
	if (!binary)
		return perfgo_error_no_memory();
	struct perfgo_error *error = binary_load(binary, path);
	if (error) {
		binary_close(binary);
		return error;
	}
	*ret = binary;
	return NULL;
}

void binary_close(struct binary *binary)
{
	if (!binary)
		return;
	perfgo_error_destroy(binary->go_error);
	gobin_close(binary->go);
	cfi_close(binary->cfi[0]);
	cfi_close(binary->cfi[1]);
	image_close(binary->debug);
	image_close(binary->image);
	demangler_deinit(&binary->demangler);
	free(binary);
}

struct perfgo_error *binary_take_go_error(struct binary *binary)
{
	return no_cleanup(binary->go_error);
}

const struct image *binary_image(const struct binary *binary)
{
	return binary->image;
}

const struct gobin *binary_go(const struct binary *binary)
{
	return binary->go;
}

/* False where the address is not Go's. */
static bool locate_go(const struct binary *binary, uint64_t address, bool with_lines,
		      struct binary_location *ret)
{
	struct gobin_frame frames[BINARY_MAX_FRAMES];
	struct gobin_place place;
	gobin_locate(binary->go, address, with_lines, frames, BINARY_MAX_FRAMES, &place);
	ret->symbol = place.name;
	ret->symbol_start = place.start;
	ret->count = place.count;
	for (size_t i = 0; i < ret->count; i++)
		ret->frames[i] = (struct binary_frame){.function = frames[i].function,
						       .linkage = frames[i].linkage,
						       .file = frames[i].file,
						       .line = frames[i].line,
						       .start_line = frames[i].start_line,
						       .go = true,
						       .inlined = i + 1 < ret->count};
	if (ret->count && place.wrapper)
		ret->frames[ret->count - 1].wrapper =
			!strcmp(ret->frames[ret->count - 1].function, place.name);
	return place.owned;
}

static bool find_symbol(const struct binary *binary, uint64_t address, struct image_symbol *ret)
{
	return (binary->debug && image_symbol(binary->debug, address, ret)) ||
	       image_symbol(binary->image, address, ret);
}

static size_t debug_frames(const struct binary *binary, uint64_t address,
			   struct image_frame frames[BINARY_MAX_FRAMES])
{
	struct image *image = binary->debug ? binary->debug : binary->image;
	return image_frames(image, address, frames, BINARY_MAX_FRAMES);
}

static void locate_other(struct binary *binary, uint64_t address, bool with_lines,
			 struct binary_location *ret)
{
	struct image_frame frames[BINARY_MAX_FRAMES];
	struct image_symbol symbol;
	bool named = find_symbol(binary, address, &symbol);
	if (named) {
		ret->symbol = demangler_name(&binary->demangler, symbol.name);
		ret->symbol_start = symbol.start;
	}
	ret->count = with_lines ? debug_frames(binary, address, frames) : 0;
	/* DWARF's plain name says less than the symbol: operator() of which lambda, or main.cold.
	 */
	if (ret->count && named && !frames[ret->count - 1].linkage)
		frames[ret->count - 1].function = symbol.name;
	for (size_t i = 0; i < ret->count; i++)
		ret->frames[i] = (struct binary_frame){
			.function = demangler_name(&binary->demangler, frames[i].function),
			.linkage = frames[i].function,
			.file = frames[i].file,
			.line = frames[i].line,
			.discriminator = frames[i].discriminator,
			.inlined = i + 1 < ret->count};
	if (!ret->count && named)
		ret->frames[ret->count++] =
			(struct binary_frame){.function = ret->symbol,
					      .linkage = symbol.name,
					      .file = with_lines ? symbol.file : NULL};
}

void binary_locate(struct binary *binary, uint64_t address, enum binary_lines lines,
		   struct binary_location *ret)
{
	ret->symbol = NULL;
	ret->symbol_start = 0;
	ret->count = 0;
	if (!binary->go || !locate_go(binary, address, lines != BINARY_NO_LINES, ret))
		locate_other(binary, address, lines == BINARY_ALL_LINES, ret);
}

const struct cfi_row *binary_cfi_row(struct binary *binary, uint64_t address)
{
	const struct image *images[2] = {binary->image, binary->debug};
	const struct cfi_row *row = NULL;
	for (size_t i = 0; i < 2 && !row; i++) {
		if (images[i] && !binary->cfi[i])
			perfgo_error_destroy(cfi_open(images[i], &binary->cfi[i]));
		row = binary->cfi[i] ? cfi_find(binary->cfi[i], address) : NULL;
	}
	return row;
}
