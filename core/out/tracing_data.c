// SPDX-License-Identifier: GPL-2.0-only
/* tools/perf/util/trace-event-info.c, perf 6.12, tracing_data_get(); read by trace-event-read.c. */
#include "out/tracing_data.h"

#include <errno.h>
#include <stdio.h>

#include "base/cursor.h"
#include "out/binary.h"
#include "perfdata/tracing.h"

/* With its NUL. */
static void put_name(const char *name, struct writer *to)
{
	writer_bytes(to, name, strlen(name) + 1);
}

static void put_bytes(const void *from, const void *end, struct writer *to)
{
	if (from != end)
		writer_bytes(to, from, (size_t)((const char *)end - (const char *)from));
}

static void put_sized_text(const struct tracing_data *data, const char *text, struct writer *to)
{
	writer_u64(to, strlen(text), data->swap);
	writer_string(to, text);
}

/*
 * perf takes the size of a long from here, that of `commit`. libtraceevent looks up fields of that
 * size among the texts when they are printed with %s, as if they were addresses of the kernel's
 * trace_printk() formats.
 */
static const char header_page[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:%d;\tsigned:1;\n"
				  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				  "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";

static const char header_event[] = "# compressed entry header\n"
				   "\ttype_len    :    5 bits\n"
				   "\ttime_delta  :   27 bits\n"
				   "\tarray       :   32 bits\n";

enum { PAGE_SIZE = 4096, LEAST_TEXT_SIZE = 4 };

/* The parts of what was there before, each up to where the next begins. */
struct parts {
	const uint8_t *start, *systems, *kallsyms, *texts, *rest, *end;
	uint32_t nr_systems, texts_size;
	uint8_t long_size;
	bool swap;
};

static bool take_apart(const void *bytes, size_t size, struct parts *ret)
{
	struct cursor c = cursor_of(bytes, size, false);
	*ret = (struct parts){.start = bytes, .end = c.end};
	if (!tracing_skip_beginning(&c, &ret->long_size))
		return false;
	ret->swap = c.swap;
	ret->systems = c.at;
	ret->nr_systems = cursor_u32(&c);
	for (uint32_t i = ret->nr_systems; i && !c.failed; i--) {
		cursor_string(&c);
		for (uint32_t count = cursor_u32(&c); count && !c.failed; count--)
			tracing_skip_sized(&c);
	}
	ret->kallsyms = c.at;
	cursor_skip(&c, cursor_u32(&c));
	ret->texts = c.at;
	ret->texts_size = cursor_u32(&c);
	cursor_skip(&c, ret->texts_size);
	ret->rest = c.at;
	return !c.failed && (ret->long_size == 4 || ret->long_size == 8);
}

bool tracing_data_text_size(const void *before, size_t before_size, uint8_t *ret)
{
	struct parts parts;
	*ret = LEAST_TEXT_SIZE;
	if (!before)
		return true;
	if (!take_apart(before, before_size, &parts))
		return false;
	*ret = parts.long_size;
	return true;
}

/* The next format of a system, of which *COUNT are left, in C; false when there is none. */
static bool next_format(struct cursor *c, uint32_t *count, const char **text, uint64_t *size)
{
	if (!*count || c->failed)
		return false;
	--*count;
	*size = cursor_u64(c);
	*text = cursor_bytes(c, *size);
	return !c->failed;
}

bool tracing_data_find(const void *before, size_t before_size, uint64_t id,
		       struct known_tracepoint *ret)
{
	struct parts parts;
	if (!before || !take_apart(before, before_size, &parts))
		return false;
	struct cursor c = cursor_of(parts.systems, (size_t)(parts.end - parts.systems), parts.swap);
	for (uint32_t i = cursor_u32(&c); i; i--) {
		const char *text;
		uint64_t size;
		cursor_string(&c);
		for (uint32_t count = cursor_u32(&c); next_format(&c, &count, &text, &size);)
			if (known_tracepoint_read(text, size, ret) && ret->id == id)
				return true;
	}
	return false;
}

static void write_beginning(const struct tracing_data *data, struct writer *to)
{
	bool big = data->swap == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	char page[sizeof(header_page) + 1];
	snprintf(page, sizeof(page), header_page, data->text_size);
	writer_string(to, TRACING_MAGIC);
	put_name("0.6", to);
	writer_char(to, big);
	writer_char(to, (char)data->text_size);
	writer_u32(to, PAGE_SIZE, data->swap);
	put_name("header_page", to);
	put_sized_text(data, page, to);
	put_name("header_event", to);
	put_sized_text(data, header_event, to);
	writer_u32(to, 0, data->swap); /* formats of ftrace's own */
}

/* What has its size before it is written by itself first. */
static bool put_sized(const struct tracing_data *data, struct writer *part, bool wide,
		      struct writer *to)
{
	size_t size;
	const char *text = writer_text(part, &size);
	if (wide)
		writer_u64(to, size, data->swap);
	else
		writer_u32(to, (uint32_t)size, data->swap);
	writer_bytes(to, text, size);
	struct perfgo_error *error = writer_finish(part);
	perfgo_error_destroy(error);
	return !error;
}

static bool write_tracepoints(const struct tracing_data *data, struct writer *to)
{
	bool enough = true;
	put_name(data->tracepoints[0].system, to);
	writer_u32(to, (uint32_t)data->nr_tracepoints, data->swap);
	for (size_t i = 0; enough && i < data->nr_tracepoints; i++) {
		struct writer format = writer_of_memory();
		tracepoint_format(&data->tracepoints[i], &format);
		enough = put_sized(data, &format, true, to);
	}
	return enough;
}

/*
 * A number of a text as libtraceevent sees it: it takes the bytes of the field in the order of the
 * machine that it runs on, whatever that of the file.
 */
static uint64_t text_address(uint64_t number, uint8_t size, bool swap)
{
	uint64_t swapped = __builtin_bswap64(number) >> (64 - 8 * size);
	return swap ? swapped : number;
}

/*
 * Lines of `printk_formats`: address, then the text in quotes (tools/perf/util/trace-event-parse.c,
 * parse_ftrace_printk()). One "\\n" at the end is dropped, and is looked for before an empty text's
 * memory (libtraceevent, tep_register_print_string()): so there always is one.
 */
static void write_texts(const struct tracing_data *data, struct writer *to)
{
	for (size_t i = 0; i < data->nr_texts; i++) {
		uint64_t address = text_address(data->texts[i].number, data->text_size, data->swap);
		writer_string(to, "0x");
		writer_hex(to, address);
		writer_string(to, " : \"");
		tracepoint_write_printable(data->texts[i].text, to);
		writer_string(to, "\\n\"\n");
	}
}

static bool write_new(const struct tracing_data *data, struct writer *to)
{
	struct writer texts = writer_of_memory();
	write_beginning(data, to);
	writer_u32(to, 1, data->swap);
	bool enough = write_tracepoints(data, to);
	writer_u32(to, 0, data->swap); /* kallsyms */
	write_texts(data, &texts);
	enough &= put_sized(data, &texts, false, to);
	writer_u64(to, 0, data->swap); /* saved command lines */
	return enough;
}

static const struct tracepoint_extension *extension_of(const struct tracing_data *data,
						       const char *text)
{
	for (size_t i = 0; i < data->nr_extensions; i++)
		if (data->extensions[i].known.text == text)
			return &data->extensions[i];
	return NULL;
}

static bool write_extended(const struct tracing_data *data,
			   const struct tracepoint_extension *extension, struct writer *to)
{
	struct writer format = writer_of_memory();
	known_tracepoint_format(&extension->known, extension->fields, extension->nr_fields,
				&format);
	return put_sized(data, &format, true, to);
}

/* Those that are there, with what is added to them. */
static bool write_systems(const struct tracing_data *data, const struct parts *parts,
			  struct writer *to)
{
	struct cursor c =
		cursor_of(parts->systems, (size_t)(parts->kallsyms - parts->systems), parts->swap);
	bool enough = true;
	for (uint32_t i = cursor_u32(&c); i; i--) {
		const char *text, *name = cursor_string(&c);
		uint64_t size;
		uint32_t count = cursor_u32(&c);
		put_name(name, to);
		writer_u32(to, count, data->swap);
		while (next_format(&c, &count, &text, &size)) {
			const struct tracepoint_extension *extension = extension_of(data, text);
			if (extension) {
				enough &= write_extended(data, extension, to);
				continue;
			}
			writer_u64(to, size, data->swap);
			writer_bytes(to, text, size);
		}
	}
	return enough;
}

/* Ours go behind what is there, in each part. */
static bool write_merged(const struct tracing_data *data, const struct parts *parts,
			 struct writer *to)
{
	struct writer texts = writer_of_memory();
	put_bytes(parts->start, parts->systems, to);
	writer_u32(to, parts->nr_systems + (data->nr_tracepoints != 0), data->swap);
	bool enough = write_systems(data, parts, to);
	if (data->nr_tracepoints)
		enough &= write_tracepoints(data, to);
	put_bytes(parts->kallsyms, parts->texts, to);
	put_bytes(parts->texts + 4, parts->rest, &texts);
	if (parts->texts_size && parts->rest[-1] != '\n')
		writer_char(&texts, '\n');
	write_texts(data, &texts);
	enough &= put_sized(data, &texts, false, to);
	put_bytes(parts->rest, parts->end, to);
	return enough;
}

bool tracing_data_write(const struct tracing_data *data, struct writer *to)
{
	struct parts parts;
	bool enough;
	if (!data->before) {
		enough = write_new(data, to);
	} else {
		if (!take_apart(data->before, data->before_size, &parts) ||
		    parts.swap != data->swap || parts.long_size != data->text_size)
			return false;
		enough = write_merged(data, &parts, to);
	}
	if (!enough)
		to->errnum = ENOMEM;
	return true;
}
