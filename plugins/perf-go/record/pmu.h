/* SPDX-License-Identifier: GPL-2.0-only */
/* The PMUs of the machine, as sysfs describes them (Documentation/ABI/testing/
 * sysfs-bus-event_source-devices-format and -events). */
#ifndef RECORD_PMU_H
#define RECORD_PMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/text_file.h"

struct pmu {
	char *name;
	char *path; /* of its directory */
	uint32_t type;
	bool core;   /* counts what a CPU does, of which there may be kinds */
	bool uncore; /* counts what happens beside the CPUs */
	bool aux;    /* writes into an area of its own, not into samples */
	char *cpus;  /* that it is for; NULL: all */
};

struct pmus {
	struct pmu *all; /* by type */
	size_t count, capacity;
	size_t nr_core;
};

/* Zero-initialises and fills RET from SYSFS ("/sys"); a machine without them has none. */
struct perfgo_error *pmus_read(const char *sysfs, struct pmus *ret);
void pmus_deinit(struct pmus *pmus);

const struct pmu *pmus_find(const struct pmus *pmus, const char *name);

/*
 * Whether NAME, as a user writes it, means the PMU: "uncore_imc", "imc" and "uncore_im*" mean
 * uncore_imc_0, uncore_imc_1 (tools/perf/util/pmu.c, perf_pmu__match(), perf 6.12).
 */
bool pmu_matches(const struct pmu *pmu, const char *name);

/*
 * What stands behind an event of the PMU, "event=0xcd,umask=0x1"; NULL when it has none of that
 * name. The caller frees it.
 */
char *pmu_event_terms(const struct pmu *pmu, const char *event);
bool pmu_has_event(const struct pmu *pmu, const char *event);

/* Names of its events, and of its terms. False when it has none. */
bool pmu_events(const struct pmu *pmu, struct names *ret);
bool pmu_terms(const struct pmu *pmu, struct names *ret);

/* Where the value of a term goes: into these bits of config (0), config1 (1) … */
struct pmu_format {
	unsigned int config;
	uint64_t bits;
};

/* False when the PMU has no such term. */
bool pmu_format(const struct pmu *pmu, const char *term, struct pmu_format *ret);

/* The greatest value that has room there. */
uint64_t pmu_format_max(const struct pmu_format *format);

/* VALUE spread over the bits. */
uint64_t pmu_format_place(const struct pmu_format *format, uint64_t value);

#endif
