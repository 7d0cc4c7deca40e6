/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All goroutines of a process at a moment. A snapshot holds the names of all code it mentions, so
 * that it can be read where the binary is not.
 */
#ifndef GOPROC_SNAPSHOT_H
#define GOPROC_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/payload.h"

struct snapshot;
struct goproc;

struct snapshot_options {
	bool stacks; /* callchains too */
	bool labels;
	bool names; /* of code; without, addresses only (for what is taken while recording) */
};

/*
 * Takes one. What changes meanwhile is noticed and read again; goroutines that could not be read
 * consistently are left out and counted. The caller frees *RET with snapshot_free().
 */
struct perfgo_error *snapshot_take(struct goproc *process, const struct snapshot_options *options,
				   struct snapshot **ret);

/*
 * NAME is for errors: "FILE". Of BYTES a copy is made where needed: they need not outlive *RET, nor
 * be aligned.
 */
struct perfgo_error *snapshot_decode(const void *bytes, size_t size, const char *name,
				     struct snapshot **ret);
struct perfgo_error *snapshot_open(const char *path, struct snapshot **ret);
void snapshot_free(struct snapshot *snapshot);

/* As bytes, valid as long as the snapshot; NULL without memory. */
const void *snapshot_bytes(struct snapshot *snapshot, size_t *size_ret);

struct snapshot_info {
	uint32_t pid;
	uint64_t execution;  /* of a program, as memory_execution() tells it */
	uint64_t begin, end; /* CLOCK_MONOTONIC, ns */
	uint64_t wall_time;  /* of the beginning, ns since 1970 */
	const char *comm, *executable, *version, *build_id;
	uint64_t map_start, map_end, map_offset; /* where the executable's code was */
	uint32_t sweepgen;			 /* 0 unknown */
	uint8_t gcphase;			 /* enum go_gcphase */
	uint64_t torn;				 /* goroutines left out */
	uint64_t nr_goroutines;
};
const struct snapshot_info *snapshot_info(const struct snapshot *snapshot);

struct snapshot_goroutine {
	uint64_t g; /* address of the runtime.g */
	uint64_t goid, parent;
	uint64_t creator_pc, start_pc;
	uint64_t wait_since;  /* runtime.nanotime (CLOCK_MONOTONIC), 0 not waiting or not known */
	uint64_t labels;      /* the pointer in g */
	uint32_t label_set;   /* for snapshot_labels(); 0 the empty set; UINT32_MAX unknown */
	uint32_t wait_reason; /* for snapshot_text(); 0 none */
	uint32_t stack;	      /* for snapshot_stack(); 0 none */
	uint32_t thread;      /* kernel tid of its M; 0 none */
	int32_t processor;    /* id of its P; -1 none */
	uint8_t state;	      /* enum go_state */
	bool system;	      /* the runtime's own (runtime.isSystemGoroutine) */
};
/* In the order of their goids. */
const struct snapshot_goroutine *snapshot_goroutine(const struct snapshot *snapshot, uint64_t i);

const char *snapshot_text(const struct snapshot *snapshot, uint32_t text);

/*
 * Return addresses, innermost first; the first is where the goroutine stands. What is none, as
 * where a signal came in, has 1 added, so that all addresses less one are in the instruction that
 * counts.
 */
const uint64_t *snapshot_stack(const struct snapshot *snapshot, uint32_t stack, size_t *count_ret);

struct snapshot_frame {
	const char *function, *file; /* "" unknown */
	uint32_t line;		     /* 0 unknown */
};
/*
 * The frames of a return address, that of a `go` statement included, as runtime.Callers would tell
 * them, innermost inlined one first. Count 0 when they are not known.
 */
const struct snapshot_frame *snapshot_frames(const struct snapshot *snapshot, uint64_t address,
					     size_t *count_ret);
/* Of a start_pc the function that the `go` statement named; NULL when it is not known. */
const struct snapshot_frame *snapshot_entry(const struct snapshot *snapshot, uint64_t start_pc);

struct label_set;
const struct label_set *snapshot_labels(const struct snapshot *snapshot, uint32_t label_set);

/* The goroutine whose runtime.g is at G; NULL none. */
const struct snapshot_goroutine *snapshot_by_g(struct snapshot *snapshot, uint64_t g);

#endif
