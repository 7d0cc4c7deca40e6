// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gobin/gobin.h"
#include "gofile.h"

enum { NORMAL = 0, MAX_FRAMES = 16 };

/* A Go binary open for a test. */
struct opened {
	struct image *image;
	struct gobin *go;
	struct gobin_frame frames[MAX_FRAMES];
	size_t count;
	struct gobin_place place;
};

static struct opened open_bytes(const struct gofile_bytes *bytes)
{
	struct opened o = {0};
	char path[] = "/tmp/test_gobin.XXXXXX";
	gofile_write(bytes, path);
	assert_null(image_open(path, &o.image));
	unlink(path);
	return o;
}

static struct opened open_go(const struct gofile *file)
{
	struct gofile_bytes bytes = gofile_make(file);
	struct opened o = open_bytes(&bytes);
	free(bytes.data);
	assert_null(gobin_open(o.image, &o.go));
	assert_non_null(o.go);
	return o;
}

static void close_go(struct opened *o)
{
	gobin_close(o->go);
	image_close(o->image);
}

static size_t ask(struct opened *o, uint64_t address)
{
	gobin_locate(o->go, address, true, o->frames, MAX_FRAMES, &o->place);
	o->count = o->place.count;
	return o->count;
}

static void assert_frame(const struct opened *o, size_t i, const char *function, int line)
{
	assert_true(i < o->count);
	assert_string_equal(o->frames[i].function, function);
	assert_string_equal(o->frames[i].file, "/src/x.go");
	assert_int_equal(o->frames[i].line, line);
}

/*
 * main.f of 0x40 bytes has from 0x10 to 0x20 the body of main.g, in which from 0x18 on that of
 * main.h; then 0x20 bytes of padding, and main.last.
 */
static const struct gofile_function three_levels[] = {
	{.start = 0,
	 .name = "main.f",
	 .lines = {{0x10, 11}, {0x18, 21}, {0x20, 31}, {0x40, 12}},
	 .inlined = {{0x10, -1}, {0x18, 0}, {0x20, 1}, {0x40, -1}},
	 .calls = {{NORMAL, "main.g", 0x4}, {NORMAL, "main.h", 0x14}}},
	{.start = 0x60, .name = "main.last", .lines = {{0x10, 41}}},
};

static void inlined_callers_are_told_innermost_first(void **state)
{
	(void)state;
	for (int release = 12; release <= 27; release++) {
		struct opened o = open_go(&(struct gofile){
			.release = release, .functions = three_levels, .count = 2});
		assert_int_equal(gobin_info(o.go)->release, release);
		assert_true(gobin_info(o.go)->inlines);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x1c), 3);
		assert_frame(&o, 0, "main.h", 31);
		assert_frame(&o, 1, "main.g", 21);
		assert_frame(&o, 2, "main.f", 11);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x17), 2);
		assert_frame(&o, 0, "main.g", 21);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x3f), 1);
		assert_frame(&o, 0, "main.f", 12);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x60), 1);
		assert_frame(&o, 0, "main.last", 41);
		close_go(&o);
	}
}

static void no_more_frames_are_told_than_asked_for(void **state)
{
	(void)state;
	struct opened o =
		open_go(&(struct gofile){.release = 26, .functions = three_levels, .count = 2});
	struct gobin_frame frame;
	struct gobin_place place;
	gobin_locate(o.go, GOFILE_TEXT + 0x1c, true, &frame, 1, &place);
	assert_int_equal(place.count, 1);
	assert_string_equal(frame.function, "main.h");
	gobin_locate(o.go, GOFILE_TEXT + 0x1c, true, NULL, 0, &place);
	assert_int_equal(place.count, 0);
	close_go(&o);
}

