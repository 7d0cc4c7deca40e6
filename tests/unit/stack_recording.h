/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings of a small Go program's stacks, for tests: registers, dumps, callchains, and what perf
 * go record has besides. The program's functions have frames as Go's assembler makes them.
 */
#ifndef UNIT_STACK_RECORDING_H
#define UNIT_STACK_RECORDING_H

#include "unit/go_recording.h"

#include <elf.h>

#include "attribute/attribution.h"
#include "attribute/unwind.h"
#include "gofile.h"

/* Where the functions are, and what is at their places. */
enum {
	GOEXIT = 0x401000,
	MAIN = 0x401100,
	MIDDLE = 0x401200,
	LEAF = 0x401300, /* in assembly, without a frame */
	SYSTEMSTACK = 0x401400,
	ASMCGOCALL = 0x401500,
	CROSSCALL2 = 0x401600,
	DUFFZERO = 0x401700,
	C = 0x401800, /* no Go code */
	SCHEDULE = 0x401900,
	MCALL = 0x401a00,
	SYSTEMSTACK_SWITCH = 0x401b00, /* where a goroutine was that systemstack has left */

	/* Return addresses. */
	TO_GOEXIT = GOEXIT + 1,
	TO_MAIN = MAIN + 0x25,	   /* from middle, and there is a call of leaf as well */
	TO_MIDDLE = MIDDLE + 0x25, /* from leaf */
	TO_SYSTEMSTACK = SYSTEMSTACK + 0x20,
	TO_ASMCGOCALL = ASMCGOCALL + 0x20, /* from C, on the system stack */
	TO_KEPT = ASMCGOCALL + 0x40,	   /* from C, on the stack it was called on */
	TO_CROSSCALL2 = CROSSCALL2 + 0x20,
	TO_C = C + 0x25,
	TO_SCHEDULE = SCHEDULE + 0x25,
	TO_MCALL = MCALL + 0x25,

	FRAME = 0x20, /* of main and middle, with the saved frame pointer */
	STACK = 0x7000,
	PID = 5,
};

#define LINES                                                                                      \
	{                                                                                          \
		{                                                                                  \
			0x80, 7                                                                    \
		}                                                                                  \
	}
#define FRAMED                                                                                     \
	{                                                                                          \
		{1, 0}, {8, 8}, {0x60, FRAME}, {0x61, 8},                                          \
		{                                                                                  \
			0x80, 0                                                                    \
		}                                                                                  \
	}

static const struct gofile_function stack_functions[] = {
	{GOEXIT - GOFILE_TEXT, 0, 1, "runtime.goexit", {{0x80, 0}}, LINES},
	{MAIN - GOFILE_TEXT, 0, 0, "main.main", FRAMED, LINES},
	{MIDDLE - GOFILE_TEXT, 0, 0, "main.middle", FRAMED, LINES},
	{LEAF - GOFILE_TEXT, 0, 4, "main.leaf", {{0x80, 0}}, LINES},
	{SYSTEMSTACK - GOFILE_TEXT, 0, 6, "runtime.systemstack", {{1, 0}, {0x80, 8}}, LINES},
	{ASMCGOCALL - GOFILE_TEXT, 0, 6, "runtime.asmcgocall", {{1, 0}, {0x80, 8}}, LINES},
	{CROSSCALL2 - GOFILE_TEXT, 0, 4, "crosscall2", {{1, 0}, {0x80, 0x48}}, LINES},
	{DUFFZERO - GOFILE_TEXT, 0, 4, "runtime.duffzero", {{0x80, 0}}, LINES},
	{C - GOFILE_TEXT, 0, 0, "", {{0}}, {{0}}},
	{SCHEDULE - GOFILE_TEXT, 0, 0, "runtime.schedule", FRAMED, LINES},
	{MCALL - GOFILE_TEXT, 0, 6, "runtime.mcall", {{0x80, 0}}, LINES},
	{SYSTEMSTACK_SWITCH - GOFILE_TEXT, 0, 0, "runtime.systemstack_switch", {{0x80, 0}}, LINES},
};

struct stack_code {
	uint32_t at;
	uint8_t size, bytes[12];
};

#define PROLOGUE                                                                                   \
	{                                                                                          \
		0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x18                                     \
	}

