// SPDX-License-Identifier: GPL-2.0-only
/* Events that a PMU has: "cpu/event=0x3c,umask=1/", "mem-loads", "uncore_imc/cas_count_read/". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/event_config.h"
#include "record/event_kinds.h"
#include "record/event_vendor.h"

/* Arm's SPE counts operations between samples, at least as many as its driver says. */
static void set_aux_period(const struct pmu *pmu, struct event *event)
{
	_cleanup_free_ char *text = NULL;
	uint64_t interval;
	if (strncmp(pmu->name, "arm_spe_", 8))
		return;
	text = text_file_read(pmu->path, "caps/min_interval");
	event->attr.sample_period = text && text_number(text, &interval) ? interval : 4096;
	event->weak_period = true;
}

static struct perfgo_error *set_pmu(struct event_parser *parser, const struct pmu *pmu,
				    const struct event_words *words, struct event *event)
{
	struct perfgo_error *error = event_set_place(event, pmu);
	event->attr.type = pmu->type;
	set_aux_period(pmu, event);
	if (!error)
		error = event_configure_words(parser, words, pmu, event);
	if (!error && pmu->type == PERF_TYPE_TRACEPOINT)
		error = perfgo_error_new("%s: tracepoints are named, as in sched:sched_switch",
					 words->whole);
	return error;
}

static void event_deinit(struct event *event)
{
	free(event->name);
	free(event->cpus);
}

/* What WORDS mean on PMU, in no list; the config of none where they mean nothing. */
static uint64_t config_of(struct event_parser *parser, const struct pmu *pmu,
			  const struct event_words *words)
{
	_cleanup_(event_deinit) struct event event = {.name = strdup(words->whole)};
	struct perfgo_error *error =
		event.name ? set_pmu(parser, pmu, words, &event) : perfgo_error_no_memory();
	bool is_of_pmu = !error && event.attr.type == pmu->type;
	perfgo_error_destroy(error);
	return is_of_pmu ? event.attr.config : UINT64_MAX;
}

static bool has_config(const struct event_parser *parser, uint32_t type, uint64_t config)
{
	for (size_t i = parser->first; i < parser->list->count; i++) {
		const struct perf_event_attr *attr = &parser->list->events[i].attr;
		if (attr->type == type && attr->config == config)
			return true;
	}
	return false;
}

static char aux_name[] = "mem-loads-aux", loads_name[] = "mem-loads";
static const struct event_words aux_words = {.whole = aux_name, .terms = aux_name};
static const struct event_words loads_words = {.whole = loads_name, .terms = loads_name};

/*
 * Since Sapphire Rapids the kernel opens mem-loads for data sources only in a group with
 * mem-loads-aux (arch/x86/events/intel/core.c, intel_pmu_hw_config(), Linux 6.12); perf wants its
 * user to write that.
 */
static bool needs_aux(struct event_parser *parser, const struct pmu *pmu,
		      const struct event_words *words)
{
	if (!pmu_has_event(pmu, aux_name))
		return false;
	uint64_t aux = config_of(parser, pmu, &aux_words);
	return config_of(parser, pmu, words) == config_of(parser, pmu, &loads_words) &&
	       !has_config(parser, pmu->type, aux);
}

static struct perfgo_error *append_one(struct event_parser *parser, const struct pmu *pmu,
				       const struct event_words *words, const char *name)
{
	struct event *event;
	struct perfgo_error *error = event_append(parser, name, &event);
	return error ? error : set_pmu(parser, pmu, words, event);
}

static struct perfgo_error *append(struct event_parser *parser, const struct pmu *pmu,
				   const struct event_words *words, const char *name)
{
	uint32_t leader = (uint32_t)parser->list->count;
	_cleanup_free_ char *aux = NULL;
	if (!needs_aux(parser, pmu, words))
		return append_one(parser, pmu, words, name);
	if (asprintf(&aux, "%s/%s/", pmu->name, aux_name) < 0)
		return perfgo_error_no_memory();
	struct perfgo_error *error = append_one(parser, pmu, &aux_words, aux);
	if (!error)
		error = append_one(parser, pmu, words, name);
	if (!error)
		parser->list->events[parser->list->count - 1].leader = leader;
	return error;
}

/* Of all PMUs that a wildcard means, those that have these terms. */
static struct perfgo_error *add_of_each(struct event_parser *parser,
					const struct event_words *words)
{
	size_t before = parser->list->count;
	struct perfgo_error *error = NULL;
	for (size_t i = 0; i < parser->pmus.count; i++) {
		const struct pmu *pmu = &parser->pmus.all[i];
		if (!pmu_matches(pmu, words->head))
			continue;
		_cleanup_free_ char *name = event_name_on(pmu, words, "");
		size_t count = parser->list->count;
		perfgo_error_destroy(error);
		error = name ? append(parser, pmu, words, name) : perfgo_error_no_memory();
		if (error)
			event_list_cut(parser->list, count);
	}
	if (parser->list->count == before)
		return error;
	perfgo_error_destroy(error);
	return NULL;
}

static bool any_matches(const struct pmus *pmus, const char *name)
{
	for (size_t i = 0; i < pmus->count; i++)
		if (pmu_matches(&pmus->all[i], name))
			return true;
	return false;
}

struct perfgo_error *event_add_of_pmu(struct event_parser *parser, const struct event_words *words,
				      bool *taken)
{
	const struct pmu *pmu = pmus_find(&parser->pmus, words->head);
	*taken = words->terms && !words->event && (pmu || any_matches(&parser->pmus, words->head));
	if (!*taken)
		return NULL;
	return pmu ? append(parser, pmu, words, words->whole) : add_of_each(parser, words);
}

static struct perfgo_error *add_named(struct event_parser *parser, const struct pmu *pmu,
				      const struct event_words *words, char *terms)
{
	struct event_words named = *words;
	_cleanup_free_ char *name = NULL;
	named.weak_terms = terms;
	if (parser->pmus.nr_core < 2)
		return append(parser, pmu, &named, words->whole);
	name = event_name_on(pmu, words, words->head);
	return name ? append(parser, pmu, &named, name) : perfgo_error_no_memory();
}

struct perfgo_error *event_add_named(struct event_parser *parser, const struct event_words *words,
				     bool *taken)
{
	struct perfgo_error *error = NULL;
	for (size_t i = 0; !error && i < parser->pmus.count; i++) {
		const struct pmu *pmu = &parser->pmus.all[i];
		_cleanup_free_ char *terms = pmu_event_terms(pmu, words->head);
		if (terms)
			error = add_named(parser, pmu, words, terms);
		*taken |= terms != NULL;
	}
	return error;
}

struct perfgo_error *event_add_vendor(struct event_parser *parser, const struct event_words *words,
				      bool *taken)
{
	_cleanup_free_ char *answer = parser->pmus.count ? vendor_ask(words->head) : NULL;
	struct perfgo_error *error = NULL;
	for (size_t i = 0; answer && !error && i < parser->pmus.count; i++) {
		const struct pmu *pmu = &parser->pmus.all[i];
		_cleanup_free_ char *terms = vendor_terms(answer, words->head, pmu);
		if (terms)
			error = add_named(parser, pmu, words, terms);
		*taken |= terms != NULL;
	}
	return error;
}
