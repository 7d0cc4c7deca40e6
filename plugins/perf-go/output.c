// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/replace_file.h"
#include "out/writer.h"

bool output_is_stdout(const char *path)
{
	return !strcmp(path, "-");
}

struct perfgo_error *output_check(const char *path, const struct recording *recording)
{
	struct stat status;
	if (!output_is_stdout(path) && !stat(path, &status) &&
	    perfdata_reads(session_data(recording->session), &status))
		return perfgo_error_new("%s: is the recording itself, which stays as it is", path);
	return NULL;
}

struct perfgo_error *output_write(const char *path, const void *bytes, size_t size)
{
	if (!output_is_stdout(path))
		return replace_file(path, bytes, size);
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	writer_bytes(&out, bytes, size);
	return writer_finish(&out);
}