static void lines_can_be_left_out(void **state)
{
	(void)state;
	for (int release = 12; release <= 27; release++) {
		struct opened o = open_go(&(struct gofile){
			.release = release, .functions = three_levels, .count = 2});
		struct gobin_frame frames[MAX_FRAMES];
		struct gobin_place place;
		ask(&o, GOFILE_TEXT + 0x1c);
		gobin_locate(o.go, GOFILE_TEXT + 0x1c, false, frames, MAX_FRAMES, &place);
		assert_int_equal(place.count, o.count);
		assert_string_equal(place.name, o.place.name);
		for (size_t i = 0; i < place.count; i++) {
			assert_string_equal(frames[i].function, o.frames[i].function);
			assert_null(frames[i].file);
			assert_int_equal(frames[i].line, 0);
		}
		gobin_locate(o.go, GOFILE_TEXT + 0x40, false, frames, MAX_FRAMES, &place);
		assert_int_equal(place.count, 0); /* padding */
		close_go(&o);
	}
}

static void what_is_no_code_has_no_frames(void **state)
{
	(void)state;
	const uint64_t none[] = {0,
				 GOFILE_TEXT - 1,
				 GOFILE_TEXT + 0x40, /* padding */
				 GOFILE_TEXT + 0x5f,
				 GOFILE_TEXT + 0x70, /* behind the last function */
				 GOFILE_TEXT + GOFILE_TEXT_SIZE,
				 GOFILE_RODATA,
				 GOFILE_DATA,
				 UINT64_MAX};
	for (int release = 12; release <= 27; release++) {
		struct opened o = open_go(&(struct gofile){
			.release = release, .functions = three_levels, .count = 2});
		for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
			assert_int_equal(ask(&o, none[i]), 0);
			assert_null(o.place.name);
		}
		close_go(&o);
	}
}

static void a_function_ends_with_its_last_instruction(void **state)
{
	(void)state;
	struct gobin_function f;
	struct opened o =
		open_go(&(struct gofile){.release = 22, .functions = three_levels, .count = 2});
	ask(&o, GOFILE_TEXT + 0x1c);
	assert_string_equal(o.place.name, "main.f");
	assert_int_equal(o.place.start, GOFILE_TEXT);
	assert_true(gobin_function_at(o.go, 0, &f));
	assert_string_equal(f.name, "main.f");
	assert_int_equal(f.start, GOFILE_TEXT);
	assert_int_equal(f.end, GOFILE_TEXT + 0x40);
	assert_true(gobin_function_at(o.go, 1, &f));
	assert_string_equal(f.name, "main.last");
	assert_int_equal(f.end, GOFILE_TEXT + 0x70);
	assert_false(gobin_function_at(o.go, 2, &f));
	close_go(&o);
}

/* The id of wrappers, and of runtime.gopanic, by release (internal/abi/symtab.go). */
static uint8_t wrapper_id(int release)
{
	return release < 14 ? 20 : release < 18 ? 22 : release < 22 ? 21 : release < 25 ? 22 : 23;
}

static uint8_t panic_id(int release)
{
	return release < 17 ? 18 : release < 22 ? 9 : 10;
}

static void a_wrapper_around_inlined_code_is_hidden_from_1_21_on(void **state)
{
	(void)state;
	for (int release = 12; release <= 27; release++) {
		const struct gofile_function wrapper[] = {
			{.name = "main.(*T).M",
			 .id = wrapper_id(release),
			 .lines = {{0x10, 1}, {0x20, 51}, {0x30, 1}},
			 .inlined = {{0x10, -1}, {0x20, 0}, {0x30, -1}},
			 .calls = {{NORMAL, "main.T.M", 0x4}}}};
		struct opened o = open_go(
			&(struct gofile){.release = release, .functions = wrapper, .count = 1});
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x18), release < 21 ? 2 : 1);
		assert_frame(&o, 0, "main.T.M", 51);
		if (release < 21)
			assert_frame(&o, 1, "main.(*T).M", 1);
		/* Its own instructions are its own in every release. */
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x8), 1);
		assert_frame(&o, 0, "main.(*T).M", 1);
		close_go(&o);
	}
}

