// SPDX-License-Identifier: GPL-2.0-only
#include "session/dsos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/* "[name]" for /lib/modules/…/name.ko[.xz], as tools/perf/util/dso.c, __kmod_path__parse. */
static uint32_t module_name(struct strings *strings, const char *base)
{
	char name[256];
	const char *end = strstr(base, ".ko");
	if (!end)
		return strings_id(strings, base);
	int length = snprintf(name, sizeof(name), "[%.*s]", (int)(end - base), base);
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	return length < (int)sizeof(name) ? strings_id(strings, name) : strings_id(strings, base);
}

/* What perf calls memory that a just-in-time compiler filled (tools/perf/util/dso.c). */
static uint32_t jit_name(struct strings *strings, int pid)
{
	char name[32];
	snprintf(name, sizeof(name), "[JIT] tid %d", pid);
	return strings_id(strings, name);
}

static uint32_t short_name(struct strings *strings, enum dso_kind kind, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash && slash[1] ? slash + 1 : name;
	int pid;
	if (kind == DSO_MODULE && *name != '[')
		return module_name(strings, base);
	if (kind == DSO_ANON && sscanf(base, "perf-%d.map", &pid) == 1)
		return jit_name(strings, pid);
	return strings_id(strings, base);
}

static bool same(const struct dso *dso, enum dso_kind kind, uint32_t name, const uint8_t *build_id,
		 size_t size)
{
	return dso->kind == kind && dso->name == name && dso->build_id_size == size &&
	       (!size || !memcmp(dso->build_id, build_id, size));
}

static uint32_t add(struct dsos *dsos, uint32_t hash, const struct dso *dso)
{
	if (!array_reserve(dsos->dsos, dsos->capacity, dsos->count + 1) ||
	    !idmap_insert(&dsos->index, hash, (uint32_t)dsos->count))
		return DSO_NONE;
	dsos->dsos[dsos->count] = *dso;
	return (uint32_t)++dsos->count;
}

uint32_t dsos_find(struct dsos *dsos, enum dso_kind kind, const char *name, const uint8_t *build_id,
		   size_t build_id_size, uint32_t pid)
{
	uint32_t at, name_id = strings_id(dsos->strings, name);
	size_t size = !build_id ? 0 : build_id_size > BUILD_ID_SIZE ? BUILD_ID_SIZE : build_id_size;
	uint64_t build = size ? hash_bytes(build_id, size) : 0;
	uint32_t hash = hash_fold(hash_word(hash_word(name_id, kind), build));
	for (size_t probe = hash; (at = idmap_probe(&dsos->index, hash, &probe)) != IDMAP_NONE;)
		if (same(&dsos->dsos[at], kind, name_id, build_id, size))
			return at + 1;
	struct dso dso = {.kind = kind,
			  .name = name_id,
			  .short_name = short_name(dsos->strings, kind, name),
			  .pid = pid,
			  .build_id_size = (uint8_t)size};
	if (size)
		memcpy(dso.build_id, build_id, size);
	return add(dsos, hash, &dso);
}

void dsos_mapped(struct dsos *dsos, uint32_t id, uint64_t pgoff, uint64_t length)
{
	if (!id || dsos->dsos[id - 1].map_length)
		return;
	dsos->dsos[id - 1].map_pgoff = pgoff;
	dsos->dsos[id - 1].map_length = length;
}

void dsos_deinit(struct dsos *dsos)
{
	free(dsos->dsos);
	idmap_deinit(&dsos->index);
	*dsos = (struct dsos){0};
}
