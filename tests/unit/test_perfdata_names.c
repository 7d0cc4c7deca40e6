// SPDX-License-Identifier: GPL-2.0-only
/* The names of events that a file does not name, as perf 6.12 gives them. */
#include "unit/perfdata_file.h"

#define PRECISE(n) ((uint64_t)(n) << PERF_ATTR_PRECISE_IP_SHIFT)
#define GUEST PERF_ATTR_EXCLUDE_GUEST
#define ONLY_USER (PERF_ATTR_EXCLUDE_KERNEL | PERF_ATTR_EXCLUDE_HV)

/* Checked with `perf evlist` of perf 6.12 on files with these attributes. */
static const struct {
	const char *name;
	struct perfdata_attr attr;
} cases[] = {
	{"cycles", {.type = PERF_TYPE_HARDWARE, .flags = GUEST}},
	{"cycles:HG", {.type = PERF_TYPE_HARDWARE}},
	{"cycles:G", {.type = PERF_TYPE_HARDWARE, .flags = PERF_ATTR_EXCLUDE_HOST}},
	{"cycles:ppp", {.type = PERF_TYPE_HARDWARE, .flags = PRECISE(3)}},
	{"cycles:pppH", {.type = PERF_TYPE_HARDWARE, .flags = GUEST | PRECISE(3)}},
	{"cycles:u", {.type = PERF_TYPE_HARDWARE, .flags = ONLY_USER}},
	{"instructions:khpH",
	 {.type = PERF_TYPE_HARDWARE,
	  .config = 1,
	  .flags = GUEST | PERF_ATTR_EXCLUDE_USER | PRECISE(1)}},
	{"cpu/branches/", {.type = PERF_TYPE_HARDWARE, .config = 4 | 4ull << 32, .flags = GUEST}},
	{"unknown-hardware", {.type = PERF_TYPE_HARDWARE, .config = 10, .flags = GUEST}},
	{"cpu-clock", {.type = PERF_TYPE_SOFTWARE, .flags = GUEST}},
	{"page-faults:u", {.type = PERF_TYPE_SOFTWARE, .config = 2, .flags = ONLY_USER}},
	{"dummy", {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY, .flags = GUEST}},
	{"unknown-software",
	 {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_BPF_OUTPUT, .flags = GUEST}},
	{"L1-dcache-loads", {.type = PERF_TYPE_HW_CACHE, .flags = GUEST}},
	{"L1-dcache-load-misses", {.type = PERF_TYPE_HW_CACHE, .config = 0x10000, .flags = GUEST}},
	{"LLC-store-misses", {.type = PERF_TYPE_HW_CACHE, .config = 0x10102, .flags = GUEST}},
	{"node-prefetches", {.type = PERF_TYPE_HW_CACHE, .config = 0x206, .flags = GUEST}},
	{"invalid-cache", {.type = PERF_TYPE_HW_CACHE, .config = 0x104, .flags = GUEST}},
	{"unknown-ext-hardware-cache-type",
	 {.type = PERF_TYPE_HW_CACHE, .config = 7, .flags = GUEST}},
	{"unknown-ext-hardware-cache-op",
	 {.type = PERF_TYPE_HW_CACHE, .config = 0x300, .flags = GUEST}},
	{"unknown-ext-hardware-cache-result",
	 {.type = PERF_TYPE_HW_CACHE, .config = 0x20000, .flags = GUEST}},
	{"raw 0x1cd:pp", {.type = PERF_TYPE_RAW, .config = 0x1cd, .flags = PRECISE(2)}},
	{"mem:0xc000012340:rw",
	 {.type = PERF_TYPE_BREAKPOINT, .config1 = 0xc000012340, .bp_type = 3, .flags = GUEST}},
	{"mem:0x401000:x",
	 {.type = PERF_TYPE_BREAKPOINT, .config1 = 0x401000, .bp_type = 4, .flags = GUEST}},
	{"unknown tracepoint", {.type = PERF_TYPE_TRACEPOINT, .config = 314}},
	{"unknown attr type: 9", {.type = 9}},
};

static void names_follow_from_the_attributes(void **state)
{
	(void)state;
	struct arena arena = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(event_derived_name(&arena, &cases[i].attr), cases[i].name);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_follow_from_the_attributes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
