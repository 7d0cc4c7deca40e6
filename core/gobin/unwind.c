// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/unwind.h"

#include <elf.h>

#include "gobin/internal.h"
#include "gobin/stack_moves.h"

enum { KNOWN_FLAGS = UNWIND_FUNCTION_TOP | UNWIND_FUNCTION_SPWRITE | UNWIND_FUNCTION_ASM };

bool gobin_unwind_rule(const struct gobin *go, uint64_t address, struct unwind_rule *ret)
{
	const struct pclntab *t = &go->table;
	struct function function;
	uint64_t key;
	size_t i;
	if (!pclntab_key(t, address, &key) || !pclntab_find(t, key, &i) ||
	    !pclntab_function(t, i, &function) ||
	    !pclntab_value(t, &function, function.depth, key, &ret->depth) || ret->depth < 0)
		return false;
	ret->flags = function.flags & KNOWN_FLAGS;
	if (image_machine(go->image) != EM_AARCH64) {
		ret->link_register = false;
		return true;
	}
	/* cmd/internal/obj/arm64/obj7.go: a frame, as soon as it is there, has LR at its end. */
	ret->link_register = !ret->depth;
	return ret->flags & UNWIND_FUNCTION_SPWRITE ||
	       !stack_moves_unnoticed(go, &function, address, key);
}
