// SPDX-License-Identifier: GPL-2.0-only
#include "record/pmu.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* PMUs whose drivers give no samples but fill an AUX area. */
static const char *const aux_pmus[] = {"intel_pt", "intel_bts", "arm_spe_*",
				       "cs_etm*",  "hisi_ptt*", "trbe*"};

static bool is_aux(const char *name)
{
	for (size_t i = 0; i < sizeof(aux_pmus) / sizeof(*aux_pmus); i++)
		if (!fnmatch(aux_pmus[i], name, 0))
			return true;
	return false;
}

/*
 * Kinds of cores have a file `cpus`; where there is one kind its PMU is called cpu on x86. What is
 * beside the CPUs has a file `cpumask` (tools/perf/util/pmu.c, pmu_cpumask(), is_pmu_core()).
 */
static struct perfgo_error *read_pmu(char *path, const char *name, uint32_t type, struct pmu *ret)
{
	*ret = (struct pmu){.name = strdup(name), .path = strdup(path), .type = type};
	ret->aux = is_aux(name);
	ret->uncore = !ret->aux && text_file_exists(path, "cpumask");
	ret->core =
		!strcmp(name, "cpu") || !strcmp(name, "cpum_cf") || text_file_exists(path, "cpus");
	ret->cpus = text_file_read(path, "cpumask");
	if (!ret->cpus)
		ret->cpus = text_file_read(path, "cpus");
	return ret->name && ret->path ? NULL : perfgo_error_no_memory();
}

static struct perfgo_error *add_pmu(const char *devices, const char *name, struct pmus *pmus)
{
	char path[PATH_MAX];
	uint64_t type;
	if (snprintf(path, sizeof(path), "%s/%s", devices, name) >= (int)sizeof(path))
		return NULL;
	_cleanup_free_ char *text = text_file_read(path, "type");
	if (!text || !text_number(text, &type) || type > UINT32_MAX)
		return NULL;
	if (!array_reserve(pmus->all, pmus->capacity, pmus->count + 1))
		return perfgo_error_no_memory();
	struct pmu *pmu = &pmus->all[pmus->count++];
	struct perfgo_error *error = read_pmu(path, name, (uint32_t)type, pmu);
	pmus->nr_core += pmu->core;
	return error;
}

static int type_order(const void *a, const void *b)
{
	const struct pmu *x = a, *y = b;
	return x->type < y->type ? -1 : x->type > y->type;
}

/* Where there is one kind of core it is all of them. */
static void forget_cpus_of_all(struct pmus *pmus)
{
	for (size_t i = 0; i < pmus->count; i++)
		if (pmus->all[i].core && pmus->nr_core == 1) {
			free(pmus->all[i].cpus);
			pmus->all[i].cpus = NULL;
		}
}

struct perfgo_error *pmus_read(const char *sysfs, struct pmus *ret)
{
	char devices[PATH_MAX];
	_cleanup_(names_deinit) struct names names = {0};
	struct perfgo_error *error = NULL;
	*ret = (struct pmus){0};
	snprintf(devices, sizeof(devices), "%s/bus/event_source/devices", sysfs);
	if (!names_read(devices, &names))
		return errno == ENOMEM ? perfgo_error_no_memory() : NULL;
	for (size_t i = 0; !error && i < names.count; i++)
		error = add_pmu(devices, names.names[i], ret);
	if (error) {
		pmus_deinit(ret);
		return error;
	}
	if (ret->count)
		qsort(ret->all, ret->count, sizeof(*ret->all), type_order);
	forget_cpus_of_all(ret);
	return NULL;
}

void pmus_deinit(struct pmus *pmus)
{
	for (size_t i = 0; i < pmus->count; i++) {
		free(pmus->all[i].name);
		free(pmus->all[i].path);
		free(pmus->all[i].cpus);
	}
	free(pmus->all);
	*pmus = (struct pmus){0};
}

