// SPDX-License-Identifier: GPL-2.0-only
/* Memory of a living process, this one, and of core files made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "goproc/memory.h"
#include "goproc/memory_cache.h"

enum { MANY = 3000 }; /* more pieces than a system call takes */

static struct memory *own_memory(void)
{
	struct memory *memory;
	assert_null(memory_open_process((uint32_t)getpid(), &memory));
	return memory;
}

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void a_living_process_is_read(void **state)
{
	(void)state;
	static const char there[] = "in memory";
	char got[sizeof(there)];
	struct memory *memory = own_memory();
	assert_true(memory_read(memory, address_of(there), got, sizeof(got)));
	assert_string_equal(got, there);
	assert_int_equal(memory_pid(memory), getpid());
	assert_true(memory_is_there(memory));
	memory_close(memory);
}

static void what_is_not_mapped_is_passed_over(void **state)
{
	(void)state;
	static uint64_t values[MANY];
	uint64_t got[MANY];
	struct memory_request requests[MANY];
	struct memory *memory = own_memory();
	for (size_t i = 0; i < MANY; i++) {
		values[i] = i * i;
		/* Some at 8, in the page that is never mapped. */
		requests[i] = (struct memory_request){i % 7 ? address_of(&values[i]) : 8, &got[i],
						      sizeof(*got), false};
	}
	memory_read_many(memory, requests, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(requests[i].done, i % 7 != 0);
		if (i % 7)
			assert_int_equal(got[i], i * i);
	}
	memory_close(memory);
}

static void what_ends_in_what_is_not_mapped_is_not_read(void **state)
{
	(void)state;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char got[16];
	struct memory *memory = own_memory();
	munmap(pages + page, page);
	assert_true(memory_read(memory, address_of(pages + page - 16), got, 16));
	assert_false(memory_read(memory, address_of(pages + page - 8), got, 16));
	memory_close(memory);
	munmap(pages, page);
}

static void the_executable_is_among_the_mappings(void **state)
{
	(void)state;
	size_t count;
	char buffer[4096];
	bool found = false;
	struct memory *memory = own_memory();
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count; i++) {
		assert_true(mappings[i].start < mappings[i].end);
		found |= mappings[i].executable &&
			 !strcmp(mappings[i].path, memory_executable(memory));
	}
	assert_true(found);
	const char *file = memory_file(memory, memory_executable(memory), buffer);
	assert_int_equal(access(file, R_OK), 0);
	memory_close(memory);
}

static void a_process_that_has_ended_is_not_there(void **state)
{
	(void)state;
	int gate[2];
	struct memory *memory;
	uint64_t got;
	assert_int_equal(pipe(gate), 0);
	pid_t child = fork();
	if (!child) {
		close(gate[1]);
		_exit(read(gate[0], &got, 1) != 0);
	}
	assert_null(memory_open_process((uint32_t)child, &memory));
	assert_true(memory_is_there(memory));
	close(gate[1]);
	waitpid(child, NULL, 0);
	assert_false(memory_is_there(memory));
	assert_false(memory_read(memory, address_of(gate), &got, sizeof(got)));
	memory_close(memory);
	close(gate[0]);
}

/* A shell that executes itself again when it is told a line. */
static pid_t start_shell(int *input_ret)
{
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (!pid) {
		dup2(pipes[0], STDIN_FILENO);
		close(pipes[1]);
		execl("/bin/sh", "sh", "-c", "read a; exec /bin/sh -c 'read a; :'", NULL);
		_exit(1);
	}
	close(pipes[0]);
	*input_ret = pipes[1];
	return pid;
}

static struct memory *open_shell(pid_t pid)
{
	struct memory *memory = NULL;
	for (int attempt = 0; attempt < 500 && !memory; attempt++) {
		perfgo_error_destroy(memory_open_process((uint32_t)pid, &memory));
		if (memory && strcmp(memory_comm(memory), "sh") != 0) {
			memory_close(memory);
			memory = NULL;
		}
		usleep(2000);
	}
	assert_non_null(memory);
	return memory;
}