static void an_inlined_wrapper_is_told_only_when_it_calls_what_panics(void **state)
{
	(void)state;
	for (int release = 12; release <= 27; release++) {
		const struct gofile_function caller[] = {
			{.name = "main.f",
			 .lines = {{0x20, 61}, {0x40, 62}, {0x50, 63}},
			 .inlined = {{0x10, 1}, {0x20, 2}, {0x50, -1}},
			 .calls = {{wrapper_id(release), "main.(*T).M", 0x44},
				   {NORMAL, "main.T.M", 0x18},
				   {panic_id(release), "runtime.gopanic", 0x14}}}};
		struct gofile_function nested[1] = {caller[0]};
		/* What is called at 0x10 to 0x20 is the wrapper. */
		nested[0].inlined[1] = (struct gofile_run){0x18, 2};
		nested[0].inlined[2] = (struct gofile_run){0x20, 0};
		nested[0].inlined[3] = (struct gofile_run){0x50, -1};
		nested[0].calls[2].parent_pc = 0x1c;
		struct opened o = open_go(
			&(struct gofile){.release = release, .functions = nested, .count = 1});
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x8), 2);
		assert_frame(&o, 0, "main.T.M", 61);
		assert_frame(&o, 1, "main.f", 63);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x14), 3);
		assert_frame(&o, 0, "runtime.gopanic", 61);
		assert_frame(&o, 1, "main.(*T).M", 61);
		assert_frame(&o, 2, "main.f", 63);
		close_go(&o);
	}
}

static void type_arguments_are_elided_from_1_21_on(void **state)
{
	(void)state;
	static const struct gofile_function generic[] = {
		{.name = "main.(*stack[go.shape.[]int]).push", .lines = {{0x10, 7}}},
		{.start = 0x10, .name = "main.f[...].func1", .lines = {{0x10, 8}}},
	};
	for (int release = 18; release <= 27; release++) {
		struct opened o = open_go(
			&(struct gofile){.release = release, .functions = generic, .count = 2});
		ask(&o, GOFILE_TEXT);
		assert_frame(&o, 0,
			     release < 21 ? "main.(*stack[go.shape.[]int]).push"
					  : "main.(*stack[...]).push",
			     7);
		const char *name = o.frames[0].function;
		ask(&o, GOFILE_TEXT + 4);
		assert_ptr_equal(o.frames[0].function, name);
		ask(&o, GOFILE_TEXT + 0x10);
		assert_frame(&o, 0, "main.f[...].func1", 8);
		close_go(&o);
	}
}

static void text_in_several_sections_is_found_where_it_lies(void **state)
{
	(void)state;
	static const struct gofile_section sections[] = {{0, 0x60, GOFILE_TEXT},
							 {0x60, 0x100, GOFILE_TEXT + 0x400}};
	struct gobin_function f;
	for (int release = 18; release <= 27; release++) {
		struct opened o = open_go(&(struct gofile){.release = release,
							   .functions = three_levels,
							   .count = 2,
							   .sections = sections,
							   .section_count = 2});
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x1c), 3);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x60), 0);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x3ff), 0);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x408), 1);
		assert_frame(&o, 0, "main.last", 41);
		assert_int_equal(o.place.start, GOFILE_TEXT + 0x400);
		assert_true(gobin_function_at(o.go, 1, &f));
		assert_int_equal(f.end, GOFILE_TEXT + 0x410);
		close_go(&o);
	}
}

static void linked_in_c_is_not_gos_own_but_padding_and_marks_are(void **state)
{
	(void)state;
	static const struct gofile_function mixed[] = {
		{.name = "main.f", .lines = {{0x10, 1}}},
		{.start = 0x20, .name = "x_cgo_init"},
		{.start = 0x40, .name = "go:textfipsstart"},
	};
	struct opened o = open_go(&(struct gofile){.release = 26, .functions = mixed, .count = 3});
	ask(&o, GOFILE_TEXT + 0x8);
	assert_true(o.place.owned);
	ask(&o, GOFILE_TEXT + 0x18);
	assert_true(o.place.owned);
	ask(&o, GOFILE_TEXT + 0x28);
	assert_false(o.place.owned);
	ask(&o, GOFILE_TEXT + 0x48);
	assert_true(o.place.owned);
	ask(&o, GOFILE_RODATA);
	assert_false(o.place.owned);
	assert_int_equal(ask(&o, GOFILE_TEXT + 0x28), 0);
	assert_int_equal(ask(&o, GOFILE_TEXT + 0x48), 0);
	close_go(&o);
}

