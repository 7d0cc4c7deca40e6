// SPDX-License-Identifier: GPL-2.0-only
/* As evsel__config() in tools/perf/util/evsel.c, perf 6.12. */
#include "record/attrs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "record/sideband.h"
#include "registers.h"

enum {
	DEFAULT_STACK = 8192,
	MAX_STACK = 61440, /* leaves room for a goroutine in a record of 64 kB */
	CLOCK_FREQUENCY = 1000,
	HARDWARE_FREQUENCY = 4000,
};

#if defined(__aarch64__)
static const char machine[] = "aarch64", g_register[] = "x28", pc_register[] = "pc";
static const uint64_t all_registers = (1ull << 33) - 1;
#else
static const char machine[] = "x86_64", g_register[] = "r14", pc_register[] = "ip";
/* Not the segments that 64-bit code does not use (arch/x86/kernel/perf_regs.c). */
static const uint64_t all_registers = 0xff0fff;
#endif

/* The bit of a register, 64 for none. */
static unsigned int register_bit(const char *name, size_t length)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		const char *known = register_name(machine, bit);
		if (known && all_registers >> bit & 1 && strlen(known) == length &&
		    !strncasecmp(known, name, length))
			return bit;
	}
	return 64;
}

uint64_t sampling_g_registers(void)
{
	return 1ull << register_bit(g_register, strlen(g_register)) |
	       1ull << register_bit(pc_register, strlen(pc_register));
}

struct perfgo_error *sampling_callgraph(struct sampling *sampling, const char *text)
{
	sampling->callgraph = CALLGRAPH_FP;
	if (!strcmp(text, "fp"))
		return NULL;
	sampling->callgraph = CALLGRAPH_LBR;
	if (!strcmp(text, "lbr"))
		return NULL;
	sampling->callgraph = CALLGRAPH_DWARF;
	sampling->stack_size = DEFAULT_STACK;
	if (!strcmp(text, "dwarf"))
		return NULL;
	char *end;
	unsigned long size = strncmp(text, "dwarf,", 6) ? 0 : strtoul(text + 6, &end, 0);
	if (!size || *end || size > MAX_STACK)
		return perfgo_error_hint(perfgo_error_new("--call-graph takes no '%s'", text),
					 "it takes fp, dwarf, dwarf,BYTES (at most %d) or lbr",
					 MAX_STACK);
	sampling->stack_size = (uint32_t)(size + 7) & ~7u;
	return NULL;
}

struct perfgo_error *sampling_registers(struct sampling *sampling, const char *text)
{
	sampling->user_regs |= *text ? 0 : all_registers;
	while (*text) {
		size_t length = strcspn(text, ",");
		unsigned int bit = register_bit(text, length);
		if (bit == 64)
			return perfgo_error_new("--user-regs: there is no register '%.*s'",
						(int)length, text);
		sampling->user_regs |= 1ull << bit;
		text += length + (text[length] == ',');
	}
	return NULL;
}

struct perfgo_error *sampling_clock(struct sampling *sampling, const char *text)
{
	static const struct {
		const char *name;
		clockid_t clock;
	} clocks[] = {
		{"monotonic", CLOCK_MONOTONIC},
		{"mono", CLOCK_MONOTONIC},
		{"monotonic_raw", CLOCK_MONOTONIC_RAW},
		{"raw", CLOCK_MONOTONIC_RAW},
		{"realtime", CLOCK_REALTIME},
		{"real", CLOCK_REALTIME},
		{"boottime", CLOCK_BOOTTIME},
		{"boot", CLOCK_BOOTTIME},
		{"tai", CLOCK_TAI},
	};
	const char *name = strncasecmp(text, "CLOCK_", 6) ? text : text + 6;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
		if (!strcasecmp(name, clocks[i].name)) {
			sampling->clock = clocks[i].clock;
			return NULL;
		}
	return perfgo_error_hint(perfgo_error_new("-k takes no '%s'", text),
				 "it takes monotonic, monotonic_raw, realtime, boottime or tai");
}