static void the_same_program_executed_again_is_another(void **state)
{
	(void)state;
	int input;
	pid_t pid = start_shell(&input);
	struct memory *first = open_shell(pid), *again = open_shell(pid);
	assert_true(memory_execution(first) != 0);
	if (memory_execution(first) & 1)
		assert_true(memory_execution(again) == memory_execution(first));
	assert_int_equal(write(input, "\n", 1), 1);
	while (memory_is_there(first))
		usleep(2000);
	struct memory *second = open_shell(pid);
	assert_true(memory_execution(second) != memory_execution(first));
	close(input);
	waitpid(pid, NULL, 0);
	memory_close(first);
	memory_close(again);
	memory_close(second);
}

static void no_process_is_an_error(void **state)
{
	(void)state;
	struct memory *memory;
	struct perfgo_error *error = memory_open_process(INT32_MAX, &memory);
	assert_string_equal(perfgo_error_text(error), "there is no process 2147483647");
	perfgo_error_destroy(error);
}

static void a_cache_gives_what_was_until_it_forgets(void **state)
{
	(void)state;
	static uint64_t value = 1;
	uint64_t got;
	struct memory *memory = own_memory();
	struct memory_cache *cache;
	assert_null(memory_cache_new(memory, &cache));
	assert_true(memory_cache_read(cache, address_of(&value), &got, sizeof(got)));
	value = 2;
	assert_true(memory_cache_read(cache, address_of(&value), &got, sizeof(got)));
	assert_int_equal(got, 1);
	memory_cache_forget(cache);
	assert_true(memory_cache_read(cache, address_of(&value), &got, sizeof(got)));
	assert_int_equal(got, 2);
	assert_false(memory_cache_read(cache, 8, &got, sizeof(got)));
	memory_cache_free(cache);
	memory_close(memory);
}

/* A core file with one thread, and pages of which the file has a part. */
struct core {
	Elf64_Ehdr elf;
	Elf64_Phdr headers[3];
	struct {
		Elf64_Nhdr header;
		char name[8];
		char description[336];
	} status;
	struct {
		Elf64_Nhdr header;
		char name[8];
		char description[136];
	} info;
	char memory[64];
};

static void put(char *description, size_t offset, uint64_t value, size_t size)
{
	memcpy(description + offset, &value, size);
}

static struct core make_core(void)
{
	struct core core = {
		.elf = {.e_type = ET_CORE,
			.e_machine = EM_X86_64,
			.e_phoff = offsetof(struct core, headers),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3},
		.headers = {{.p_type = PT_NOTE,
			     .p_offset = offsetof(struct core, status),
			     .p_filesz = sizeof(core.status) + sizeof(core.info)},
			    {.p_type = PT_LOAD,
			     .p_flags = PF_R | PF_W,
			     .p_offset = offsetof(struct core, memory),
			     .p_vaddr = 0x7000,
			     .p_filesz = sizeof(core.memory),
			     .p_memsz = 0x1000},
			    {.p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_vaddr = 0x1000,
			     .p_memsz = 0x1000}},
		.status = {.header = {5, sizeof(core.status.description), NT_PRSTATUS},
			   .name = "CORE"},
		.info = {.header = {5, sizeof(core.info.description), NT_PRPSINFO}, .name = "CORE"},
		.memory = "what was in memory",
	};
	memcpy(core.elf.e_ident, ELFMAG, SELFMAG);
	core.elf.e_ident[EI_CLASS] = ELFCLASS64;
	core.elf.e_ident[EI_DATA] = ELFDATA2LSB;
	put(core.status.description, 32, 4712, 4);
	put(core.status.description, 112 + 16 * 8, 0x1010, 8);
	put(core.status.description, 112 + 19 * 8, 0x7fe0, 8);
	put(core.info.description, 24, 4711, 4);
	strcpy(core.info.description + 40, "api");
	return core;
}

static struct perfgo_error *open_core(const struct core *core, size_t size, struct memory **ret)
{
	char path[] = "/tmp/perfgo-core-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, core, size), size);
	close(fd);
	struct perfgo_error *error = memory_open_core(path, ret);
	unlink(path);
	return error;
}