static const struct stack_code stack_codes[] = {
	{MAIN, 8, PROLOGUE},
	{MAIN + 0x20, 5, {0xe8, 0xdb, 0x00, 0x00, 0x00}}, /* CALL middle */
	{MAIN + 0x30, 5, {0xe8, 0xcb, 0x01, 0x00, 0x00}}, /* CALL leaf */
	/* MOVQ BP, -16(SP); LEAQ -16(SP), BP; CALL duffzero; MOVQ 0(BP), BP */
	{MAIN + 0x40, 10, {0x48, 0x89, 0x6c, 0x24, 0xf0, 0x48, 0x8d, 0x6c, 0x24, 0xf0}},
	{MAIN + 0x4a, 9, {0xe8, 0xb1, 0x05, 0x00, 0x00, 0x48, 0x8b, 0x6d, 0x00}},
	{MAIN + 0x60, 2, {0x5d, 0xc3}},	      /* POPQ BP; RET */
	{MAIN + 0x6b, 5, {0xe8, 0, 0, 0, 0}}, /* CALL morestack, without a frame */
	{MIDDLE, 8, PROLOGUE},
	{MIDDLE + 0x20, 5, {0xe8, 0xdb, 0x00, 0x00, 0x00}}, /* CALL leaf */
	{SYSTEMSTACK, 4, {0x55, 0x48, 0x89, 0xe5}},
	{SYSTEMSTACK + 0x1e, 2, {0xff, 0xd7}}, /* CALL DI */
	{ASMCGOCALL, 4, {0x55, 0x48, 0x89, 0xe5}},
	{ASMCGOCALL + 0x1e, 2, {0xff, 0xd0}}, /* CALL AX */
	{ASMCGOCALL + 0x3e, 9, {0xff, 0xd0, 0x48, 0x8b, 0x34, 0x24, 0x48, 0x89, 0xf4}},
	{CROSSCALL2, 4, {0x55, 0x48, 0x89, 0xe5}},
	{CROSSCALL2 + 0x1b, 5, {0xe8, 0x00, 0x00, 0x00, 0x00}},
	{C + 0x20, 5, {0xe8, 0x00, 0x00, 0x00, 0x00}},
};

static inline void write_stack_program(char *path, uint16_t machine)
{
	struct gofile_bytes bytes = gofile_make(
		&(struct gofile){.release = 26,
				 .functions = stack_functions,
				 .count = sizeof(stack_functions) / sizeof(*stack_functions)});
	for (size_t i = 0; i < sizeof(stack_codes) / sizeof(*stack_codes); i++)
		memcpy(bytes.data + 0x1000 + stack_codes[i].at - GOFILE_TEXT, stack_codes[i].bytes,
		       stack_codes[i].size);
	gofile_set(&bytes, 18, machine, 2);
	gofile_write(&bytes, path);
	free(bytes.data);
}

enum { BP_BIT = 1 << 6, SP_BIT = 1 << 7, PC_BIT = 1 << 8, LR_BIT = 1 << 30 /* arm64's */ };

/* What a sample has; zero is nothing of it. */
struct shot {
	uint64_t ip; /* 0: as the first of the chain */
	size_t nr_chain;
	uint64_t chain[600];
	uint64_t abi, bp, sp, lr; /* ABI 0: those of 64 bits */
	uint64_t dump_size;
	uint64_t dump[16];
	uint64_t real_size; /* of the dump, as said; 0: its size */
	size_t nr_branches;
	uint64_t branches[4][3];
	const struct go_payload *payload;
	uint64_t words[2];
	struct go_payload_sched sched; /* of the goroutine, and its stack from there on */
	size_t nr_piece;
	uint64_t piece[16];
};

struct stack_recording {
	struct recording r;
	struct perfdata_attr attr;
	struct attribution *attribution;
	const char *arch;
	char path[16];
};

static inline void begin_stacks(struct stack_recording *s, uint64_t more, uint64_t registers)
{
	bool arm64 = registers & LR_BIT;
	*s = (struct stack_recording){.path = "/tmp/pgXXXXXX",
				      .arch = arm64 ? "aarch64" : "x86_64"};
	s->attr = plain_attr;
	s->attr.sample_type |= more;
	s->attr.sample_regs_user = registers;
	s->attr.sample_stack_user = more & PERF_SAMPLE_STACK_USER ? 128 : 0;
	if (more & PERF_SAMPLE_BRANCH_STACK)
		s->attr.branch_sample_type = PERF_SAMPLE_BRANCH_CALL_STACK;
	write_stack_program(s->path, arm64 ? EM_AARCH64 : EM_X86_64);
	begin(&s->r, &s->attr);
	map_file(&s->r, PID, GOFILE_TEXT, 0x1000, s->path);
}

