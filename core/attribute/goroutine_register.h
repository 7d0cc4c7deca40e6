/* SPDX-License-Identifier: GPL-2.0-only */
/* Where g is in its register: in the code that Go's compiler made. */
#ifndef ATTRIBUTE_GOROUTINE_REGISTER_H
#define ATTRIBUTE_GOROUTINE_REGISTER_H

#include "attribute/attribution.h"

struct goroutine_registers;

/*
 * Lets the session of ATTRIBUTION, which is borrowed, find goroutines by registers and snapshots.
 * NULL without memory. The caller frees it with goroutine_registers_free().
 */
struct goroutine_registers *goroutine_registers_new(struct attribution *attribution);
void goroutine_registers_free(struct goroutine_registers *registers);

#endif
