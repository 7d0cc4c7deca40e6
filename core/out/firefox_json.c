// SPDX-License-Identifier: GPL-2.0-only
/* Fields and their meaning: src/types/profile.ts as of version 55 of the format. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "out/firefox_tables.h"
#include "out/json.h"

enum {
	FORMAT_VERSION = 55,
	GECKO_VERSION = 29,   /* the newest of Firefox's own format before that */
	PHASE_INTERVAL = 1,   /* of markers */
	RESOURCE_LIBRARY = 1, /* resourceTable.type */
	BREAKPAD_GUID = 16,   /* bytes of a build id that are in a breakpad id */
};

/* From ids of the whole profile to those of one thread. */
struct numbering {
	uint32_t *number; /* by id; IDMAP_NONE: not in the thread */
	size_t size, capacity;
	uint32_t *ids; /* by number */
	size_t count, ids_capacity;
};

struct thread_tables {
	struct numbering strings, functions, symbols, frames, stacks, resources;
	uint32_t *path; /* stacks on the way to the outermost frame */
	size_t path_capacity;
	bool failed;
};

static void numbering_deinit(struct numbering *numbering)
{
	free(numbering->number);
	free(numbering->ids);
}

/* Forgets a thread's numbers: only what it had, since threads may be many. */
static void numbering_clear(struct numbering *numbering)
{
	for (size_t i = 0; i < numbering->count; i++)
		numbering->number[numbering->ids[i]] = IDMAP_NONE;
	numbering->count = 0;
}

static bool has_number(const struct numbering *numbering, uint32_t id)
{
	return id < numbering->size && numbering->number[id] != IDMAP_NONE;
}

/* The thread's number of an id, given at first sight. */
static uint32_t number_of(struct thread_tables *tables, struct numbering *numbering, uint32_t id)
{
	if (has_number(numbering, id))
		return numbering->number[id];
	if (!array_extend(numbering->number, numbering->capacity, numbering->size,
			  (size_t)id + 1) ||
	    !array_reserve(numbering->ids, numbering->ids_capacity, numbering->count + 1)) {
		tables->failed = true;
		return 0;
	}
	numbering->ids[numbering->count] = id;
	return numbering->number[id] = (uint32_t)numbering->count++;
}

/* Callers get their numbers before what they called: a prefix is less than its stack. */
static void number_stack(struct thread_tables *tables, const struct firefox *firefox,
			 uint32_t stack)
{
	size_t depth = 0;
	for (uint32_t at = stack; at != FIREFOX_NONE && !has_number(&tables->stacks, at);
	     at = (uint32_t)tuples_get(&firefox->stacks, at)[STACK_CALLER]) {
		if (!array_reserve(tables->path, tables->path_capacity, depth + 1)) {
			tables->failed = true;
			return;
		}
		tables->path[depth++] = at;
	}
	while (depth > 0)
		number_of(tables, &tables->stacks, tables->path[--depth]);
}

static void number_frames(struct thread_tables *tables, const struct firefox *firefox)
{
	for (size_t i = 0; i < tables->stacks.count; i++)
		number_of(
			tables, &tables->frames,
			(uint32_t)tuples_get(&firefox->stacks, tables->stacks.ids[i])[STACK_FRAME]);
	for (size_t i = 0; i < tables->frames.count; i++) {
		const uint64_t *frame = tuples_get(&firefox->frames, tables->frames.ids[i]);
		number_of(tables, &tables->functions, (uint32_t)frame[FRAME_FUNCTION]);
		if (frame[FRAME_SYMBOL] != FIREFOX_NONE)
			number_of(tables, &tables->symbols, (uint32_t)frame[FRAME_SYMBOL]);
	}
}

static void number_names(struct thread_tables *tables, const struct firefox *firefox,
			 const struct thread_data *thread)
{
	for (size_t i = 0; i < tables->functions.count; i++) {
		const uint64_t *f = tuples_get(&firefox->functions, tables->functions.ids[i]);
		number_of(tables, &tables->strings, (uint32_t)f[FUNCTION_NAME]);
		if (f[FUNCTION_FILE])
			number_of(tables, &tables->strings, (uint32_t)f[FUNCTION_FILE]);
		if (f[FUNCTION_LIB] != FIREFOX_NONE)
			number_of(tables, &tables->resources, (uint32_t)f[FUNCTION_LIB]);
	}
	for (size_t i = 0; i < tables->symbols.count; i++)
		number_of(tables, &tables->strings,
			  (uint32_t)tuples_get(&firefox->symbols,
					       tables->symbols.ids[i])[SYMBOL_NAME]);
	for (size_t i = 0; i < tables->resources.count; i++)
		number_of(tables, &tables->strings, firefox->libs[tables->resources.ids[i]].name);
	for (size_t i = 0; i < thread->nr_markers; i++)
		number_of(tables, &tables->strings, thread->markers[i].name);
}