static inline void put_payload(struct file *f, const struct shot *shot)
{
	struct go_payload payload = *shot->payload;
	size_t sched = shot->nr_piece ? sizeof(shot->sched) : 0;
	payload.flags |= shot->words[0] ? GO_PAYLOAD_STACK_TOP : 0;
	payload.flags |= shot->words[1] ? GO_PAYLOAD_STACK_SECOND : 0;
	payload.flags |= sched ? GO_PAYLOAD_SCHED : 0;
	payload.stack_size = (uint16_t)(8 * shot->nr_piece);
	put32(f, (uint32_t)(sizeof(payload) + go_payload_words_size(&payload) + sched +
			    payload.stack_size + 4));
	put(f, &payload, sizeof(payload));
	for (size_t i = 0; i < 2; i++)
		if (shot->words[i])
			put64(f, shot->words[i]);
	put(f, &shot->sched, sched);
	put(f, shot->piece, payload.stack_size);
	put32(f, 0);
}

static inline void put_registers(struct file *f, const struct shot *shot, uint64_t mask)
{
	put64(f, shot->abi ? shot->abi : PERF_SAMPLE_REGS_ABI_64);
	if (mask & BP_BIT)
		put64(f, shot->bp);
	if (mask & SP_BIT)
		put64(f, shot->sp);
	if (mask & PC_BIT)
		put64(f, shot->ip ? shot->ip : shot->chain[0]);
	if (mask & LR_BIT)
		put64(f, shot->lr);
}

static inline void put_dump(struct file *f, const struct shot *shot)
{
	put64(f, shot->dump_size);
	if (!shot->dump_size)
		return;
	put(f, shot->dump, shot->dump_size);
	put64(f, shot->real_size ? shot->real_size : shot->dump_size);
}

static inline void take(struct stack_recording *s, const struct shot *shot)
{
	struct file *f = &s->r.file;
	uint64_t type = s->attr.sample_type;
	begin_record(f, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(f, shot->ip ? shot->ip : shot->chain[0]);
	put32(f, PID);
	put32(f, PID);
	put64(f, ++s->r.time);
	put64(f, shot->nr_chain ? shot->nr_chain + 1 : 0);
	if (shot->nr_chain)
		put64(f, PERF_CONTEXT_USER);
	put(f, shot->chain, 8 * shot->nr_chain);
	if (type & PERF_SAMPLE_RAW)
		put_payload(f, shot);
	if (type & PERF_SAMPLE_BRANCH_STACK) {
		put64(f, shot->nr_branches);
		put(f, shot->branches, 24 * shot->nr_branches);
	}
	if (type & PERF_SAMPLE_REGS_USER)
		put_registers(f, shot, s->attr.sample_regs_user);
	if (type & PERF_SAMPLE_STACK_USER)
		put_dump(f, shot);
	end_record(f);
}

/* Reads what was taken, with payloads as of perf go record. */
static inline void read_stacks(struct stack_recording *s)
{
	char path[] = "/tmp/perfgo-test-XXXXXX";
	struct file *f = &s->r.file;
	bool go = s->attr.sample_type & PERF_SAMPLE_RAW;
	struct go_section_writer *writer = begin_section();
	size_t size;
	const void *section = go_section_bytes(writer, &size);
	end_data(f);
	size_t table = begin_features(f, (const unsigned int[]){HEADER_ARCH, HEADER_GO}, 1 + go);
	size_t start = f->size;
	put_feature_text(f, s->arch);
	end_feature(f, table, 0, start);
	start = f->size;
	if (go) {
		put(f, section, size);
		end_feature(f, table, 1, start);
	}
	go_section_writer_free(writer);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, f->bytes, f->size), f->size);
	close(fd);
	assert_null(session_open(path, NULL, &s->r.session));
	unlink(path);
	assert_null(
		attribution_new(s->r.session, &(struct attribution_options){0}, &s->attribution));
	assert_null(session_read(s->r.session, &s->r.batch));
	unlink(s->path);
}

static inline void end_stacks(struct stack_recording *s)
{
	attribution_free(s->attribution);
	end(&s->r);
}

static inline const struct stack *stack_of(const struct stack_recording *s, size_t i)
{
	assert_true(i < s->r.batch.count);
	return session_stack(s->r.session, s->r.batch.stacks[i]);
}

static inline const struct address *address_of(const struct stack_recording *s, size_t i, size_t at)
{
	return session_address(s->r.session, stack_of(s, i)->addresses[at]);
}

/* The I-th sample's stack has just these addresses, a 0 behind the last. */
static inline void assert_addresses(const struct stack_recording *s, size_t i,
				    const uint64_t *addresses)
{
	const struct stack *stack = stack_of(s, i);
	size_t count = 0;
	for (; addresses[count]; count++) {
		assert_true(count < stack->count);
		assert_int_equal(address_of(s, i, count)->ip, addresses[count]);
	}
	assert_int_equal(stack->count, count);
}

#define assert_stack(s, i, ...) assert_addresses(s, i, (const uint64_t[]){__VA_ARGS__, 0})

static inline uint64_t ended(const struct stack_recording *s, enum unwind_end end)
{
	return attribution_stack_ends(s->attribution)[end];
}

#endif
