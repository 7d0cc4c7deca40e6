/* SPDX-License-Identifier: GPL-2.0-only */
/* What clang's analyzer does not see by itself, for build-aux/lint: an error is never NULL. */
#ifndef BUILD_AUX_ANALYZER_H
#define BUILD_AUX_ANALYZER_H

#include "base/error.h"

static inline struct perfgo_error *never_null(struct perfgo_error *error)
{
	if (!error)
		__builtin_unreachable();
	return error;
}

#define perfgo_error_new(...) never_null(perfgo_error_new(__VA_ARGS__))
#define perfgo_error_errno(...) never_null(perfgo_error_errno(__VA_ARGS__))
#define perfgo_error_no_memory() never_null(perfgo_error_no_memory())

#endif