/* What every program has, with the ids and the marker of its release. */
static size_t runtime_functions(int release, struct gofile_function functions[4])
{
	const char *marker = release >= 21   ? "runtime.(*unwinder).next"
			     : release >= 14 ? "runtime.asyncPreempt2"
					     : "runtime.goPanicIndex";
	const uint8_t sigpanic = release < 17	? 9
				 : release < 18 ? 19
				 : release < 22 ? 18
				 : release < 25 ? 19
						: 20;
	const uint8_t panicwrap = release < 17 ? 19 : release < 18 ? 15 : release < 22 ? 14 : 15;
	size_t count = release > 12 ? 4 : 3;
	const struct gofile_function all[4] = {{.name = "runtime.gopanic", .id = panic_id(release)},
					       {.name = "runtime.sigpanic", .id = sigpanic},
					       {.name = "runtime.panicwrap", .id = panicwrap},
					       {.name = marker}};
	for (size_t i = 0; i < count; i++) {
		functions[i] = all[i];
		functions[i].start = 0x100 + i * 0x20;
		functions[i].lines[0] = (struct gofile_run){0x10, 1};
	}
	return count;
}

static void the_layout_is_inferred_without_build_info(void **state)
{
	(void)state;
	for (int release = 12; release <= 27; release++) {
		struct gofile_function functions[5] = {
			{.name = "main.(*T).M",
			 .id = wrapper_id(release),
			 .lines = {{0x10, 1}, {0x20, 51}, {0x30, 1}},
			 .inlined = {{0x10, -1}, {0x20, 0}, {0x30, -1}},
			 .calls = {{NORMAL, "main.T.M", 0x4}}}};
		size_t count = 1 + runtime_functions(release, functions + 1);
		struct opened o = open_go(&(struct gofile){.release = release,
							   .no_buildinfo = true,
							   .functions = functions,
							   .count = count});
		assert_null(gobin_info(o.go)->version);
		/* Some releases have the same tables, and the newest may be a newer one. */
		bool alike = release == 14 || release == 15 || release == 18 || release == 19 ||
			     (release >= 22 && release <= 24) || release == 27;
		assert_int_equal(gobin_info(o.go)->release, alike ? 0 : release);
		assert_int_equal(ask(&o, GOFILE_TEXT + 0x18), release < 21 ? 2 : 1);
		assert_frame(&o, 0, "main.T.M", 51);
		close_go(&o);
	}
}

static void build_info_tells_version_module_and_settings(void **state)
{
	(void)state;
	static const char module[] = "0123456789abcdef"
				     "path\texample.com/cmd/api\n"
				     "mod\texample.com\tv1.2.3\th1:sum=\n"
				     "dep\tgolang.org/x/sys\tv0.1.0\th1:x\n"
				     "build\t-buildmode=pie\n"
				     "build\tCGO_ENABLED=0\n"
				     "0123456789abcdef";
	struct gofile file = {.release = 26, .functions = three_levels, .count = 2};
	struct gofile_bytes bytes = gofile_make(&file);
	uint8_t *info = memmem(bytes.data, bytes.size, "\xff Go buildinf:", 14);
	assert_non_null(info);
	info[32 + 9] = 0x80 | (sizeof(module) - 1) % 128;
	info[32 + 10] = (sizeof(module) - 1) / 128;
	memcpy(info + 32 + 11, module, sizeof(module) - 1);
	struct opened o = open_bytes(&bytes);
	assert_null(gobin_open(o.image, &o.go));
	const struct gobin_info *got = gobin_info(o.go);
	assert_string_equal(got->version, "go1.26.3");
	assert_string_equal(got->path, "example.com/cmd/api");
	assert_string_equal(got->module, "example.com v1.2.3");
	assert_string_equal(got->settings, "-buildmode=pie\nCGO_ENABLED=0");
	assert_string_equal(got->pclntab_from, "scan");
	assert_int_equal(got->pclntab_address, GOFILE_RODATA);
	assert_int_equal(got->functions, 2);
	close_go(&o);
	free(bytes.data);
}

