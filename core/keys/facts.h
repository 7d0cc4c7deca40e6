/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fill functions share; not for other floors. */
#ifndef KEYS_FACTS_H
#define KEYS_FACTS_H

#include "keys/keys.h"

enum { MEMORY_WORDS = 5, MEMO_SIZE = 256 };

/* The words for a data source, made once for each of the few that a recording has. */
struct memory_memo {
	bool used;
	uint64_t data_src;
	uint32_t words[MEMORY_WORDS];
};

struct frame_memo {
	uint32_t package, file_line, base_line; /* UINT32_MAX: not made yet */
};

struct goroutine_memo {
	uint32_t entry, creator; /* string ids; UINT32_MAX: not made yet */
};

/* The values of a label. */
struct label_memo {
	const struct key *key;
	uint32_t *values; /* string ids by set id; IDMAP_NONE: not made yet */
	size_t count, capacity;
};

struct facts {
	struct attribution *attribution;
	struct memory_memo memory[MEMO_SIZE];
	struct frame_memo *frames; /* by frame id */
	size_t frames_capacity, nr_frames;
	uint32_t *selves; /* self frame by address id; IDMAP_NONE: not looked up yet */
	size_t selves_capacity, nr_selves;
	struct goroutine_memo *goroutines; /* by goroutine id */
	size_t goroutines_capacity, nr_goroutines;
	uint32_t *text_of_set; /* string id by label set id; IDMAP_NONE: not made yet */
	size_t text_of_set_capacity, nr_text_of_set;
	uint32_t *set_of_text; /* label set id by string id; IDMAP_NONE: no set */
	size_t set_of_text_capacity, nr_set_of_text;
	struct label_memo *labels;
	size_t labels_capacity, nr_labels;
};

static inline void column_set(struct column *column, size_t i, uint64_t value)
{
	column->values[i] = value;
	column->known[i] = true;
}

static inline void column_set_text(struct column *column, size_t i, uint32_t id)
{
	column->values[i] = id;
	column->known[i] = id != STRING_UNKNOWN;
}

/* NULL without memory. */
struct frame_memo *facts_frame_memo(struct facts *facts, uint32_t frame);

struct goroutine_memo *facts_goroutine_memo(struct facts *facts, uint32_t goroutine);

/* The fill functions (*_keys.c). */
typedef void key_fill_function(struct facts *facts, const struct things *things,
			       struct column *ret);
key_fill_function fill_comm, fill_pid, fill_tid, fill_cpu, fill_time, fill_event, fill_period,
	fill_ip, fill_addr, fill_phys_addr, fill_weight, fill_ins_lat, fill_retire_lat,
	fill_data_src, fill_transaction, fill_id, fill_stream_id, fill_cgroup, fill_data_page_size,
	fill_code_page_size, fill_callchain, fill_dso, fill_sym, fill_symoff, fill_srcline,
	fill_srcfile, fill_goid, fill_goroutine, fill_gocreator, fill_goparent, fill_gostate,
	fill_golabels, fill_label, fill_goid_from, fill_gcphase, fill_gofunc, fill_goline,
	fill_gopkg, fill_mem_op, fill_mem_level, fill_mem_snoop, fill_mem_tlb, fill_mem_lock,
	fill_mem_cycles, fill_mem_loads;

#endif
