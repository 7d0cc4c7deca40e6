// SPDX-License-Identifier: GPL-2.0-only
/* The words are those of tools/perf/Documentation/perf-list.txt and util/evsel.c, perf 6.12. */
#include "record/event_names.h"

#include <string.h>
#include <strings.h>

#include <linux/perf_event.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))
#define HARDWARE(name, config)                                                                     \
	{                                                                                          \
		name, PERF_TYPE_HARDWARE, PERF_COUNT_HW_##config                                   \
	}
#define SOFTWARE(name, config)                                                                     \
	{                                                                                          \
		name, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##config                                   \
	}

static const struct event_symbol symbols[] = {
	HARDWARE("cycles", CPU_CYCLES),
	HARDWARE("cpu-cycles", CPU_CYCLES),
	HARDWARE("instructions", INSTRUCTIONS),
	HARDWARE("cache-references", CACHE_REFERENCES),
	HARDWARE("cache-misses", CACHE_MISSES),
	HARDWARE("branches", BRANCH_INSTRUCTIONS),
	HARDWARE("branch-instructions", BRANCH_INSTRUCTIONS),
	HARDWARE("branch-misses", BRANCH_MISSES),
	HARDWARE("bus-cycles", BUS_CYCLES),
	HARDWARE("stalled-cycles-frontend", STALLED_CYCLES_FRONTEND),
	HARDWARE("idle-cycles-frontend", STALLED_CYCLES_FRONTEND),
	HARDWARE("stalled-cycles-backend", STALLED_CYCLES_BACKEND),
	HARDWARE("idle-cycles-backend", STALLED_CYCLES_BACKEND),
	HARDWARE("ref-cycles", REF_CPU_CYCLES),
	SOFTWARE("cpu-clock", CPU_CLOCK),
	SOFTWARE("task-clock", TASK_CLOCK),
	SOFTWARE("page-faults", PAGE_FAULTS),
	SOFTWARE("faults", PAGE_FAULTS),
	SOFTWARE("minor-faults", PAGE_FAULTS_MIN),
	SOFTWARE("major-faults", PAGE_FAULTS_MAJ),
	SOFTWARE("context-switches", CONTEXT_SWITCHES),
	SOFTWARE("cs", CONTEXT_SWITCHES),
	SOFTWARE("cpu-migrations", CPU_MIGRATIONS),
	SOFTWARE("migrations", CPU_MIGRATIONS),
	SOFTWARE("alignment-faults", ALIGNMENT_FAULTS),
	SOFTWARE("emulation-faults", EMULATION_FAULTS),
	SOFTWARE("dummy", DUMMY),
	SOFTWARE("bpf-output", BPF_OUTPUT),
	SOFTWARE("cgroup-switches", CGROUP_SWITCHES),
};

const struct event_symbol *event_symbol(const char *name)
{
	for (size_t i = 0; i < LENGTH(symbols); i++)
		if (!strcmp(symbols[i].name, name))
			return &symbols[i];
	return NULL;
}

const struct event_symbol *event_symbol_at(size_t index)
{
	return index < LENGTH(symbols) ? &symbols[index] : NULL;
}

struct cache_word {
	const char *word;
	uint8_t number;
};

#define CACHE(name) PERF_COUNT_HW_CACHE_##name

static const struct cache_word caches[] = {
	{"L1-dcache", CACHE(L1D)}, {"l1-d", CACHE(L1D)},
	{"l1d", CACHE(L1D)},	   {"L1-data", CACHE(L1D)},
	{"L1-icache", CACHE(L1I)}, {"l1-i", CACHE(L1I)},
	{"l1i", CACHE(L1I)},	   {"L1-instruction", CACHE(L1I)},
	{"LLC", CACHE(LL)},	   {"L2", CACHE(LL)},
	{"dTLB", CACHE(DTLB)},	   {"d-tlb", CACHE(DTLB)},
	{"Data-TLB", CACHE(DTLB)}, {"iTLB", CACHE(ITLB)},
	{"i-tlb", CACHE(ITLB)},	   {"Instruction-TLB", CACHE(ITLB)},
	{"branch", CACHE(BPU)},	   {"branches", CACHE(BPU)},
	{"bpu", CACHE(BPU)},	   {"btb", CACHE(BPU)},
	{"bpc", CACHE(BPU)},	   {"node", CACHE(NODE)},
};

