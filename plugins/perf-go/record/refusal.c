// SPDX-License-Identifier: GPL-2.0-only
#include "record/refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANY_ERROR = 0 };

/* The first that fits counts. */
static const struct {
	unsigned int obstacle; /* 0: whatever there is */
	int errnum;
	const char *hint;
} reasons[] = {
	{OBSTACLE_NO_BTF, ANY_ERROR, "it has no BTF: /sys/kernel/btf/vmlinux"},
	{OBSTACLE_LOCKED_DOWN, EPERM, "it is locked down: /sys/kernel/security/lockdown"},
	{OBSTACLE_NO_RIGHTS, EPERM, "it takes CAP_BPF and CAP_PERFMON"},
	{0, EPERM, "a container or a security module may forbid the system call bpf"},
	{0, ENOSYS, "it is built without the system call bpf"},
	{0, EINVAL, "it takes Linux 5.11 or later"},
};

struct perfgo_error *refusal_of_bpf(int errnum, unsigned int obstacles)
{
	struct perfgo_error *error = perfgo_error_errno(errnum, "the kernel refuses BPF");
	int kind = errnum == EACCES ? EPERM : errnum;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (reasons[i].obstacle && !(reasons[i].obstacle & obstacles))
			continue;
		if (reasons[i].errnum == ANY_ERROR || reasons[i].errnum == kind)
			return perfgo_error_hint(error, "%s", reasons[i].hint);
	}
	return error;
}

/* The line of a file that begins with a text, or "". */
static void find_line(const char *path, const char *beginning, char line[256])
{
	bool found = false;
	FILE *file = fopen(path, "re");
	while (file && !found && fgets(line, 256, file))
		found = !strncmp(line, beginning, strlen(beginning));
	if (!found)
		*line = 0;
	if (file)
		fclose(file);
}

/* CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, which has both (linux/capability.h). */
static bool has_rights(void)
{
	const uint64_t admin = 1ull << 21, both = 3ull << 38;
	static const char name[] = "CapEff:";
	char line[256];
	uint64_t rights;
	find_line("/proc/self/status", name, line);
	return sscanf(line + (*line ? strlen(name) : 0), "%" SCNx64, &rights) == 1 &&
	       (rights & admin || (rights & both) == both);
}

unsigned int obstacles_here(void)
{
	char line[256];
	unsigned int obstacles = 0;
	find_line("/sys/kernel/security/lockdown", "", line);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		obstacles |= OBSTACLE_NO_BTF;
	if (strstr(line, "[confidentiality]"))
		obstacles |= OBSTACLE_LOCKED_DOWN;
	if (!has_rights())
		obstacles |= OBSTACLE_NO_RIGHTS;
	return obstacles;
}