const struct pmu *pmus_find(const struct pmus *pmus, const char *name)
{
	for (size_t i = 0; i < pmus->count; i++)
		if (!strcmp(pmus->all[i].name, name))
			return &pmus->all[i];
	return NULL;
}

/* "_0", or the address of a device ("_a1f6000") */
static bool is_number_suffix(const char *suffix)
{
	if (*suffix == '_')
		suffix++;
	if (!*suffix)
		return false;
	while (isxdigit((unsigned char)*suffix))
		suffix++;
	return !*suffix;
}

static const char *without_uncore(const char *name)
{
	return strncmp(name, "uncore_", 7) ? name : name + 7;
}

bool pmu_matches(const struct pmu *pmu, const char *name)
{
	const char *own = without_uncore(pmu->name);
	size_t length;
	name = without_uncore(name);
	length = strlen(name);
	if (strpbrk(name, "*?["))
		return !fnmatch(name, own, 0);
	return length && !strncmp(own, name, length) &&
	       (!own[length] || is_number_suffix(own + length));
}

/* Events are written all small or all large (perf's man page perf-list). */
static char *read_event(const struct pmu *pmu, const char *event, int (*letter)(int))
{
	char file[NAME_MAX + 1] = "events/";
	size_t at = strlen(file);
	if (strchr(event, '/') || strchr(event, '.'))
		return NULL;
	for (; *event && at + 1 < sizeof(file); event++)
		file[at++] = (char)(letter ? letter((unsigned char)*event) : *event);
	file[at] = 0;
	return *event ? NULL : text_file_read(pmu->path, file);
}

char *pmu_event_terms(const struct pmu *pmu, const char *event)
{
	char *text = *event ? read_event(pmu, event, NULL) : NULL;
	if (!text && *event)
		text = read_event(pmu, event, tolower);
	if (!text && *event)
		text = read_event(pmu, event, toupper);
	return text;
}

bool pmu_has_event(const struct pmu *pmu, const char *event)
{
	_cleanup_free_ char *terms = pmu_event_terms(pmu, event);
	return terms;
}

static bool names_below(const struct pmu *pmu, const char *directory, struct names *ret)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", pmu->path, directory);
	return names_read(path, ret);
}

bool pmu_events(const struct pmu *pmu, struct names *ret)
{
	return names_below(pmu, "events", ret);
}

bool pmu_terms(const struct pmu *pmu, struct names *ret)
{
	return names_below(pmu, "format", ret);
}

/* "0-7,32-35": bits, as low to high as they are written. */
static bool read_bits(const char *text, uint64_t *ret)
{
	*ret = 0;
	do {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (end == text)
			return false;
		if (*end == '-')
			last = strtoul(text = end + 1, &end, 10);
		if (end == text || first > last || last > 63)
			return false;
		*ret |= (UINT64_MAX >> (63 - last)) & (UINT64_MAX << first);
		text = end;
	} while (*text++ == ',');
	return !text[-1];
}

bool pmu_format(const struct pmu *pmu, const char *term, struct pmu_format *ret)
{
	char file[NAME_MAX + 1];
	if (!*term || strchr(term, '/') ||
	    snprintf(file, sizeof(file), "format/%s", term) >= (int)sizeof(file))
		return false;
	_cleanup_free_ char *text = text_file_read(pmu->path, file);
	if (!text || strncmp(text, "config", 6))
		return false;
	char *at = text + 6;
	ret->config = isdigit((unsigned char)*at) ? (unsigned int)(*at++ - '0') : 0;
	return *at == ':' && read_bits(at + 1, &ret->bits);
}

uint64_t pmu_format_max(const struct pmu_format *format)
{
	int width = __builtin_popcountll(format->bits);
	return width ? UINT64_MAX >> (64 - width) : 0;
}

uint64_t pmu_format_place(const struct pmu_format *format, uint64_t value)
{
	uint64_t placed = 0;
	for (uint64_t left = format->bits; left; left &= left - 1, value >>= 1)
		if (value & 1)
			placed |= left & -left;
	return placed;
}
