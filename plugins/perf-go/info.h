/* SPDX-License-Identifier: GPL-2.0-only */
/* perf go info: what its two kinds of files share. */
#ifndef PERF_GO_INFO_H
#define PERF_GO_INFO_H

#include "attribute/binary.h"
#include "goroutine_tally.h"
#include "out/json.h"
#include "recording.h"

struct info {
	const struct recording_options *options;
	bool json, terminal;
	struct writer *out;
};

struct perfgo_error *info_recording(const struct info *info);
struct perfgo_error *info_binary(const struct info *info);

/* Of a recording that has goroutines, else nothing: lines, and a table. */
void info_goroutines(const struct info *info, const struct session *session,
		     const struct goroutine_tally *tally);
struct perfgo_error *info_go_processes(const struct info *info, const struct session *session);
/* A key, null without goroutines. */
void json_goroutines(struct json *json, const struct session *session,
		     const struct goroutine_tally *tally);

/* A line "  name  value" for people. */
void info_line(const struct info *info, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
