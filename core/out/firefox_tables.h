/* SPDX-License-Identifier: GPL-2.0-only */
/* A profile as firefox.c gathers it and firefox_json.c writes it; not for other files. */
#ifndef OUT_FIREFOX_TABLES_H
#define OUT_FIREFOX_TABLES_H

#include "base/strings.h"
#include "base/tuples.h"
#include "out/firefox.h"
#include "out/writer.h"

/* What a tuple of each table has. Ids are FIREFOX_NONE, those of strings 0, where there is none. */
enum { FUNCTION_NAME, FUNCTION_LIB, FUNCTION_FILE, FUNCTION_LINE, FUNCTION_WORDS };
enum { SYMBOL_LIB, SYMBOL_ADDRESS, SYMBOL_NAME, SYMBOL_WORDS };
enum {
	FRAME_FUNCTION,
	FRAME_SYMBOL,
	FRAME_ADDRESS, /* UINT64_MAX unknown */
	FRAME_LINE,
	FRAME_CATEGORY,
	FRAME_INLINE_DEPTH,
	FRAME_WORDS,
};
enum { STACK_CALLER, STACK_FRAME, STACK_WORDS };

struct lib {
	uint32_t name, path, build_id; /* string ids */
};

struct sample_data {
	double time, weight;
	uint32_t stack;
};

struct marker_data {
	double from, to;
	uint32_t name, state, goroutine; /* string ids */
	uint32_t category;
	uint64_t goid, by, tid;
};

struct thread_data {
	uint32_t name, process, tid; /* string ids */
	uint32_t pid;
	bool is_main;
	struct sample_data *samples;
	size_t nr_samples, samples_capacity;
	struct marker_data *markers;
	size_t nr_markers, markers_capacity;
};

struct firefox {
	struct firefox_meta meta;
	struct strings strings;
	struct tuples functions, symbols, frames, stacks;
	struct lib *libs;
	size_t nr_libs, libs_capacity;
	struct thread_data *threads;
	size_t nr_threads, threads_capacity;
	bool failed;
};

/* Writes all of it as JSON. False without memory. */
bool firefox_write(const struct firefox *firefox, struct writer *out);

#endif
