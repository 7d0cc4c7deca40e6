// SPDX-License-Identifier: GPL-2.0-only
#include "inject.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "elf/symbol_file.h"
#include "numbers.h"

_Static_assert((int)SUBSTITUTE_BUILD_ID_SIZE == BUILD_ID_SIZE, "it takes the place of one");

static struct perfgo_error *make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		bool made = !mkdir(path, 0755) || errno == EEXIST;
		struct perfgo_error *error =
			made ? NULL : perfgo_error_errno(errno, "cannot make %s", path);
		*slash = '/';
		if (error)
			return error;
	}
	return NULL;
}

/* The functions of Go's own tables. *RET is the caller's. */
static struct perfgo_error *list_functions(const struct gobin *go,
					   struct symbol_file_function **ret, size_t *count_ret)
{
	size_t total = gobin_info(go)->functions, count = 0;
	struct symbol_file_function *list = calloc(total + 1, sizeof(*list));
	struct gobin_function function;
	if (!list)
		return perfgo_error_no_memory();
	for (size_t i = 0; i < total; i++)
		if (gobin_function_at(go, i, &function))
			list[count++] = (struct symbol_file_function){function.name, function.start,
								      function.end};
	*ret = list;
	*count_ret = count;
	return NULL;
}

static bool needs_symbols(const struct binary *binary)
{
	struct image_section section;
	return binary && binary_go(binary) && symbol_file_possible(binary_image(binary)) &&
	       !image_section(binary_image(binary), ".symtab", &section);
}

/* ID with zeros behind it; false when there is none. */
static bool padded_id(uint8_t ret[BUILD_ID_SIZE], const uint8_t *id, size_t size)
{
	if (!id || !size)
		return false;
	memset(ret, 0, BUILD_ID_SIZE);
	memcpy(ret, id, size < BUILD_ID_SIZE ? size : BUILD_ID_SIZE);
	return true;
}

/* The build id that the recording has for a binary. */
static bool recorded_id(struct session *session, uint32_t dso, uint8_t ret[BUILD_ID_SIZE])
{
	size_t size;
	const uint8_t *id = session_build_id(session, dso, &size);
	return padded_id(ret, id, size);
}

/* The file's own, or what stands for it. */
static bool own_id(const struct image *image, uint8_t ret[BUILD_ID_SIZE])
{
	size_t size;
	const uint8_t *id = image_build_id(image, &size);
	return padded_id(ret, id, size) || image_substitute_build_id(image, ret);
}

static struct perfgo_error *add_id(struct inject_symbols *symbols, const char *name,
				   const uint8_t id[BUILD_ID_SIZE])
{
	if (!array_reserve(symbols->build_ids, symbols->capacity, symbols->nr_build_ids + 1))
		return perfgo_error_no_memory();
	struct conversion_build_id *added = &symbols->build_ids[symbols->nr_build_ids++];
	*added = (struct conversion_build_id){.filename = name};
	memcpy(added->id, id, BUILD_ID_SIZE);
	return NULL;
}

static struct perfgo_error *write_symbols(const struct binary *binary, const char *directory,
					  const uint8_t id[BUILD_ID_SIZE])
{
	_cleanup_free_ struct symbol_file_function *functions = NULL;
	char hex[BUILD_ID_TEXT_SIZE], path[PATH_MAX];
	size_t count;
	hex_text(id, BUILD_ID_SIZE, hex, sizeof(hex));
	if (snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s/elf", directory, hex, hex + 2) >=
	    (int)sizeof(path))
		return perfgo_error_errno(ENAMETOOLONG, "%s", directory);
	struct perfgo_error *error = make_directories(path);
	if (!error)
		error = list_functions(binary_go(binary), &functions, &count);
	if (!error)
		error = symbol_file_write(path, binary_image(binary), id, BUILD_ID_SIZE, functions,
					  count);
	return error;
}

struct perfgo_error *inject_symbols_write(struct attribution *attribution, const char *directory,
					  struct inject_symbols *ret)
{
	struct session *session = attribution_session(attribution);
	for (uint32_t dso_id = 1; dso_id <= session_nr_dsos(session); dso_id++) {
		const struct binary *binary = attribution_binary(attribution, dso_id);
		if (!needs_symbols(binary))
			continue;
		const char *name =
			strings_text(session_strings(session), session_dso(session, dso_id)->name);
		uint8_t id[BUILD_ID_SIZE];
		struct perfgo_error *error = NULL;
		if (!recorded_id(session, dso_id, id)) {
			if (!own_id(binary_image(binary), id))
				continue;
			error = add_id(ret, name, id);
		}
		if (!error)
			error = write_symbols(binary, directory, id);
		if (error)
			return error;
		ret->count++;
	}
	return NULL;
}

void inject_symbols_deinit(struct inject_symbols *symbols)
{
	free(symbols->build_ids);
}
