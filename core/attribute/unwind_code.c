// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/unwind_code.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/binary.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/idmap.h"
#include "gobin/kept_stack.h"
#include "gobin/saved_link.h"
#include "gobin/unwind.h"

/* An address of an address space, looked up before. */
struct entry {
	uint64_t pc;
	uint32_t generation;
	bool caller, row_known;
	const struct cfi_row *row;
	struct unwind_code code;
};

/* By address: most are asked for again and again. */
enum { RECENT = 4096 };

struct unwind_codes {
	struct attribution *attribution;
	struct entry *entries;
	size_t count, capacity;
	struct idmap index;
	uint32_t recent[RECENT]; /* entries */
};

struct unwind_codes *unwind_codes_new(struct attribution *attribution)
{
	struct unwind_codes *codes = calloc(1, sizeof(*codes));
	if (codes)
		codes->attribution = attribution;
	return codes;
}

void unwind_codes_free(struct unwind_codes *codes)
{
	if (!codes)
		return;
	free(codes->entries);
	idmap_deinit(&codes->index);
	free(codes);
}

/*
 * Functions whose flags do not tell all. cgocallback writes SP, but so that both stacks can be
 * unwound through it; signal handlers return to sigreturn, and make threads call sigpanic and its
 * like where they were (runtime/traceback.go, go1.26; runtime/sys_linux_amd64.s). systemstack and
 * asmcgocall do something on g0 for a goroutine (runtime/asm_amd64.s); what calls the vdso, and the
 * race detector, goes there too, with its own SP in R12, or R20 (runtime/sys_linux_{amd64,arm64}.s,
 * race_amd64.s, go1.17 - go1.27).
 */
static const struct special {
	const char *name;
	size_t length; /* of NAME that counts: what follows differs between releases */
	enum unwind_kind kind;
	bool injected, begins;
	bool handler; /* that nobody called is not the end: a signal did */
	bool called_by_c;
	bool framed; /* who calls it has made a frame for it (cmd/internal/obj/x86/asm6.go) */
} specials[] = {
	{"runtime.sigreturn", 17, UNWIND_CODE_SIGNAL, .begins = true},
	{"runtime.systemstack_switch", 27, UNWIND_CODE_GO, .begins = true},
	{"runtime.sigtramp", 17, UNWIND_CODE_GO, .handler = true},
	{"runtime.cgoSigtramp", 20, UNWIND_CODE_GO, .handler = true},
	{"crosscall2", 11, UNWIND_CODE_GO, .called_by_c = true},
	{"runtime.duff", 12, UNWIND_CODE_GO, .framed = true},
	{"runtime.cgocallback", 20, UNWIND_CODE_GO},
	{"runtime.systemstack", 20, UNWIND_CODE_LEFT},
	{"runtime.asmcgocall", 19, UNWIND_CODE_LEFT},
	{"runtime.nanotime1", 18, UNWIND_CODE_VDSO},
	{"runtime.walltime", 17, UNWIND_CODE_VDSO},
	{"runtime.vgetrandom1", 20, UNWIND_CODE_VDSO},
	{"racecall", 9, UNWIND_CODE_VDSO},
	{"time.now", 9, UNWIND_CODE_VDSO},
	{"runtime.sigpanic", 17, UNWIND_CODE_GO, .injected = true},
	{"runtime.asyncPreempt", 21, UNWIND_CODE_GO, .injected = true},
	{"runtime.debugCallV2", 20, UNWIND_CODE_GO, .injected = true},
};

static const struct special *find_special(const char *name)
{
	for (size_t i = 0; name && i < sizeof(specials) / sizeof(*specials); i++)
		if (!strncmp(name, specials[i].name, specials[i].length))
			return &specials[i];
	return NULL;
}

/*
 * Whether the assembler has made a frame for a function, with PUSHQ BP; those that C calls make one
 * themselves as well (runtime/cgo/abi_amd64.h, PUSH_REGS_HOST_TO_ABI0()).
 */
static bool makes_frame(const struct image *image, uint64_t function)
{
	uint64_t left;
	const uint8_t *code = image_bytes(image, function, &left);
	return image_machine(image) == EM_X86_64 && code && left && *code == 0x55;
}

/* MOVQ SP, R12; MOVD RSP, R20 */
static const struct move {
	uint16_t machine;
	uint8_t size, bytes[4];
} sp_moves[] = {
	{EM_X86_64, 3, {0x49, 0x89, 0xe4}},
	{EM_AARCH64, 4, {0xf4, 0x03, 0x00, 0x91}},
};

