// SPDX-License-Identifier: GPL-2.0-only
/* What code of amd64 does with variables, which it names relative to the next instruction. */
#include <string.h>

#include "base/instruction.h"
#include "gobin/runtime_find.h"

/* An instruction by its bytes up to a 32-bit displacement from RIP; what follows is a constant. */
struct pattern {
	uint8_t bytes[3], mask[3];
	uint8_t size;	  /* of these */
	uint8_t constant; /* size of the one behind the displacement */
	uint8_t kind;	  /* enum runtime_use_kind */
};

static const struct pattern patterns[] = {
	/* cmpl $8, d(%rip) */
	{{0x83, 0x3d}, {0xff, 0xff}, 2, 1, RUNTIME_USE_COMPARE32},
	/* addl $8, d(%rip) */
	{{0x83, 0x05}, {0xff, 0xff}, 2, 1, RUNTIME_USE_ADD32},
	/* mov %r64, d(%rip); mov d(%rip), %r64 */
	{{0x48, 0x89, 0x05}, {0xfb, 0xfd, 0xc7}, 3, 0, RUNTIME_USE_WORD},
	/* lea d(%rip), %r64 */
	{{0x48, 0x8d, 0x05}, {0xfb, 0xff, 0xc7}, 3, 0, RUNTIME_USE_ADDRESS},
};

static bool is_pattern(const struct pattern *pattern, const uint8_t *bytes)
{
	for (size_t i = 0; i < pattern->size; i++)
		if ((bytes[i] & pattern->mask[i]) != pattern->bytes[i])
			return false;
	return true;
}

static bool match(const struct runtime_code *code, uint64_t at, const struct pattern *pattern,
		  struct runtime_use *ret)
{
	uint64_t end = at + pattern->size + 4 + pattern->constant;
	if (end > code->size || !is_pattern(pattern, code->bytes + at))
		return false;
	int64_t displacement = (int32_t)instruction_word(code->bytes + at + pattern->size);
	*ret = (struct runtime_use){.address = code->address + end + displacement,
				    .kind = pattern->kind,
				    .value = pattern->constant ? code->bytes[end - 1] : 0};
	return true;
}

size_t runtime_uses_amd64(const struct runtime_code *code, struct runtime_use *uses, size_t max)
{
	size_t count = 0;
	for (uint64_t at = 0; at < code->size; at++)
		for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns) && count < max; i++)
			count += match(code, at, &patterns[i], &uses[count]);
	return count;
}

/*
 * How g gets into R14 (cmd/internal/obj/x86/obj6.go, cmd/link/internal/amd64): in programs at a
 * place of their own, in position-independent ones too once the linker has relaxed the access.
 */
static const struct load {
	uint8_t before[5], after[4];
	uint8_t before_size, after_size;
	bool slot; /* the number is the distance to a word that has the offset */
} loads[] = {
	/* mov %fs:d, %r14 */
	{{0x64, 0x4c, 0x8b, 0x34, 0x25}, {0}, 5, 0, false},
	/* mov $d, %r14; mov %fs:(%r14), %r14 */
	{{0x49, 0xc7, 0xc6}, {0x64, 0x4d, 0x8b, 0x36}, 3, 4, false},
	/* mov d(%rip), %r14; mov %fs:(%r14), %r14 */
	{{0x4c, 0x8b, 0x35}, {0x64, 0x4d, 0x8b, 0x36}, 3, 4, true},
};

enum { MIN_LOADS = 3 };

/* What the loads that were seen have in common. */
struct tls_search {
	int64_t offset;
	uint64_t slot;
	size_t count;
	bool differ;
};

static void add_load(struct tls_search *search, int64_t offset, uint64_t slot)
{
	if (search->count++ && (search->offset != offset || search->slot != slot))
		search->differ = true;
	search->offset = offset;
	search->slot = slot;
}

static void try_load(struct tls_search *search, const struct runtime_code *code, uint64_t at,
		     const struct load *load)
{
	const uint8_t *bytes = code->bytes + at;
	size_t number = load->before_size, after = number + 4;
	if (code->size - at < after + load->after_size ||
	    memcmp(bytes, load->before, load->before_size) != 0 ||
	    memcmp(bytes + after, load->after, load->after_size) != 0)
		return;
	int64_t value = (int32_t)instruction_word(bytes + number);
	add_load(search, load->slot ? 0 : value,
		 load->slot ? code->address + at + after + value : 0);
}

static void look_for_loads(void *context, const char *name, const struct runtime_code *code)
{
	(void)name;
	for (uint64_t at = 0; at < code->size; at++)
		for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++)
			try_load(context, code, at, &loads[i]);
}

bool runtime_find_tls_amd64(const struct gobin *go, int64_t *offset_ret, uint64_t *slot_ret)
{
	struct tls_search search = {0};
	runtime_functions(go, look_for_loads, &search);
	*offset_ret = search.offset;
	*slot_ret = search.slot;
	return search.count >= MIN_LOADS && !search.differ;
}
