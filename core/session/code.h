/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code addresses and stacks, interned: each distinct one gets a small id, so that what is found
 * out about it is found out once.
 */
#ifndef SESSION_CODE_H
#define SESSION_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/idmap.h"
#include "session/dsos.h"
#include "session/maps.h"

/* A place in a dso. Different processes, and the same one at different load addresses, share it. */
struct location {
	uint32_t dso;
	bool returns; /* a return address: what is meant is the call before it */
	uint64_t offset;
};

/* How an address came into a stack. */
enum address_kind {
	ADDRESS_PLACE,	  /* where the thread stood, or a call itself */
	ADDRESS_RETURNS,  /* a return address */
	ADDRESS_INFERRED, /* one that was not recorded, but must have been there */
};

/*
 * Ends a stack whose outer part is on a goroutine's stack that was not recorded. No address that
 * code can have on any machine.
 */
#define ADDRESS_NOT_RECORDED (1ull << 63)

/* An instruction address in an address space. */
struct address {
	uint64_t ip;
	uint32_t location;
	uint32_t generation;
	uint8_t cpumode; /* PERF_RECORD_MISC_KERNEL, _USER … */
	bool returns, inferred;
};

/*
 * A callchain without its context markers, innermost first. Which recorded chain it was follows
 * from its addresses, so that need not be kept.
 */
struct stack {
	const uint32_t *addresses;
	uint32_t count;
	uint32_t nr_raw;   /* as recorded, with markers */
	uint32_t inferred; /* which of those nobody recorded; 0 none */
	uint32_t user_generation, kernel_generation;
	uint8_t cpumode; /* of the sample: that of addresses before the first marker */
};

enum { RECENT_STACKS = 256 };

/* Zero-initialised, but for max_stack, is empty. */
struct code {
	struct location *locations;
	size_t nr_locations, locations_capacity;
	struct idmap locations_index;
	struct address *addresses;
	uint64_t *ips; /* of the addresses, close together: stacks are compared by them */
	size_t nr_addresses, addresses_capacity, ips_capacity;
	struct idmap addresses_index;
	struct stack *stacks; /* [0] is the empty one */
	size_t nr_stacks, stacks_capacity;
	struct idmap stacks_index;
	uint32_t recent[RECENT_STACKS]; /* stacks that may begin like a new one; 0: none */
	struct arena arena;
	uint32_t max_stack; /* addresses of a stack that are kept, from the inside */
};

/* Where code runs: the maps of user space and of the kernel. */
struct code_context {
	const struct maps *user; /* NULL: not known */
	const struct maps *kernel;
};

/* Both give IDMAP_NONE without memory. */
uint32_t code_address(struct code *code, const struct code_context *context, uint64_t ip,
		      uint8_t cpumode, enum address_kind kind);

/* A callchain to be interned. */
struct stack_query {
	const struct maps *user;
	const uint64_t *raw; /* as recorded, in this machine's byte order */
	uint64_t count;	     /* 0: no callchain, id 0 */
	uint8_t cpumode;     /* of the sample */
	bool calls;	     /* user addresses are those of calls, not of where they return */
	uint32_t inferred;   /* which of the chain nobody recorded; 0 none */
	uint32_t hash;	     /* for code_stacks() itself */
	uint32_t id;	     /* the answer; IDMAP_NONE without memory */
};

/*
 * Interns COUNT callchains at once, so that the memory they are compared with is on its way while
 * others are looked at. CONTEXT is for all but `user`.
 */
void code_stacks(struct code *code, const struct code_context *context, struct stack_query *queries,
		 size_t count);

void code_deinit(struct code *code);

#endif
