// SPDX-License-Identifier: GPL-2.0-only
/* perf go goroutines: all goroutines of a process, of a core file, or of a snapshot. */
#include "goroutines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "out/replace_file.h"
#include "pager.h"

static const char table_keys[] = "goid,gostate,gowait,goroutine,gocreator,golabels";
static const char change_keys[] = "gosince,goid,gostate,gowait,goroutine,gocreator,golabels";
static const char all_keys[] =
	"goid,gostate,gowait,goroutine,gocreator,goparent,golabels,tid,gop,gosystem,callchain";
static const char all_change_keys[] = "gosince,goid,gostate,gowait,goroutine,gocreator,goparent,"
				      "golabels,tid,gop,gosystem,callchain";

struct goroutines_options {
	struct goroutines_source source;
	const char *keys, *by, *format, *since, *pprof;
	double rows;
	bool system, all, pager;
};

static const struct format {
	const char *name;
	goroutines_writer *write;
	bool everything; /* for programs: all rows and keys */
} formats[] = {
	{"table", goroutines_table, false},
	{"json", goroutines_json, true},
	{"csv", goroutines_csv, true},
};

static struct perfgo_error *read_before(struct goroutines_view *view, const char *path,
					struct snapshot **ret)
{
	struct perfgo_error *error = snapshot_open(path, ret);
	if (error)
		return error;
	const struct snapshot_info *then = snapshot_info(*ret),
				   *now = snapshot_info(view->snapshot);
	if (then->pid != now->pid || strcmp(then->executable, now->executable) != 0)
		return perfgo_error_new("%s is of %s (%u), not of %s (%u)", path, then->comm,
					then->pid, now->comm, now->pid);
	if (then->execution & now->execution & 1 && then->execution != now->execution)
		return perfgo_error_new("%s is of what %s (%u) executed before", path, then->comm,
					then->pid);
	if (then->begin > now->begin)
		return perfgo_error_new("%s is the later one of the two snapshots", path);
	view->before = *ret;
	view->since = path;
	return NULL;
}

static struct perfgo_error *write_pprof(const struct snapshot *snapshot, const char *path)
{
	void *bytes = NULL;
	size_t size;
	struct perfgo_error *error = goroutines_pprof(snapshot, &bytes, &size);
	if (!error)
		error = replace_file(path, bytes, size);
	free(bytes);
	return error;
}

static struct perfgo_error *show(const struct goroutines_options *options,
				 const struct format *format, struct goroutines_view *view)
{
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	struct perfgo_error *error = goroutines_rows(view, options->system || format->everything,
						     options->all || format->everything);
	if (!error && options->by)
		error = goroutines_group(view);
	view->out = &out;
	view->terminal = isatty(STDOUT_FILENO);
	if (options->pager && !error)
		pager_begin();
	if (!error)
		error = format->write(view);
	struct perfgo_error *failed = writer_finish(&out);
	pager_end();
	view->out = NULL;
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

static struct perfgo_error *run(const struct goroutines_options *options,
				const struct format *format, struct goroutines_view *view)
{
	struct snapshot *snapshot = NULL, *before = NULL;
	const struct snapshot_options take = {
		.stacks = options->pprof || options->since ||
			  goroutine_keys_have(&view->keys, VALUE_STACK),
		.labels = true,
		.names = true,
	};
	struct perfgo_error *error = goroutines_take(&options->source, &take, &snapshot);
	view->snapshot = snapshot;
	if (!error && options->since)
		error = read_before(view, options->since, &before);
	if (!error && options->pprof)
		error = write_pprof(snapshot, options->pprof);
	else if (!error)
		error = show(options, format, view);
	free(view->rows);
	free(view->groups);
	snapshot_free(snapshot);
	snapshot_free(before);
	return error;
}

static const char *default_keys(const struct goroutines_options *options, bool everything)
{
	if (options->by)
		return options->by;
	if (options->keys)
		return options->keys;
	if (everything)
		return options->since ? all_change_keys : all_keys;
	return options->since ? change_keys : table_keys;
}

static int check_usage(const struct goroutines_options *options, const char *command)
{
	const struct goroutines_source *source = &options->source;
	int sources = !!source->pid + !!source->snapshot + !!source->core;
	if (sources != 1)
		return complain_usage(command,
				      "%s give one of -p PID, --snapshot FILE, --core FILE",
				      sources ? "one place at a time:" : "goroutines of what?");
	if (source->pid && !parse_pid(source->pid))
		return complain_usage(command, "-p takes the id of a process, not '%s'",
				      source->pid);
	if (options->by && options->keys)
		return complain_usage(command, "--by has its own keys: leave out -F %s",
				      options->keys);
	return 0;
}

int cmd_goroutines(int argc, char **argv)
{
	struct goroutines_options o = {.format = formats[0].name, .rows = 40, .pager = true};
	const struct option_spec options[] = {
		{'p', "pid", OPTION_STRING, &o.source.pid},
		{0, "snapshot", OPTION_STRING, &o.source.snapshot},
		{0, "core", OPTION_STRING, &o.source.core},
		{'F', "fields", OPTION_LIST, &o.keys},
		{0, "by", OPTION_LIST, &o.by},
		{0, "format", OPTION_STRING, &o.format},
		{0, "since", OPTION_STRING, &o.since},
		{0, "pprof", OPTION_STRING, &o.pprof},
		{0, "rows", OPTION_NUMBER, &o.rows},
		{0, "system", OPTION_FLAG, &o.system},
		{0, "all", OPTION_FLAG, &o.all},
		{0, "pager", OPTION_FLAG, &o.pager},
		{0},
	};
	int first, status = options_parse(argc, argv, options, &first);
	if (!status && first < argc)
		status = complain_usage(argv[0], "what is '%s'? a process is given by -p",
					argv[first]);
	if (!status)
		status = check_usage(&o, argv[0]);
	if (status)
		return status;
	int chosen = options_choose(argv[0], "format", o.format, formats,
				    sizeof(formats) / sizeof(*formats), sizeof(*formats));
	if (chosen < 0)
		return 2;
	const struct format *format = &formats[chosen];
	struct goroutines_view view = {.from = o.source.snapshot ? o.source.snapshot
								 : o.source.core,
				       .most_rows = o.rows > 0 ? (size_t)o.rows : SIZE_MAX};
	struct perfgo_error *error =
		goroutine_keys_parse(default_keys(&o, format->everything), &view.keys);
	status = error ? complain_wrong(error) : complain(run(&o, format, &view));
	goroutine_keys_deinit(&view.keys);
	if (!status)
		suggest(o.pprof ? "go tool pprof -top FILE shows where they are"
				: "perf go goroutines -F goid,gostate,callchain shows where they "
				  "are");
	return status;
}