static void common(const struct sampling *sampling, struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->sample_type |= SIDEBAND_SAMPLE_TYPE;
	attr->read_format = PERF_FORMAT_ID;
	attr->sample_id_all = 1;
	attr->disabled = 1;
	attr->use_clockid = 1;
	attr->clockid = sampling->clock;
}

static void apply_callgraph(const struct sampling *sampling, struct perf_event_attr *attr)
{
	if (sampling->callgraph == CALLGRAPH_NONE)
		return;
	attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
	if (sampling->callgraph == CALLGRAPH_DWARF) {
		attr->sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
		attr->sample_regs_user |= all_registers;
		attr->sample_stack_user = sampling->stack_size;
		attr->exclude_callchain_user = 1;
	}
	if (sampling->callgraph == CALLGRAPH_LBR) {
		attr->sample_type |= PERF_SAMPLE_BRANCH_STACK;
		attr->branch_sample_type = PERF_SAMPLE_BRANCH_USER | PERF_SAMPLE_BRANCH_CALL_STACK |
					   PERF_SAMPLE_BRANCH_NO_CYCLES |
					   PERF_SAMPLE_BRANCH_NO_FLAGS |
					   PERF_SAMPLE_BRANCH_HW_INDEX;
		attr->exclude_callchain_user = 1;
	}
}

static bool is_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_CPU_CLOCK ||
						    attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

static void apply_rate(const struct sampling *sampling, bool weak_period,
		       struct perf_event_attr *attr)
{
	bool said = sampling->period || sampling->frequency;
	bool has_rate = attr->sample_period && !(weak_period && said);
	if (!has_rate)
		attr->freq = attr->sample_period = 0;
	if (!has_rate && (sampling->period || attr->type == PERF_TYPE_TRACEPOINT)) {
		attr->sample_period = sampling->period ? sampling->period : 1;
	} else if (!has_rate) {
		attr->freq = 1;
		attr->sample_freq = sampling->frequency ? sampling->frequency
				    : is_clock(attr)	? CLOCK_FREQUENCY
							: HARDWARE_FREQUENCY;
	}
	attr->sample_type |= PERF_SAMPLE_PERIOD;
}

void sampling_apply(const struct sampling *sampling, bool weak_period, struct perf_event_attr *attr)
{
	common(sampling, attr);
	attr->sample_type |= PERF_SAMPLE_IP | PERF_SAMPLE_RAW;
	attr->inherit = sampling->inherit;
	attr->exclude_guest = 1;
	apply_rate(sampling, weak_period, attr);
	attr->sample_regs_user |= sampling->user_regs;
	if (attr->sample_regs_user)
		attr->sample_type |= PERF_SAMPLE_REGS_USER;
	if (sampling->addresses)
		attr->sample_type |= PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_SRC;
	if (sampling->weights)
		attr->sample_type |= PERF_SAMPLE_WEIGHT;
	apply_callgraph(sampling, attr);
}

void sampling_read_group(struct perf_event_attr *attr, bool leads)
{
	attr->sample_type |= PERF_SAMPLE_READ;
	attr->read_format |= PERF_FORMAT_GROUP;
	/* Of inherited events a group cannot be read (kernel/events/core.c, before Linux 6.12). */
	attr->inherit = 0;
	if (leads)
		return;
	attr->freq = 0;
	attr->sample_period = 0;
}

struct perf_event_attr sampling_sideband(const struct sampling *sampling)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_period = 1,
		.inherit = sampling->inherit,
		.exclude_kernel = 1,
		.mmap = 1,
		.mmap2 = 1,
		.mmap_data = sampling->addresses,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
	};
	common(sampling, &attr);
	return attr;
}

struct perf_event_attr sampling_output(const struct sampling *sampling)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
	};
	common(sampling, &attr);
	return attr;
}
