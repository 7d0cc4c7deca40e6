// SPDX-License-Identifier: GPL-2.0-only
#include "record/tracepoints.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "record/event_near.h"

/* Documentation/trace/ftrace.rst: the first since Linux 4.1, where debugfs is mounted also below
 * it.
 */
static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

static struct perfgo_error *no_tracefs(int errnum, const char *path)
{
	struct perfgo_error *error =
		perfgo_error_errno(errnum, "%s: tracepoints cannot be read", path);
	if (errnum == EACCES || errnum == EPERM)
		return perfgo_error_hint(
			error, "run as root, or: sudo mount -o remount,mode=755 %s", path);
	return perfgo_error_hint(error, "sudo mount -t tracefs nodev %s", path);
}

struct perfgo_error *tracefs_find(const struct event_list *list, struct tracefs *ret)
{
	int errnum = ENOENT;
	const char *const *candidates = list->tracefs ? &list->tracefs : places;
	size_t count = list->tracefs ? 1 : sizeof(places) / sizeof(*places);
	for (size_t i = 0; i < count; i++) {
		snprintf(ret->path, sizeof(ret->path), "%s", candidates[i]);
		if (text_file_exists(ret->path, "events"))
			return NULL;
		if (!i || errno == EACCES)
			errnum = errno;
	}
	return no_tracefs(errnum, candidates[0]);
}

/* Of a system, or of one tracepoint in it when there is a NAME. False when it is too long. */
static bool directory_of(const struct tracefs *tracefs, const char *system, const char *name,
			 char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/events/%s%s%s", tracefs->path, system, name ? "/" : "",
			name ? name : "") < PATH_MAX;
}

bool tracepoint_exists(const struct tracefs *tracefs, const char *system, const char *name)
{
	char path[PATH_MAX];
	return directory_of(tracefs, system, name, path) && text_file_exists(path, "id");
}

static struct perfgo_error *add_name(struct names *names, const char *system, const char *name)
{
	char *text;
	if (!array_reserve(names->names, names->capacity, names->count + 1) ||
	    asprintf(&text, "%s:%s", system, name) < 0)
		return perfgo_error_no_memory();
	names->names[names->count++] = text;
	return NULL;
}

static struct perfgo_error *match_in_system(const struct tracefs *tracefs, const char *system,
					    const char *name, struct names *ret)
{
	char path[PATH_MAX];
	_cleanup_(names_deinit) struct names all = {0};
	struct perfgo_error *error = NULL;
	if (!directory_of(tracefs, system, NULL, path) || !names_read(path, &all))
		return errno == EACCES ? no_tracefs(errno, path) : NULL;
	for (size_t i = 0; !error && i < all.count; i++)
		if (!fnmatch(name, all.names[i], 0) &&
		    tracepoint_exists(tracefs, system, all.names[i]))
			error = add_name(ret, system, all.names[i]);
	return error;
}

/* `ftrace` has records of the tracers, which are no events that could be opened. */
static struct perfgo_error *match_systems(const struct tracefs *tracefs, const char *system,
					  const char *name, struct names *ret)
{
	char path[PATH_MAX];
	_cleanup_(names_deinit) struct names all = {0};
	struct perfgo_error *error = NULL;
	if (!strpbrk(system, "*?["))
		return match_in_system(tracefs, system, name, ret);
	if (!directory_of(tracefs, ".", NULL, path) || !names_read(path, &all))
		return no_tracefs(errno, path);
	for (size_t i = 0; !error && i < all.count; i++)
		if (!fnmatch(system, all.names[i], 0) && strcmp(all.names[i], "ftrace"))
			error = match_in_system(tracefs, all.names[i], name, ret);
	return error;
}

/* What a system that is not there begins with when probes have to be made first. */
static const struct {
	const char *prefix, *hint;
} made[] = {
	{"probe", "make the probe first, with perf probe"},
	{"sdt_", "make its probe first: perf probe sdt_…:…"},
	{"uprobes", "make the probe first, with perf probe"},
	{"kprobes", "make the probe first, with perf probe"},
};

static struct perfgo_error *hint_of_system(const char *system, struct perfgo_error *error)
{
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		if (!strncmp(system, made[i].prefix, strlen(made[i].prefix)))
			return perfgo_error_hint(error, "%s", made[i].hint);
	return error;
}

static struct perfgo_error *unknown_tracepoint(const struct tracefs *tracefs, const char *system,
					       const char *name)
{
	char path[PATH_MAX];
	struct near near = {.word = name};
	_cleanup_(names_deinit) struct names names = {0};
	struct perfgo_error *error = perfgo_error_new("no tracepoint %s:%s", system, name);
	if (directory_of(tracefs, system, NULL, path) && names_read(path, &names)) {
		near_offer_all(&near, &names);
		return near_hint(&near, error);
	}
	near.word = system;
	if (directory_of(tracefs, ".", NULL, path) && names_read(path, &names))
		near_offer_all(&near, &names);
	return hint_of_system(system, near_hint(&near, error));
}

struct perfgo_error *tracepoints_matching(const struct tracefs *tracefs, const char *system,
					  const char *name, struct names *ret)
{
	*ret = (struct names){0};
	if (strchr(system, '/') || strchr(name, '/') || *system == '.' || *name == '.')
		return perfgo_error_new("no tracepoint %s:%s", system, name);
	struct perfgo_error *error = match_systems(tracefs, system, name, ret);
	if (!error && !ret->count)
		error = unknown_tracepoint(tracefs, system, name);
	if (error)
		names_deinit(ret);
	return error;
}

struct perfgo_error *tracepoint_file(const struct tracefs *tracefs, const char *tracepoint,
				     const char *file, char **ret)
{
	char path[PATH_MAX];
	const char *colon = strchrnul(tracepoint, ':');
	int length = snprintf(path, sizeof(path), "%s/events/%.*s/%s", tracefs->path,
			      (int)(colon - tracepoint), tracepoint, *colon ? colon + 1 : "");
	*ret = length < (int)sizeof(path) ? text_file_read(path, file) : NULL;
	if (*ret)
		return NULL;
	struct perfgo_error *error = perfgo_error_errno(errno, "%s/%s cannot be read", path, file);
	if (errno == EACCES)
		perfgo_error_hint(error, "run as root, or: sudo mount -o remount,mode=755 %s",
				  tracefs->path);
	return error;
}

struct perfgo_error *tracepoint_id(const struct tracefs *tracefs, const char *tracepoint,
				   uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	struct perfgo_error *error = tracepoint_file(tracefs, tracepoint, "id", &text);
	if (!error && !text_number(text, ret))
		error = perfgo_error_new("%s/events has no id for %s but %s", tracefs->path,
					 tracepoint, text);
	return error;
}
