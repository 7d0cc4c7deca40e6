/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording with all that the commands ask of it, opened as the common options say. */
#ifndef PERF_GO_RECORDING_H
#define PERF_GO_RECORDING_H

#include "base/error.h"
#include "keys/keys.h"
#include "options.h"
#include "report/filter.h"

struct recording_options {
	const char *input;
	const char *symfs, *buildid_dir;
	const char *comm, *dso, *symbol, *filter;
	const char *snapshots; /* files, comma-separated; NULL: none */
	double max_stack;      /* 0: perf's */
};

/* Rows for a table of options: where the recording is, and where the binaries are. */
#define RECORDING_OPTIONS(options)                                                                 \
	{'i', "input", OPTION_STRING, &(options).input},                                           \
		{0, "symfs", OPTION_STRING, &(options).symfs},                                     \
		{0, "max-stack", OPTION_NUMBER, &(options).max_stack},                             \
	{                                                                                          \
		0, "buildid-dir", OPTION_STRING, &(options).buildid_dir                            \
	}

/* The same for which samples are meant. */
#define FILTER_OPTIONS(options)                                                                    \
	{'c', "comm", OPTION_LIST, &(options).comm}, {0, "comms", OPTION_LIST, &(options).comm},   \
		{'d', "dso", OPTION_LIST, &(options).dso},                                         \
		{0, "dsos", OPTION_LIST, &(options).dso},                                          \
		{'S', "symbols", OPTION_LIST, &(options).symbol},                                  \
	{                                                                                          \
		0, "filter", OPTION_STRING, &(options).filter                                      \
	}

/* The same for snapshots of goroutines that were taken while recording. */
#define SNAPSHOT_OPTIONS(options)                                                                  \
	{                                                                                          \
		0, "snapshot", OPTION_LIST, &(options).snapshots                                   \
	}

/*
 * Takes the word behind the options, if there is one, as the input; without any input it is what is
 * piped in, else perf.data, as in perf. Returns 0, or 2 after complaining of a word too many.
 */
int recording_input(struct recording_options *options, int argc, char **argv, int first);

struct recording {
	struct session *session;
	struct attribution *attribution;
	struct facts *facts;
};

/* The caller closes *RET with recording_close(), also after an error. */
struct perfgo_error *recording_open(const struct recording_options *options, struct recording *ret);
void recording_close(struct recording *recording);

/* Says that KEY will be asked for, before the first sample is read. */
void recording_prepare(struct recording *recording, const struct key *key);

/* The same for all of KEYS, which may be NULL, and what FILTER asks for. */
void recording_prepare_all(struct recording *recording, const struct key_list *keys,
			   const struct filter *filter);

/*
 * The next samples, unless *ERROR, which is that of the use of those before, or of reading. False
 * at the end: then *ERROR tells how it came.
 */
bool recording_next(struct recording *recording, struct batch *ret, struct perfgo_error **error);

/* The filter of --filter, --comm and --dso; NULL for none. The caller frees it. */
struct perfgo_error *recording_filter(const struct recording_options *options, struct filter **ret);

#endif
