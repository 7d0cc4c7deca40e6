/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs and libraries that are no Go, so that each is looked into once, not for each process. */
#ifndef RECORD_NO_GO_FILES_H
#define RECORD_NO_GO_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/stat.h>

#include "base/idmap.h"
#include "goproc/memory.h"

struct no_go_file {
	dev_t device;
	ino_t inode;
	struct timespec modified;
};

/* Zero-initialised has none. */
struct no_go_files {
	struct no_go_file *list;
	size_t count, capacity;
	struct idmap index;
};

void no_go_files_deinit(struct no_go_files *files);
bool no_go_files_has(const struct no_go_files *files, const struct stat *file);
void no_go_files_add(struct no_go_files *files, const struct stat *file);

/* Whether all code that MEMORY has from files is of such ones; and: it is. */
bool no_go_files_have(const struct no_go_files *files, const struct memory *memory);
void no_go_files_learn(struct no_go_files *files, const struct memory *memory);

#endif
