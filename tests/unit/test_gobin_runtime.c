// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gobin/runtime.h"
#include "gobin/unwind.h"
#include "gofile.h"

enum { FIRST = 17, LAST = 27 };

/* A Go binary open for a test. */
struct opened {
	struct image *image;
	struct gobin *go;
	struct gobin_runtime runtime;
};

static struct opened open_bytes(const struct gofile_bytes *bytes)
{
	struct opened o = {0};
	char path[] = "/tmp/test_gobin_runtime.XXXXXX";
	gofile_write(bytes, path);
	assert_null(image_open(path, &o.image));
	unlink(path);
	perfgo_error_destroy(gobin_open(o.image, &o.go));
	if (o.go)
		gobin_runtime(o.go, o.image, &o.runtime);
	return o;
}

static void close_go(struct opened *o)
{
	gobin_close(o->go);
	image_close(o->image);
}

/* Go's sources once more: runtime/runtime2.go and runtime/mheap.go of each release. */
static const struct {
	int release;
	uint16_t status, goid, parent_goid, start_pc, labels, bp, procid, curg, m_p, p_m;
	uint32_t sweepgen;
	bool map;
} facts[] = {
	{17, 144, 152, 0, 312, 360, 48, 72, 192, 208, 56, 65832, true},
	{18, 144, 152, 0, 312, 360, 48, 72, 192, 208, 56, 65840, true},
	{19, 144, 152, 0, 312, 360, 48, 72, 192, 208, 56, 65848, true},
	{20, 144, 152, 0, 312, 360, 48, 72, 192, 208, 56, 65816, true},
	{21, 144, 152, 272, 296, 344, 48, 72, 192, 208, 56, 65856, true},
	{22, 144, 152, 272, 296, 344, 48, 72, 192, 208, 56, 65856, true},
	{23, 152, 160, 280, 304, 352, 48, 72, 192, 208, 48, 65856, true},
	{24, 152, 160, 280, 304, 352, 48, 72, 192, 208, 48, 65856, false},
	{25, 144, 152, 272, 296, 344, 40, 64, 184, 200, 48, 65856, false},
	{26, 144, 152, 280, 304, 352, 40, 64, 184, 208, 48, 65856, false},
	{27, 144, 152, 280, 304, 352, 40, 64, 184, 208, 48, 65856, false},
};

static void fields_are_where_each_release_has_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const struct runtime_layout *l = runtime_layout_of_release(facts[i].release);
		assert_non_null(l);
		assert_int_equal(l->g.status, facts[i].status);
		assert_int_equal(l->g.goid, facts[i].goid);
		assert_int_equal(l->g.parent_goid, facts[i].parent_goid);
		assert_int_equal(l->g.start_pc, facts[i].start_pc);
		assert_int_equal(l->g.labels, facts[i].labels);
		assert_int_equal(l->gobuf.bp, facts[i].bp);
		assert_int_equal(l->m.procid, facts[i].procid);
		assert_int_equal(l->m.curg, facts[i].curg);
		assert_int_equal(l->m.p, facts[i].m_p);
		assert_int_equal(l->p.m, facts[i].p_m);
		assert_int_equal(l->sweepgen, facts[i].sweepgen);
		assert_int_equal(l->labels_are_map, facts[i].map);
	}
}

static void releases_that_are_not_known_have_no_layout(void **state)
{
	(void)state;
	assert_null(runtime_layout_of_release(0));
	assert_null(runtime_layout_of_release(FIRST - 1));
	assert_null(runtime_layout_of_release(LAST + 1));
}

static void a_field_lies_within_its_goroutine(void **state)
{
	(void)state;
	for (int release = FIRST; release <= LAST; release++) {
		const struct runtime_layout *l = runtime_layout_of_release(release);
		assert_true(l->g.sched < l->g.syscall_sp && l->g.syscall_sp < l->g.status);
		assert_true(l->g.goid < l->g.wait_since && l->g.wait_since < l->g.wait_reason);
		assert_true(l->g.parent_goid < l->g.creator_pc);
		assert_true(l->g.creator_pc < l->g.start_pc && l->g.start_pc < l->g.labels);
		assert_true(l->g.labels < l->g.size);
	}
}

static const char *wait_reason(int release, int number)
{
	const struct runtime_layout *l = runtime_layout_of_release(release);
	return number < l->nr_wait_reasons ? l->wait_reasons[number] : NULL;
}