static void json_text(struct json *json, const struct firefox *firefox, const char *key,
		      uint32_t id)
{
	const char *text = strings_text(&firefox->strings, id);
	json_key(json, key);
	json_string(json, text ? text : "");
}

static void json_number(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_unsigned(json, value);
}

static void json_flag(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

/* Times to the nanosecond. */
static void json_ms(struct json *json, double value)
{
	json_fixed(json, value, 6);
}

static void json_unsigned_or_null(struct json *json, uint64_t value, bool known)
{
	if (known)
		json_unsigned(json, value);
	else
		json_null(json);
}

static void begin_column(struct json *json, const char *key)
{
	json_key(json, key);
	json_begin(json, '[');
}

static void end_column(struct json *json)
{
	json_end(json, ']');
}

/* A column of COUNT times the same. */
static void constant_column(struct json *json, const char *key, const char *value, size_t count)
{
	begin_column(json, key);
	for (size_t i = 0; i < count; i++) {
		if (json->comma)
			writer_char(json->writer, ',');
		writer_string(json->writer, value);
		json->comma = true;
	}
	end_column(json);
}

static void begin_table(struct json *json, const char *key, size_t length)
{
	json_key(json, key);
	json_begin(json, '{');
	json_number(json, "length", length);
}

/* How a word of a tuple is written. */
typedef void cell_writer(struct json *json, const struct thread_tables *tables, uint64_t word);

static void cell_number(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	(void)tables;
	json_unsigned(json, word);
}

static void cell_line(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	(void)tables;
	json_unsigned_or_null(json, word, word);
}

static void cell_address(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	(void)tables;
	if (word == UINT64_MAX)
		json_signed(json, -1);
	else
		json_unsigned(json, word);
}

static void cell_string(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	json_unsigned_or_null(json, word ? tables->strings.number[word] : 0, word);
}

static void cell_resource(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	if (word == FIREFOX_NONE)
		json_signed(json, -1);
	else
		json_unsigned(json, tables->resources.number[word]);
}

static void cell_function(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	json_unsigned(json, tables->functions.number[word]);
}

static void cell_symbol(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	bool known = word != FIREFOX_NONE;
	json_unsigned_or_null(json, known ? tables->symbols.number[word] : 0, known);
}

static void cell_frame(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	json_unsigned(json, tables->frames.number[word]);
}

static void cell_stack(struct json *json, const struct thread_tables *tables, uint64_t word)
{
	bool known = word != FIREFOX_NONE;
	json_unsigned_or_null(json, known ? tables->stacks.number[word] : 0, known);
}

/* A column of a table: a word of its tuples, or always the same VALUE. */
struct column_spec {
	const char *key;
	size_t word;
	cell_writer *write;
	const char *value;
};

static const struct column_spec frame_columns[] = {
	{"address", FRAME_ADDRESS, cell_address, NULL},
	{"inlineDepth", FRAME_INLINE_DEPTH, cell_number, NULL},
	{"category", FRAME_CATEGORY, cell_number, NULL},
	{"func", FRAME_FUNCTION, cell_function, NULL},
	{"nativeSymbol", FRAME_SYMBOL, cell_symbol, NULL},
	{"line", FRAME_LINE, cell_line, NULL},
	{"subcategory", 0, NULL, "0"},
	{"innerWindowID", 0, NULL, "0"},
	{"column", 0, NULL, "null"},
	{0},
};
static const struct column_spec function_columns[] = {
	{"name", FUNCTION_NAME, cell_string, NULL},
	{"resource", FUNCTION_LIB, cell_resource, NULL},
	{"fileName", FUNCTION_FILE, cell_string, NULL},
	{"lineNumber", FUNCTION_LINE, cell_line, NULL},
	{"isJS", 0, NULL, "false"},
	{"relevantForJS", 0, NULL, "false"},
	{"columnNumber", 0, NULL, "null"},
	{0},
};
static const struct column_spec symbol_columns[] = {
	{"libIndex", SYMBOL_LIB, cell_number, NULL},
	{"address", SYMBOL_ADDRESS, cell_number, NULL},
	{"name", SYMBOL_NAME, cell_string, NULL},
	{"functionSize", 0, NULL, "null"},
	{0},
};
static const struct column_spec stack_columns[] = {
	{"prefix", STACK_CALLER, cell_stack, NULL},
	{"frame", STACK_FRAME, cell_frame, NULL},
	{0},
};

static void write_table(struct json *json, const char *key, const struct thread_tables *tables,
			const struct tuples *tuples, const struct numbering *numbering,
			const struct column_spec *columns)
{
	begin_table(json, key, numbering->count);
	for (; columns->key; columns++) {
		if (columns->value) {
			constant_column(json, columns->key, columns->value, numbering->count);
			continue;
		}
		begin_column(json, columns->key);
		for (size_t i = 0; i < numbering->count; i++)
			columns->write(json, tables,
				       tuples_get(tuples, numbering->ids[i])[columns->word]);
		end_column(json);
	}
	json_end(json, '}');
}

/* Each binary is one resource. */
static void write_resources(struct json *json, const struct firefox *firefox,
			    const struct thread_tables *tables)
{
	const struct numbering *resources = &tables->resources;
	begin_table(json, "resourceTable", resources->count);
	begin_column(json, "lib");
	for (size_t i = 0; i < resources->count; i++)
		json_unsigned(json, resources->ids[i]);
	end_column(json);
	begin_column(json, "name");
	for (size_t i = 0; i < resources->count; i++)
		cell_string(json, tables, firefox->libs[resources->ids[i]].name);
	end_column(json);
	constant_column(json, "host", "null", resources->count);
	begin_column(json, "type");
	for (size_t i = 0; i < resources->count; i++)
		json_unsigned(json, RESOURCE_LIBRARY);
	end_column(json);
	json_end(json, '}');
}

static void write_samples(struct json *json, const struct firefox *firefox,
			  const struct thread_data *thread, const struct thread_tables *tables)
{
	bool ms = firefox->meta.weights_are_ms;
	begin_table(json, "samples", thread->nr_samples);
	json_key(json, "weightType");
	json_string(json, ms ? "tracing-ms" : "samples");
	begin_column(json, "stack");
	for (size_t i = 0; i < thread->nr_samples; i++)
		cell_stack(json, tables, thread->samples[i].stack);
	end_column(json);
	begin_column(json, "time");
	for (size_t i = 0; i < thread->nr_samples; i++)
		json_ms(json, thread->samples[i].time);
	end_column(json);
	begin_column(json, "weight");
	for (size_t i = 0; i < thread->nr_samples; i++)
		json_fixed(json, thread->samples[i].weight, ms ? 6 : 0);
	end_column(json);
	json_end(json, '}');
}

static void write_marker_data(struct json *json, const struct firefox *firefox,
			      const struct marker_data *marker)
{
	json_begin(json, '{');
	json_key(json, "type");
	json_string(json, "goroutine");
	if (marker->state)
		json_text(json, firefox, "state", marker->state);
	if (marker->goroutine)
		json_text(json, firefox, "goroutine", marker->goroutine);
	if (marker->goid)
		json_number(json, "goid", marker->goid);
	if (marker->by)
		json_number(json, "by", marker->by);
	if (marker->tid)
		json_number(json, "tid", marker->tid);
	json_end(json, '}');
}

static void write_markers(struct json *json, const struct firefox *firefox,
			  const struct thread_data *thread, const struct thread_tables *tables)
{
	const struct marker_data *markers = thread->markers;
	size_t count = thread->nr_markers;
	begin_table(json, "markers", count);
	begin_column(json, "data");
	for (size_t i = 0; i < count; i++)
		write_marker_data(json, firefox, &markers[i]);
	end_column(json);
	begin_column(json, "name");
	for (size_t i = 0; i < count; i++)
		cell_string(json, tables, markers[i].name);
	end_column(json);
	begin_column(json, "startTime");
	for (size_t i = 0; i < count; i++)
		json_ms(json, markers[i].from);
	end_column(json);
	begin_column(json, "endTime");
	for (size_t i = 0; i < count; i++)
		json_ms(json, markers[i].to);
	end_column(json);
	begin_column(json, "category");
	for (size_t i = 0; i < count; i++)
		json_unsigned(json, markers[i].category);
	end_column(json);
	begin_column(json, "phase");
	for (size_t i = 0; i < count; i++)
		json_unsigned(json, PHASE_INTERVAL);
	end_column(json);
	json_end(json, '}');
}

static void write_strings(struct json *json, const struct firefox *firefox,
			  const struct thread_tables *tables)
{
	begin_column(json, "stringArray");
	for (size_t i = 0; i < tables->strings.count; i++)
		json_string(json, strings_text(&firefox->strings, tables->strings.ids[i]));
	end_column(json);
}

static void write_identity(struct json *json, const struct firefox *firefox,
			   const struct thread_data *thread)
{
	char pid[16];
	snprintf(pid, sizeof(pid), "%u", thread->pid);
	json_text(json, firefox, "name", thread->name);
	json_text(json, firefox, "processName", thread->process);
	json_key(json, "processType");
	json_string(json, "default");
	json_flag(json, "isMainThread", thread->is_main);
	json_key(json, "pid");
	json_string(json, pid);
	json_text(json, firefox, "tid", thread->tid);
	json_number(json, "processStartupTime", 0);
	json_key(json, "processShutdownTime");
	json_null(json);
	json_number(json, "registerTime", 0);
	json_key(json, "unregisterTime");
	json_null(json);
	begin_column(json, "pausedRanges");
	end_column(json);
}

static void number_thread(struct thread_tables *tables, const struct firefox *firefox,
			  const struct thread_data *thread)
{
	struct numbering *all[] = {&tables->strings, &tables->functions, &tables->symbols,
				   &tables->frames,  &tables->stacks,	 &tables->resources};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		numbering_clear(all[i]);
	for (size_t i = 0; i < thread->nr_samples; i++)
		number_stack(tables, firefox, thread->samples[i].stack);
	number_frames(tables, firefox);
	number_names(tables, firefox, thread);
}

static void write_thread(struct json *json, const struct firefox *firefox,
			 const struct thread_data *thread, struct thread_tables *tables)
{
	number_thread(tables, firefox, thread);
	if (tables->failed)
		return;
	json_newline(json);
	json_begin(json, '{');
	write_identity(json, firefox, thread);
	write_samples(json, firefox, thread, tables);
	write_markers(json, firefox, thread, tables);
	write_table(json, "stackTable", tables, &firefox->stacks, &tables->stacks, stack_columns);
	write_table(json, "frameTable", tables, &firefox->frames, &tables->frames, frame_columns);
	write_table(json, "funcTable", tables, &firefox->functions, &tables->functions,
		    function_columns);
	write_table(json, "nativeSymbols", tables, &firefox->symbols, &tables->symbols,
		    symbol_columns);
	write_resources(json, firefox, tables);
	write_strings(json, firefox, tables);
	json_end(json, '}');
}

static bool write_threads(struct json *json, const struct firefox *firefox)
{
	struct thread_tables tables = {0};
	json_key(json, "threads");
	json_begin(json, '[');
	for (size_t i = 0; i < firefox->nr_threads && !tables.failed; i++)
		write_thread(json, firefox, &firefox->threads[i], &tables);
	json_end(json, ']');
	numbering_deinit(&tables.strings);
	numbering_deinit(&tables.functions);
	numbering_deinit(&tables.symbols);
	numbering_deinit(&tables.frames);
	numbering_deinit(&tables.stacks);
	numbering_deinit(&tables.resources);
	free(tables.path);
	return !tables.failed;
}

static uint32_t byte_at(const char *hex, size_t i)
{
	unsigned int byte = 0;
	return 2 * i + 1 < strlen(hex) && sscanf(hex + 2 * i, "%2x", &byte) == 1 ? byte : 0;
}

/*
 * A build id as breakpad has it: a GUID whose first three numbers are little-endian, and an age of
 * 0 (src/common/linux/file_id.cc of breakpad).
 */
static void breakpad_id(const char *build_id, char text[2 * BREAKPAD_GUID + 2])
{
	static const uint8_t order[BREAKPAD_GUID] = {3, 2, 1,  0,  5,  4,  7,  6,
						     8, 9, 10, 11, 12, 13, 14, 15};
	for (size_t i = 0; i < BREAKPAD_GUID; i++)
		snprintf(text + 2 * i, 3, "%02X", byte_at(build_id, order[i]));
	memcpy(text + 2 * BREAKPAD_GUID, "0", 2);
}

static void write_lib(struct json *json, const struct firefox *firefox, const struct lib *lib)
{
	char id[2 * BREAKPAD_GUID + 2] = "";
	const char *build_id = strings_text(&firefox->strings, lib->build_id);
	bool known = build_id && *build_id;
	if (known)
		breakpad_id(build_id, id);
	json_begin(json, '{');
	json_key(json, "arch");
	json_string(json, firefox->meta.arch ? firefox->meta.arch : "");
	json_text(json, firefox, "name", lib->name);
	json_text(json, firefox, "path", lib->path);
	json_text(json, firefox, "debugName", lib->name);
	json_text(json, firefox, "debugPath", lib->path);
	json_key(json, "breakpadId");
	json_string(json, id);
	json_key(json, "codeId");
	json_string(json, known ? build_id : NULL);
	json_end(json, '}');
}

static void write_libs(struct json *json, const struct firefox *firefox)
{
	begin_column(json, "libs");
	for (size_t i = 0; i < firefox->nr_libs; i++)
		write_lib(json, firefox, &firefox->libs[i]);
	end_column(json);
}

static void write_categories(struct json *json, const struct firefox_meta *meta)
{
	begin_column(json, "categories");
	for (size_t i = 0; i < meta->nr_categories; i++) {
		json_begin(json, '{');
		json_key(json, "name");
		json_string(json, meta->categories[i].name);
		json_key(json, "color");
		json_string(json, meta->categories[i].color);
		begin_column(json, "subcategories");
		json_string(json, "Other");
		end_column(json);
		json_end(json, '}');
	}
	end_column(json);
}

/* The fields of a marker of write_marker_data(). */
static const struct {
	const char *key, *label, *format;
} marker_fields[] = {
	{"state", "State", "string"},
	{"goroutine", "Goroutine", "string"},
	{"goid", "goid", "integer"},
	{"by", "Ended by goid", "integer"},
	{"tid", "Thread of the start", "integer"},
};

static void write_marker_schema(struct json *json)
{
	static const char *const places[] = {"marker-chart", "marker-table", "timeline-overview"};
	begin_column(json, "markerSchema");
	json_begin(json, '{');
	json_key(json, "name");
	json_string(json, "goroutine");
	json_key(json, "tableLabel");
	json_string(json, "{marker.name} — {marker.data.goroutine} {marker.data.goid}");
	json_key(json, "tooltipLabel");
	json_string(json, "{marker.name}");
	json_key(json, "chartLabel");
	json_string(json, "{marker.name}");
	begin_column(json, "display");
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		json_string(json, places[i]);
	end_column(json);
	begin_column(json, "fields");
	for (size_t i = 0; i < sizeof(marker_fields) / sizeof(*marker_fields); i++) {
		json_begin(json, '{');
		json_key(json, "key");
		json_string(json, marker_fields[i].key);
		json_key(json, "label");
		json_string(json, marker_fields[i].label);
		json_key(json, "format");
		json_string(json, marker_fields[i].format);
		json_end(json, '}');
	}
	end_column(json);
	json_end(json, '}');
	end_column(json);
}

static void write_known(struct json *json, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(json, key);
	json_string(json, text);
}

static void write_extensions(struct json *json)
{
	static const char *const columns[] = {"id", "name", "baseURL"};
	begin_table(json, "extensions", 0);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		begin_column(json, columns[i]);
		end_column(json);
	}
	json_end(json, '}');
}

