// SPDX-License-Identifier: GPL-2.0-only
#include "out/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/new_file.h"
#include "base/write_all.h"

static struct perfgo_error *write_into(const char *path, const void *bytes, size_t size)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || !write_all(fd, bytes, size))
		return perfgo_error_errno(errno, "cannot write %s", path);
	return NULL;
}

/* Leaves no file when it fails. */
static struct perfgo_error *write_new(const char *path, const void *bytes, size_t size)
{
	struct new_file file;
	struct perfgo_error *error = new_file_begin(path, false, &file);
	if (!error && !write_all(file.fd, bytes, size))
		error = perfgo_error_errno(errno, "cannot write %s", path);
	if (!error)
		error = new_file_finish(&file, path);
	new_file_discard(&file);
	return error;
}

struct perfgo_error *replace_file(const char *path, const void *bytes, size_t size)
{
	struct stat status;
	sigset_t all, before;
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return write_into(path, bytes, size);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	struct perfgo_error *error = write_new(path, bytes, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}