static void wait_reasons_have_the_numbers_of_their_release(void **state)
{
	(void)state;
	assert_string_equal(wait_reason(17, 21), "timer goroutine (idle)");
	assert_string_equal(wait_reason(19, 26), "debug call");
	assert_null(wait_reason(19, 27));
	assert_string_equal(wait_reason(20, 21), "sync.Mutex.Lock");
	assert_string_equal(wait_reason(21, 31), "stopping the world");
	assert_null(wait_reason(21, 32));
	assert_string_equal(wait_reason(22, 36), "coroutine");
	assert_null(wait_reason(22, 37));
	assert_string_equal(wait_reason(23, 37), "GC weak to strong wait");
	assert_null(wait_reason(23, 38));
	assert_string_equal(wait_reason(24, 24), "sync.WaitGroup.Wait");
	assert_string_equal(wait_reason(24, 43), "select (synctest)");
	assert_string_equal(wait_reason(25, 18), "GOMAXPROCS updater (idle)");
	assert_string_equal(wait_reason(25, 46), "cleanup wait");
	assert_string_equal(wait_reason(26, 19), "chan receive");
	assert_string_equal(wait_reason(27, 22), "sync.Mutex.Lock");
	assert_null(wait_reason(27, 47));
}

static void every_wait_reason_has_a_text(void **state)
{
	(void)state;
	for (int release = FIRST; release <= LAST; release++) {
		assert_string_equal(wait_reason(release, 0), "");
		for (int i = 1; i < runtime_layout_of_release(release)->nr_wait_reasons; i++)
			assert_true(wait_reason(release, i)[0]);
	}
}

/*
 * A stripped program of go1.26: functions of the runtime, 0x40 bytes each, into whose code a test
 * puts instructions.
 */
enum {
	GC_MARK,
	GC_MARK_DONE,
	GC_RESET_MARK_STATE,
	GC_SWEEP,
	STACKALLOC,
	ALLGADD,
	FOR_EACH_G,
	FUNCTIONS,
	SIZE = 0x40,
	PHASE = GOFILE_DATA + 0xf00,
	SWEEPGEN = GOFILE_DATA + 0xf40, /* mheap_ would begin before the data; nobody minds */
	ALLGS = GOFILE_DATA + 0xf80,
};

#define FUNCTION(number, text)                                                                     \
	{                                                                                          \
		.start = (number)*SIZE, .name = (text), .lines = { {SIZE, 1} }                     \
	}
static const struct gofile_function functions[FUNCTIONS] = {
	FUNCTION(GC_MARK, "runtime.gcMark"),
	FUNCTION(GC_MARK_DONE, "runtime.gcMarkDone"),
	FUNCTION(GC_RESET_MARK_STATE, "runtime.gcResetMarkState"),
	FUNCTION(GC_SWEEP, "runtime.gcSweep"),
	FUNCTION(STACKALLOC, "runtime.stackalloc"),
	FUNCTION(ALLGADD, "runtime.allgadd"),
	FUNCTION(FOR_EACH_G, "runtime.forEachG"),
};

struct program {
	struct gofile_bytes bytes;
	size_t end[FUNCTIONS]; /* of the code that a function has */
};

static struct program new_program(void)
{
	const struct gofile file = {.release = 26, .functions = functions, .count = FUNCTIONS};
	return (struct program){.bytes = gofile_make(&file)};
}

static void put_code(struct program *p, int function, const void *code, size_t size)
{
	assert_true(p->end[function] + size <= SIZE);
	gofile_copy(&p->bytes, 0x1000 + function * SIZE + p->end[function], code, size);
	p->end[function] += size;
}

/* An instruction of these bytes, with the distance to TARGET, and with a constant. */
static void put_use(struct program *p, int function, const char *opcode, uint64_t target,
		    int constant)
{
	size_t length = strlen(opcode), size = length + 4 + (constant >= 0);
	uint8_t code[16];
	uint64_t next = GOFILE_TEXT + function * SIZE + p->end[function] + size;
	int32_t distance = (int32_t)(target - next);
	memcpy(code, opcode, length);
	memcpy(code + length, &distance, 4);
	code[length + 4] = (uint8_t)constant;
	put_code(p, function, code, size);
}

static const char cmpl[] = "\x83\x3d", addl[] = "\x83\x05", lea[] = "\x48\x8d\x05",
		  load[] = "\x48\x8b\x0d", store[] = "\x4c\x89\x05";

static struct opened open_program(struct program *p)
{
	struct opened o = open_bytes(&p->bytes);
	free(p->bytes.data);
	assert_non_null(o.go);
	return o;
}

