/* SPDX-License-Identifier: GPL-2.0-only */
/* C++ names as people write them, each made once. */
#ifndef ATTRIBUTE_BINARY_DEMANGLE_H
#define ATTRIBUTE_BINARY_DEMANGLE_H

#include "base/strings.h"

/* Zero-initialised is empty. */
struct demangler {
	struct strings mangled, plain;
	uint32_t *plain_of; /* by id in mangled, less one */
	size_t capacity;
};

/*
 * The plain name of a mangled one, valid as long as the demangler; NAME itself where it is not
 * mangled, or on lack of memory. NULL stays NULL.
 */
const char *demangler_name(struct demangler *demangler, const char *name);

void demangler_deinit(struct demangler *demangler);

#endif
