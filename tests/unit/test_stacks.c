// SPDX-License-Identifier: GPL-2.0-only
/* Stacks as they are made of what a sample has: chains, words, registers, dumps, branches. */
#include "unit/stack_recording.h"

enum { ALL = BP_BIT | SP_BIT | PC_BIT, NOWHERE = 0x123 };

#define CHAIN(...)                                                                                 \
	.nr_chain = sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), .chain = {__VA_ARGS__}
#define DUMP(...) .dump_size = sizeof((uint64_t[]){__VA_ARGS__}), .dump = {__VA_ARGS__}
#define SHOT(...) (&(struct shot){__VA_ARGS__})

/* One sample by frame pointers, with the words at its stack pointer. */
static void take_words(struct stack_recording *s, const struct shot *shot)
{
	struct shot with = *shot;
	with.payload = &worker;
	begin_stacks(s, PERF_SAMPLE_RAW, 0);
	take(s, &with);
	read_stacks(s);
}

static void take_chain(struct stack_recording *s, const struct shot *shot)
{
	begin_stacks(s, 0, 0);
	take(s, shot);
	read_stacks(s);
}

static void take_dump(struct stack_recording *s, const struct shot *shot, uint64_t mask)
{
	begin_stacks(s, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, mask);
	take(s, shot);
	read_stacks(s);
}

static void the_first_word_is_the_caller_of_a_function_without_a_frame(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .words = {TO_MIDDLE, NOWHERE}));
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_false(address_of(&s, 0, 1)->inferred);
	end_stacks(&s);
}

static void the_second_word_is_the_caller_behind_push_bp(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(MIDDLE + 1, TO_GOEXIT), .words = {STACK, TO_MAIN}));
	assert_stack(&s, 0, MIDDLE + 1, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void where_a_frame_is_gone_the_first_word_is_the_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(MIDDLE + 0x61, TO_GOEXIT), .words = {TO_MAIN, NOWHERE}));
	assert_stack(&s, 0, MIDDLE + 0x61, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void a_goroutine_that_has_only_begun_is_whole(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(MAIN), .words = {TO_GOEXIT, NOWHERE}));
	assert_stack(&s, 0, MAIN, TO_GOEXIT);
	end_stacks(&s);
}

/* So it calls morestack, before it makes its own. */
static void the_second_word_is_the_caller_of_a_caller_without_a_frame(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(MCALL, TO_GOEXIT), .words = {MAIN + 0x70, TO_MIDDLE}));
	assert_stack(&s, 0, MCALL, MAIN + 0x70, TO_MIDDLE, TO_GOEXIT);
	end_stacks(&s);
}

static void a_function_with_its_frame_is_left_alone(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s,
		   SHOT(CHAIN(MIDDLE + 0x30, TO_MAIN, TO_GOEXIT), .words = {TO_MIDDLE, TO_MAIN}));
	assert_stack(&s, 0, MIDDLE + 0x30, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void words_that_are_no_code_are_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(LEAF + 4, TO_GOEXIT), .words = {NOWHERE, NOWHERE}));
	assert_stack(&s, 0, LEAF + 4, TO_GOEXIT);
	end_stacks(&s);
}

/* As with PEBS, whose place is another than the chain's. */
static void words_of_another_place_are_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s,
		   SHOT(.ip = MAIN + 0x30, CHAIN(LEAF + 4, TO_GOEXIT), .words = {TO_MIDDLE, 1}));
	assert_stack(&s, 0, LEAF + 4, TO_GOEXIT);
	end_stacks(&s);
}

/* Of chains that are too long for any machine the innermost entries are kept. */
static void a_place_behind_the_longest_chain_has_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	struct shot shot = {.ip = LEAF + 4, .nr_chain = 600};
	for (size_t i = 0; i < shot.nr_chain; i++)
		shot.chain[i] = PERF_CONTEXT_USER;
	shot.chain[shot.nr_chain - 2] = LEAF + 4;
	shot.chain[shot.nr_chain - 1] = TO_MAIN;
	begin_stacks(&s, 0, 0);
	for (size_t i = 0; i < BATCH_SIZE; i++)
		take(&s, &shot);
	read_stacks(&s);
	assert_int_equal(stack_of(&s, BATCH_SIZE - 1)->count, 0);
	end_stacks(&s);
}

static void the_frame_that_a_caller_makes_for_duffzero_is_no_gap(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s,
		   SHOT(CHAIN(DUFFZERO + 8, MAIN + 0x4f, TO_GOEXIT), .words = {MAIN + 0x4f, 1}));
	assert_stack(&s, 0, DUFFZERO + 8, MAIN + 0x4f, TO_GOEXIT);
	end_stacks(&s);
}