static void put_phase(struct program *p, uint64_t address)
{
	put_use(p, GC_MARK, cmpl, address, 2);
	put_use(p, GC_MARK_DONE, cmpl, address, 1);
	put_use(p, GC_SWEEP, cmpl, address, 0);
}

static uint64_t gcphase_of(struct program *p)
{
	struct opened o = open_program(p);
	close_go(&o);
	return o.runtime.gcphase;
}

static void gcphase_is_what_three_functions_compare_with_their_phase(void **state)
{
	(void)state;
	struct program p = new_program();
	put_use(&p, GC_MARK, cmpl, PHASE + 8, 2);
	put_phase(&p, PHASE);
	assert_int_equal(gcphase_of(&p), PHASE);
}

static void gcphase_is_not_known_when_the_functions_do_not_agree(void **state)
{
	(void)state;
	struct program p = new_program();
	put_use(&p, GC_MARK, cmpl, PHASE, 2);
	put_use(&p, GC_MARK_DONE, cmpl, PHASE, 1);
	put_use(&p, GC_SWEEP, cmpl, PHASE, 2);
	assert_int_equal(gcphase_of(&p), 0);
}

static void gcphase_is_not_known_when_two_variables_could_be_it(void **state)
{
	(void)state;
	struct program p = new_program();
	put_phase(&p, PHASE);
	put_phase(&p, PHASE + 16);
	assert_int_equal(gcphase_of(&p), 0);
}

static void gcphase_is_among_the_variables(void **state)
{
	(void)state;
	struct program p = new_program();
	put_phase(&p, GOFILE_DATA + GOFILE_DATA_SIZE);
	assert_int_equal(gcphase_of(&p), 0);
}

static uint64_t mheap_of(struct program *p)
{
	struct opened o = open_program(p);
	close_go(&o);
	return o.runtime.mheap;
}

static void mheap_is_where_its_sweepgen_and_its_address_meet(void **state)
{
	(void)state;
	uint64_t mheap = SWEEPGEN - runtime_layout_of_release(26)->sweepgen;
	struct program p = new_program();
	put_use(&p, GC_SWEEP, addl, SWEEPGEN, 2);
	put_use(&p, GC_SWEEP, lea, mheap, -1);
	put_use(&p, STACKALLOC, lea, mheap, -1);
	assert_int_equal(mheap_of(&p), mheap);
}

static void mheap_is_not_known_without_its_address_in_the_code(void **state)
{
	(void)state;
	uint64_t mheap = SWEEPGEN - runtime_layout_of_release(26)->sweepgen;
	struct program p = new_program();
	put_use(&p, GC_SWEEP, addl, SWEEPGEN, 2);
	put_use(&p, STACKALLOC, lea, mheap, -1);
	put_use(&p, GC_RESET_MARK_STATE, lea, mheap + 8, -1);
	assert_int_equal(mheap_of(&p), 0);
}

static void put_allgs(struct program *p)
{
	put_use(p, ALLGADD, load, ALLGS, -1);
	put_use(p, ALLGADD, store, ALLGS + 8, -1);
	put_use(p, FOR_EACH_G, load, ALLGS, -1);
	put_use(p, FOR_EACH_G, load, ALLGS + 8, -1);
}

static uint64_t allgs_of(struct program *p)
{
	struct opened o = open_program(p);
	close_go(&o);
	return o.runtime.allgs;
}

/* ADRP X27, of the page of a variable, and an instruction with its offset in the page. */
static void put_arm64_use(struct program *p, int function, uint32_t instruction, uint64_t target,
			  int scale)
{
	uint64_t at = GOFILE_TEXT + function * SIZE + p->end[function];
	uint32_t pages = (uint32_t)((target >> 12) - (at >> 12));
	uint32_t code[] = {0x9000001b | (pages & 3) << 29 | pages >> 2 << 5,
			   instruction | 27 << 5 | (target & 0xfff) / scale << 10};
	put_code(p, function, code, sizeof(code));
}

enum { LDR_W2 = 0xb9400002, CBZ_W2 = 0x34000002, CMP_W2 = 0x7100005f, LDR_X2 = 0xf9400002 };

static void put_arm64_compare(struct program *p, int function, uint64_t target, uint32_t value)
{
	uint32_t compare = value ? CMP_W2 | value << 10 : CBZ_W2;
	put_arm64_use(p, function, LDR_W2, target, 4);
	put_code(p, function, &compare, 4);
}

