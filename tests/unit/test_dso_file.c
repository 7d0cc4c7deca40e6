// SPDX-License-Identifier: GPL-2.0-only
/* Finding the file that ran, and refusing another. The file is this very program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/dso_file.h"

struct fixture {
	char program[PATH_MAX];
	char directory[32];
	uint8_t build_id[20];
	size_t size;
	struct dso_file file;
	struct attribution_options options;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct image *image;
	size_t size;
	f = (struct fixture){.directory = "/tmp/perfgo-test-XXXXXX"};
	assert_non_null(mkdtemp(f.directory));
	assert_true(readlink("/proc/self/exe", f.program, sizeof(f.program) - 1) > 0);
	assert_null(image_open(f.program, &image));
	const uint8_t *id = image_build_id(image, &size);
	if (id) {
		f.size = size > 20 ? 20 : size;
		memcpy(f.build_id, id, f.size);
	}
	image_close(image);
	f.file = (struct dso_file){.name = f.program,
				   .kind = DSO_FILE,
				   .pid = (uint32_t)getpid(),
				   .build_id = f.build_id,
				   .build_id_size = f.size};
	f.options = (struct attribution_options){.buildid_dir = f.directory};
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	const struct fixture *f = *state;
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s", f->directory);
	return system(command);
}

static struct binary *open_file(const struct fixture *f, struct perfgo_error **error_ret)
{
	struct binary *binary;
	*error_ret = dso_file_open(&f->file, &f->options, "x.data", &binary);
	return binary;
}

static void opens(const struct fixture *f)
{
	struct perfgo_error *error;
	struct binary *binary = open_file(f, &error);
	assert_null(error);
	assert_non_null(binary);
	binary_close(binary);
}

static void refuses(const struct fixture *f, const char *why)
{
	struct perfgo_error *error;
	assert_null(open_file(f, &error));
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), "is not the file that ran"));
	assert_non_null(strstr(perfgo_error_text(error), why));
	assert_non_null(strstr(perfgo_error_hint_text(error), "--symfs"));
	perfgo_error_destroy(error);
}

static void the_same_build_id_is_the_file_that_ran(void **state)
{
	opens(*state);
}

static void another_build_id_is_refused(void **state)
{
	struct fixture *f = *state;
	f->build_id[0] ^= 1;
	refuses(f, "build id");
}

static void build_ids_are_padded_in_recordings(void **state)
{
	struct fixture *f = *state;
	f->file.build_id_size = 20;
	opens(f);
}

static void equal_build_ids_of_another_machine_are_not_enough(void **state)
{
	struct fixture *f = *state;
	f->file.arch = "s390x";
	refuses(f, "another machine");
}

static void without_a_build_id_the_mapping_has_to_fit(void **state)
{
	struct fixture *f = *state;
	struct image *image;
	size_t count, code = 0;
	assert_null(image_open(f->program, &image));
	const struct image_segment *segments = image_segments(image, &count);
	while (!segments[code].executable)
		code++;
	f->file.build_id = NULL;
	f->file.recorded_here = true;
	f->file.map_pgoff = segments[code].offset & ~UINT64_C(4095);
	f->file.map_length =
		(segments[code].offset + segments[code].file_size + 4095 - f->file.map_pgoff) &
		~UINT64_C(4095);
	image_close(image);
	opens(f);
	f->file.map_length += 1 << 20;
	refuses(f, "another size");
	f->file.map_length -= (1 << 20) + 4096;
	if (f->file.map_length)
		refuses(f, "another size");
}

static void without_a_build_id_a_file_that_came_later_is_refused(void **state)
{
	struct fixture *f = *state;
	struct stat status;
	struct timespec times[2] = {{0}};
	char recording[PATH_MAX];
	struct perfgo_error *error;
	struct binary *binary;
	snprintf(recording, sizeof(recording), "%s/perf.data", f->directory);
	assert_int_equal(mknod(recording, S_IFREG | 0600, 0), 0);
	f->file.build_id = NULL;
	f->file.recorded_here = true;
	f->file.pid = 0; /* no running process that proves it to be the same */
	assert_null(dso_file_open(&f->file, &f->options, recording, &binary));
	binary_close(binary);
	assert_int_equal(stat(f->program, &status), 0);
	times[1] = status.st_mtim;
	times[1].tv_sec--;
	assert_int_equal(utimensat(AT_FDCWD, recording, times, 0), 0);
	error = dso_file_open(&f->file, &f->options, recording, &binary);
	assert_null(binary);
	assert_non_null(strstr(perfgo_error_text(error), "it is newer"));
	perfgo_error_destroy(error);
	/* Elsewhere it may only have been copied later. */
	f->file.recorded_here = false;
	assert_null(dso_file_open(&f->file, &f->options, recording, &binary));
	assert_non_null(binary);
	binary_close(binary);
	f->file.recorded_here = true;
	/* A directory of that name never ran. */
	f->file.name = f->directory;
	assert_null(dso_file_open(&f->file, &f->options, recording, &binary));
	assert_null(binary);
	f->file.name = f->program;
	/* Unless the user says that it is the one. */
	f->options.symfs = "/";
	assert_null(dso_file_open(&f->file, &f->options, recording, &binary));
	assert_non_null(binary);
	binary_close(binary);
}

