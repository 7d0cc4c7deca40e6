// SPDX-License-Identifier: GPL-2.0-only
/* tools/perf/Documentation/perf-list.txt and util/parse-events.y, perf 6.12. */
#include "record/event_kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "record/event_config.h"
#include "record/event_modifiers.h"
#include "record/event_names.h"
#include "record/event_near.h"
#include "record/tracepoints.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))
#define EXTENDED(pmu) ((uint64_t)(pmu)->type << 32)

/* An event alone, named as it was typed. */
struct perfgo_error *event_append(struct event_parser *parser, const char *name, struct event **ret)
{
	struct event_list *list = parser->list;
	*ret = NULL;
	if (!array_reserve(list->events, list->capacity, list->count + 1))
		return perfgo_error_no_memory();
	struct event *event = &list->events[list->count];
	*event = (struct event){.name = strdup(name), .leader = (uint32_t)list->count};
	event->attr.size = sizeof(event->attr);
	if (!event->name)
		return perfgo_error_no_memory();
	list->count++;
	*ret = event;
	return NULL;
}

struct perfgo_error *event_set_place(struct event *event, const struct pmu *pmu)
{
	event->system_wide = pmu->uncore;
	event->aux_area = pmu->aux;
	event->cpus = pmu->cpus ? strdup(pmu->cpus) : NULL;
	return pmu->cpus && !event->cpus ? perfgo_error_no_memory() : NULL;
}

static struct perfgo_error *configure(struct event_parser *parser, const char *text, bool weak,
				      const struct pmu *pmu, struct event *event)
{
	_cleanup_(event_terms_deinit) struct event_terms terms = {0};
	struct perfgo_error *error = event_terms_parse(text, &terms);
	return error ? error : event_configure(&terms, pmu, parser->pmus.nr_core > 1, weak, event);
}

struct perfgo_error *event_configure_words(struct event_parser *parser,
					   const struct event_words *words, const struct pmu *pmu,
					   struct event *event)
{
	struct perfgo_error *error = NULL;
	if (words->weak_terms)
		error = configure(parser, words->weak_terms, true, pmu, event);
	if (!error && words->terms)
		error = configure(parser, words->terms, false, pmu, event);
	return error;
}

/* "cpu_core/cycles,period=5/u" of what was typed as cycles/period=5/u. */
char *event_name_on(const struct pmu *pmu, const struct event_words *words, const char *event)
{
	const char *terms = words->terms ? words->terms : "";
	char *name;
	int length = asprintf(&name, "%s/%s%s%s/%s", pmu->name, event, *event && *terms ? "," : "",
			      terms, words->modifiers ? words->modifiers : "");
	return length < 0 ? NULL : name;
}

static struct perfgo_error *append_on_pmu(struct event_parser *parser,
					  const struct event_words *words, const struct pmu *pmu,
					  struct event **ret)
{
	_cleanup_free_ char *name = event_name_on(pmu, words, words->head);
	if (!name)
		return perfgo_error_no_memory();
	struct perfgo_error *error = event_append(parser, name, ret);
	return error ? error : event_set_place(*ret, pmu);
}

/* What each occurrence is recorded of, where the user says nothing else. */
static bool is_rare(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE && attr->config == PERF_COUNT_SW_BPF_OUTPUT;
}

static struct perfgo_error *set_numeric(struct event_parser *parser,
					const struct event_words *words, uint32_t type,
					uint64_t config, struct event *event)
{
	event->attr.type = type;
	event->attr.config = config;
	event->attr.sample_period = event->weak_period = is_rare(&event->attr);
	return event_configure_words(parser, words, NULL, event);
}

