/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_GOROUTINE_ENTRY_H
#define ATTRIBUTE_GOROUTINE_ENTRY_H

#include <stdint.h>

#include "attribute/attribution.h"

/*
 * The function that the `go` statement named, whose goroutine begins at a location: string id;
 * STRING_UNKNOWN where there is no Go code.
 */
uint32_t goroutine_entry(struct attribution *attribution, uint32_t location);

#endif
