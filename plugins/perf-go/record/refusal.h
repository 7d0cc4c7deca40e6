/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a kernel refuses BPF. */
#ifndef RECORD_REFUSAL_H
#define RECORD_REFUSAL_H

#include "base/error.h"

enum obstacle { /* what is in the way, as bits */
		OBSTACLE_NO_BTF = 1,
		OBSTACLE_LOCKED_DOWN = 2,
		OBSTACLE_NO_RIGHTS = 4,
};

/* Those of this kernel and process. */
unsigned int obstacles_here(void);

/* The error for ERRNUM, with a hint by the obstacles that there are. */
struct perfgo_error *refusal_of_bpf(int errnum, unsigned int obstacles);

#endif