static void arm64_makes_addresses_of_pages_and_offsets(void **state)
{
	(void)state;
	struct program p = new_program();
	gofile_set(&p.bytes, 18, 183, 2); /* EM_AARCH64 */
	put_arm64_compare(&p, GC_MARK, PHASE, 2);
	put_arm64_compare(&p, GC_MARK_DONE, PHASE, 1);
	put_arm64_compare(&p, GC_SWEEP, PHASE, 0);
	for (int i = 0; i < 3; i++)
		put_arm64_use(&p, ALLGADD, LDR_X2, ALLGS + 8 * i, 8);
	put_arm64_use(&p, FOR_EACH_G, LDR_X2, ALLGS, 8);
	put_arm64_use(&p, FOR_EACH_G, LDR_X2, ALLGS + 8, 8);
	struct opened o = open_program(&p);
	assert_int_equal(o.runtime.gcphase, PHASE);
	assert_int_equal(o.runtime.allgs, ALLGS);
	assert_false(o.runtime.has_tls);
	close_go(&o);
}

static void allgs_is_the_slice_that_is_appended_to_and_walked(void **state)
{
	(void)state;
	struct program p = new_program();
	put_allgs(&p);
	put_use(&p, ALLGADD, load, ALLGS + 16, -1);
	assert_int_equal(allgs_of(&p), ALLGS);
}

static void what_is_no_whole_slice_is_not_allgs(void **state)
{
	(void)state;
	struct program p = new_program();
	put_allgs(&p);
	assert_int_equal(allgs_of(&p), 0);
}

/* Adds a program header that nothing is loaded by. */
static void put_segment(struct program *p, uint32_t type, uint64_t size, uint64_t align)
{
	size_t at = 64 + 3 * 56;
	gofile_set(&p->bytes, 56, 4, 2);
	gofile_set(&p->bytes, at, type, 4);
	gofile_set(&p->bytes, at + 40, size, 8);
	gofile_set(&p->bytes, at + 48, align, 8);
}

enum { PT_TLS_TYPE = 7, PT_INTERP_TYPE = 3 };

static void put_loads(struct program *p, const char *code, size_t size, int count)
{
	for (int i = 0; i < count; i++)
		put_code(p, ALLGADD + i % 2, code, size);
}

static const char load_56[] = "\x64\x4c\x8b\x34\x25\xc8\xff\xff\xff";
static const char load_128[] = "\x64\x4c\x8b\x34\x25\x80\xff\xff\xff";
static const char relaxed_56[] = "\x49\xc7\xc6\xc8\xff\xff\xff\x64\x4d\x8b\x36";

static void g_is_in_the_word_before_the_thread_pointer(void **state)
{
	(void)state;
	struct program p = new_program();
	struct opened o = open_program(&p);
	assert_true(o.runtime.has_tls);
	assert_int_equal(o.runtime.tls_offset, -8);
	close_go(&o);
}

static void among_variables_of_c_it_is_where_the_code_loads_it_from(void **state)
{
	(void)state;
	struct program p = new_program();
	put_segment(&p, PT_TLS_TYPE, 0x34, 8);
	put_loads(&p, load_56, 9, 3);
	struct opened o = open_program(&p);
	assert_true(o.runtime.has_tls);
	assert_int_equal(o.runtime.tls_offset, -56);
	close_go(&o);
}

static void position_independent_code_loads_it_in_two_steps(void **state)
{
	(void)state;
	struct program p = new_program();
	put_segment(&p, PT_TLS_TYPE, 0x34, 8);
	put_loads(&p, relaxed_56, 11, 4);
	struct opened o = open_program(&p);
	assert_true(o.runtime.has_tls);
	assert_int_equal(o.runtime.tls_offset, -56);
	close_go(&o);
}

static void it_is_not_known_when_the_code_does_not_agree(void **state)
{
	(void)state;
	struct program p = new_program();
	put_segment(&p, PT_TLS_TYPE, 0x34, 8);
	put_loads(&p, load_56, 9, 4);
	put_loads(&p, load_128, 9, 1);
	struct opened o = open_program(&p);
	assert_false(o.runtime.has_tls);
	close_go(&o);
}

static void a_library_has_its_offset_in_memory(void **state)
{
	(void)state;
	struct program p = new_program();
	gofile_set(&p.bytes, 16, 3, 2); /* ET_DYN, without PT_INTERP */
	put_segment(&p, PT_TLS_TYPE, 8, 8);
	for (int i = 0; i < 3; i++) {
		put_use(&p, GC_MARK + i, "\x4c\x8b\x35", GOFILE_DATA + 0xe00, -1);
		put_code(&p, GC_MARK + i, "\x64\x4d\x8b\x36", 4);
	}
	struct opened o = open_program(&p);
	assert_false(o.runtime.has_tls);
	assert_int_equal(o.runtime.tls_slot, GOFILE_DATA + 0xe00);
	close_go(&o);
}

