/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header feature of perf-go's own in a recording: the Go processes that were seen, label sets,
 * snapshots. Every perf passes over it (util/header.c, perf 6.12: unknown features are skipped).
 * In the byte order of the machine that recorded; machines of the other order do not read it.
 */
#ifndef GOPROC_SECTION_H
#define GOPROC_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { HEADER_GO = 254 }; /* its bit in the header */

struct go_section_process {
	uint32_t pid;
	const char *executable;	  /* path */
	const char *version;	  /* "go1.26.8"; "" unknown */
	const char *no_goroutine; /* why its samples have no goroutine, "" when they have */
};

struct label {
	const char *key, *value;
};

/* A set of labels, in the order of their keys. */
struct label_set {
	const struct label *labels;
	size_t count;
	bool incomplete; /* there are more, or some with a text too long: those are left out whole
			  */
	bool known;	 /* the recorder has had its contents */
};

/* Made while recording. */
struct go_section_writer;
struct perfgo_error *go_section_writer_new(struct go_section_writer **ret);
void go_section_writer_free(struct go_section_writer *writer);
/*
 * All false without memory. What is given is copied. A process that executes another program may
 * come again. Labels come in any order; a set's number, from 1 on, is for go_payload.golabels, and
 * what it had before is forgotten.
 */
bool go_section_add_process(struct go_section_writer *writer,
			    const struct go_section_process *process);
bool go_section_set_labels(struct go_section_writer *writer, uint32_t number,
			   const struct label_set *set);
bool go_section_add_snapshot(struct go_section_writer *writer, const void *snapshot, size_t size);
/*
 * The section as bytes, valid until the next call or the writer's end. NULL without memory, now or
 * for what it should have.
 */
const void *go_section_bytes(struct go_section_writer *writer, size_t *size_ret);

/* Read from a recording. */
struct go_section;
/* BYTES is borrowed and has to outlive *RET. Damage is an error that names its offset. */
struct perfgo_error *go_section_read(const void *bytes, size_t size, struct go_section **ret);
void go_section_free(struct go_section *section);
size_t go_section_nr_processes(const struct go_section *section);
const struct go_section_process *go_section_process(const struct go_section *section, size_t i);
/* How many numbers of sets there are, that of the empty set included. */
size_t go_section_nr_label_sets(const struct go_section *section);
/* Number 0 is the empty set. NULL for a number that is too large. */
const struct label_set *go_section_label_set(const struct go_section *section, uint32_t number);
size_t go_section_nr_snapshots(const struct go_section *section);
/* The bytes of one, for snapshot_decode(); not aligned. */
const void *go_section_snapshot(const struct go_section *section, size_t i, size_t *size_ret);

#endif