/* It is below SP when it is made, and still when duffzero is done. */
static void a_frame_below_the_stack_pointer_is_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, 0, 0);
	take(&s, SHOT(CHAIN(MAIN + 0x4a, TO_MIDDLE, TO_GOEXIT)));
	take(&s, SHOT(CHAIN(MAIN + 0x4f, MAIN + 0x4f, TO_GOEXIT)));
	read_stacks(&s);
	assert_stack(&s, 0, MAIN + 0x4a, TO_GOEXIT);
	assert_stack(&s, 1, MAIN + 0x4f, TO_GOEXIT);
	end_stacks(&s);
}

static void without_words_the_only_possible_caller_is_inferred(void **state)
{
	(void)state;
	struct stack_recording s;
	take_chain(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT)));
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_true(address_of(&s, 0, 1)->inferred);
	end_stacks(&s);
}

static void a_caller_that_may_be_another_is_not_inferred(void **state)
{
	(void)state;
	struct stack_recording s;
	/* Nothing is called directly before it. */
	take_chain(&s, SHOT(CHAIN(LEAF + 4, TO_SYSTEMSTACK, TO_GOEXIT)));
	assert_stack(&s, 0, LEAF + 4, TO_SYSTEMSTACK, TO_GOEXIT);
	end_stacks(&s);
}

/* leaf returns to SP; middle's frame, which is above, ends with its frame pointer. */
static void registers_confirm_what_is_inferred(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_REGS_USER, ALL);
	take(&s,
	     SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .sp = STACK, .bp = STACK + 8 + FRAME - 8));
	take(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .sp = STACK, .bp = STACK + 0x100));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_stack(&s, 1, LEAF + 4, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void nothing_is_kept_below_a_root(void **state)
{
	(void)state;
	struct stack_recording s;
	take_chain(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_MAIN, TO_GOEXIT, TO_MIDDLE, NOWHERE)));
	assert_stack(&s, 0, MIDDLE + 0x30, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void a_cycle_of_frame_pointers_is_bounded(void **state)
{
	(void)state;
	struct stack_recording s;
	struct shot shot = {.nr_chain = 140, .chain = {MIDDLE + 0x30}};
	for (size_t i = 1; i < shot.nr_chain; i++)
		shot.chain[i] = TO_MAIN;
	take_chain(&s, &shot);
	assert_int_equal(stack_of(&s, 0)->count, DEFAULT_MAX_STACK);
	end_stacks(&s);
}

/* main's frame: three words, the frame pointer, the return address. */
#define MAIN_FRAME(caller) 0, 0, 0, STACK + 0x100, caller

static void a_dump_is_unwound_to_the_root(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s,
		  SHOT(.ip = LEAF + 4, .sp = STACK,
		       DUMP(TO_MIDDLE, MAIN_FRAME(TO_MAIN), MAIN_FRAME(TO_GOEXIT))),
		  ALL);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE - 1, TO_MAIN - 1, TO_GOEXIT - 1);
	assert_int_equal(ended(&s, UNWIND_ROOT), 1);
	end_stacks(&s);
}

static void a_dump_of_eight_bytes_tells_the_caller_and_the_chain_the_rest(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s,
		  SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .sp = STACK, .bp = STACK + FRAME,
		       DUMP(TO_MIDDLE)),
		  ALL);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE - 1, TO_MAIN - 1, TO_GOEXIT - 1);
	assert_int_equal(ended(&s, UNWIND_ROOT), 1);
	end_stacks(&s);
}

static void a_short_dump_makes_no_stack_worse(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, SP_BIT | PC_BIT);
	take(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .sp = STACK, DUMP(TO_MIDDLE)));
	take(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .sp = STACK, DUMP(0), .real_size = 4));
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_MAIN, TO_GOEXIT), .sp = STACK, DUMP(0, 0)));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_stack(&s, 1, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_true(address_of(&s, 1, 1)->inferred);
	assert_stack(&s, 2, MIDDLE + 0x30, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

/* By value alone the chain would go on too early, or too late. */
static void recursion_is_joined_by_where_frames_are(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s,
		  SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_MAIN, TO_MAIN, TO_GOEXIT), .sp = STACK,
		       .bp = STACK + FRAME,
		       DUMP(TO_MIDDLE, 0, 0, 0, STACK + 2 * FRAME + 8, TO_MAIN)),
		  ALL);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE - 1, TO_MAIN - 1, TO_MAIN - 1, TO_MAIN - 1,
		     TO_GOEXIT - 1);
	end_stacks(&s);
}

