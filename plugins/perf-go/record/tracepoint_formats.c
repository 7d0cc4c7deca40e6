// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools/perf/util/trace-event-info.c writes (perf 6.12, tracing_data_get()), for the
 * tracepoints that are recorded alone. kallsyms is empty there too; the command lines of tasks are
 * perf's own.
 */
#include "record/tracepoint_formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "perfdata/tracing.h"
#include "record/tracepoints.h"

/* Those of a list, by name, each once. */
struct used {
	const char **names;
	size_t count, capacity;
};

static void used_deinit(struct used *used)
{
	free(used->names);
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct perfgo_error *find_used(const struct event_list *events, struct used *ret)
{
	size_t distinct = 0;
	*ret = (struct used){0};
	for (size_t i = 0; i < events->count; i++) {
		if (events->events[i].attr.type != PERF_TYPE_TRACEPOINT)
			continue;
		if (!array_reserve(ret->names, ret->capacity, ret->count + 1))
			return perfgo_error_no_memory();
		ret->names[ret->count++] = events->events[i].name;
	}
	if (ret->count)
		qsort(ret->names, ret->count, sizeof(*ret->names), name_order);
	for (size_t i = 0; i < ret->count; i++)
		if (!i || strcmp(ret->names[i], ret->names[distinct - 1]))
			ret->names[distinct++] = ret->names[i];
	ret->count = distinct;
	return NULL;
}

static size_t system_length(const char *name)
{
	return strcspn(name, ":");
}

static bool same_system(const char *a, const char *b)
{
	return system_length(a) == system_length(b) && !strncmp(a, b, system_length(a));
}

/* How many from AT on are of one system. */
static size_t count_of_system(const struct used *used, size_t at)
{
	size_t count = 0;
	while (at + count < used->count && same_system(used->names[at], used->names[at + count]))
		count++;
	return count;
}

static bool is_ftrace(const char *name)
{
	return same_system(name, "ftrace:");
}

static void put_name(const char *name, size_t length, struct writer *to)
{
	writer_bytes(to, name, length);
	writer_char(to, 0);
}

static void put_u32(uint32_t value, struct writer *to)
{
	writer_bytes(to, (const char *)&value, sizeof(value));
}

/* With the end of its last line, which reading took away. */
static void put_text(const char *text, struct writer *to)
{
	uint64_t size = strlen(text) + 1;
	writer_bytes(to, (const char *)&size, sizeof(size));
	writer_string(to, text);
	writer_char(to, '\n');
}

static struct perfgo_error *put_header_file(const struct tracefs *tracefs, const char *name,
					    struct writer *to)
{
	char file[64] = "events/";
	strcat(file, name);
	_cleanup_free_ char *text = text_file_read(tracefs->path, file);
	if (!text)
		return perfgo_error_errno(errno, "%s/%s cannot be read", tracefs->path, file);
	put_name(name, strlen(name), to);
	put_text(text, to);
	return NULL;
}

static struct perfgo_error *put_beginning(const struct tracefs *tracefs, struct writer *to)
{
	writer_string(to, TRACING_MAGIC);
	put_name("0.6", 3, to);
	writer_char(to, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	writer_char(to, sizeof(long));
	put_u32((uint32_t)sysconf(_SC_PAGESIZE), to);
	struct perfgo_error *error = put_header_file(tracefs, "header_page", to);
	return error ? error : put_header_file(tracefs, "header_event", to);
}

static struct perfgo_error *put_formats(const struct tracefs *tracefs, const struct used *used,
					size_t first, size_t count, struct writer *to)
{
	put_u32((uint32_t)count, to);
	for (size_t i = first; i < first + count; i++) {
		_cleanup_free_ char *text = NULL;
		struct perfgo_error *error =
			tracepoint_file(tracefs, used->names[i], "format", &text);
		if (error)
			return error;
		put_text(text, to);
	}
	return NULL;
}

/* Those of `ftrace` have a part of their own, before the others and without a name. */
static struct perfgo_error *put_ftrace(const struct tracefs *tracefs, const struct used *used,
				       struct writer *to)
{
	for (size_t i = 0; i < used->count; i++)
		if (is_ftrace(used->names[i]))
			return put_formats(tracefs, used, i, count_of_system(used, i), to);
	put_u32(0, to);
	return NULL;
}

static struct perfgo_error *put_systems(const struct tracefs *tracefs, const struct used *used,
					struct writer *to)
{
	struct perfgo_error *error = NULL;
	uint32_t systems = 0;
	for (size_t i = 0; i < used->count; i += count_of_system(used, i))
		systems += !is_ftrace(used->names[i]);
	put_u32(systems, to);
	for (size_t i = 0, count; !error && i < used->count; i += count) {
		const char *name = used->names[i];
		count = count_of_system(used, i);
		if (is_ftrace(name))
			continue;
		put_name(name, system_length(name), to);
		error = put_formats(tracefs, used, i, count, to);
	}
	return error;
}

/* Texts that formats print by their address; there are none where they cannot be read. */
static void put_printk_formats(const struct tracefs *tracefs, struct writer *to)
{
	_cleanup_free_ char *text = text_file_read(tracefs->path, "printk_formats");
	if (!text || !*text) {
		put_u32(0, to);
		return;
	}
	put_u32((uint32_t)strlen(text) + 1, to);
	writer_string(to, text);
	writer_char(to, '\n');
}

static struct perfgo_error *put_all(const struct tracefs *tracefs, const struct used *used,
				    struct writer *to)
{
	static const uint64_t no_command_lines;
	struct perfgo_error *error = put_beginning(tracefs, to);
	if (!error)
		error = put_ftrace(tracefs, used, to);
	if (!error)
		error = put_systems(tracefs, used, to);
	if (error)
		return error;
	put_u32(0, to); /* kallsyms */
	put_printk_formats(tracefs, to);
	writer_bytes(to, (const char *)&no_command_lines, sizeof(no_command_lines));
	return NULL;
}

struct perfgo_error *tracing_data_collect(const struct event_list *events, struct writer *to)
{
	_cleanup_(used_deinit) struct used used = {0};
	struct tracefs tracefs;
	struct perfgo_error *error = find_used(events, &used);
	if (error || !used.count)
		return error;
	error = tracefs_find(events, &tracefs);
	return error ? error : put_all(&tracefs, &used, to);
}
