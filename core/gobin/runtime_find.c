// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/runtime_find.h"

#include <stdlib.h>
#include <string.h>

#include "gobin/internal.h"

enum { MAX_USES = 1024 };

void runtime_functions(const struct gobin *go, runtime_visit *visit, void *context)
{
	const struct pclntab *t = &go->table;
	struct function function;
	uint64_t end = 0; /* so that no file makes this take forever */
	for (size_t i = 0; i < t->functions; i++) {
		if (!pclntab_function(t, i, &function) || function.start < end ||
		    function.limit <= function.start ||
		    strncmp(function.name, "runtime.", strlen("runtime.")) != 0)
			continue;
		end = function.limit;
		uint64_t left, size = function.limit - function.start;
		struct runtime_code code = {.address = pclntab_address(t, function.start)};
		code.wrapper = function.id == t->layout->ids->wrapper;
		code.bytes = image_bytes(go->image, code.address, &left);
		code.size = left < size ? left : size;
		if (code.bytes)
			visit(context, function.name, &code);
	}
}

/* Functions that are in every program of go1.17 to go1.27, and use the variables as told below. */
enum {
	GC_MARK,
	GC_SWEEP,
	GC_MARK_DONE,
	GC_RESET_MARK_STATE,
	SWEEPONE,
	STACKALLOC,
	ALLGADD,
	FOR_EACH_G,
	FUNCTIONS,
};

static const char *const names[FUNCTIONS] = {
	[GC_MARK] = "runtime.gcMark",	       [GC_SWEEP] = "runtime.gcSweep",
	[GC_MARK_DONE] = "runtime.gcMarkDone", [GC_RESET_MARK_STATE] = "runtime.gcResetMarkState",
	[SWEEPONE] = "runtime.sweepone",       [STACKALLOC] = "runtime.stackalloc",
	[ALLGADD] = "runtime.allgadd",	       [FOR_EACH_G] = "runtime.forEachG",
};

struct function_uses {
	struct runtime_use list[MAX_USES];
	size_t count; /* MAX_USES: there may be more */
};

struct search {
	const struct gobin *go;
	const struct runtime_layout *layout;
	runtime_uses *uses_of;
	struct function_uses *functions; /* FUNCTIONS of them */
};

static void read_uses(void *context, const char *name, const struct runtime_code *code)
{
	struct search *search = context;
	for (size_t i = 0; i < FUNCTIONS && !code->wrapper; i++) {
		struct function_uses *uses = &search->functions[i];
		if (!strcmp(name, names[i]) && !uses->count)
			uses->count = search->uses_of(code, uses->list, MAX_USES);
	}
}

static bool has_use(const struct search *search, int function, struct runtime_use use)
{
	const struct function_uses *uses = &search->functions[function];
	for (size_t i = 0; i < uses->count; i++)
		if (uses->list[i].kind == use.kind && uses->list[i].address == use.address &&
		    uses->list[i].value == use.value)
			return true;
	return false;
}

static bool is_variable(const struct search *search, uint64_t address, unsigned int align)
{
	const struct pclntab *t = &search->go->table;
	return address >= t->data && address < t->edata && !(address % align);
}

/* What tells one variable from all others that FUNCTION has uses of KIND and VALUE of. */
struct rule {
	int function;
	enum runtime_use_kind kind;
	uint32_t value;
	unsigned int align;
	bool (*agrees)(const struct search *search, uint64_t address);
};

/* The only address that fits the rule, or 0. */
static uint64_t apply(const struct search *search, const struct rule *rule)
{
	const struct function_uses *uses = &search->functions[rule->function];
	uint64_t found = 0;
	if (uses->count == MAX_USES)
		return 0;
	for (size_t i = 0; i < uses->count; i++) {
		const struct runtime_use *use = &uses->list[i];
		if (use->kind != rule->kind || use->value != rule->value || use->address == found ||
		    !is_variable(search, use->address, rule->align) ||
		    !rule->agrees(search, use->address))
			continue;
		if (found)
			return 0;
		found = use->address;
	}
	return found;
}

/* Each begins with a check of the phase it is for (runtime/mgc.go); gcMark is for the last one. */
static bool is_gcphase(const struct search *search, uint64_t address)
{
	return has_use(search, GC_SWEEP, (struct runtime_use){address, 0, RUNTIME_USE_COMPARE32}) &&
	       has_use(search, GC_MARK_DONE,
		       (struct runtime_use){address, 1, RUNTIME_USE_COMPARE32});
}
static const struct rule gcphase_rule = {GC_MARK, RUNTIME_USE_COMPARE32, 2, 4, is_gcphase};

/*
 * gcSweep adds two to mheap_.sweepgen, once the lock has been taken that mheap_ begins with. So
 * the address of mheap_ is in the code, there and in others.
 */
static bool is_sweepgen(const struct search *search, uint64_t address)
{
	static const int others[] = {GC_SWEEP, GC_RESET_MARK_STATE, SWEEPONE, STACKALLOC};
	struct runtime_use use = {.address = address - search->layout->sweepgen,
				  .kind = RUNTIME_USE_ADDRESS};
	int found = 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		found += has_use(search, others[i], use);
	return found >= 2;
}
static const struct rule sweepgen_rule = {GC_SWEEP, RUNTIME_USE_ADD32, 2, 4, is_sweepgen};

/* The only slice that allgadd appends to, and forEachG walks (runtime/proc.go). */
static bool is_allgs(const struct search *search, uint64_t address)
{
	enum { WORD = 8 };
	struct runtime_use use = {.kind = RUNTIME_USE_WORD};
	for (use.address = address; use.address <= address + 2 * WORD; use.address += WORD)
		if (!has_use(search, ALLGADD, use))
			return false;
	use.address = address + WORD;
	return has_use(search, FOR_EACH_G, use);
}
static const struct rule allgs_rule = {FOR_EACH_G, RUNTIME_USE_WORD, 0, 8, is_allgs};

void runtime_find_variables(const struct gobin *go, runtime_uses *uses_of,
			    struct gobin_runtime *ret)
{
	struct search search = {.go = go, .layout = ret->layout, .uses_of = uses_of};
	search.functions = calloc(FUNCTIONS, sizeof(*search.functions));
	if (!search.functions)
		return;
	runtime_functions(go, read_uses, &search);
	if (!ret->gcphase)
		ret->gcphase = apply(&search, &gcphase_rule);
	uint64_t sweepgen = 0;
	if (!ret->mheap && ret->layout)
		sweepgen = apply(&search, &sweepgen_rule);
	if (sweepgen)
		ret->mheap = sweepgen - ret->layout->sweepgen;
	if (!ret->allgs)
		ret->allgs = apply(&search, &allgs_rule);
	free(search.functions);
}
