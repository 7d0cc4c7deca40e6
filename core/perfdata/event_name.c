// SPDX-License-Identifier: GPL-2.0-only
/* The names of events as tools/perf/util/evsel.c, perf 6.12, derives them from their attr. */
#include <inttypes.h>
#include <stdio.h>

#include "perfdata/internal.h"

#define NAME_SIZE 128
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const hardware_names[] = {
	"cycles",
	"instructions",
	"cache-references",
	"cache-misses",
	"branches",
	"branch-misses",
	"bus-cycles",
	"stalled-cycles-frontend",
	"stalled-cycles-backend",
	"ref-cycles",
};

static const char *const software_names[] = {
	"cpu-clock",	"task-clock",	"page-faults",	    "context-switches", "cpu-migrations",
	"minor-faults", "major-faults", "alignment-faults", "emulation-faults", "dummy",
};

enum { READ = 1, WRITE = 2, PREFETCH = 4 };
static const struct {
	const char *name;
	unsigned int operations; /* that exist (evsel__hw_cache_stat) */
} caches[] = {
	{"L1-dcache", READ | WRITE | PREFETCH},
	{"L1-icache", READ | PREFETCH},
	{"LLC", READ | WRITE | PREFETCH},
	{"dTLB", READ | WRITE | PREFETCH},
	{"iTLB", READ},
	{"branch", READ},
	{"node", READ | WRITE | PREFETCH},
};

static const struct {
	const char *one, *many;
} operations[] = {{"load", "loads"}, {"store", "stores"}, {"prefetch", "prefetches"}};

static const char *name_in(const char *const *names, size_t count, uint64_t i, const char *other)
{
	return i < count ? names[i] : other;
}

static void hardware_name(const struct perfdata_attr *attr, char *ret)
{
	const char *name = name_in(hardware_names, COUNT(hardware_names), (uint32_t)attr->config,
				   "unknown-hardware");
	/* The upper half is the PMU of a hybrid machine. */
	snprintf(ret, NAME_SIZE, attr->config >> 32 ? "cpu/%s/" : "%s", name);
}

static void software_name(const struct perfdata_attr *attr, char *ret)
{
	snprintf(ret, NAME_SIZE, "%s",
		 name_in(software_names, COUNT(software_names), attr->config, "unknown-software"));
}

static void raw_name(const struct perfdata_attr *attr, char *ret)
{
	snprintf(ret, NAME_SIZE, "raw 0x%" PRIx64, attr->config);
}

static void cache_name(const struct perfdata_attr *attr, char *ret)
{
	unsigned int cache = attr->config & 0xff, operation = attr->config >> 8 & 0xff;
	unsigned int result = attr->config >> 16 & 0xff;
	if (cache >= COUNT(caches))
		snprintf(ret, NAME_SIZE, "unknown-ext-hardware-cache-type");
	else if (operation >= COUNT(operations))
		snprintf(ret, NAME_SIZE, "unknown-ext-hardware-cache-op");
	else if (result > 1)
		snprintf(ret, NAME_SIZE, "unknown-ext-hardware-cache-result");
	else if (!(caches[cache].operations & 1u << operation))
		snprintf(ret, NAME_SIZE, "invalid-cache");
	else if (result)
		snprintf(ret, NAME_SIZE, "%s-%s-misses", caches[cache].name,
			 operations[operation].one);
	else
		snprintf(ret, NAME_SIZE, "%s-%s", caches[cache].name, operations[operation].many);
}

static void breakpoint_name(const struct perfdata_attr *attr, char *ret)
{
	snprintf(ret, NAME_SIZE, "mem:0x%" PRIx64 ":%s%s%s", attr->config1,
		 attr->bp_type & 1 ? "r" : "", attr->bp_type & 2 ? "w" : "",
		 attr->bp_type & 4 ? "x" : "");
}

static void tracepoint_name(const struct perfdata_attr *attr, char *ret)
{
	(void)attr;
	snprintf(ret, NAME_SIZE, "unknown tracepoint");
}

static const struct {
	void (*name)(const struct perfdata_attr *attr, char *ret);
	bool modifiers;
} types[] = {
	[PERF_TYPE_HARDWARE] = {hardware_name, true},
	[PERF_TYPE_SOFTWARE] = {software_name, true},
	[PERF_TYPE_TRACEPOINT] = {tracepoint_name, false},
	[PERF_TYPE_HW_CACHE] = {cache_name, true},
	[PERF_TYPE_RAW] = {raw_name, true},
	[PERF_TYPE_BREAKPOINT] = {breakpoint_name, true},
};

/* evsel__add_modifiers() */
static void add_modifiers(const struct perfdata_attr *attr, char *name)
{
	static const struct {
		uint64_t exclude;
		char letter;
	} levels[] = {{PERF_ATTR_EXCLUDE_KERNEL, 'k'},
		      {PERF_ATTR_EXCLUDE_USER, 'u'},
		      {PERF_ATTR_EXCLUDE_HV, 'h'},
		      {PERF_ATTR_EXCLUDE_HOST, 'H'},
		      {PERF_ATTR_EXCLUDE_GUEST, 'G'}};
	unsigned int precise = (attr->flags & PERF_ATTR_PRECISE_IP) >> PERF_ATTR_PRECISE_IP_SHIFT;
	bool by_level = attr->flags &
			(PERF_ATTR_EXCLUDE_KERNEL | PERF_ATTR_EXCLUDE_USER | PERF_ATTR_EXCLUDE_HV);
	bool guest_excluded = attr->flags & PERF_ATTR_EXCLUDE_GUEST;
	bool by_host =
		attr->flags & PERF_ATTR_EXCLUDE_HOST || guest_excluded == (by_level || precise);
	char letters[16];
	size_t count = 0;
	for (size_t i = 0; by_level && i < 3; i++)
		if (!(attr->flags & levels[i].exclude))
			letters[count++] = levels[i].letter;
	for (unsigned int i = 0; i < precise; i++)
		letters[count++] = 'p';
	for (size_t i = 3; by_host && i < 5; i++)
		if (!(attr->flags & levels[i].exclude))
			letters[count++] = levels[i].letter;
	size_t length = strlen(name);
	if (count)
		snprintf(name + length, NAME_SIZE - length, ":%.*s", (int)count, letters);
}

const char *event_derived_name(struct arena *arena, const struct perfdata_attr *attr)
{
	char name[NAME_SIZE];
	if (attr->type < COUNT(types)) {
		types[attr->type].name(attr, name);
		if (types[attr->type].modifiers)
			add_modifiers(attr, name);
	} else {
		snprintf(name, sizeof(name), "unknown attr type: %d", (int)attr->type);
	}
	return arena_string(arena, name);
}
