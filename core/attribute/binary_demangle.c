// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/binary_demangle.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* Of libstdc++ (cxxabi.h, which C cannot include). STATUS 0: demangled, into malloc'd memory. */
extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *length, int *status);

static uint32_t demangle(struct demangler *demangler, const char *name)
{
	int status;
	_cleanup_free_ char *plain = __cxa_demangle(name, NULL, NULL, &status);
	return strings_id(&demangler->plain, plain ? plain : name);
}

const char *demangler_name(struct demangler *demangler, const char *name)
{
	if (!name || name[0] != '_' || name[1] != 'Z')
		return name;
	size_t before = demangler->mangled.count;
	uint32_t id = strings_id(&demangler->mangled, name);
	if (!array_reserve(demangler->plain_of, demangler->capacity, demangler->mangled.count + 1))
		return name;
	if (!id)
		return name;
	if (demangler->mangled.count > before)
		demangler->plain_of[id - 1] = demangle(demangler, name);
	const char *plain = strings_text(&demangler->plain, demangler->plain_of[id - 1]);
	return plain ? plain : name;
}

void demangler_deinit(struct demangler *demangler)
{
	strings_deinit(&demangler->mangled);
	strings_deinit(&demangler->plain);
	free(demangler->plain_of);
}
