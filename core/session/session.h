/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timeline of a recording: processes, threads, maps and names as they were at the moment of
 * each sample. Hands out samples in context, a batch at a time.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/observer.h"
#include "base/strings.h"
#include "perfdata/perfdata.h"
#include "session/code.h"
#include "session/dsos.h"
#include "session/goroutines.h"
#include "session/threads.h"

struct session;

/*
 * Opens the recording at PATH ("-": standard input). OBSERVER may be NULL, else it has to outlive
 * *RET, which the caller frees with session_close().
 */
struct perfgo_error *session_open(const char *path, const struct observer *observer,
				  struct session **ret);
void session_close(struct session *session);

/* perf's own limit (PERF_MAX_STACK_DEPTH), in force without a call of the next function. */
enum { DEFAULT_MAX_STACK = 127 };

/*
 * Keeps COUNT addresses of a callchain, the innermost; with 0 there are no stacks. Before the first
 * session_read().
 */
void session_limit_stacks(struct session *session, uint32_t count);

/* A callchain that is made: innermost first, with PERF_CONTEXT_* markers. */
struct made_stack {
	uint64_t *entries;
	size_t count, max;
	bool calls; /* these two as in struct stack_query */
	uint32_t inferred;
};

/*
 * Makes the callchain of a sample that has more of its stack than the recorded callchain; with a
 * count of 0 that stays. USER is the address space at that moment.
 */
typedef void stack_maker(void *context, const struct sample *sample, const struct maps *user,
			 struct made_stack *ret);

/* Before the first session_read(). MAKER may be NULL. */
void session_make_stacks(struct session *session, stack_maker *maker, void *context);

/*
 * Samples of a thread after its EXIT have the name perf gives to threads it does not know, as in
 * perf script (but not of recordings with AUX data); else they keep its last name, as in perf
 * report (symbol_conf.keep_exited_threads).
 */
void session_forget_exited(struct session *session);

enum { BATCH_SIZE = 512 };

/*
 * Samples in context, as perf would deliver them: one of a group READ becomes one for each member
 * of the group whose count has changed (tools/perf/util/session.c, deliver_sample_group).
 */
struct batch {
	size_t count;
	const struct sample *samples;
	const uint32_t *threads;    /* for session_thread() */
	const uint32_t *addresses;  /* of the sample's ip, for session_address() */
	const uint32_t *stacks;	    /* for session_stack(); 0 without a callchain */
	const uint32_t *goroutines; /* for session_goroutine(); 0 unknown */
	const uint64_t *sequences;  /* of the record it came in (struct record) */
};

/* The next samples, count 0 at the end. Valid until the next call. */
struct perfgo_error *session_read(struct session *session, struct batch *ret);

struct perfdata *session_data(const struct session *session);
const struct observer *session_observer(const struct session *session);

/* The one dictionary of all names. */
struct strings *session_strings(struct session *session);

/* By id. Pointers are valid until the next session_read(). */
const struct thread *session_thread(const struct session *session, uint32_t id);
const struct address *session_address(const struct session *session, uint32_t id);
const struct location *session_location(const struct session *session, uint32_t id);
const struct stack *session_stack(const struct session *session, uint32_t id);
const struct dso *session_dso(const struct session *session, uint32_t id);
const struct goroutine *session_goroutine(const struct session *session, uint32_t id);

/* The labels of a goroutine, valid as long as the session; NULL: not known. */
const struct label_set *session_label_set(const struct session *session, uint32_t id);

/*
 * Snapshots that were taken beside the recording, which are taken over. Goroutines of samples that
 * have none are found by them where g is in its register: HOLDS_G says whether it is so in the code
 * at a location. Both before the first session_read().
 */
struct snapshot;
struct perfgo_error *session_add_snapshot(struct session *session, struct snapshot *snapshot);
typedef bool g_place(void *context, uint32_t location);
void session_trust_registers(struct session *session, g_place *holds_g, void *context);

/* Snapshots beside the recording and in it. */
size_t session_nr_snapshots(const struct session *session);

/* What a sample of perf go record says of its goroutine; NULL when it says nothing. */
const struct go_payload *session_go_payload(const struct session *session,
					    const struct sample *sample);

/* Whether goroutines may be known. */
bool session_has_goroutines(const struct session *session);

/* What the recording says of Go processes; NULL: it is not of perf go record. */
const struct go_section *session_go_section(const struct session *session);
size_t session_nr_addresses(const struct session *session);
size_t session_nr_locations(const struct session *session);
size_t session_nr_dsos(const struct session *session);

/* Whether the recording has told of a thread with that id, so far. */
bool session_has_thread(const struct session *session, uint32_t tid);

/* Where records are missing: TIME is that of the next record of the CPU's ring. In their order. */
struct loss {
	uint64_t time;
	uint32_t cpu; /* UINT32_MAX not known */
};
const struct loss *session_losses(const struct session *session, size_t *count_ret);

/* When processes executed another program, so far. */
struct execution {
	uint32_t pid;
	uint64_t time;
};
const struct execution *session_executions(const struct session *session, size_t *count_ret);

/*
 * The kernel's dso, and the symbol by which perf ties the kernel's symbols to the addresses it had
 * when recorded (_text or _stext), and its address; NULL when the recording has none.
 */
uint32_t session_kernel_dso(const struct session *session);
const char *session_kernel_reference(const struct session *session, uint64_t *address_ret);

/*
 * The build id of a dso, as its mmap record has it, else the header for its name; NULL, and size 0,
 * unknown. Valid until the next session_read().
 */
const uint8_t *session_build_id(struct session *session, uint32_t dso, size_t *size_ret);

/* The path of a cgroup as a string id. */
uint32_t session_cgroup(const struct session *session, uint64_t id);

#endif