static void write_meta(struct json *json, const struct firefox_meta *meta)
{
	json_key(json, "meta");
	json_begin(json, '{');
	json_number(json, "version", GECKO_VERSION);
	json_number(json, "preprocessedProfileVersion", FORMAT_VERSION);
	json_key(json, "interval");
	json_ms(json, meta->interval);
	json_key(json, "startTime");
	json_ms(json, meta->start);
	json_key(json, "importedFrom");
	json_string(json, "perf go");
	json_key(json, "product");
	json_string(json, meta->product ? meta->product : "");
	write_known(json, "abi", meta->arch);
	write_known(json, "oscpu", meta->platform);
	write_known(json, "CPUName", meta->cpu);
	write_known(json, "device", meta->host);
	if (meta->cpus)
		json_number(json, "logicalCPUs", meta->cpus);
	json_number(json, "processType", 0);
	json_number(json, "stackwalk", 1);
	json_number(json, "debug", 0);
	json_number(json, "gcpoison", 0);
	json_number(json, "asyncstack", 0);
	json_flag(json, "symbolicated", true);
	json_flag(json, "usesOnlyOneStackType", true);
	json_flag(json, "sourceCodeIsNotOnSearchfox", true);
	write_categories(json, meta);
	write_marker_schema(json);
	write_extensions(json);
	json_end(json, '}');
}

bool firefox_write(const struct firefox *firefox, struct writer *out)
{
	struct json json = {.writer = out};
	json_begin(&json, '{');
	write_meta(&json, &firefox->meta);
	write_libs(&json, firefox);
	begin_column(&json, "pages");
	end_column(&json);
	bool done = write_threads(&json, firefox);
	json_end(&json, '}');
	json_end_document(&json);
	return done;
}