static void what_is_no_go_binary_is_no_error(void **state)
{
	(void)state;
	struct gofile_bytes bytes = gofile_elf("data", 4, "more", 4);
	struct opened o = open_bytes(&bytes);
	assert_null(gobin_open(o.image, &o.go));
	assert_null(o.go);
	close_go(&o);
	free(bytes.data);
}

static void go_without_readable_tables_is_an_error_that_names_the_file(void **state)
{
	(void)state;
	struct gofile file = {.release = 26, .functions = three_levels, .count = 2};
	struct gofile_bytes bytes = gofile_make(&file);
	uint8_t *table = memmem(bytes.data, bytes.size, "\xf1\xff\xff\xff\0\0", 6);
	assert_non_null(table);
	memset(table + 8, 0xff, 8); /* the number of functions */
	struct opened o = open_bytes(&bytes);
	struct perfgo_error *error = gobin_open(o.image, &o.go);
	assert_non_null(error);
	assert_null(o.go);
	assert_non_null(strstr(perfgo_error_text(error), image_path(o.image)));
	perfgo_error_destroy(error);
	close_go(&o);
	free(bytes.data);
}

static void a_newer_release_is_read_as_the_newest_known_only_where_that_fits(void **state)
{
	(void)state;
	struct gofile file = {.release = 99, .functions = three_levels, .count = 2};
	struct opened o = open_go(&file);
	assert_int_equal(gobin_info(o.go)->release, 99);
	assert_int_equal(ask(&o, GOFILE_TEXT + 0x1c), 3);
	close_go(&o);
}

/* Every byte of the tables replaced in turn: nothing is read out of bounds, and all ends. */
static void damaged_tables_are_survived(void **state)
{
	(void)state;
	for (int release = 12; release <= 26; release += 7) {
		struct gofile file = {.release = release, .functions = three_levels, .count = 2};
		struct gofile_bytes bytes = gofile_make(&file);
		for (size_t at = 0x2000; at < bytes.size; at++) {
			uint8_t kept = bytes.data[at];
			if (!kept && at % 61)
				continue;
			bytes.data[at] = 0xff;
			struct opened o = open_bytes(&bytes);
			perfgo_error_destroy(gobin_open(o.image, &o.go));
			for (uint64_t pc = 0; o.go && pc < 0x80; pc += 7)
				ask(&o, GOFILE_TEXT + pc);
			close_go(&o);
			bytes.data[at] = kept;
		}
		free(bytes.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inlined_callers_are_told_innermost_first),
		cmocka_unit_test(no_more_frames_are_told_than_asked_for),
		cmocka_unit_test(lines_can_be_left_out),
		cmocka_unit_test(what_is_no_code_has_no_frames),
		cmocka_unit_test(a_function_ends_with_its_last_instruction),
		cmocka_unit_test(a_wrapper_around_inlined_code_is_hidden_from_1_21_on),
		cmocka_unit_test(an_inlined_wrapper_is_told_only_when_it_calls_what_panics),
		cmocka_unit_test(type_arguments_are_elided_from_1_21_on),
		cmocka_unit_test(text_in_several_sections_is_found_where_it_lies),
		cmocka_unit_test(linked_in_c_is_not_gos_own_but_padding_and_marks_are),
		cmocka_unit_test(the_layout_is_inferred_without_build_info),
		cmocka_unit_test(build_info_tells_version_module_and_settings),
		cmocka_unit_test(what_is_no_go_binary_is_no_error),
		cmocka_unit_test(go_without_readable_tables_is_an_error_that_names_the_file),
		cmocka_unit_test(a_newer_release_is_read_as_the_newest_known_only_where_that_fits),
		cmocka_unit_test(damaged_tables_are_survived),
	};
	return cmocka_run_group_tests_name("gobin", tests, NULL, NULL);
}
