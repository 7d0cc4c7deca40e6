/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_GO_INJECT_H
#define PERF_GO_INJECT_H

#include "base/error.h"

/*
 * A recording is read twice. What can be read only once, a pipe, is first written to a file without
 * a name in the directory of OUTPUT, which takes the place of standard input; *INPUT is then "-".
 */
struct perfgo_error *inject_spool(const char **input, const char *output);

#endif
