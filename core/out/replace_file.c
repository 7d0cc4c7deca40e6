// SPDX-License-Identifier: GPL-2.0-only
#include "out/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/write_all.h"

static struct perfgo_error *write_into(const char *path, const void *bytes, size_t size)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || !write_all(fd, bytes, size))
		return perfgo_error_errno(errno, "cannot write %s", path);
	return NULL;
}

/* The permissions a new file gets. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* Leaves no file when it fails; errno then says why. */
static bool write_and_rename(const char *path, char *temporary, const void *bytes, size_t size)
{
	_cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	if (write_all(fd, bytes, size) && !fchmod(fd, new_mode()) && !rename(temporary, path))
		return true;
	int errnum = errno;
	unlink(temporary);
	errno = errnum;
	return false;
}

struct perfgo_error *replace_file(const char *path, const void *bytes, size_t size)
{
	struct stat status;
	sigset_t all, before;
	_cleanup_free_ char *temporary = NULL;
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return write_into(path, bytes, size);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return perfgo_error_no_memory();
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	bool done = write_and_rename(path, temporary, bytes, size);
	int errnum = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return done ? NULL : perfgo_error_errno(errnum, "cannot write %s", path);
}
