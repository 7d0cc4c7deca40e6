/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Profiles for profiler.firefox.com: gzip of its "processed" format as JSON, version 55
 * (github.com/firefox-devtools/profiler, src/types/profile.ts and
 * src/profile-logic/processed-profile-versioning.ts, whose upgraders lead to the present one). In
 * that version each thread has tables of its own, so others that read it need not know what is
 * shared in later ones.
 */
#ifndef OUT_FIREFOX_H
#define OUT_FIREFOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct firefox;

/* Ids of what is not there. */
#define FIREFOX_NONE UINT32_MAX

struct firefox_category {
	const char *name, *color; /* color: grey, blue, green …; the first category is grey */
};

/* What is known of all of it. NULL texts are unknown. */
struct firefox_meta {
	const char *product, *arch, *platform, *host, *cpu;
	double start;	 /* ms since 1970; 0 unknown */
	double interval; /* ms between samples, about */
	uint32_t cpus;	 /* 0 unknown */
	bool weights_are_ms;
	const struct firefox_category *categories;
	size_t nr_categories;
};

/* The caller frees *RET with firefox_free(). */
struct perfgo_error *firefox_new(struct firefox **ret);
void firefox_free(struct firefox *firefox);

/* Without memory what follows is remembered as failed; firefox_finish() tells. */

struct firefox_lib {
	const char *name, *path, *build_id; /* build id in hexadecimal, "" unknown */
};
uint32_t firefox_lib(struct firefox *firefox, const struct firefox_lib *lib);

struct firefox_frame {
	const char *function;	 /* not NULL */
	const char *file;	 /* NULL unknown */
	uint32_t line;		 /* 0 unknown */
	uint32_t function_line;	 /* where the function starts; 0 unknown */
	uint32_t category;	 /* an index */
	uint32_t lib;		 /* FIREFOX_NONE: none */
	uint32_t inline_depth;	 /* 0: the physical function, 1 what is inlined into it … */
	bool has_address;	 /* the next two hold: from the start of the image in memory on */
	uint64_t address, start; /* of the instruction, a call for callers; of the function */
	const char *symbol;	 /* the physical function */
};
/* All of these are ids of what is made at first sight. */
uint32_t firefox_frame(struct firefox *firefox, const struct firefox_frame *frame);
/* CALLER is a stack, or FIREFOX_NONE for an outermost frame. */
uint32_t firefox_stack(struct firefox *firefox, uint32_t caller, uint32_t frame);

struct firefox_thread {
	const char *name, *process; /* copied */
	const char *tid;	    /* copied; different for each thread */
	uint32_t pid;
	bool is_main;
};
uint32_t firefox_thread(struct firefox *firefox, const struct firefox_thread *thread);

/* Times are ms from the start on, those of a thread's samples not less than the one before. */
void firefox_sample(struct firefox *firefox, uint32_t thread, double time, uint32_t stack,
		    double weight);

/* An interval, shown beside the samples. */
struct firefox_marker {
	double from, to;
	const char *name;	/* state, or what runs */
	const char *state;	/* NULL unknown, as the next one */
	const char *goroutine;	/* its entry function */
	uint64_t goid, by, tid; /* 0: none; BY: the goroutine that ended it */
	uint32_t category;
};
void firefox_marker(struct firefox *firefox, uint32_t thread, const struct firefox_marker *marker);

/* The whole file. *BYTES_RET is the caller's, freed with free(). */
struct perfgo_error *firefox_finish(struct firefox *firefox, const struct firefox_meta *meta,
				    void **bytes_ret, size_t *size_ret);

#endif