static void a_core_file_is_read(void **state)
{
	(void)state;
	char got[19];
	size_t count;
	struct core core = make_core();
	struct memory *memory;
	assert_null(open_core(&core, sizeof(core), &memory));
	assert_int_equal(memory_pid(memory), 4711);
	assert_string_equal(memory_comm(memory), "api");
	assert_true(memory_read(memory, 0x7000, got, sizeof(got)));
	assert_string_equal(got, "what was in memory");
	const struct memory_thread *threads = memory_threads(memory, &count);
	assert_int_equal(count, 1);
	assert_int_equal(threads[0].tid, 4712);
	assert_int_equal(threads[0].pc, 0x1010);
	assert_int_equal(threads[0].sp, 0x7fe0);
	memory_close(memory);
}

static void mappings_of_a_core_are_in_order(void **state)
{
	(void)state;
	size_t count;
	struct core core = make_core();
	struct memory *memory;
	assert_null(open_core(&core, sizeof(core), &memory));
	const struct mapping *mappings = memory_mappings(memory, &count);
	assert_int_equal(count, 2);
	assert_int_equal(mappings[0].start, 0x1000);
	assert_true(mappings[0].executable);
	assert_int_equal(mappings[1].end, 0x8000);
	assert_true(mappings[1].writable);
	memory_close(memory);
}

static void what_a_core_leaves_out_is_not_there(void **state)
{
	(void)state;
	char got[8];
	struct core core = make_core();
	struct memory *memory;
	assert_null(open_core(&core, sizeof(core), &memory));
	assert_false(memory_read(memory, 0x1000, got, sizeof(got)));
	assert_false(memory_read(memory, 0x7000 + sizeof(core.memory) - 4, got, sizeof(got)));
	assert_false(memory_read(memory, UINT64_MAX - 3, got, sizeof(got)));
	memory_close(memory);
}

static void a_core_that_was_cut_off_has_the_rest(void **state)
{
	(void)state;
	char got[4];
	struct core core = make_core();
	struct memory *memory;
	assert_null(open_core(&core, sizeof(core) - 60, &memory));
	assert_true(memory_read(memory, 0x7000, got, 4));
	assert_false(memory_read(memory, 0x7001, got, 4));
	memory_close(memory);
}

static void every_shorter_core_is_survived(void **state)
{
	(void)state;
	struct core core = make_core();
	struct memory *memory;
	for (size_t size = 0; size < sizeof(core); size += 3) {
		struct perfgo_error *error = open_core(&core, size, &memory);
		if (!error)
			memory_close(memory);
		perfgo_error_destroy(error);
	}
}

static void what_is_no_core_is_called_so(void **state)
{
	(void)state;
	struct core core = make_core();
	struct memory *memory;
	core.elf.e_type = ET_EXEC;
	struct perfgo_error *error = open_core(&core, sizeof(core), &memory);
	assert_non_null(strstr(perfgo_error_text(error), " is not a core file"));
	perfgo_error_destroy(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_living_process_is_read),
		cmocka_unit_test(what_is_not_mapped_is_passed_over),
		cmocka_unit_test(what_ends_in_what_is_not_mapped_is_not_read),
		cmocka_unit_test(the_executable_is_among_the_mappings),
		cmocka_unit_test(a_process_that_has_ended_is_not_there),
		cmocka_unit_test(the_same_program_executed_again_is_another),
		cmocka_unit_test(no_process_is_an_error),
		cmocka_unit_test(a_cache_gives_what_was_until_it_forgets),
		cmocka_unit_test(a_core_file_is_read),
		cmocka_unit_test(mappings_of_a_core_are_in_order),
		cmocka_unit_test(what_a_core_leaves_out_is_not_there),
		cmocka_unit_test(a_core_that_was_cut_off_has_the_rest),
		cmocka_unit_test(every_shorter_core_is_survived),
		cmocka_unit_test(what_is_no_core_is_called_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
