/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes small Go binaries of any release, for tests: an ELF file without section headers whose
 * segments are text, read-only data with a pclntab, and data with a moduledata and build info. The
 * numbers are written down once more here, from Go's sources, so that a slip in core/gobin shows.
 */
#ifndef TESTS_GOFILE_H
#define TESTS_GOFILE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	GOFILE_TEXT = 0x401000,
	GOFILE_TEXT_SIZE = 0x1000,
	GOFILE_RODATA = 0x500000,
	GOFILE_DATA = 0x600000,
	GOFILE_DATA_SIZE = 0x1000,
};

/* Where the tables are, from the pclntab on: of one table up to 1.15, and of several since. */
enum {
	GOFILE_ONE_NAMES = 0x600,
	GOFILE_ONE_PC_VALUES = 0xa00,
	GOFILE_ONE_FILES = 0xc00,
	GOFILE_NAMES = 0x100,
	GOFILE_UNITS = 0x500,
	GOFILE_FILES = 0x540,
	GOFILE_PC_VALUES = 0x600,
	GOFILE_TABLE = 0x800,
	GOFILE_TREES = 0xe00, /* of both */
};

/* The value of a pc-value table up to END, an offset from the function's start. */
struct gofile_run {
	uint32_t end;
	int32_t value;
};

/* One record of the inlining tree. */
struct gofile_call {
	uint8_t id;
	const char *name;
	uint32_t parent_pc;
};

enum { GOFILE_MAX = 8 };

/* A function at an offset in the text. Runs and calls end with a zero; without lines it is C. */
struct gofile_function {
	uint32_t start;
	uint8_t id, flags;
	const char *name;
	struct gofile_run depths[GOFILE_MAX]; /* of the stack */
	struct gofile_run lines[GOFILE_MAX];
	struct gofile_run inlined[GOFILE_MAX];
	struct gofile_call calls[GOFILE_MAX];
};

/* Where a stretch of the tables' text lies in memory. */
struct gofile_section {
	uint64_t start, end, address;
};

struct gofile {
	int release;
	bool no_buildinfo, no_moduledata;
	const struct gofile_function *functions; /* in order of start */
	size_t count;
	const struct gofile_section *sections; /* NULL: one, at GOFILE_TEXT */
	size_t section_count;
};

struct gofile_bytes {
	uint8_t *data;
	size_t size, capacity;
};

static inline void *gofile_room(struct gofile_bytes *b, size_t size)
{
	if (b->size + size > b->capacity) {
		b->capacity = 2 * (b->size + size);
		b->data = realloc(b->data, b->capacity);
		assert(b->data);
	}
	b->size += size;
	return size ? memset(b->data + b->size - size, 0, size) : NULL;
}

static inline void gofile_put(struct gofile_bytes *b, uint64_t value, size_t size)
{
	memcpy(gofile_room(b, size), &value, size);
}

static inline void gofile_set(struct gofile_bytes *b, size_t at, uint64_t value, size_t size)
{
	assert(at + size <= b->size);
	memcpy(b->data + at, &value, size);
}

static inline void gofile_align(struct gofile_bytes *b, size_t to)
{
	gofile_room(b, -b->size & (to - 1));
}

static inline size_t gofile_string(struct gofile_bytes *b, const char *text)
{
	size_t at = b->size, length = strlen(text) + 1;
	memcpy(gofile_room(b, length), text, length);
	return at;
}

static inline void gofile_varint(struct gofile_bytes *b, uint32_t value)
{
	for (; value >= 0x80; value >>= 7)
		gofile_put(b, (value & 0x7f) | 0x80, 1);
	gofile_put(b, value, 1);
}

/* A pc-value table among those that start at BASE; 0, which means none, when there are no runs. */
static inline size_t gofile_runs(struct gofile_bytes *b, size_t base, const struct gofile_run *runs)
{
	size_t at = runs[0].end ? base + b->size : 0;
	uint32_t pc = 0;
	int32_t value = -1;
	for (; runs->end; runs++) {
		uint32_t change = (uint32_t)runs->value - (uint32_t)value;
		gofile_varint(b, change << 1 ^ (uint32_t)((int32_t)change >> 31));
		gofile_varint(b, runs->end - pc);
		value = runs->value;
		pc = runs->end;
	}
	gofile_put(b, 0, 1);
	return at;
}

/* What a release is like; the last row at or below it counts. */
struct gofile_format {
	int release;
	uint32_t magic;
	uint8_t header_words; /* 1: the functab follows the number of functions */
	uint8_t word;	      /* of functab and entry */
	bool start_line, text_start;
	uint8_t pcdata, funcdata; /* the inlining tree's */
	uint8_t call_size;
	uint16_t text, gofunc, sections;
};