static void a_position_independent_program_is_no_library(void **state)
{
	(void)state;
	struct program p = new_program();
	gofile_set(&p.bytes, 16, 3, 2);
	put_segment(&p, PT_INTERP_TYPE, 0, 1);
	struct opened o = open_program(&p);
	assert_true(o.runtime.has_tls);
	assert_int_equal(o.runtime.tls_offset, -8);
	close_go(&o);
}

static void without_code_that_tells_nothing_is_guessed(void **state)
{
	(void)state;
	struct program p = new_program();
	struct opened o = open_program(&p);
	assert_ptr_equal(o.runtime.layout, runtime_layout_of_release(26));
	assert_int_equal(o.runtime.gcphase, 0);
	assert_int_equal(o.runtime.mheap, 0);
	assert_int_equal(o.runtime.allgs, 0);
	assert_int_equal(o.runtime.data_start, GOFILE_DATA);
	assert_int_equal(o.runtime.data_end, GOFILE_DATA + GOFILE_DATA_SIZE);
	close_go(&o);
}

/* main.f pushes twice, main.top is where a goroutine begins, main.c is C. */
static const struct gofile_function framed[] = {
	{.start = 0,
	 .name = "main.f",
	 .depths = {{0x8, 0}, {0x10, 8}, {0x1c, 40}, {0x20, 0}},
	 .lines = {{0x20, 11}}},
	{.start = 0x30,
	 .flags = 5,
	 .name = "main.top",
	 .depths = {{0x10, 0}},
	 .lines = {{0x10, 1}}},
	{.start = 0x40, .name = "main.c"},
	{.start = 0x50, .name = "main.odd", .depths = {{0x8, -8}, {0x10, 0}}, .lines = {{0x10, 1}}},
};

static struct opened open_framed(int release, uint16_t machine)
{
	const struct gofile file = {.release = release, .functions = framed, .count = 4};
	struct gofile_bytes bytes = gofile_make(&file);
	gofile_set(&bytes, 18, machine, 2);
	struct opened o = open_bytes(&bytes);
	free(bytes.data);
	assert_non_null(o.go);
	return o;
}

enum { AMD64 = 62, ARM64 = 183 };

static void assert_depth(const struct opened *o, uint32_t offset, int depth)
{
	struct unwind_rule rule;
	assert_true(gobin_unwind_rule(o->go, GOFILE_TEXT + offset, &rule));
	assert_int_equal(rule.depth, depth);
}

static void the_depth_is_that_before_the_instruction(void **state)
{
	(void)state;
	for (int release = 12; release <= LAST; release++) {
		struct opened o = open_framed(release, AMD64);
		assert_depth(&o, 0, 0);
		assert_depth(&o, 0x7, 0);
		assert_depth(&o, 0x8, 8);
		assert_depth(&o, 0x10, 40);
		assert_depth(&o, 0x1b, 40);
		assert_depth(&o, 0x1c, 0);
		close_go(&o);
	}
}

static void what_has_no_depth_has_no_rule(void **state)
{
	(void)state;
	static const uint32_t offsets[] = {0x20, 0x2f, 0x40, 0x50, GOFILE_TEXT_SIZE, -1u};
	struct opened o = open_framed(26, AMD64);
	struct unwind_rule rule;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++)
		assert_false(gobin_unwind_rule(o.go, GOFILE_TEXT + offsets[i], &rule));
	close_go(&o);
}

static void the_rule_tells_where_stacks_begin(void **state)
{
	(void)state;
	struct opened o = open_framed(26, AMD64);
	struct unwind_rule rule;
	assert_true(gobin_unwind_rule(o.go, GOFILE_TEXT + 0x30, &rule));
	assert_int_equal(rule.flags, UNWIND_FUNCTION_TOP | UNWIND_FUNCTION_ASM);
	assert_true(gobin_unwind_rule(o.go, GOFILE_TEXT, &rule));
	assert_int_equal(rule.flags, 0);
	close_go(&o);
}

