/* SPDX-License-Identifier: GPL-2.0-only */
/* Goroutines of samples, interned: what a recording of perf go record says of each. */
#ifndef SESSION_GOROUTINES_H
#define SESSION_GOROUTINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idmap.h"
#include "goproc/payload.h"
#include "goproc/section.h"
#include "perfdata/perfdata.h"
#include "session/code.h"
#include "session/label_sets.h"

/*
 * A goroutine with one set of labels, in one state. Interned: it gets a small id; 0 is unknown. The
 * same may come under more than one id when the address space of its process has changed.
 */
struct goroutine {
	uint32_t pid;
	uint64_t goid, parent; /* GO_GOID_UNKNOWN */
	uint32_t creator; /* session_address() id of where the `go` statement returns; IDMAP_NONE */
	uint32_t entry;	  /* session_address() id of its first function; IDMAP_NONE */
	uint32_t labels;  /* for session_label_set() */
	uint8_t special;  /* GOROUTINE_SCHEDULER, GOROUTINE_NO_GO, else 0 */
	uint8_t state;	  /* enum go_state */
	uint8_t gcphase;  /* enum go_gcphase, of the process at the sample */
	uint8_t from;	  /* enum go_goid_from */
};

#define GOROUTINE_OF_NOTHING                                                                       \
	{                                                                                          \
		.goid = GO_GOID_UNKNOWN, .parent = GO_GOID_UNKNOWN, .creator = IDMAP_NONE,         \
		.entry = IDMAP_NONE                                                                \
	}

/* What it is recognised by: what the sample says, in the address space it was in. */
struct goroutine_key {
	uint32_t pid, generation;
	uint64_t words[6];
};

/* Zero-initialised, of a recording without goroutines, finds none. */
struct goroutines {
	struct go_section *section; /* NULL: none */
	size_t nr_types;	    /* of payloads, from GO_PAYLOAD_ID on */
	uint32_t *doubtful;	    /* processes whose goroutines could not be known */
	size_t nr_doubtful, doubtful_capacity;
	struct label_sets labels;
	uint32_t *set_of_number; /* ids by the section's numbers; IDMAP_NONE: not looked up yet */
	size_t nr_numbers, numbers_capacity;
	struct goroutine_key *keys;
	struct goroutine *goroutines; /* [0] is the unknown one */
	size_t count, keys_capacity, capacity;
	struct idmap index;
	uint32_t last; /* samples of one come in runs */
};

/* Reads the section of DATA, if there; it has to outlive GOROUTINES. */
struct perfgo_error *goroutines_init(struct goroutines *goroutines, const struct perfdata *data);
void goroutines_deinit(struct goroutines *goroutines);

/* The payload of a sample; NULL when it has none. */
const struct go_payload *goroutines_payload(const struct goroutines *goroutines,
					    const struct sample *sample);

/* The id of the goroutine that PAYLOAD says of, in process PID; IDMAP_NONE without memory. */
uint32_t goroutines_intern(struct goroutines *goroutines, struct code *code,
			   const struct code_context *context, const struct go_payload *payload,
			   uint32_t pid);

#endif
