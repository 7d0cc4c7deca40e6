// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/core_notes.h"

#include <elf.h>
#include <stdlib.h>

#include "base/array.h"

enum { WORD = 8, NOTE_ALIGNMENT = 4 };

/* struct elf_prstatus and elf_prpsinfo of 64-bit machines. */
enum {
	PRSTATUS_PID = 32,
	PRSTATUS_REGISTERS = 112,
	PRPSINFO_PID = 24,
	PRPSINFO_FNAME = 40,
	FNAME_SIZE = 16,
};

/* Where registers are among those of a thread: struct user_regs_struct, struct user_pt_regs. */
static const struct registers {
	uint16_t machine;
	uint8_t pc, sp, bp;
	int8_t lr; /* -1: the machine has none */
} machines[] = {
	{EM_X86_64, 16, 19, 4, -1},
	{EM_AARCH64, 32, 31, 29, 30},
};

struct reading {
	const struct registers *registers;
	struct memory *memory;
	struct core_notes *notes;
};

static const struct registers *registers_of(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == machine)
			return &machines[i];
	return NULL;
}

static uint64_t word_at(struct cursor c, uint64_t offset)
{
	cursor_skip(&c, offset);
	return cursor_u64(&c);
}

static bool read_thread(struct reading *reading, struct cursor c)
{
	struct memory_thread thread = {0};
	const struct registers *registers = reading->registers;
	struct cursor pid = c;
	cursor_skip(&pid, PRSTATUS_PID);
	thread.tid = cursor_u32(&pid);
	if (pid.failed)
		return true;
	if (registers) {
		cursor_skip(&c, PRSTATUS_REGISTERS);
		thread.pc = word_at(c, (uint64_t)registers->pc * WORD);
		thread.sp = word_at(c, (uint64_t)registers->sp * WORD);
		thread.bp = word_at(c, (uint64_t)registers->bp * WORD);
		if (registers->lr >= 0)
			thread.lr = word_at(c, (uint64_t)registers->lr * WORD);
	}
	return memory_add_thread(reading->memory, &thread);
}

static bool read_process(struct reading *reading, struct cursor c)
{
	struct memory *memory = reading->memory;
	char comm[FNAME_SIZE + 1] = "";
	struct cursor pid = c;
	cursor_skip(&pid, PRPSINFO_PID);
	memory->pid = cursor_u32(&pid);
	cursor_skip(&c, PRPSINFO_FNAME);
	const void *name = cursor_bytes(&c, FNAME_SIZE);
	if (name)
		memcpy(comm, name, FNAME_SIZE);
	memory->comm = arena_string(&memory->arena, comm);
	return memory->comm;
}

static bool read_auxv(struct reading *reading, struct cursor c)
{
	while (cursor_left(&c) >= 2 * WORD) {
		uint64_t type = cursor_u64(&c), value = cursor_u64(&c);
		if (type == AT_PHDR)
			reading->notes->program_headers = value;
	}
	return true;
}

/* Count and page size, then start, end and offset in pages of each, then all paths. */
static bool read_files(struct reading *reading, struct cursor c)
{
	enum { ENTRY = 3 * WORD };
	struct core_notes *notes = reading->notes;
	uint64_t count = cursor_u64(&c), page = cursor_u64(&c);
	if (c.failed || count > cursor_left(&c) / ENTRY)
		return true;
	struct cursor paths = c;
	cursor_skip(&paths, count * ENTRY);
	for (uint64_t i = 0; i < count; i++) {
		struct core_file file = {.start = cursor_u64(&c), .end = cursor_u64(&c)};
		file.offset = cursor_u64(&c) * page;
		const char *path = cursor_string(&paths);
		if (!path)
			return true;
		file.path = arena_string(&reading->memory->arena, path);
		if (!file.path ||
		    !array_reserve(notes->files, notes->files_capacity, notes->nr_files + 1))
			return false;
		notes->files[notes->nr_files++] = file;
	}
	return true;
}

static const struct {
	uint32_t type;
	bool (*read)(struct reading *reading, struct cursor c);
} kinds[] = {
	{NT_PRSTATUS, read_thread},
	{NT_PRPSINFO, read_process},
	{NT_AUXV, read_auxv},
	{NT_FILE, read_files},
};

static void skip_padded(struct cursor *c, uint32_t size)
{
	cursor_skip(c, ((uint64_t)size + NOTE_ALIGNMENT - 1) & -(uint64_t)NOTE_ALIGNMENT);
}

bool core_notes_read(struct cursor segment, uint16_t machine, struct memory *memory,
		     struct core_notes *ret)
{
	struct reading reading = {registers_of(machine), memory, ret};
	while (cursor_left(&segment)) {
		uint32_t name = cursor_u32(&segment), size = cursor_u32(&segment);
		uint32_t type = cursor_u32(&segment);
		skip_padded(&segment, name);
		struct cursor description = segment;
		skip_padded(&segment, size);
		if (size > cursor_left(&description))
			return true;
		description.end = description.at + size;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (kinds[i].type == type && !kinds[i].read(&reading, description))
				return false;
	}
	return true;
}
