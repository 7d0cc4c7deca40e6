/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that have their name once they are whole: until then they are beside it under another. */
#ifndef BASE_NEW_FILE_H
#define BASE_NEW_FILE_H

#include <stdbool.h>

#include "base/error.h"

struct new_file {
	int fd;		 /* -1: closed */
	char *temporary; /* where it is; NULL: nowhere */
};

/* The caller calls new_file_discard(), whatever happens. IS_PRIVATE: only its owner may read it, as
 * recordings; else who may is by the umask. */
struct perfgo_error *new_file_begin(const char *path, bool is_private, struct new_file *ret);

/* Closes the file and gives it its name, in place of an older file. */
struct perfgo_error *new_file_finish(struct new_file *file, const char *path);

/* Leaves nothing of a file that is not finished. */
void new_file_discard(struct new_file *file);

#endif
