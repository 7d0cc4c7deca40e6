/* SPDX-License-Identifier: GPL-2.0-only */
/* Where goroutines stand, and the threads that run them. */
#ifndef GOPROC_PLACES_H
#define GOPROC_PLACES_H

#include "goproc/goroutines.h"
#include "goproc/stacks.h"

/* enum go_state */
uint8_t goroutine_state(const struct goroutine_fields *fields);
bool goroutine_waits(uint8_t state);

/* What runs a goroutine. */
struct goroutine_thread {
	uint32_t thread;   /* kernel tid; 0 none */
	int32_t processor; /* id of the P; -1 none, or not known */
};
struct goroutine_thread goroutine_thread(struct goproc *process,
					 const struct goroutine_fields *fields);

struct stack_place goroutine_place(struct goproc *process, const struct goroutine_fields *fields);

#endif
