/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors as objects: NULL is success. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

struct perfgo_error;

/*
 * An error whose text names the file, the offset or address, and the cause, in lower case without
 * a full stop. The caller owns it; free it with perfgo_error_destroy(). Never NULL: when there is
 * no memory for the text it is the preallocated out-of-memory error.
 */
struct perfgo_error *perfgo_error_new(const char *format, ...)
	__attribute__((format(printf, 1, 2), returns_nonnull, warn_unused_result));

/* The same, with ": " and the text of errno value ERRNUM behind it. */
struct perfgo_error *perfgo_error_errno(int errnum, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result));

/* The preallocated out-of-memory error. */
struct perfgo_error *perfgo_error_no_memory(void)
	__attribute__((returns_nonnull, warn_unused_result));

/*
 * Adds what the user can do about it, one line, replacing an earlier hint. Returns ERROR, which it
 * leaves without a hint when there is no memory.
 */
struct perfgo_error *perfgo_error_hint(struct perfgo_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

/* Valid as long as the error. */
const char *perfgo_error_text(const struct perfgo_error *error);

/* The hint, or NULL. Valid as long as the error. */
const char *perfgo_error_hint_text(const struct perfgo_error *error);

/* NULL is allowed. */
void perfgo_error_destroy(struct perfgo_error *error);

#endif