/* Where the code of a function has put SP into the register that keeps it; 0 nowhere. */
static uint64_t find_kept_sp(const struct gobin *go, const struct image *image, uint64_t function)
{
	uint64_t left, start, end;
	const uint8_t *code = image_bytes(image, function, &left);
	if (!code || !gobin_function_bounds(go, function, &start, &end) || end - start > left)
		return 0;
	for (size_t i = 0; i < sizeof(sp_moves) / sizeof(*sp_moves); i++) {
		const struct move *move = &sp_moves[i];
		const uint8_t *found = move->machine == image_machine(image)
					       ? memmem(code, end - start, move->bytes, move->size)
					       : NULL;
		if (found)
			return function + (uint64_t)(found - code) + move->size;
	}
	return 0;
}

/* What calls the vdso, or the race detector: arm64's keeps SP in another register. */
static void fill_vdso(const struct gobin *go, const struct image *image, struct unwind_code *ret)
{
	uint64_t kept = find_kept_sp(go, image, ret->function);
	struct unwind_rule rule = {0};
	/* Once its frame is gone it has taken that back. */
	ret->keeps_sp = kept && ret->address >= kept && gobin_unwind_rule(go, kept, &rule) &&
			ret->depth == rule.depth;
	if (!kept)
		ret->kind = UNWIND_CODE_SWITCH;
}

/*
 * What a signal handler of arm64 returns to: MOV x8, #__NR_rt_sigreturn; SVC #0, of which the vdso
 * has no call frame information (arch/arm64/kernel/vdso/sigreturn.S).
 */
static bool is_sigreturn(const struct image *image, uint64_t address)
{
	static const uint8_t code[] = {0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4};
	uint64_t left;
	const uint8_t *bytes = image_bytes(image, address, &left);
	return image_machine(image) == EM_AARCH64 && bytes && left >= sizeof(code) &&
	       !memcmp(bytes, code, sizeof(code));
}

/* What makes its frame by hand has LR elsewhere than at SP, and not at once. */
static void fill_saved_link(const struct image *image, struct unwind_code *ret)
{
	struct saved_link saved;
	if (!ret->depth || !gobin_saved_link(image, ret->function, &saved))
		return;
	ret->link_register = ret->link = ret->address < saved.from;
	ret->link_at = saved.at;
	ret->frame_at_link = saved.with_frame;
}

/* Go's own address of a binary. */
static void fill_go(const struct image *image, const struct gobin *go, const char *name,
		    struct unwind_code *ret)
{
	struct unwind_rule rule;
	const struct special *special = find_special(name);
	if (special && special->kind == UNWIND_CODE_SIGNAL) {
		ret->kind = UNWIND_CODE_SIGNAL;
		return;
	}
	if (!gobin_unwind_rule(go, ret->address, &rule) || rule.depth < 0)
		return;
	bool top = rule.flags & UNWIND_FUNCTION_TOP && !(special && special->handler);
	ret->kind = top					      ? UNWIND_CODE_ROOT
		    : !(rule.flags & UNWIND_FUNCTION_SPWRITE) ? UNWIND_CODE_GO
		    : special				      ? special->kind
							      : UNWIND_CODE_SWITCH;
	ret->injected = special && special->injected;
	ret->handler = special && special->handler;
	ret->called_by_c = special && special->called_by_c;
	ret->frames_twice = ret->called_by_c && makes_frame(image, ret->function);
	ret->depth = rule.depth;
	ret->link_register = rule.link_register;
	ret->frame_pointer = special && special->framed
				     ? FRAME_POINTER_OWN
				     : gobin_frame_pointer(image, ret->function, ret->address,
							   ret->depth, &ret->link);
	fill_saved_link(image, ret);
	if (ret->kind == UNWIND_CODE_VDSO)
		fill_vdso(go, image, ret);
	if (ret->kind == UNWIND_CODE_LEFT &&
	    gobin_kept_stack(go, image, ret->function, ret->address + 1, &ret->kept_sp,
			     &ret->depth))
		ret->kind = UNWIND_CODE_KEPT;
}

/*
 * Whether ADDRESS is the first instruction of a function, and a return address all the same: the
 * kernel made it one, or gosave_systemstack_switch (runtime/asm_amd64.s, go1.17).
 */
static bool begins_function(const struct gobin *go, uint64_t address)
{
	struct gobin_frame frame;
	struct gobin_place place;
	gobin_locate(go, address, false, &frame, 1, &place);
	const struct special *special = find_special(place.name);
	return special && special->begins && place.start == address;
}

