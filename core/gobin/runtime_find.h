/* SPDX-License-Identifier: GPL-2.0-only */
/* The runtime's variables by the code of functions that use them, for binaries without symbols. */
#ifndef GOBIN_RUNTIME_FIND_H
#define GOBIN_RUNTIME_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gobin/runtime.h"

/* The code of a function. */
struct runtime_code {
	const uint8_t *bytes;
	uint64_t size, address;
	bool wrapper; /* made by the compiler; it may have the name of what it calls */
};

/* What an instruction does with a variable. */
enum runtime_use_kind {
	RUNTIME_USE_COMPARE32, /* with the constant `value` */
	RUNTIME_USE_ADD32,     /* of the constant `value`, in memory */
	RUNTIME_USE_WORD,      /* loads or stores 64 bits */
	RUNTIME_USE_ADDRESS,   /* takes its address */
};

struct runtime_use {
	uint64_t address;
	uint32_t value;
	uint8_t kind; /* enum runtime_use_kind */
};

/*
 * The uses in a piece of code, at most MAX. It is not followed as it runs, nor, on amd64, decoded
 * instruction by instruction: one use alone proves nothing.
 */
typedef size_t runtime_uses(const struct runtime_code *code, struct runtime_use *uses, size_t max);
runtime_uses runtime_uses_amd64;
runtime_uses runtime_uses_arm64;

/* Fills the addresses in RET that are 0, where the uses leave no doubt. */
void runtime_find_variables(const struct gobin *go, runtime_uses *uses_of,
			    struct gobin_runtime *ret);

/*
 * How the runtime's functions get at g, which they all do in one way: false when they do not. Then
 * *OFFSET_RET is that from the thread pointer or, when that is 0, *SLOT_RET the address of the
 * word that has the offset in memory.
 */
bool runtime_find_tls_amd64(const struct gobin *go, int64_t *offset_ret, uint64_t *slot_ret);

/* Calls VISIT with the code of each function of package runtime. */
typedef void runtime_visit(void *context, const char *name, const struct runtime_code *code);
void runtime_functions(const struct gobin *go, runtime_visit *visit, void *context);

#endif