static void a_missing_file_is_no_error(void **state)
{
	struct fixture *f = *state;
	struct perfgo_error *error;
	f->file.name = "/nowhere/at/all";
	assert_null(open_file(f, &error));
	assert_null(error);
}

static void symfs_is_where_all_paths_begin(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	struct perfgo_error *error;
	f->options.symfs = f->directory;
	assert_null(open_file(f, &error));
	assert_null(error);
	snprintf(path, sizeof(path), "%s/program", f->directory);
	assert_int_equal(symlink(f->program, path), 0);
	f->file.name = "/program";
	opens(f);
}

static void the_cache_is_asked_first(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/.build-id", f->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	length += snprintf(path + length, sizeof(path) - (size_t)length, "/%02x", f->build_id[0]);
	assert_int_equal(mkdir(path, 0700), 0);
	length += snprintf(path + length, sizeof(path) - (size_t)length, "/");
	for (size_t i = 1; i < f->size; i++)
		length += snprintf(path + length, sizeof(path) - (size_t)length, "%02x",
				   f->build_id[i]);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path + length, sizeof(path) - (size_t)length, "/elf");
	assert_int_equal(symlink(f->program, path), 0);
	f->file.name = "/nowhere/at/all";
	opens(f);
	/* But a wrong file there does not stand for the right one. */
	unlink(path);
	assert_int_equal(symlink("/bin/sh", path), 0);
	struct perfgo_error *error;
	assert_null(open_file(f, &error));
	assert_null(error);
}

static void the_running_kernels_vdso_is_known_by_its_id(void **state)
{
	struct fixture *f = *state;
	struct perfgo_error *error;
	f->file.name = "[vdso]";
	f->file.kind = DSO_VDSO;
	assert_null(open_file(f, &error)); /* the id of this program is not that of the vdso */
	assert_null(error);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_same_build_id_is_the_file_that_ran),
		test(another_build_id_is_refused),
		test(build_ids_are_padded_in_recordings),
		test(equal_build_ids_of_another_machine_are_not_enough),
		test(without_a_build_id_the_mapping_has_to_fit),
		test(without_a_build_id_a_file_that_came_later_is_refused),
		test(a_missing_file_is_no_error),
		test(symfs_is_where_all_paths_begin),
		test(the_cache_is_asked_first),
		test(the_running_kernels_vdso_is_known_by_its_id),
	};
	return cmocka_run_group_tests_name("dso_file", tests, NULL, NULL);
}