static bool is_vdso(const struct attribution *attribution, const struct map *map)
{
	return map && map->dso &&
	       session_dso(attribution_session(attribution), map->dso)->kind == DSO_VDSO;
}

/*
 * What runs on g0 once a goroutine has been left for good, and what leaves it (runtime/proc.go,
 * runtime/asm_amd64.s, go1.17 - go1.27). None of it is ever on a goroutine's own stack.
 */
static const char *const scheduler[] = {
	"runtime.mcall",     "runtime.schedule",    "runtime.park_m",	    "runtime.goschedImpl",
	"runtime.gcstopm",   "runtime.goexit0",	    "runtime.exitsyscall0", "runtime.preemptPark",
	"runtime.gosched_m", "runtime.gopreempt_m", "runtime.goyield_m",
};

static bool is_scheduler(const char *name)
{
	for (size_t i = 0; name && i < sizeof(scheduler) / sizeof(*scheduler); i++)
		if (!strcmp(name, scheduler[i]))
			return true;
	return false;
}

static struct unwind_code look_up(struct attribution *attribution, const struct maps *maps,
				  uint64_t pc, bool caller)
{
	struct unwind_code code = {.kind = UNWIND_CODE_UNKNOWN};
	struct gobin_frame frame;
	struct gobin_place place;
	const struct map *map = maps_find(maps, pc - caller);
	code.binary = map && map->dso ? attribution_open(attribution, map->dso) : NULL;
	if (!code.binary) {
		code.kind = is_vdso(attribution, map) ? UNWIND_CODE_KERNEL : UNWIND_CODE_UNKNOWN;
		return code;
	}
	const struct image *image = binary_image(code.binary);
	const struct gobin *go = binary_go(code.binary);
	if (!image_address_of_offset(image, pc - map->start + map->pgoff, &code.address))
		return code;
	code.begins = caller && go && begins_function(go, code.address);
	code.address -= caller && !code.begins;
	code.kind = is_sigreturn(image, code.address + (caller && !code.begins))
			    ? UNWIND_CODE_SIGNAL
			    : UNWIND_CODE_OTHER;
	if (!go)
		return code;
	gobin_locate(go, code.address, false, &frame, 1, &place);
	if (!place.owned)
		return code;
	code.kind = UNWIND_CODE_UNKNOWN;
	code.function = place.name ? place.start : 0;
	code.scheduler = is_scheduler(place.name);
	code.morestack = place.name && !strcmp(place.name, "runtime.morestack");
	fill_go(image, go, place.name, &code);
	return code;
}

static bool is_entry(const struct entry *entry, const struct maps *maps, uint64_t pc, bool caller)
{
	return entry->pc == pc && entry->generation == maps->generation && entry->caller == caller;
}

const struct unwind_code *unwind_codes_find(struct unwind_codes *codes, const struct maps *maps,
					    uint64_t pc, bool caller)
{
	static const struct unwind_code none;
	uint32_t hash = hash_fold(hash_word(maps->generation, pc)), id;
	uint32_t *recent = &codes->recent[(hash + caller) % RECENT];
	if (*recent < codes->count && is_entry(&codes->entries[*recent], maps, pc, caller))
		return &codes->entries[*recent].code;
	for (size_t probe = hash; (id = idmap_probe(&codes->index, hash, &probe)) != IDMAP_NONE;) {
		if (!is_entry(&codes->entries[id], maps, pc, caller))
			continue;
		*recent = id;
		return &codes->entries[id].code;
	}
	struct entry entry = {.pc = pc,
			      .generation = maps->generation,
			      .caller = caller,
			      .code = look_up(codes->attribution, maps, pc, caller)};
	if (!array_reserve(codes->entries, codes->capacity, codes->count + 1) ||
	    !idmap_insert(&codes->index, hash, codes->count))
		return &none;
	codes->entries[codes->count] = entry;
	return &codes->entries[codes->count++].code;
}

const char *unwind_code_name(const struct unwind_code *code)
{
	struct gobin_frame frame;
	struct gobin_place place = {0};
	if (code->binary && binary_go(code->binary))
		gobin_locate(binary_go(code->binary), code->address, false, &frame, 1, &place);
	return place.name;
}

const struct cfi_row *unwind_codes_row(struct unwind_codes *codes, const struct unwind_code *code)
{
	size_t offset = (const char *)code - (const char *)codes->entries;
	struct entry *entry = &codes->entries[offset / sizeof(*entry)];
	if (!entry->row_known && code->binary)
		entry->row = binary_cfi_row(code->binary, code->address);
	entry->row_known = true;
	return entry->row;
}
