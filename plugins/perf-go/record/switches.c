// SPDX-License-Identifier: GPL-2.0-only
#include "record/switches.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "goproc/memory.h"
#include "goproc/switch.h"
#include "goproc/switch_points.h"
#include "out/tracing_data.h"

struct probed_file {
	dev_t device;
	ino_t inode;
	bool whole; /* it has all of its probes, else none */
};

struct switches {
	struct programs *programs;
	struct probed_file *files;
	size_t nr_files, files_capacity;
	struct program_link **links;
	size_t nr_links, links_capacity;
};

struct perfgo_error *switches_new(struct programs *programs, struct switches **ret)
{
	struct switches *switches = calloc(1, sizeof(*switches));
	if (!switches)
		return perfgo_error_no_memory();
	switches->programs = programs;
	*ret = switches;
	return NULL;
}

void switches_free(struct switches *switches)
{
	if (!switches)
		return;
	for (size_t i = 0; i < switches->nr_links; i++)
		program_link_free(switches->links[i]);
	free(switches->links);
	free(switches->files);
	free(switches);
}

/* NULL for one that was not met before. */
static const struct probed_file *find_file(const struct switches *switches,
					   const struct stat *status)
{
	for (size_t i = 0; i < switches->nr_files; i++)
		if (switches->files[i].device == status->st_dev &&
		    switches->files[i].inode == status->st_ino)
			return &switches->files[i];
	return NULL;
}

static bool add_probe(struct switches *switches, const char *path, const struct switch_point *point)
{
	if (!array_reserve(switches->links, switches->links_capacity, switches->nr_links + 1))
		return false;
	struct program_link *link =
		programs_probe(switches->programs, point->kind, path, point->offset);
	if (link)
		switches->links[switches->nr_links++] = link;
	return link;
}

/* All of them or none: a goroutine that is seen to run and never to park would run for ever. */
static bool add_probes(struct switches *switches, const char *path,
		       const struct switch_point *points, size_t count)
{
	size_t before = switches->nr_links;
	for (size_t i = 0; i < count; i++) {
		if (add_probe(switches, path, &points[i]))
			continue;
		while (switches->nr_links > before)
			program_link_free(switches->links[--switches->nr_links]);
		return false;
	}
	return count;
}

bool switches_add(struct switches *switches, const struct goproc *process)
{
	struct switch_point points[MAX_SWITCH_POINTS];
	struct stat status;
	char buffer[4096];
	const char *path = memory_file(goproc_memory(process), goproc_info(process)->path, buffer);
	size_t count = switch_points(goproc_gobin(process), goproc_image(process), points);
	if (!count || stat(path, &status))
		return false;
	const struct probed_file *known = find_file(switches, &status);
	if (known)
		return known->whole;
	bool whole = add_probes(switches, path, points, count);
	if (array_reserve(switches->files, switches->files_capacity, switches->nr_files + 1))
		switches->files[switches->nr_files++] =
			(struct probed_file){status.st_dev, status.st_ino, whole};
	return whole;
}

/* The fields that a switch has; those behind the payload are its own. */
#define FIELD(of, name, kind)                                                                      \
	{                                                                                          \
#name, kind, sizeof(((struct of *)0)->name), false, offsetof(struct of, name)      \
	}
static const struct tracepoint_field fields[] = {
	FIELD(go_payload, goid, TRACEPOINT_UNSIGNED),
	FIELD(go_payload, goparent, TRACEPOINT_UNSIGNED),
	FIELD(go_payload, gocreator, TRACEPOINT_ADDRESS),
	FIELD(go_payload, goroutine, TRACEPOINT_ADDRESS),
	FIELD(go_switch, by, TRACEPOINT_UNSIGNED),
	FIELD(go_switch, kind, TRACEPOINT_UNSIGNED),
	FIELD(go_switch, reason, TRACEPOINT_UNSIGNED),
};
#undef FIELD

bool switches_describe(uint16_t id, const void *before, size_t before_size, struct writer *to)
{
	const struct tracepoint tracepoint = {
		.system = "go",
		.name = "switch",
		.id = id,
		.fields = fields,
		.nr_fields = sizeof(fields) / sizeof(*fields),
	};
	const struct tracing_data data = {.before = before,
					  .before_size = before_size,
					  .tracepoints = &tracepoint,
					  .nr_tracepoints = 1,
					  .text_size = sizeof(long)};
	return tracing_data_write(&data, to);
}

/*
 * What is probed to measure: an instruction that the kernel emulates, as where goroutines switch.
 */
void switches_calibration(void);
__asm__(".text\n.globl switches_calibration\n.hidden switches_calibration\n"
	".type switches_calibration, @function\nswitches_calibration:\n\tnop\n\tret\n");

enum { CALIBRATION_CALLS = 2000 };

/* Calls it with G in the register of a first result, which the red zone must survive. */
static void call_calibration(const void *g)
{
#if defined(__x86_64__)
	__asm__ volatile("sub $128, %%rsp\n\tcall switches_calibration\n\tadd $128, %%rsp"
			 :
			 : "a"(g)
			 : "memory", "cc");
#else
	(void)g;
	switches_calibration();
#endif
}

static uint64_t time_calls(const void *g)
{
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < CALIBRATION_CALLS; i++)
		call_calibration(g);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + (uint64_t)end.tv_nsec -
	       (uint64_t)begin.tv_nsec;
}

/* Where the code is in this program's own file. */
static bool find_calibration(uint64_t *offset_ret)
{
	struct memory *memory = NULL;
	size_t count;
	uint64_t address = (uintptr_t)switches_calibration;
	bool found = false;
	struct perfgo_error *error = memory_open_process((uint32_t)getpid(), &memory);
	if (error) {
		perfgo_error_destroy(error);
		return false;
	}
	const struct mapping *mappings = memory_mappings(memory, &count);
	for (size_t i = 0; i < count && !found; i++) {
		found = address >= mappings[i].start && address < mappings[i].end;
		if (found)
			*offset_ret = address - mappings[i].start + mappings[i].offset;
	}
	memory_close(memory);
	return found;
}

uint64_t switches_cost(struct programs *programs)
{
	/* A goroutine as the probe reads it. */
	static uint64_t g[64];
	struct go_row row = {.goid = 8, .creator = 16, .start = 24, .labels = 32, .status = 40};
	uint32_t pid = (uint32_t)getpid();
	uint64_t offset;
	g[1] = 1;
	if (!find_calibration(&offset) || !programs_set_row(programs, pid, &row))
		return 0;
	uint64_t without = time_calls(g), with = 0;
	struct program_link *link =
		programs_probe(programs, GO_SWITCH_PARK, "/proc/self/exe", offset);
	if (link)
		with = time_calls(g);
	program_link_free(link);
	programs_remove_row(programs, pid);
	return with > without ? (with - without) / CALIBRATION_CALLS : 0;
}