static const struct gofile_format gofile_formats[] = {
	{12, 0xfffffffb, 1, 8, false, false, 1, 2, 20, 96, 0, 216},
	{13, 0xfffffffb, 1, 8, false, false, 2, 4, 20, 96, 0, 216},
	{16, 0xfffffffa, 7, 8, false, false, 2, 3, 20, 176, 0, 296},
	{18, 0xfffffff0, 8, 4, false, true, 2, 3, 20, 176, 304, 312},
	{20, 0xfffffff1, 8, 4, true, true, 2, 3, 16, 176, 320, 328},
	{26, 0xfffffff1, 8, 4, true, false, 2, 3, 16, 176, 320, 336},
	{27, 0xfffffff1, 8, 4, true, false, 2, 3, 16, 176, 344, 360},
};

static inline const struct gofile_format *gofile_format(int release)
{
	const struct gofile_format *found = gofile_formats;
	for (size_t i = 0; i < sizeof(gofile_formats) / sizeof(gofile_formats[0]); i++)
		if (gofile_formats[i].release <= release)
			found = &gofile_formats[i];
	return found;
}

/* The tables of one file being written. Offsets are from the pclntab. */
struct gofile_tables {
	const struct gofile *file;
	const struct gofile_format *format;
	struct gofile_bytes names, pc_values, table, trees;
	size_t names_at, pc_values_at; /* what their offsets start with */
};

/* A name, and in front of the first one an empty one: the offset 0 means none to the runtime. */
static inline uint32_t gofile_name(struct gofile_tables *t, const char *name)
{
	return t->names_at + gofile_string(&t->names, name);
}

static inline uint32_t gofile_tree(struct gofile_tables *t, const struct gofile_call *calls)
{
	gofile_align(&t->trees, 8);
	uint32_t at = t->trees.size;
	for (; calls->name; calls++) {
		bool old = t->format->call_size == 20;
		size_t record = t->trees.size;
		gofile_room(&t->trees, t->format->call_size);
		gofile_set(&t->trees, record + (old ? 2 : 0), calls->id, 1);
		gofile_set(&t->trees, record + (old ? 12 : 4), gofile_name(t, calls->name), 4);
		gofile_set(&t->trees, record + (old ? 16 : 8), calls->parent_pc, 4);
	}
	return at;
}

/* A _func with the pcdata and funcdata that inlining needs; returns its offset in the table. */
static inline size_t gofile_func(struct gofile_tables *t, const struct gofile_function *f)
{
	const struct gofile_format *format = t->format;
	bool units = format->header_words > 1, tree = f->calls[0].name;
	struct gofile_run file[GOFILE_MAX] = {0};
	for (int i = 0; f->lines[i].end; i++)
		file[0] = (struct gofile_run){f->lines[i].end, format->header_words > 1 ? 0 : 1};
	gofile_align(&t->table, 8);
	size_t at = t->table.size;
	gofile_put(&t->table, (format->word == 8 ? GOFILE_TEXT : 0) + f->start, format->word);
	gofile_put(&t->table, gofile_name(t, f->name), 4);
	gofile_room(&t->table, 8); /* args, deferreturn */
	gofile_put(&t->table, gofile_runs(&t->pc_values, t->pc_values_at, f->depths), 4);
	gofile_put(&t->table, gofile_runs(&t->pc_values, t->pc_values_at, file), 4);
	gofile_put(&t->table, gofile_runs(&t->pc_values, t->pc_values_at, f->lines), 4);
	gofile_put(&t->table, tree ? format->pcdata + 1 : 0, 4);
	gofile_room(&t->table, (units ? 4 : 0) + (format->start_line ? 4 : 0));
	gofile_put(&t->table, f->id, 1);
	gofile_put(&t->table, f->flags, 2);
	gofile_put(&t->table, tree ? format->funcdata + 1 : 0, 1);
	if (!tree)
		return at;
	gofile_room(&t->table, format->pcdata * 4);
	gofile_put(&t->table, gofile_runs(&t->pc_values, t->pc_values_at, f->inlined), 4);
	if (format->word == 8)
		gofile_align(&t->table, 8);
	for (int i = 0; i < format->funcdata; i++)
		gofile_put(&t->table, format->word == 8 ? 0 : UINT32_MAX, format->word);
	gofile_put(&t->table,
		   (format->word == 8 ? GOFILE_RODATA + GOFILE_TREES : 0) +
			   gofile_tree(t, f->calls),
		   format->word);
	return at;
}

/* The functab: entry and _func of each function, and the end of the text. */
static inline void gofile_functab(struct gofile_tables *t, size_t at)
{
	const struct gofile *file = t->file;
	uint8_t word = t->format->word;
	uint64_t base = word == 8 ? GOFILE_TEXT : 0;
	uint64_t end =
		file->sections ? file->sections[file->section_count - 1].end : GOFILE_TEXT_SIZE;
	for (size_t i = 0; i < file->count; i++, at += 2 * word) {
		size_t record = gofile_func(t, &file->functions[i]);
		gofile_set(&t->table, at, base + file->functions[i].start, word);
		gofile_set(&t->table, at + word, record, word);
	}
	gofile_set(&t->table, at, base + end, word);
}

