// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "goproc/snapshot.h"

static const char default_input[] = "perf.data";

int recording_input(struct recording_options *options, int argc, char **argv, int first)
{
	if (first < argc && !options->input)
		options->input = argv[first++];
	if (first < argc)
		return complain_usage(argv[0], "one recording at a time: what is '%s'?",
				      argv[first]);
	struct stat status;
	if (!options->input)
		options->input = !fstat(STDIN_FILENO, &status) && S_ISFIFO(status.st_mode)
					 ? "-"
					 : default_input;
	return 0;
}

static struct perfgo_error *add_snapshots(struct session *session, const char *files)
{
	_cleanup_free_ char *words = strdup(files);
	char *rest = words, *file;
	struct perfgo_error *error = words ? NULL : perfgo_error_no_memory();
	while (!error && (file = strsep(&rest, ","))) {
		struct snapshot *snapshot;
		if (!*file)
			continue;
		error = snapshot_open(file, &snapshot);
		if (!error)
			error = session_add_snapshot(session, snapshot);
	}
	return error;
}

struct perfgo_error *recording_open(const struct recording_options *options, struct recording *ret)
{
	const struct attribution_options where = {
		.symfs = options->symfs,
		.buildid_dir = options->buildid_dir,
	};
	*ret = (struct recording){0};
	struct perfgo_error *error =
		session_open(options->input, &terminal_observer, &ret->session);
	if (error && !strcmp(options->input, default_input) && access(default_input, F_OK))
		return perfgo_error_hint(error, "perf record makes one; -i FILE reads another");
	if (!error && options->snapshots)
		error = add_snapshots(ret->session, options->snapshots);
	if (!error && options->max_stack > 0)
		session_limit_stacks(ret->session, (uint32_t)options->max_stack);
	if (!error)
		error = attribution_new(ret->session, &where, &ret->attribution);
	return error ? error : facts_new(ret->attribution, &ret->facts);
}

void recording_close(struct recording *recording)
{
	facts_free(recording->facts);
	attribution_free(recording->attribution);
	session_close(recording->session);
}

void recording_prepare(struct recording *recording, const struct key *key)
{
	attribution_want_lines(recording->attribution, key->lines);
}

static void prepare(const struct key *key, void *recording)
{
	recording_prepare(recording, key);
}

void recording_prepare_all(struct recording *recording, const struct key_list *keys,
			   const struct filter *filter)
{
	for (size_t i = 0; keys && i < keys->count; i++)
		recording_prepare(recording, keys->keys[i]);
	filter_keys(filter, prepare, recording);
}

bool recording_next(struct recording *recording, struct batch *ret, struct perfgo_error **error)
{
	if (!*error)
		*error = session_read(recording->session, ret);
	return !*error && ret->count;
}

/* Adds that KEY is one of VALUES, which may be NULL. */
static struct perfgo_error *narrow(struct filter **filter, const char *key, const char *values)
{
	if (!values)
		return NULL;
	struct filter *only = filter_one_of(key_find(key), values);
	*filter = only ? filter_and(*filter, only) : *filter;
	return only && *filter ? NULL : perfgo_error_no_memory();
}

struct perfgo_error *recording_filter(const struct recording_options *options, struct filter **ret)
{
	struct filter *filter = NULL;
	struct perfgo_error *error = NULL;
	if (options->filter)
		error = filter_parse(options->filter, &filter);
	if (!error)
		error = narrow(&filter, "comm", options->comm);
	if (!error)
		error = narrow(&filter, "dso", options->dso);
	if (!error)
		error = narrow(&filter, "sym", options->symbol);
	if (error)
		filter_free(filter);
	else
		*ret = filter;
	return error;
}