static void a_dump_that_is_too_short_is_counted(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_MIDDLE)), ALL);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE - 1);
	assert_int_equal(ended(&s, UNWIND_NO_MEMORY), 1);
	end_stacks(&s);
}

static void code_that_is_not_known_is_counted(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(NOWHERE)), ALL);
	assert_int_equal(ended(&s, UNWIND_UNKNOWN_CODE), 1);
	end_stacks(&s);
}

static void a_sample_whose_stack_was_not_copied_is_counted(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s, SHOT(CHAIN(MAIN + 0x30, TO_GOEXIT), .sp = STACK), ALL);
	assert_stack(&s, 0, MAIN + 0x30, TO_GOEXIT);
	assert_int_equal(ended(&s, UNWIND_NO_DUMP), 1);
	end_stacks(&s);
}

static void registers_without_the_stack_pointer_are_counted(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s, SHOT(CHAIN(MAIN + 0x30, TO_GOEXIT), DUMP(TO_MIDDLE)), PC_BIT | BP_BIT);
	assert_stack(&s, 0, MAIN + 0x30, TO_GOEXIT);
	assert_int_equal(ended(&s, UNWIND_NO_REGISTERS), 1);
	end_stacks(&s);
}

static void processes_of_32_bits_are_counted(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s,
		  SHOT(CHAIN(MAIN + 0x30, TO_GOEXIT), .abi = PERF_SAMPLE_REGS_ABI_32, .sp = STACK,
		       DUMP(TO_MIDDLE)),
		  ALL);
	assert_stack(&s, 0, MAIN + 0x30, TO_GOEXIT);
	assert_int_equal(ended(&s, UNWIND_32_BIT), 1);
	end_stacks(&s);
}

static void a_dump_that_says_it_is_longer_than_it_is_is_refused(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, ALL);
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_MIDDLE), .real_size = 0x10000));
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_GOEXIT)));
	read_stacks(&s);
	assert_int_equal(s.r.batch.count, 1);
	assert_stack(&s, 0, LEAF + 4, TO_GOEXIT - 1);
	end_stacks(&s);
}

static void what_runs_on_the_system_stack_for_a_goroutine_is_marked(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, ALL);
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_SYSTEMSTACK)));
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_ASMCGOCALL)));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF + 4, TO_SYSTEMSTACK - 1, ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, LEAF + 4, TO_ASMCGOCALL - 1, ADDRESS_NOT_RECORDED);
	assert_int_equal(ended(&s, UNWIND_LEFT), 2);
	end_stacks(&s);
}

/* There it has kept the stack pointer, aligned it, and left no goroutine. */
static void asmcgocall_on_the_system_stack_is_unwound(void **state)
{
	(void)state;
	struct stack_recording s;
	take_dump(&s,
		  SHOT(.ip = LEAF + 4, .sp = STACK,
		       DUMP(TO_KEPT, STACK + 0x20, 0, 0, STACK + 0x100, TO_MAIN,
			    MAIN_FRAME(TO_GOEXIT))),
		  ALL);
	assert_stack(&s, 0, LEAF + 4, TO_KEPT - 1, TO_MAIN - 1, TO_GOEXIT - 1);
	end_stacks(&s);
}

static void a_chain_that_ends_where_a_goroutine_was_left_is_marked(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, 0, 0);
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_SYSTEMSTACK)));
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_KEPT)));
	read_stacks(&s);
	assert_stack(&s, 0, MIDDLE + 0x30, TO_SYSTEMSTACK, ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, MIDDLE + 0x30, TO_KEPT);
	end_stacks(&s);
}

/* It saves the frame pointer twice, and the kernel takes the first for a return address. */
static void the_frames_of_crosscall2_are_one_entry(void **state)
{
	(void)state;
	struct stack_recording s;
	take_chain(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_CROSSCALL2, STACK, TO_C, TO_ASMCGOCALL, TO_MAIN,
				  TO_GOEXIT)));
	assert_stack(&s, 0, MIDDLE + 0x30, TO_CROSSCALL2, TO_C, TO_ASMCGOCALL, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

/* C may have left the frame pointer of a call that is long over. */
static void go_code_that_calls_no_c_is_no_caller_of_it(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_RAW, 0);
	take(&s, SHOT(CHAIN(C + 0x30, TO_MAIN, TO_GOEXIT), .payload = &worker));
	take(&s, SHOT(CHAIN(C + 0x30, TO_ASMCGOCALL, TO_MAIN, TO_GOEXIT), .payload = &worker));
	read_stacks(&s);
	assert_stack(&s, 0, C + 0x30, ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, C + 0x30, TO_ASMCGOCALL, TO_MAIN, TO_GOEXIT);
	end_stacks(&s);
}