static inline void gofile_copy(struct gofile_bytes *out, size_t at, const void *data, size_t size)
{
	assert(at + size <= out->size);
	memcpy(out->data + at, data, size);
}

/* Up to 1.15 all is one table, with a file table behind: number, then offsets of names. */
static inline void gofile_one_table(struct gofile_tables *t, struct gofile_bytes *out)
{
	static const char source[] = "/src/x.go";
	gofile_set(&t->table, 16 + t->file->count * 16 + 8, GOFILE_ONE_FILES, 4);
	gofile_copy(out, 0, t->table.data, t->table.size);
	gofile_copy(out, GOFILE_ONE_NAMES, t->names.data, t->names.size);
	gofile_copy(out, GOFILE_ONE_PC_VALUES, t->pc_values.data, t->pc_values.size);
	gofile_set(out, GOFILE_ONE_FILES, 2, 4);
	gofile_set(out, GOFILE_ONE_FILES + 4, GOFILE_ONE_FILES + 0x10, 4);
	gofile_copy(out, GOFILE_ONE_FILES + 0x10, source, sizeof(source));
}

static inline void gofile_several_tables(struct gofile_tables *t, struct gofile_bytes *out)
{
	static const char source[] = "/src/x.go";
	static const uint64_t offsets[] = {GOFILE_NAMES, GOFILE_UNITS, GOFILE_FILES,
					   GOFILE_PC_VALUES, GOFILE_TABLE};
	gofile_copy(out, GOFILE_NAMES, t->names.data, t->names.size);
	gofile_set(out, GOFILE_UNITS, 0, 4); /* cutab: file 0 at offset 0 */
	gofile_copy(out, GOFILE_FILES, source, sizeof(source));
	gofile_copy(out, GOFILE_PC_VALUES, t->pc_values.data, t->pc_values.size);
	gofile_copy(out, GOFILE_TABLE, t->table.data, t->table.size);
	for (size_t i = 0; i < 5; i++)
		gofile_set(out, 8 * (t->format->header_words - 4 + i), offsets[i], 8);
	if (t->format->text_start)
		gofile_set(out, 24, GOFILE_TEXT, 8);
	gofile_set(out, 16, 1, 8); /* nfiles */
}

static inline void gofile_pclntab(struct gofile_tables *t, struct gofile_bytes *out)
{
	const struct gofile *file = t->file;
	bool one = t->format->header_words == 1;
	size_t functab = one ? 16 : 0;
	gofile_room(&t->table, functab + (file->count + 1) * 2 * t->format->word);
	gofile_string(&t->names, "");
	gofile_put(&t->pc_values, 0, 1);
	t->names_at = one ? GOFILE_ONE_NAMES : 0;
	t->pc_values_at = one ? GOFILE_ONE_PC_VALUES : 0;
	gofile_functab(t, functab);
	gofile_room(out, GOFILE_TREES);
	if (one)
		gofile_one_table(t, out);
	else
		gofile_several_tables(t, out);
	gofile_set(out, 0, t->format->magic, 4);
	gofile_set(out, 6, 1, 1); /* quantum */
	gofile_set(out, 7, 8, 1); /* size of a pointer */
	gofile_set(out, 8, file->count, 8);
	if (t->trees.size)
		memcpy(gofile_room(out, t->trees.size), t->trees.data, t->trees.size);
}

static inline void gofile_moduledata(const struct gofile *file, const struct gofile_format *format,
				     struct gofile_bytes *out)
{
	static const struct gofile_section whole = {0, GOFILE_TEXT_SIZE, GOFILE_TEXT};
	const struct gofile_section *sections = file->sections ? file->sections : &whole;
	size_t count = file->sections ? file->section_count : 1;
	uint64_t last =
		sections[count - 1].address + sections[count - 1].end - sections[count - 1].start;
	gofile_set(out, 0, GOFILE_RODATA, 8);
	if (format->header_words > 1) {
		gofile_set(out, 8, GOFILE_RODATA + GOFILE_NAMES, 8);
		gofile_set(out, 32, GOFILE_RODATA + GOFILE_UNITS, 8);
	}
	gofile_set(out, format->text, GOFILE_TEXT, 8);
	gofile_set(out, format->text + 8, last, 8);
	gofile_set(out, format->text + 16, GOFILE_DATA, 8);		       /* noptrdata */
	gofile_set(out, format->text + 72, GOFILE_DATA + GOFILE_DATA_SIZE, 8); /* enoptrbss */
	if (format->gofunc)
		gofile_set(out, format->gofunc, GOFILE_RODATA + GOFILE_TREES, 8);
	gofile_set(out, format->sections, GOFILE_DATA + 0x400, 8);
	gofile_set(out, format->sections + 8, count, 8);
	gofile_set(out, format->sections + 16, count, 8);
	for (size_t i = 0; i < count; i++) {
		uint64_t second =
			file->release < 18 ? sections[i].end - sections[i].start : sections[i].end;
		gofile_set(out, 0x400 + i * 24, sections[i].start, 8);
		gofile_set(out, 0x400 + i * 24 + 8, second, 8);
		gofile_set(out, 0x400 + i * 24 + 16, sections[i].address, 8);
	}
}

