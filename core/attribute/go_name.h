/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_GO_NAME_H
#define ATTRIBUTE_GO_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/strings.h"

/*
 * The package of a Go function, as its import path: "encoding/json" of
 * "encoding/json.(*decodeState).object", with Go's %xx undone. STRING_UNKNOWN for what the
 * compiler and the linker made up (type:.eq.…, go:…) and for C names.
 */
uint32_t go_package(struct strings *strings, const char *function);

#endif