static void what_c_had_in_the_frame_pointer_is_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, 0, 0);
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_CROSSCALL2, STACK, TO_C, STACK, TO_MAIN)));
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_CROSSCALL2, STACK, TO_C, C + 0x60, TO_MAIN)));
	read_stacks(&s);
	assert_stack(&s, 0, MIDDLE + 0x30, TO_CROSSCALL2, TO_C, ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, MIDDLE + 0x30, TO_CROSSCALL2, TO_C, ADDRESS_NOT_RECORDED);
	end_stacks(&s);
}

static void c_without_frame_pointers_on_a_goroutine_is_marked(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(C + 0x30)));
	assert_stack(&s, 0, C + 0x30, ADDRESS_NOT_RECORDED);
	end_stacks(&s);
}

/* As where sha256 keeps an address in BP: what is there is no frame. */
static void what_assembly_had_in_the_frame_pointer_is_no_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_RAW, 0);
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, 0xe9b5dba5b5c0fbcf), .payload = &worker));
	take(&s, SHOT(CHAIN(MIDDLE + 0x30), .payload = &worker));
	read_stacks(&s);
	assert_stack(&s, 0, MIDDLE + 0x30, ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, MIDDLE + 0x30, ADDRESS_NOT_RECORDED);
	end_stacks(&s);
}

/* perf records it with every callchain by frame pointers there. */
static void on_arm64_the_link_register_is_the_caller(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_REGS_USER, LR_BIT);
	take(&s, SHOT(CHAIN(LEAF + 4, TO_MAIN, TO_GOEXIT), .lr = TO_MIDDLE));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF + 4, TO_MIDDLE, TO_MAIN, TO_GOEXIT);
	assert_false(address_of(&s, 0, 1)->inferred);
	end_stacks(&s);
}

static void below_the_scheduler_is_another_goroutine_s_stack(void **state)
{
	(void)state;
	struct stack_recording s;
	struct go_payload scheduler = {.common_type = GO_PAYLOAD_ID,
				       .goroutine = GOROUTINE_SCHEDULER};
	begin_stacks(&s, PERF_SAMPLE_RAW, 0);
	take(&s,
	     SHOT(CHAIN(SCHEDULE + 0x30, TO_MCALL, TO_MIDDLE, TO_GOEXIT), .payload = &scheduler));
	take(&s, SHOT(CHAIN(MIDDLE + 0x30, TO_SYSTEMSTACK), .payload = &scheduler));
	read_stacks(&s);
	assert_stack(&s, 0, SCHEDULE + 0x30, TO_MCALL);
	assert_stack(&s, 1, MIDDLE + 0x30, TO_SYSTEMSTACK); /* it has no goroutine */
	end_stacks(&s);
}

static void a_goroutine_that_left_for_good_is_not_missing(void **state)
{
	(void)state;
	struct stack_recording s;
	take_words(&s, SHOT(CHAIN(SCHEDULE + 0x30, TO_MCALL)));
	assert_stack(&s, 0, SCHEDULE + 0x30, TO_MCALL);
	end_stacks(&s);
}

static void the_goroutine_s_stack_is_joined_to_the_system_stack_s(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_RAW | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, ALL);
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_SYSTEMSTACK), .payload = &worker,
		      .sched = {SYSTEMSTACK_SWITCH, 2 * STACK, 0}, .nr_piece = 7,
		      .piece = {TO_MIDDLE, MAIN_FRAME(TO_MAIN), TO_GOEXIT}));
	take(&s, SHOT(.ip = LEAF + 4, .sp = STACK, DUMP(TO_SYSTEMSTACK), .payload = &worker,
		      .sched = {SYSTEMSTACK_SWITCH, 2 * STACK, 0}, .nr_piece = 11,
		      .piece = {TO_MIDDLE, MAIN_FRAME(TO_MAIN), MAIN_FRAME(TO_GOEXIT)}));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF + 4, TO_SYSTEMSTACK - 1, TO_MIDDLE - 1, TO_MAIN - 1,
		     ADDRESS_NOT_RECORDED);
	assert_stack(&s, 1, LEAF + 4, TO_SYSTEMSTACK - 1, TO_MIDDLE - 1, TO_MAIN - 1,
		     TO_GOEXIT - 1);
	end_stacks(&s);
}

