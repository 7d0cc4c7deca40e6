/* SPDX-License-Identifier: GPL-2.0-only */
/* The beginning of TRACING_DATA, which its readers have in common. */
#ifndef PERFDATA_TRACING_H
#define PERFDATA_TRACING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"

#define TRACING_MAGIC "\027\010\104tracing"

/* Goes over what has its size, of 64 bits, before it. */
void tracing_skip_sized(struct cursor *c);

/*
 * Goes over what comes before the systems of events, and sets the cursor to the byte order that
 * stands there. *LONG_SIZE_RET is the size of a long of the recorded machine. False when it is not
 * there.
 */
bool tracing_skip_beginning(struct cursor *c, uint8_t *long_size_ret);

#endif