/* Of types that all kinds of cores have: one for each where there are several. */
static struct perfgo_error *add_numeric(struct event_parser *parser,
					const struct event_words *words, uint32_t type,
					uint64_t config)
{
	bool raw = type == PERF_TYPE_RAW;
	bool each = parser->pmus.nr_core > 1 &&
		    (raw || type == PERF_TYPE_HARDWARE || type == PERF_TYPE_HW_CACHE);
	struct perfgo_error *error = NULL;
	struct event *event = NULL;
	for (size_t i = 0; !error && i < (each ? parser->pmus.count : 1); i++) {
		const struct pmu *pmu = each ? &parser->pmus.all[i] : NULL;
		if (pmu && !pmu->core)
			continue;
		error = pmu ? append_on_pmu(parser, words, pmu, &event)
			    : event_append(parser, words->whole, &event);
		if (!error)
			error = set_numeric(parser, words, pmu && raw ? pmu->type : type,
					    config | (pmu && !raw ? EXTENDED(pmu) : 0), event);
	}
	return error;
}

static struct perfgo_error *add_symbol(struct event_parser *parser, const struct event_words *words,
				       bool *taken)
{
	const struct event_symbol *symbol = event_symbol(words->head);
	*taken = symbol;
	return symbol ? add_numeric(parser, words, symbol->type, symbol->config) : NULL;
}

/* "r1a8": the config of the PMU of the cores. */
static bool is_raw(const char *text, uint64_t *config_ret)
{
	char *end;
	if (*text != 'r' || !isxdigit((unsigned char)text[1]) || strlen(text) > 19)
		return false;
	*config_ret = strtoull(text + 1, &end, 16);
	return !*end;
}

static struct perfgo_error *add_raw(struct event_parser *parser, const struct event_words *words,
				    bool *taken)
{
	uint64_t config;
	*taken = is_raw(words->head, &config);
	return *taken ? add_numeric(parser, words, PERF_TYPE_RAW, config) : NULL;
}

/* "1:0": a type and a config. */
static struct perfgo_error *add_numbers(struct event_parser *parser,
					const struct event_words *words, bool *taken)
{
	uint64_t type, config;
	*taken = words->event && text_number(words->head, &type) &&
		 text_number(words->event, &config);
	if (!*taken)
		return NULL;
	if (type > UINT32_MAX)
		return perfgo_error_new("%s: there is no type %s", words->whole, words->head);
	if (type == PERF_TYPE_TRACEPOINT)
		return perfgo_error_new("%s: tracepoints are named, as in sched:sched_switch",
					words->whole);
	return add_numeric(parser, words, (uint32_t)type, config);
}

/* "L1-dcache-load-misses": of the kernel's type, but of the PMU where that has it by this name. */
static struct perfgo_error *add_cache(struct event_parser *parser, const struct event_words *words,
				      bool *taken)
{
	uint64_t config;
	*taken = event_cache(words->head, &config);
	for (size_t i = 0; *taken && i < parser->pmus.count; i++)
		if (pmu_has_event(&parser->pmus.all[i], words->head))
			*taken = false;
	return *taken ? add_numeric(parser, words, PERF_TYPE_HW_CACHE, config) : NULL;
}

/* What perf stat counts itself, and what other machines have. */
static const struct {
	const char *name, *why;
} never[] = {
	{"duration_time", "is for perf stat: it is counted, never sampled"},
	{"user_time", "is for perf stat: it is counted, never sampled"},
	{"system_time", "is for perf stat: it is counted, never sampled"},
	{"mem-loads", "needs a PMU that samples loads, which this machine has not"},
	{"mem-stores", "needs a PMU that samples stores, which this machine has not"},
	{"ldlat-loads", "is a word of perf mem: --mem takes what samples loads here"},
	{"ldlat-stores", "is a word of perf mem: --mem takes what samples stores here"},
	{"uprobe", "has no events by itself: make a probe with perf probe and record that"},
	{"kprobe", "has no events by itself: make a probe with perf probe and record that"},
};

static struct perfgo_error *refuse(struct event_parser *parser, const struct event_words *words,
				   bool *taken)
{
	const char *end = strrchr(words->whole, '.');
	(void)parser;
	*taken = true;
	for (size_t i = 0; i < LENGTH(never); i++)
		if (!strcmp(words->head, never[i].name))
			return perfgo_error_new("%s %s", words->head, never[i].why);
	if (end && (!strcmp(end, ".c") || !strcmp(end, ".o") || !strcmp(end, ".bpf")))
		return perfgo_error_new("%s: perf-go records no BPF programs", words->whole);
	*taken = false;
	return NULL;
}

