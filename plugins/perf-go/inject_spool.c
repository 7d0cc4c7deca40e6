// SPDX-License-Identifier: GPL-2.0-only
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/write_all.h"

/* An open file that nobody else finds, in *RET. */
static struct perfgo_error *nameless_file(const char *beside, int *ret)
{
	_cleanup_free_ char *name = NULL;
	if (asprintf(&name, "%s.input.XXXXXX", beside) < 0) {
		name = NULL;
		return perfgo_error_no_memory();
	}
	*ret = mkostemp(name, O_CLOEXEC);
	if (*ret < 0)
		return perfgo_error_errno(errno, "cannot write beside %s", beside);
	unlink(name);
	return NULL;
}

static struct perfgo_error *copy(int from, int to, const char *beside)
{
	enum { SIZE = 1 << 18 };
	_cleanup_free_ char *buffer = malloc(SIZE);
	if (!buffer)
		return perfgo_error_no_memory();
	for (;;) {
		ssize_t count = read(from, buffer, SIZE);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return perfgo_error_errno(errno, "standard input");
		if (!write_all(to, buffer, (size_t)count))
			return perfgo_error_errno(errno, "cannot write beside %s", beside);
		if (!count)
			return NULL;
	}
}

struct perfgo_error *inject_spool(const char **input, const char *output)
{
	_cleanup_close_ int from = -1, to = -1;
	struct stat status;
	bool standard = !strcmp(*input, "-");
	if (standard ? fstat(STDIN_FILENO, &status) : stat(*input, &status))
		return NULL; /* said when it is opened */
	if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
		return NULL;
	from = standard ? dup(STDIN_FILENO) : open(*input, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return perfgo_error_errno(errno, "%s: cannot be opened", *input);
	struct perfgo_error *error = nameless_file(output, &to);
	if (!error)
		error = copy(from, to, output);
	if (!error && dup2(to, STDIN_FILENO) < 0)
		error = perfgo_error_errno(errno, "standard input");
	*input = "-";
	return error;
}
