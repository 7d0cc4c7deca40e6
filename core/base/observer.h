/* SPDX-License-Identifier: GPL-2.0-only */
/* How the core, which never prints, tells of warnings and progress. */
#ifndef BASE_OBSERVER_H
#define BASE_OBSERVER_H

#include <stdint.h>

/*
 * Either function may be NULL, and so may a pointer to the whole. A warning is one line in the
 * style of errors (base/error.h): partial success is success with a warning. progress is called
 * every few megabytes with what is going on ("reading perf.data"), how many bytes are done, of how
 * many (0 when unknown).
 */
struct observer {
	void (*warning)(void *context, const char *text);
	void (*progress)(void *context, const char *what, uint64_t done, uint64_t total);
	void *context;
};

void observer_warn(const struct observer *observer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void observer_progress(const struct observer *observer, const char *what,
				     uint64_t done, uint64_t total)
{
	if (observer && observer->progress)
		observer->progress(observer->context, what, done, total);
}

#endif