static void offer_events(struct near *near, const struct pmus *pmus)
{
	for (size_t i = 0; event_symbol_at(i); i++)
		near_offer(near, event_symbol_at(i)->name);
	for (size_t i = 0; event_cache_at(i); i++)
		near_offer(near, event_cache_at(i));
	for (size_t i = 0; i < pmus->count; i++) {
		_cleanup_(names_deinit) struct names names = {0};
		if (pmu_events(&pmus->all[i], &names))
			near_offer_all(near, &names);
	}
}

/* "sched_switch" is a tracepoint's name without that of its system. */
static struct perfgo_error *hint_tracepoint(const struct event_parser *parser, const char *name,
					    struct perfgo_error *error)
{
	struct tracefs tracefs;
	_cleanup_(names_deinit) struct names names = {0};
	struct perfgo_error *none = tracefs_find(parser->list, &tracefs);
	if (!none)
		none = tracepoints_matching(&tracefs, "*", name, &names);
	if (!none)
		perfgo_error_hint(error, "did you mean the tracepoint %s?", names.names[0]);
	perfgo_error_destroy(none);
	return error;
}

static struct perfgo_error *unknown_event(struct event_parser *parser,
					  const struct event_words *words)
{
	struct near near = {.word = words->head};
	if (words->terms) {
		for (size_t i = 0; i < parser->pmus.count; i++)
			near_offer(&near, parser->pmus.all[i].name);
		return near_hint(&near, perfgo_error_new("%s: this machine has no PMU %s",
							 words->whole, words->head));
	}
	struct perfgo_error *error = perfgo_error_new("no event %s", words->whole);
	offer_events(&near, &parser->pmus);
	if (near.count)
		return near_hint(&near, error);
	perfgo_error_hint(error, "perf list shows what there is");
	return hint_tracepoint(parser, words->head, error);
}

/* In the order in which they are tried. */
static struct perfgo_error *(*const kinds[])(struct event_parser *parser,
					     const struct event_words *words, bool *taken) = {
	event_add_breakpoint, add_numbers,     add_symbol, add_cache, event_add_tracepoint,
	event_add_of_pmu,     event_add_named, add_raw,	   refuse,    event_add_vendor,
};

static bool is_tracepoint(const struct event_parser *parser, const struct event_words *words)
{
	struct tracefs tracefs;
	struct perfgo_error *error = tracefs_find(parser->list, &tracefs);
	bool there = !error && tracepoint_exists(&tracefs, words->head, words->event);
	perfgo_error_destroy(error);
	return there;
}

/* "cycles:u" and "sched:u": the second, too, unless that is a tracepoint. */
static bool colon_has_modifiers(const struct event_parser *parser, const struct event_words *words)
{
	uint64_t config;
	if (!words->event || words->last || !strcmp(words->head, "mem"))
		return false;
	if (event_symbol(words->head) || event_cache(words->head, &config) ||
	    is_raw(words->head, &config))
		return true;
	return event_modifiers_only(words->event) && !is_tracepoint(parser, words);
}

static struct perfgo_error *find_modifiers(const struct event_parser *parser,
					   struct event_words *words)
{
	bool of_head = colon_has_modifiers(parser, words);
	char *found = of_head ? words->event : words->last;
	if (found && words->modifiers)
		return perfgo_error_new("%s has modifiers twice", words->whole);
	if (found)
		words->modifiers = found;
	if (of_head)
		words->event = NULL;
	return NULL;
}

struct perfgo_error *event_add(struct event_parser *parser, struct event_words *words)
{
	bool taken = false;
	struct perfgo_error *error = find_modifiers(parser, words);
	for (size_t i = 0; !error && !taken && i < LENGTH(kinds); i++)
		error = kinds[i](parser, words, &taken);
	if (error || taken)
		return error;
	return unknown_event(parser, words);
}
