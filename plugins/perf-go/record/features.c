// SPDX-License-Identifier: GPL-2.0-only
/* As tools/perf/util/header.c, perf 6.12, writes them. */
#include "record/features.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "perfdata/abi.h"

static void put_u32(struct writer *to, uint32_t value)
{
	writer_bytes(to, (const char *)&value, sizeof(value));
}

static void put_u64(struct writer *to, uint64_t value)
{
	writer_bytes(to, (const char *)&value, sizeof(value));
}

/* do_write_string(): padded to 64 bytes. */
static void put_string(struct writer *to, const char *text)
{
	static const char zeros[64];
	size_t length = strlen(text) + 1, padded = (length + 63) & ~(size_t)63;
	put_u32(to, (uint32_t)padded);
	writer_bytes(to, text, length);
	writer_bytes(to, zeros, padded - length);
}

/* Gives the file what has been written, and begins anew. */
static void put_feature(struct file *file, unsigned int feature, struct writer *from)
{
	size_t size;
	const char *bytes = writer_text(from, &size);
	if (!writer_failed(from) && size)
		file_feature(file, feature, bytes, size);
	writer_clear(from);
}

static void write_names(struct file *file, struct writer *to)
{
	struct utsname names;
	if (uname(&names))
		return;
	put_string(to, names.nodename);
	put_feature(file, HEADER_HOSTNAME, to);
	put_string(to, names.release);
	put_feature(file, HEADER_OSRELEASE, to);
	put_string(to, names.machine);
	put_feature(file, HEADER_ARCH, to);
	put_string(to, "perf-go " PERFGO_VERSION);
	put_feature(file, HEADER_VERSION, to);
}

static void write_cpus(struct file *file, struct writer *to)
{
	put_u32(to, (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
	put_u32(to, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
	put_feature(file, HEADER_NRCPUS, to);
}

/* The value of the first "NAME : value" of a file in /proc; NULL when there is none. */
static char *proc_value(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *value = NULL;
	size_t capacity = 0, length = strlen(name);
	while (file && !value && getline(&line, &capacity, file) > 0) {
		char *colon = strchr(line, ':');
		if (!colon || strncmp(line, name, length) != 0)
			continue;
		if (line + length + strspn(line + length, " \t") != colon)
			continue;
		line[strcspn(line, "\n")] = 0;
		value = strdup(colon + 1 + strspn(colon + 1, " \t"));
	}
	if (file)
		fclose(file);
	free(line);
	return value;
}

static void write_cpu(struct file *file, struct writer *to)
{
	static const char cpuinfo[] = "/proc/cpuinfo";
	_cleanup_free_ char *model_name = proc_value(cpuinfo, "model name");
	_cleanup_free_ char *vendor = proc_value(cpuinfo, "vendor_id");
	_cleanup_free_ char *family = proc_value(cpuinfo, "cpu family");
	_cleanup_free_ char *model = proc_value(cpuinfo, "model");
	_cleanup_free_ char *stepping = proc_value(cpuinfo, "stepping");
	if (model_name) {
		put_string(to, model_name);
		put_feature(file, HEADER_CPUDESC, to);
	}
	if (vendor && family && model && stepping) {
		char id[256];
		snprintf(id, sizeof(id), "%s,%s,%s,%s", vendor, family, model, stepping);
		put_string(to, id);
		put_feature(file, HEADER_CPUID, to);
	}
}

static void write_memory(struct file *file, struct writer *to)
{
	_cleanup_free_ char *total = proc_value("/proc/meminfo", "MemTotal");
	if (total)
		put_u64(to, strtoull(total, NULL, 10));
	put_feature(file, HEADER_TOTAL_MEM, to);
}

/* The first word is the path of the program. */
static void write_command_line(struct file *file, struct writer *to,
			       const struct features *features)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = 0;
	put_u32(to, (uint32_t)features->nr_words + 1);
	put_string(to, path);
	for (size_t i = 0; i < features->nr_words; i++)
		put_string(to, features->command_line[i]);
	put_feature(file, HEADER_CMDLINE, to);
}

/* The types of dynamic PMUs, by which their events get names. */
static void write_pmus(struct file *file, struct writer *to)
{
	static const char devices[] = "/sys/bus/event_source/devices";
	uint32_t count = 0;
	struct writer list = writer_of_memory();
	DIR *directory = opendir(devices);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		char path[512];
		unsigned int type;
		snprintf(path, sizeof(path), "%s/%s/type", devices, entry->d_name);
		FILE *device = *entry->d_name == '.' ? NULL : fopen(path, "re");
		if (!device)
			continue;
		if (fscanf(device, "%u", &type) == 1) {
			put_u32(&list, type);
			put_string(&list, entry->d_name);
			count++;
		}
		fclose(device);
	}
	if (directory)
		closedir(directory);
	size_t size;
	const char *bytes = writer_text(&list, &size);
	put_u32(to, count);
	writer_bytes(to, bytes, size);
	put_feature(file, HEADER_PMU_MAPPINGS, to);
	perfgo_error_destroy(writer_finish(&list));
}

static uint64_t nanoseconds(struct timespec time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void write_times(struct file *file, struct writer *to, const struct features *features)
{
	struct timespec resolution = {0}, wall = {0}, clock = {0};
	put_u64(to, features->first_time);
	put_u64(to, features->last_time);
	put_feature(file, HEADER_SAMPLE_TIME, to);
	clock_getres(features->clock, &resolution);
	put_u64(to, nanoseconds(resolution));
	put_feature(file, HEADER_CLOCKID, to);
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(features->clock, &clock);
	put_u32(to, 1);
	put_u32(to, (uint32_t)features->clock);
	put_u64(to, nanoseconds(wall));
	put_u64(to, nanoseconds(clock));
	put_feature(file, HEADER_CLOCK_DATA, to);
}

/* Of groups that the user has given no name. */
static void write_groups(struct file *file, struct writer *to, const struct features *features)
{
	if (!features->nr_groups)
		return;
	put_u32(to, (uint32_t)features->nr_groups);
	for (size_t i = 0; i < features->nr_groups; i++) {
		put_string(to, "{anon_group}");
		put_u32(to, features->groups[i].leader);
		put_u32(to, features->groups[i].nr_members);
	}
	put_feature(file, HEADER_GROUP_DESC, to);
}

void features_write(struct file *file, const struct features *features)
{
	if (features->tracing_data_size)
		file_feature(file, HEADER_TRACING_DATA, features->tracing_data,
			     features->tracing_data_size);
	struct writer to = writer_of_memory();
	write_names(file, &to);
	write_cpus(file, &to);
	write_cpu(file, &to);
	write_memory(file, &to);
	write_command_line(file, &to, features);
	write_pmus(file, &to);
	write_times(file, &to, features);
	write_groups(file, &to, features);
	perfgo_error_destroy(writer_finish(&to));
}
