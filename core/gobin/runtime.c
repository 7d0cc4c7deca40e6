// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/runtime.h"

#include <elf.h>

#include "gobin/internal.h"
#include "gobin/runtime_find.h"

static uint64_t symbol(const struct image *image, const char *name)
{
	uint64_t address = 0;
	image_symbol_address(image, name, &address);
	return address;
}

/*
 * The thread's block ends at the thread pointer (x86-64 ABI, variant II of TLS). Go's linker makes
 * a block of one word, to which it needs no symbol, or, in static programs, none at all: g is in
 * the word before FS then too (cmd/link/internal/ld/sym.go, runtime/sys_linux_amd64.s, settls).
 */
static bool amd64_tls(const struct image *image, int64_t *ret)
{
	enum { WORD = 8 };
	struct image_thread_storage block;
	uint64_t offset = 0;
	if (!image_thread_storage(image, &block)) {
		*ret = -WORD;
		return true;
	}
	if (block.size != WORD && !image_symbol_address(image, "runtime.tlsg", &offset))
		return false;
	uint64_t size = (block.size + block.align - 1) & -block.align;
	*ret = (int64_t)(offset - size);
	return true;
}

/*
 * The thread's block begins behind two words at the thread pointer (variant I of TLS). Only
 * programs with cgo keep g there (runtime/tls_arm64.s, save_g).
 */
static bool arm64_tls(const struct image *image, int64_t *ret)
{
	enum { HEAD = 16 };
	struct image_thread_storage block;
	uint64_t offset, iscgo, left;
	const uint8_t *flag = NULL;
	if (image_symbol_address(image, "runtime.iscgo", &iscgo))
		flag = image_bytes(image, iscgo, &left);
	if (!flag || !*flag || !image_thread_storage(image, &block) ||
	    !image_symbol_address(image, "runtime.tls_g", &offset))
		return false;
	*ret = (int64_t)(offset + HEAD + ((block.vaddr - HEAD) & (block.align - 1)));
	return true;
}

static const struct machine {
	uint16_t machine;
	bool (*tls)(const struct image *image, int64_t *offset_ret);
	bool (*find_tls)(const struct gobin *go, int64_t *offset_ret, uint64_t *slot_ret);
	runtime_uses *uses;
} machines[] = {
	{EM_X86_64, amd64_tls, runtime_find_tls_amd64, runtime_uses_amd64},
	{EM_AARCH64, arm64_tls, NULL, runtime_uses_arm64},
};

static const struct machine *machine_of(const struct image *image)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == image_machine(image))
			return &machines[i];
	return NULL;
}

/* The storage of a library is where the loader has found room: symbols do not tell. */
static void fill_tls(const struct gobin *go, const struct machine *machine,
		     struct gobin_runtime *ret)
{
	if (image_is_program(go->image) && machine->tls(go->image, &ret->tls_offset))
		ret->has_tls = true;
	else if (machine->find_tls && machine->find_tls(go, &ret->tls_offset, &ret->tls_slot))
		ret->has_tls = !ret->tls_slot;
}

void gobin_runtime(const struct gobin *go, const struct image *image, struct gobin_runtime *ret)
{
	const struct machine *machine = machine_of(image);
	*ret = (struct gobin_runtime){
		.layout = runtime_layout_of_release(go->info.release),
		.gcphase = symbol(image, "runtime.gcphase"),
		.mheap = symbol(image, "runtime.mheap_"),
		.allgs = symbol(image, "runtime.allgs"),
		.data_start = go->table.data,
		.data_end = go->table.edata,
	};
	if (!machine)
		return;
	fill_tls(go, machine, ret);
	if (machine->uses && (!ret->gcphase || !ret->mheap || !ret->allgs))
		runtime_find_variables(go, machine->uses, ret);
}
