// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of the data source, in the words of perf script and perf mem report
 * (tools/perf/util/mem-events.c, perf 6.12), less blanks at the end. A recording without data
 * source knows none of them.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "keys/facts.h"

enum { OP, LEVEL, SNOOP, TLB, LOCK };
_Static_assert(LOCK + 1 == MEMORY_WORDS, "one word a field");

enum { WORD_SIZE = 160 };

/* Names of the bits of a field, lowest first. */
struct words {
	const char *const *words;
	size_t count;
};
#define WORDS(...)                                                                                 \
	{                                                                                          \
		(const char *const[]){__VA_ARGS__},                                                \
			sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                \
	}

static const struct words levels = WORDS(
	"N/A", "HIT", "MISS", "L1", "LFB/MAB", "L2", "L3", "Local RAM", "Remote RAM (1 hop)",
	"Remote RAM (2 hops)", "Remote Cache (1 hop)", "Remote Cache (2 hops)", "I/O", "Uncached");
static const struct words snoops = WORDS("N/A", "None", "Hit", "Miss", "HitM");
static const struct words peer_snoops = WORDS("Fwd", "Peer");
static const struct words tlbs = WORDS("N/A", "HIT", "MISS", "L1", "L2", "Walker", "Fault");
static const struct words hops =
	WORDS(NULL, "core, same node", "node, same socket", "socket, same board", "board");

static const char *const level_numbers[1 << PERF_MEM_LVLNUM_BITS] = {
	[PERF_MEM_LVLNUM_L1] = "L1",	     [PERF_MEM_LVLNUM_L2] = "L2",
	[PERF_MEM_LVLNUM_L3] = "L3",	     [PERF_MEM_LVLNUM_L4] = "L4",
	[PERF_MEM_LVLNUM_L2_MHB] = "L2 MHB", [PERF_MEM_LVLNUM_MSC] = "Memory-side Cache",
	[PERF_MEM_LVLNUM_UNC] = "Uncached",  [PERF_MEM_LVLNUM_CXL] = "CXL",
	[PERF_MEM_LVLNUM_IO] = "I/O",	     [PERF_MEM_LVLNUM_ANY_CACHE] = "Any cache",
	[PERF_MEM_LVLNUM_LFB] = "LFB/MAB",   [PERF_MEM_LVLNUM_RAM] = "RAM",
	[PERF_MEM_LVLNUM_PMEM] = "PMEM",
};

static void append(char text[WORD_SIZE], const char *more)
{
	size_t length = strlen(text);
	snprintf(text + length, WORD_SIZE - length, "%s", more);
}

/* "A or B" for the bits that are set. */
static void append_bits(char text[WORD_SIZE], const struct words *words, uint32_t bits)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!(bits >> i & 1))
			continue;
		append(text, *text ? " or " : "");
		append(text, words->words[i]);
	}
}

static void spell_op(char text[WORD_SIZE], uint64_t data_src)
{
	static const char *const ops[] = {"N/A", "LOAD", "STORE", "PFETCH", "EXEC"};
	uint32_t op = perfdata_mem_field(data_src, OP);
	append(text, op ? ops[__builtin_ctz(op)] : "No");
}

static void append_level_number(char text[WORD_SIZE], uint64_t data_src, uint32_t number)
{
	uint32_t hop = perfdata_mem_field(data_src, HOPS);
	char unknown[32];
	if (perfdata_mem_field(data_src, REMOTE))
		append(text, "Remote ");
	if (hop && hop < hops.count) {
		append(text, hops.words[hop]);
		append(text, " ");
	}
	snprintf(unknown, sizeof(unknown), "Unknown level %u", number);
	append(text, level_numbers[number] ? level_numbers[number] : unknown);
}

static void spell_level(char text[WORD_SIZE], uint64_t data_src)
{
	uint32_t level = perfdata_mem_field(data_src, LVL);
	uint32_t number = perfdata_mem_field(data_src, LVLNUM);
	if (number && number != PERF_MEM_LVLNUM_NA)
		append_level_number(text, data_src, number);
	else
		append_bits(text, &levels,
			    level & ~(PERF_MEM_LVL_NA | PERF_MEM_LVL_HIT | PERF_MEM_LVL_MISS));
	if (!*text)
		append(text, "N/A");
	else if (level & PERF_MEM_LVL_HIT)
		append(text, " hit");
	else if (level & PERF_MEM_LVL_MISS)
		append(text, " miss");
}

