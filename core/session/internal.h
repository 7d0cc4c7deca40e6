/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include "session/session.h"
#include "session/snapshots.h"

enum { MAX_MADE = 512 };

struct cgroup {
	uint64_t id;
	uint32_t path;
};

struct session {
	struct perfdata *data;
	const struct observer *observer;
	struct strings strings;
	struct dsos dsos;
	struct threads threads;
	struct maps *kernel;
	uint32_t kernel_dso;
	uint32_t kernel_reference; /* string id of a symbol and where the recorded kernel had it */
	uint64_t kernel_reference_address;
	struct code code;
	struct goroutines goroutines;
	struct snapshots snapshots;
	bool snapshots_loaded; /* those of the section */
	g_place *holds_g;
	void *holds_g_context;
	struct execution *executions;
	size_t nr_executions, executions_capacity;
	struct loss *losses;
	size_t nr_losses, losses_capacity;
	struct cgroup *cgroups;
	size_t nr_cgroups, cgroups_capacity;
	struct idmap cgroups_index;

	/* By string id of a name, which of the header's build ids it has; IDMAP_NONE. */
	uint32_t *build_id_of_name;
	size_t nr_build_id_of_name, build_id_of_name_capacity;
	size_t nr_build_ids; /* of the header's, that are in it */

	/* What perfdata_read() gave and how far it has been handed out. */
	const struct record *records;
	size_t nr_records, at_record;

	/* The batch; of the first nr_located samples it is known where they are. */
	size_t nr_samples, nr_located;
	struct sample samples[BATCH_SIZE];
	struct stack_query queries[BATCH_SIZE];
	uint32_t batch_threads[BATCH_SIZE];
	uint32_t batch_addresses[BATCH_SIZE];
	uint32_t batch_stacks[BATCH_SIZE];
	uint32_t batch_goroutines[BATCH_SIZE];
	uint64_t batch_sequences[BATCH_SIZE];
	uint64_t sequence; /* of the sample record being taken */

	/* What makes callchains, and where: MAX_MADE entries a sample of the batch. */
	stack_maker *maker;
	void *maker_context;
	uint64_t *made;

	/* A READ sample that still has values to hand out. */
	struct sample read;
	size_t at_read;
	uint64_t *read_totals; /* by index below */
	size_t nr_read_totals, read_totals_capacity;
	struct idmap read_index;
	uint64_t *read_ids;
	size_t read_ids_capacity;
};

/* Follows a record that is not a sample (sideband.c). False without memory. */
bool session_follow(struct session *session, const struct record *record);

/* One that is known already gets another path. False without memory. */
bool session_add_cgroup(struct session *session, const struct cgroup *cgroup);

/*
 * The goroutine of the I-th sample of the batch by its registers (goroutine_register.c): an id, 0
 * where that cannot be told, IDMAP_NONE without memory.
 */
uint32_t session_goroutine_by_register(struct session *session, size_t i,
				       const struct code_context *context);

/* Turns a READ sample into those that perf delivers for it (group.c). */
void session_begin_read(struct session *session, const struct sample *sample);
bool session_next_read(struct session *session, struct sample *ret);

#endif