static void arm64_has_the_return_address_in_a_register_while_there_is_no_frame(void **state)
{
	(void)state;
	struct opened o = open_framed(26, ARM64);
	struct unwind_rule rule;
	assert_true(gobin_unwind_rule(o.go, GOFILE_TEXT + 4, &rule));
	assert_true(rule.link_register);
	assert_true(gobin_unwind_rule(o.go, GOFILE_TEXT + 0x10, &rule));
	assert_false(rule.link_register);
	assert_int_equal(rule.depth, 40);
	close_go(&o);
	o = open_framed(26, AMD64);
	assert_true(gobin_unwind_rule(o.go, GOFILE_TEXT + 4, &rule));
	assert_false(rule.link_register);
	close_go(&o);
}

/* MOVD.W R1, -16(RSP) where the table has the least depth behind the greatest. */
static void depths_that_no_stack_has_are_survived(void **state)
{
	(void)state;
	static const struct gofile_function functions[] = {
		{0, 0, 0, "main.f", {{4, INT32_MAX}, {8, -INT32_MAX}, {0x40, 16}}, {{0x40, 1}}}};
	static const uint8_t code[] = {0xe1, 0x0f, 0x1f, 0xf8};
	struct gofile_bytes bytes =
		gofile_make(&(struct gofile){.release = 26, .functions = functions, .count = 1});
	memcpy(bytes.data + 0x1000, code, sizeof(code));
	gofile_set(&bytes, 18, ARM64, 2);
	struct opened o = open_bytes(&bytes);
	struct unwind_rule rule;
	free(bytes.data);
	assert_false(gobin_unwind_rule(o.go, GOFILE_TEXT + 0x10, &rule));
	close_go(&o);
}

/* Every byte of the tables replaced in turn: nothing is read out of bounds, and all ends. */
static void damaged_binaries_are_survived(void **state)
{
	(void)state;
	struct program p = new_program();
	put_phase(&p, PHASE);
	put_allgs(&p);
	for (size_t at = 0x2000; at < p.bytes.size; at++) {
		uint8_t kept = p.bytes.data[at];
		if (!kept && at % 61)
			continue;
		p.bytes.data[at] = 0xff;
		struct opened o = open_bytes(&p.bytes);
		struct unwind_rule rule;
		for (uint64_t pc = 0; o.go && pc < FUNCTIONS * SIZE; pc += 7)
			gobin_unwind_rule(o.go, GOFILE_TEXT + pc, &rule);
		close_go(&o);
		p.bytes.data[at] = kept;
	}
	free(p.bytes.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_where_each_release_has_them),
		cmocka_unit_test(releases_that_are_not_known_have_no_layout),
		cmocka_unit_test(a_field_lies_within_its_goroutine),
		cmocka_unit_test(wait_reasons_have_the_numbers_of_their_release),
		cmocka_unit_test(every_wait_reason_has_a_text),
		cmocka_unit_test(gcphase_is_what_three_functions_compare_with_their_phase),
		cmocka_unit_test(gcphase_is_not_known_when_the_functions_do_not_agree),
		cmocka_unit_test(gcphase_is_not_known_when_two_variables_could_be_it),
		cmocka_unit_test(gcphase_is_among_the_variables),
		cmocka_unit_test(mheap_is_where_its_sweepgen_and_its_address_meet),
		cmocka_unit_test(mheap_is_not_known_without_its_address_in_the_code),
		cmocka_unit_test(allgs_is_the_slice_that_is_appended_to_and_walked),
		cmocka_unit_test(what_is_no_whole_slice_is_not_allgs),
		cmocka_unit_test(arm64_makes_addresses_of_pages_and_offsets),
		cmocka_unit_test(g_is_in_the_word_before_the_thread_pointer),
		cmocka_unit_test(among_variables_of_c_it_is_where_the_code_loads_it_from),
		cmocka_unit_test(position_independent_code_loads_it_in_two_steps),
		cmocka_unit_test(it_is_not_known_when_the_code_does_not_agree),
		cmocka_unit_test(a_library_has_its_offset_in_memory),
		cmocka_unit_test(a_position_independent_program_is_no_library),
		cmocka_unit_test(without_code_that_tells_nothing_is_guessed),
		cmocka_unit_test(the_depth_is_that_before_the_instruction),
		cmocka_unit_test(what_has_no_depth_has_no_rule),
		cmocka_unit_test(the_rule_tells_where_stacks_begin),
		cmocka_unit_test(
			arm64_has_the_return_address_in_a_register_while_there_is_no_frame),
		cmocka_unit_test(depths_that_no_stack_has_are_survived),
		cmocka_unit_test(damaged_binaries_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