static void spell_snoop(char text[WORD_SIZE], uint64_t data_src)
{
	append_bits(text, &snoops, perfdata_mem_field(data_src, SNOOP));
	append_bits(text, &peer_snoops, perfdata_mem_field(data_src, SNOOPX));
	append(text, *text ? "" : "N/A");
}

static void spell_tlb(char text[WORD_SIZE], uint64_t data_src)
{
	uint32_t tlb = perfdata_mem_field(data_src, TLB);
	append_bits(text, &tlbs, tlb & ~(PERF_MEM_TLB_HIT | PERF_MEM_TLB_MISS));
	append(text, *text ? "" : "N/A");
	append(text, tlb & PERF_MEM_TLB_HIT ? " hit" : "");
	append(text, tlb & PERF_MEM_TLB_MISS ? " miss" : "");
}

static void spell_lock(char text[WORD_SIZE], uint64_t data_src)
{
	uint32_t lock = perfdata_mem_field(data_src, LOCK);
	append(text, lock & PERF_MEM_LOCK_NA ? "N/A" : lock & PERF_MEM_LOCK_LOCKED ? "Yes" : "No");
}

static void (*const spellers[MEMORY_WORDS])(char *, uint64_t) = {
	[OP] = spell_op,   [LEVEL] = spell_level, [SNOOP] = spell_snoop,
	[TLB] = spell_tlb, [LOCK] = spell_lock,
};

/* A recording has a few hundred distinct data sources at most: a place each, by hash. */
static const uint32_t *words_of(struct facts *facts, uint64_t data_src)
{
	struct memory_memo *memo = &facts->memory[hash_fold(hash_word(0, data_src)) % MEMO_SIZE];
	if (memo->used && memo->data_src == data_src)
		return memo->words;
	*memo = (struct memory_memo){.used = true, .data_src = data_src};
	for (int i = 0; i < MEMORY_WORDS; i++) {
		char text[WORD_SIZE] = "";
		spellers[i](text, data_src);
		memo->words[i] = strings_id(session_strings(facts_session(facts)), text);
	}
	return memo->words;
}

static void fill_word(struct facts *facts, const struct things *things, int word,
		      struct column *ret)
{
	for (size_t i = 0; i < things->count; i++) {
		const struct sample *sample = &things->samples[i];
		column_set_text(ret, i,
				sample->type & PERF_SAMPLE_DATA_SRC
					? words_of(facts, sample->data_src)[word]
					: STRING_UNKNOWN);
	}
}

#define FILL_WORD(name, word)                                                                      \
	void fill_##name(struct facts *facts, const struct things *things, struct column *ret)     \
	{                                                                                          \
		fill_word(facts, things, word, ret);                                               \
	}

FILL_WORD(mem_op, OP)
FILL_WORD(mem_level, LEVEL)
FILL_WORD(mem_snoop, SNOOP)
FILL_WORD(mem_tlb, TLB)
FILL_WORD(mem_lock, LOCK)

void fill_mem_cycles(struct facts *facts, const struct things *things, struct column *ret)
{
	(void)facts;
	for (size_t i = 0; i < things->count; i++) {
		uint64_t type = things->samples[i].type;
		ret->values[i] = things->samples[i].weight;
		ret->known[i] = type & PERF_SAMPLE_DATA_SRC && type & PERF_SAMPLE_WEIGHT_TYPE;
	}
}

void fill_mem_loads(struct facts *facts, const struct things *things, struct column *ret)
{
	(void)facts;
	for (size_t i = 0; i < things->count; i++) {
		const struct sample *sample = &things->samples[i];
		uint32_t op = perfdata_mem_field(sample->data_src, OP);
		ret->values[i] = op & PERF_MEM_OP_LOAD && !(op & PERF_MEM_OP_NA);
		ret->known[i] = sample->type & PERF_SAMPLE_DATA_SRC;
	}
}
