/* SPDX-License-Identifier: GPL-2.0-only */
/* Goroutines of a snapshot, as rows with keys, and the ways to show them. */
#ifndef PERF_GO_GOROUTINES_H
#define PERF_GO_GOROUTINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "goproc/section.h"
#include "goproc/snapshot.h"
#include "out/writer.h"

/* What has become of a goroutine between two snapshots. */
enum goroutine_change {
	CHANGE_NOT_ASKED,
	CHANGE_NEW,
	CHANGE_GONE,
	CHANGE_WAITING, /* in the same wait all the time */
	CHANGE_OTHER,	/* it ran, or may have run */
};

struct goroutine_row {
	const struct snapshot *snapshot;
	const struct snapshot_goroutine *goroutine;
	enum goroutine_change change;
};

enum value_kind {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_DURATION, /* ns */
	VALUE_BOOL,
	VALUE_LABELS,
	VALUE_STACK,
};

struct goroutine_value {
	bool known;
	uint64_t number; /* of a stack, its number in the snapshot */
	const char *text;
	const struct label_set *labels;
};

struct goroutine_key {
	const char *name;
	enum value_kind kind;
	void (*fill)(const struct goroutine_row *row, const struct goroutine_key *key,
		     struct goroutine_value *ret);
	const char *label; /* of a key label:NAME the name, else NULL */
};

enum { MAX_GOROUTINE_KEYS = 24 };
struct goroutine_keys {
	char *names;
	size_t count;
	struct goroutine_key keys[MAX_GOROUTINE_KEYS];
};

/*
 * A list "goid,label:tenant". The error names the word that is no key. The caller gives *RET back
 * with goroutine_keys_deinit(), also after an error.
 */
struct perfgo_error *goroutine_keys_parse(const char *text, struct goroutine_keys *ret);
void goroutine_keys_deinit(struct goroutine_keys *keys);
bool goroutine_keys_have(const struct goroutine_keys *keys, enum value_kind kind);

struct goroutine_value goroutine_value(const struct goroutine_row *row,
				       const struct goroutine_key *key);

/* As text, "?" unknown; for people, HUMAN, times have their best unit. */
void write_goroutine_value(const struct goroutine_row *row, const struct goroutine_key *key,
			   bool human, struct writer *out);

/* A row of --by: COUNT rows like FIRST. */
struct goroutine_group {
	const struct goroutine_row *first;
	uint64_t count;
};

struct goroutines_view {
	const struct snapshot *snapshot, *before; /* before: NULL without --since */
	const char *from;			  /* the file, NULL a live process */
	const char *since;
	struct goroutine_keys keys;
	struct goroutine_row *rows;
	size_t nr_rows;
	struct goroutine_group *groups; /* NULL without --by */
	size_t nr_groups;
	uint64_t goroutines; /* in the snapshot; without the runtime's, where those are left out */
	uint64_t system, others; /* rows that a table leaves out */
	size_t most_rows;	 /* of a table; SIZE_MAX all */
	bool terminal;
	struct writer *out;
};

/* Makes the rows; all of them, those that a table leaves out behind the others. */
struct perfgo_error *goroutines_rows(struct goroutines_view *view, bool system, bool everything);

/* Makes the groups of the rows, the largest first. */
struct perfgo_error *goroutines_group(struct goroutines_view *view);

typedef struct perfgo_error *goroutines_writer(const struct goroutines_view *view);
goroutines_writer goroutines_table, goroutines_json, goroutines_csv;

/* As bytes of a pprof profile of goroutines, which the caller frees with free(). */
struct perfgo_error *goroutines_pprof(const struct snapshot *snapshot, void **bytes_ret,
				      size_t *size_ret);

/* Where goroutines come from: one of the three. */
struct goroutines_source {
	const char *pid, *snapshot, *core;
};
struct perfgo_error *goroutines_take(const struct goroutines_source *source,
				     const struct snapshot_options *options, struct snapshot **ret);

/* A process id; 0 where TEXT is none. */
uint32_t parse_pid(const char *text);

#endif
