/* SPDX-License-Identifier: GPL-2.0-only */
/* The one file a command writes: "-" is standard output. */
#ifndef PERF_GO_OUTPUT_H
#define PERF_GO_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "recording.h"

bool output_is_stdout(const char *path);

/* A recording is never written over. */
struct perfgo_error *output_check(const char *path, const struct recording *recording);

struct perfgo_error *output_write(const char *path, const void *bytes, size_t size);

#endif
