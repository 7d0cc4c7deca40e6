// SPDX-License-Identifier: GPL-2.0-only
/*
 * open BINARY: opens a Go binary and names one address in the middle of its text. Prints
 * `SECONDS NAME`.
 */
#include <stdio.h>
#include <time.h>

#include "attribute/binary.h"
#include "base/error.h"

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static int first_name(struct binary *binary, double start)
{
	const struct gobin *go = binary_go(binary);
	static struct binary_location location;

	if (!go) {
		fprintf(stderr, "open: no Go binary\n");
		return 1;
	}
	const struct gobin_info *info = gobin_info(go);
	binary_locate(binary, info->text_start + (info->text_end - info->text_start) / 2 / 16 * 16,
		      BINARY_GO_LINES, &location);
	printf("%.6f %s\n", now() - start, location.symbol ? location.symbol : "?");
	return 0;
}

int main(int argc, char **argv)
{
	struct binary *binary = NULL;
	double start = now();

	if (argc != 2) {
		fprintf(stderr, "usage: open BINARY\n");
		return 2;
	}
	struct perfgo_error *error = binary_open(argv[1], &binary);
	if (error) {
		fprintf(stderr, "open: %s\n", perfgo_error_text(error));
		perfgo_error_destroy(error);
		return 1;
	}
	int status = first_name(binary, start);
	binary_close(binary);
	return status;
}