static const struct cache_word operations[] = {
	{"load", CACHE(OP_READ)},
	{"loads", CACHE(OP_READ)},
	{"read", CACHE(OP_READ)},
	{"store", CACHE(OP_WRITE)},
	{"stores", CACHE(OP_WRITE)},
	{"write", CACHE(OP_WRITE)},
	{"prefetch", CACHE(OP_PREFETCH)},
	{"prefetches", CACHE(OP_PREFETCH)},
	{"speculative-read", CACHE(OP_PREFETCH)},
	{"speculative-load", CACHE(OP_PREFETCH)},
};

static const struct cache_word results[] = {
	{"refs", CACHE(RESULT_ACCESS)}, {"Reference", CACHE(RESULT_ACCESS)},
	{"ops", CACHE(RESULT_ACCESS)},	{"access", CACHE(RESULT_ACCESS)},
	{"misses", CACHE(RESULT_MISS)}, {"miss", CACHE(RESULT_MISS)},
};

#define READ (1u << CACHE(OP_READ))
#define WRITE (1u << CACHE(OP_WRITE))
#define PREFETCH (1u << CACHE(OP_PREFETCH))

/* What the kernel counts at each: instructions are not written, nor are TLBs of them prefetched. */
static const uint8_t operations_of[] = {
	[CACHE(L1D)] = READ | WRITE | PREFETCH,
	[CACHE(L1I)] = READ | PREFETCH,
	[CACHE(LL)] = READ | WRITE | PREFETCH,
	[CACHE(DTLB)] = READ | WRITE | PREFETCH,
	[CACHE(ITLB)] = READ,
	[CACHE(BPU)] = READ,
	[CACHE(NODE)] = READ | WRITE | PREFETCH,
};

/* The longest of WORDS that *TEXT begins with, up to a hyphen or its end; goes on behind it. */
static const struct cache_word *take_word(const char **text, const struct cache_word *words,
					  size_t count)
{
	const struct cache_word *found = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(words[i].word);
		char next = strncasecmp(*text, words[i].word, length) ? 'x' : (*text)[length];
		if ((next == '-' || !next) && length > longest) {
			found = &words[i];
			longest = length;
		}
	}
	if (found)
		*text += longest + ((*text)[longest] == '-');
	return found;
}

bool event_cache(const char *name, uint64_t *ret)
{
	const char *at = name;
	const struct cache_word *cache = take_word(&at, caches, LENGTH(caches));
	const struct cache_word *result = take_word(&at, results, LENGTH(results));
	const struct cache_word *operation = take_word(&at, operations, LENGTH(operations));
	if (!result)
		result = take_word(&at, results, LENGTH(results));
	if (!cache || *at || at[-1] == '-')
		return false;
	unsigned int op = operation ? operation->number : CACHE(OP_READ);
	if (!(operations_of[cache->number] & (1u << op)))
		return false;
	*ret = cache->number | op << 8 |
	       (result ? result->number : (unsigned int)CACHE(RESULT_ACCESS)) << 16;
	return true;
}

const char *event_cache_at(size_t index)
{
	static const char *const usual[] = {
		"L1-dcache-loads",	 "L1-dcache-load-misses",
		"L1-dcache-stores",	 "L1-icache-loads",
		"L1-icache-load-misses", "LLC-loads",
		"LLC-load-misses",	 "LLC-stores",
		"LLC-store-misses",	 "dTLB-loads",
		"dTLB-load-misses",	 "dTLB-stores",
		"dTLB-store-misses",	 "iTLB-loads",
		"iTLB-load-misses",	 "branch-loads",
		"branch-load-misses",	 "node-loads",
		"node-load-misses",	 "node-stores",
		"node-store-misses",
	};
	return index < LENGTH(usual) ? usual[index] : NULL;
}