static void a_c_program_s_chain_is_left_alone(void **state)
{
	(void)state;
	struct stack_recording s;
	take_chain(&s, SHOT(CHAIN(C + 0x30, STACK, NOWHERE)));
	assert_stack(&s, 0, C + 0x30, STACK, NOWHERE);
	end_stacks(&s);
}

static void the_processor_s_call_stack_is_a_callchain(void **state)
{
	(void)state;
	struct stack_recording s;
	begin_stacks(&s, PERF_SAMPLE_BRANCH_STACK, 0);
	take(&s, SHOT(.ip = LEAF + 4, .nr_branches = 2,
		      .branches = {{TO_MIDDLE - 5, LEAF}, {TO_MAIN - 5, MIDDLE}}));
	take(&s, SHOT(CHAIN(MAIN + 0x30, TO_GOEXIT)));
	read_stacks(&s);
	assert_stack(&s, 0, LEAF, TO_MIDDLE - 5, TO_MAIN - 5);
	assert_stack(&s, 1, MAIN + 0x30, TO_GOEXIT);
	end_stacks(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_is_the_caller_of_a_function_without_a_frame),
		cmocka_unit_test(the_second_word_is_the_caller_behind_push_bp),
		cmocka_unit_test(where_a_frame_is_gone_the_first_word_is_the_caller),
		cmocka_unit_test(a_goroutine_that_has_only_begun_is_whole),
		cmocka_unit_test(the_second_word_is_the_caller_of_a_caller_without_a_frame),
		cmocka_unit_test(a_function_with_its_frame_is_left_alone),
		cmocka_unit_test(words_that_are_no_code_are_no_caller),
		cmocka_unit_test(words_of_another_place_are_no_caller),
		cmocka_unit_test(a_place_behind_the_longest_chain_has_no_caller),
		cmocka_unit_test(the_frame_that_a_caller_makes_for_duffzero_is_no_gap),
		cmocka_unit_test(a_frame_below_the_stack_pointer_is_no_caller),
		cmocka_unit_test(without_words_the_only_possible_caller_is_inferred),
		cmocka_unit_test(a_caller_that_may_be_another_is_not_inferred),
		cmocka_unit_test(registers_confirm_what_is_inferred),
		cmocka_unit_test(nothing_is_kept_below_a_root),
		cmocka_unit_test(a_cycle_of_frame_pointers_is_bounded),
		cmocka_unit_test(a_dump_is_unwound_to_the_root),
		cmocka_unit_test(a_dump_of_eight_bytes_tells_the_caller_and_the_chain_the_rest),
		cmocka_unit_test(a_short_dump_makes_no_stack_worse),
		cmocka_unit_test(recursion_is_joined_by_where_frames_are),
		cmocka_unit_test(a_dump_that_is_too_short_is_counted),
		cmocka_unit_test(code_that_is_not_known_is_counted),
		cmocka_unit_test(a_sample_whose_stack_was_not_copied_is_counted),
		cmocka_unit_test(registers_without_the_stack_pointer_are_counted),
		cmocka_unit_test(processes_of_32_bits_are_counted),
		cmocka_unit_test(a_dump_that_says_it_is_longer_than_it_is_is_refused),
		cmocka_unit_test(what_runs_on_the_system_stack_for_a_goroutine_is_marked),
		cmocka_unit_test(asmcgocall_on_the_system_stack_is_unwound),
		cmocka_unit_test(a_chain_that_ends_where_a_goroutine_was_left_is_marked),
		cmocka_unit_test(the_frames_of_crosscall2_are_one_entry),
		cmocka_unit_test(go_code_that_calls_no_c_is_no_caller_of_it),
		cmocka_unit_test(what_c_had_in_the_frame_pointer_is_no_caller),
		cmocka_unit_test(c_without_frame_pointers_on_a_goroutine_is_marked),
		cmocka_unit_test(what_assembly_had_in_the_frame_pointer_is_no_caller),
		cmocka_unit_test(on_arm64_the_link_register_is_the_caller),
		cmocka_unit_test(below_the_scheduler_is_another_goroutine_s_stack),
		cmocka_unit_test(a_goroutine_that_left_for_good_is_not_missing),
		cmocka_unit_test(the_goroutine_s_stack_is_joined_to_the_system_stack_s),
		cmocka_unit_test(a_c_program_s_chain_is_left_alone),
		cmocka_unit_test(the_processor_s_call_stack_is_a_callchain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