/* Inline from 1.18 on, pointers to string headers before. */
static inline void gofile_buildinfo(int release, struct gofile_bytes *out)
{
	char version[] = "go1.00.3";
	version[4] = '0' + release / 10;
	version[5] = '0' + release % 10;
	size_t at = 0x800;
	memcpy(out->data + at, "\xff Go buildinf:\x08", 15);
	gofile_set(out, at + 15, release >= 18 ? 2 : 0, 1);
	size_t text = at + (release >= 18 ? 33 : 0x100);
	memcpy(out->data + text, version, 8);
	if (release >= 18) {
		gofile_set(out, at + 32, 8, 1);
		return;
	}
	gofile_set(out, at + 16, GOFILE_DATA + at + 0x80, 8);
	gofile_set(out, at + 0x80, GOFILE_DATA + text, 8);
	gofile_set(out, at + 0x88, 8, 8);
}

static inline void gofile_segment(struct gofile_bytes *out, int i, uint64_t address,
				  uint64_t offset, uint64_t size, uint32_t flags)
{
	size_t at = 64 + i * 56;
	gofile_set(out, at, 1, 4); /* PT_LOAD */
	gofile_set(out, at + 4, flags, 4);
	gofile_set(out, at + 8, offset, 8);
	gofile_set(out, at + 16, address, 8);
	gofile_set(out, at + 24, address, 8);
	gofile_set(out, at + 32, size, 8);
	gofile_set(out, at + 40, size, 8);
	gofile_set(out, at + 48, 0x1000, 8);
}

/* An ELF file of a text, these read-only data, and these data. The caller frees what it returns. */
static inline struct gofile_bytes gofile_elf(const void *rodata, size_t rodata_size,
					     const void *data, size_t data_size)
{
	struct gofile_bytes out = {0};
	gofile_room(&out, 0x1000);
	memcpy(out.data, "\177ELF\2\1\1", 7);
	gofile_set(&out, 16, 2, 2);  /* ET_EXEC */
	gofile_set(&out, 18, 62, 2); /* EM_X86_64 */
	gofile_set(&out, 20, 1, 4);
	gofile_set(&out, 32, 64, 8); /* e_phoff */
	gofile_set(&out, 52, 64, 2);
	gofile_set(&out, 54, 56, 2);
	gofile_set(&out, 56, 3, 2);
	gofile_segment(&out, 0, GOFILE_TEXT, 0x1000, GOFILE_TEXT_SIZE, 5);
	gofile_room(&out, GOFILE_TEXT_SIZE);
	gofile_segment(&out, 1, GOFILE_RODATA, out.size, rodata_size, 4);
	if (rodata_size)
		memcpy(gofile_room(&out, rodata_size), rodata, rodata_size);
	gofile_align(&out, 0x1000);
	gofile_segment(&out, 2, GOFILE_DATA, out.size, data_size, 6);
	if (data_size)
		memcpy(gofile_room(&out, data_size), data, data_size);
	return out;
}

static inline struct gofile_bytes gofile_make(const struct gofile *file)
{
	struct gofile_tables t = {.file = file, .format = gofile_format(file->release)};
	struct gofile_bytes rodata = {0}, data = {0};
	gofile_pclntab(&t, &rodata);
	gofile_room(&data, GOFILE_DATA_SIZE);
	if (!file->no_moduledata)
		gofile_moduledata(file, t.format, &data);
	if (!file->no_buildinfo)
		gofile_buildinfo(file->release, &data);
	struct gofile_bytes out = gofile_elf(rodata.data, rodata.size, data.data, data.size);
	free(rodata.data);
	free(data.data);
	free(t.names.data);
	free(t.pc_values.data);
	free(t.table.data);
	free(t.trees.data);
	return out;
}

/* Writes the bytes to a new file; PATH ends in XXXXXX, which becomes its name. */
static inline void gofile_write(const struct gofile_bytes *bytes, char *path)
{
	int fd = mkstemp(path);
	assert(fd >= 0);
	assert(write(fd, bytes->data, bytes->size) == (ssize_t)bytes->size);
	close(fd);
}

#endif
