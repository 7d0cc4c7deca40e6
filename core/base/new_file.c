// SPDX-License-Identifier: GPL-2.0-only
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The permissions a new file gets. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

struct perfgo_error *new_file_begin(const char *path, bool is_private, struct new_file *ret)
{
	*ret = (struct new_file){.fd = -1};
	if (asprintf(&ret->temporary, "%s.XXXXXX", path) < 0) {
		ret->temporary = NULL;
		return perfgo_error_no_memory();
	}
	ret->fd = mkostemp(ret->temporary, O_CLOEXEC);
	if (ret->fd >= 0 && (is_private || !fchmod(ret->fd, new_mode())))
		return NULL;
	struct perfgo_error *error = perfgo_error_errno(errno, "cannot write %s", path);
	if (ret->fd < 0) {
		free(ret->temporary);
		ret->temporary = NULL;
	}
	new_file_discard(ret);
	return error;
}

struct perfgo_error *new_file_finish(struct new_file *file, const char *path)
{
	int fd = file->fd;
	file->fd = -1;
	if (close(fd) || rename(file->temporary, path))
		return perfgo_error_errno(errno, "cannot write %s", path);
	free(file->temporary);
	file->temporary = NULL;
	return NULL;
}

void new_file_discard(struct new_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	*file = (struct new_file){.fd = -1};
}
