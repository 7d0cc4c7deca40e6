// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what core/gobin knows of the runtime in a binary, `name value` a line, then of each
 * address on its standard input `address depth`, with ` lr` behind it where the return address is
 * in the link register, or `address -`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gobin/runtime.h"
#include "gobin/unwind.h"

static void tell_layout(const struct runtime_layout *l)
{
	const struct {
		const char *name;
		uint32_t offset;
	} fields[] = {
		{"g.m", l->g.m},
		{"g.sched", l->g.sched},
		{"g.syscallsp", l->g.syscall_sp},
		{"g.syscallpc", l->g.syscall_pc},
		{"g.atomicstatus", l->g.status},
		{"g.goid", l->g.goid},
		{"g.waitsince", l->g.wait_since},
		{"g.waitreason", l->g.wait_reason},
		{"g.parentGoid", l->g.parent_goid},
		{"g.gopc", l->g.creator_pc},
		{"g.startpc", l->g.start_pc},
		{"g.labels", l->g.labels},
		{"gobuf.sp", l->gobuf.sp},
		{"gobuf.pc", l->gobuf.pc},
		{"gobuf.bp", l->gobuf.bp},
		{"gobuf.lr", l->gobuf.lr},
		{"m.g0", l->m.g0},
		{"m.procid", l->m.procid},
		{"m.gsignal", l->m.gsignal},
		{"m.curg", l->m.curg},
		{"m.p", l->m.p},
		{"m.id", l->m.id},
		{"p.id", l->p.id},
		{"p.status", l->p.status},
		{"p.m", l->p.m},
		{"mheap.sweepgen", l->sweepgen},
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		printf("runtime.%s %u\n", fields[i].name, fields[i].offset);
}

static void tell_runtime(const struct gobin *go, const struct image *image)
{
	struct gobin_runtime runtime;
	gobin_runtime(go, image, &runtime);
	printf("gcphase %" PRIu64 "\n", runtime.gcphase);
	printf("mheap %" PRIu64 "\n", runtime.mheap);
	printf("allgs %" PRIu64 "\n", runtime.allgs);
	printf("data %" PRIu64 "\n", runtime.data_start);
	printf("edata %" PRIu64 "\n", runtime.data_end);
	printf("has_tls %d\n", runtime.has_tls);
	printf("tls_offset %" PRId64 "\n", runtime.tls_offset);
	printf("tls_slot %" PRIu64 "\n", runtime.tls_slot);
	if (runtime.layout)
		tell_layout(runtime.layout);
}

static void tell_depths(const struct gobin *go)
{
	struct unwind_rule rule;
	uint64_t address;
	while (scanf("%" SCNx64, &address) == 1) {
		printf("%#" PRIx64, address);
		if (gobin_unwind_rule(go, address, &rule))
			printf(" %d%s\n", rule.depth, rule.link_register ? " lr" : "");
		else
			printf(" -\n");
	}
}

int main(int argc, char **argv)
{
	struct image *image;
	struct gobin *go;
	struct perfgo_error *error = argc == 2 ? image_open(argv[1], &image) : NULL;
	if (argc != 2 || error)
		return 2;
	error = gobin_open(image, &go);
	if (!error && go) {
		tell_runtime(go, image);
		tell_depths(go);
	}
	bool told = !error && go;
	perfgo_error_destroy(error);
	gobin_close(go);
	image_close(image);
	return told ? EXIT_SUCCESS : EXIT_FAILURE;
}
