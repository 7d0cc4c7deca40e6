// SPDX-License-Identifier: GPL-2.0-only
/* tools/perf/Documentation/perf-record.txt, "-e"; util/parse-events.c and util/pmu.c, perf 6.12. */
#include "record/event_config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/event_names.h"
#include "record/event_near.h"
#include "record/event_vendor.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

struct configuring {
	const struct event_terms *terms;
	const struct pmu *pmu;
	bool extended;
	bool weak; /* these are the terms of an event of the PMU, which yield to the user's */
	struct event *event;
};

static struct perfgo_error *set_config_number(struct configuring *c, unsigned int number,
					      uint64_t bits, bool add)
{
	struct perf_event_attr *attr = &c->event->attr;
	__u64 *const configs[] = {
		&attr->config,
		&attr->config1,
		&attr->config2,
#ifdef PERF_ATTR_SIZE_VER8
		&attr->config3,
#endif
	};
	if (number >= LENGTH(configs))
		return perfgo_error_new(
			"%s needs config%u, which the kernel's headers that perf-go was built with "
			"do not know",
			c->event->name, number);
	*configs[number] = bits | (add ? *configs[number] : 0);
	return NULL;
}

static struct perfgo_error *set_config(struct configuring *c, const struct event_term *term)
{
	uint64_t value;
	char last = term->name[strlen(term->name) - 1];
	unsigned int number = isdigit((unsigned char)last) ? (unsigned int)(last - '0') : 0;
	struct perfgo_error *error = event_term_number(term, &value);
	return error ? error : set_config_number(c, number, value, false);
}

static struct perfgo_error *set_name(struct configuring *c, const struct event_term *term)
{
	char *name = term->value ? strdup(term->value) : NULL;
	if (!term->value || !*term->value)
		return perfgo_error_new("%s: name= needs a name", c->event->name);
	if (!name)
		return perfgo_error_no_memory();
	free(c->event->name);
	c->event->name = name;
	return NULL;
}

static struct perfgo_error *set_rate(struct configuring *c, const struct event_term *term)
{
	struct perf_event_attr *attr = &c->event->attr;
	bool said_before = attr->sample_period && !c->event->weak_period;
	uint64_t value;
	struct perfgo_error *error = event_term_number(term, &value);
	if (error || (c->weak && said_before))
		return error;
	if (!value || !term->value)
		return perfgo_error_new("%s: %s= needs a number above 0", c->event->name,
					term->name);
	attr->sample_period = value;
	attr->freq = *term->name == 'f';
	c->event->weak_period = c->weak;
	return NULL;
}

static struct perfgo_error *set_inherit(struct configuring *c, const struct event_term *term)
{
	uint64_t value;
	struct perfgo_error *error = event_term_number(term, &value);
	c->event->no_inherit = (*term->name == 'n') == (value != 0);
	return error;
}

static struct perfgo_error *set_max_stack(struct configuring *c, const struct event_term *term)
{
	uint64_t value;
	struct perfgo_error *error = event_term_number(term, &value);
	if (!error && value > UINT16_MAX)
		error = perfgo_error_new("%s: max-stack is at most %u", c->event->name, UINT16_MAX);
	c->event->attr.sample_max_stack = (__u16)value;
	return error;
}

static struct perfgo_error *set_time(struct configuring *c, const struct event_term *term)
{
	uint64_t value;
	struct perfgo_error *error = event_term_number(term, &value);
	if (!error && value != 1)
		error = perfgo_error_new("%s: samples always have their time", c->event->name);
	return error;
}

static struct perfgo_error *set_nothing(struct configuring *c, const struct event_term *term)
{
	(void)c;
	(void)term;
	return NULL;
}

static struct perfgo_error *refuse_stacks(struct configuring *c, const struct event_term *term)
{
	return perfgo_error_hint(perfgo_error_new("%s: %s is not for one event by itself",
						  c->event->name, term->name),
				 "say --call-graph for all");
}

static struct perfgo_error *refuse(struct configuring *c, const struct event_term *term)
{
	return perfgo_error_new("%s: perf-go does not record with %s", c->event->name, term->name);
}

/* What every event has, whatever its PMU. */
static const struct setting {
	const char *name;
	struct perfgo_error *(*set)(struct configuring *c, const struct event_term *term);
} settings[] = {
	{"config", set_config},
	{"config1", set_config},
	{"config2", set_config},
	{"config3", set_config},
	{"name", set_name},
	{"period", set_rate},
	{"freq", set_rate},
	{"inherit", set_inherit},
	{"no-inherit", set_inherit},
	{"max-stack", set_max_stack},
	{"time", set_time},
	{"metric-id", set_nothing},
	{"no-overwrite", set_nothing},
	{"call-graph", refuse_stacks},
	{"stack-size", refuse_stacks},
	{"branch_type", refuse},
	{"nr", refuse},
	{"overwrite", refuse},
	{"percore", refuse},
	{"aux-output", refuse},
	{"aux-sample-size", refuse},
	{"aux-action", refuse},
};

static const struct setting *setting_of(const char *name)
{
	for (size_t i = 0; i < LENGTH(settings); i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

/* "r1a8", "r0x1a8" */
static bool raw_number(const char *text, uint64_t *ret)
{
	char *end;
	if (*text != 'r' || !isxdigit((unsigned char)text[1]) || strlen(text) > 19)
		return false;
	*ret = strtoull(text + 1, &end, 16);
	return !*end;
}

static struct perfgo_error *unknown_term(const struct configuring *c, const struct event_term *term)
{
	struct near near = {.word = term->name};
	_cleanup_(names_deinit) struct names terms = {0}, events = {0};
	const char *of = c->pmu ? c->pmu->name : "such an event";
	for (size_t i = 0; i < LENGTH(settings); i++)
		if (settings[i].set != refuse)
			near_offer(&near, settings[i].name);
	if (c->pmu && pmu_terms(c->pmu, &terms))
		near_offer_all(&near, &terms);
	if (c->pmu && pmu_events(c->pmu, &events) && !term->value)
		near_offer_all(&near, &events);
	return near_hint(&near,
			 perfgo_error_new("%s: %s has no %s %s", c->event->name, of,
					  term->value ? "term" : "term or event", term->name));
}

/*
 * The value is added to the bits that are there, as perf does: on Intel "mem-loads,ldlat=30" has
 * the 3 of the event mem-loads in it too, and asks for loads of 31 cycles.
 */
static struct perfgo_error *set_format(struct configuring *c, const struct event_term *term,
				       const struct pmu_format *format)
{
	uint64_t value, max = pmu_format_max(format);
	struct perfgo_error *error = event_term_number(term, &value);
	if (error)
		return error;
	if (!term->value && max > 1)
		return perfgo_error_new("%s: %s needs a value, up to %#llx", c->event->name,
					term->name, (unsigned long long)max);
	if (value > max)
		return perfgo_error_new("%s: %s=%s is more than %#llx, the most that %s takes",
					c->event->name, term->name, term->value,
					(unsigned long long)max, c->pmu->name);
	return set_config_number(c, format->config, pmu_format_place(format, value), true);
}

/* A cache or hardware event of this PMU by the kernel's own name, where the PMU has no other. */
static bool set_kernel_event(struct configuring *c, const char *name)
{
	struct perf_event_attr *attr = &c->event->attr;
	const struct event_symbol *symbol = event_symbol(name);
	uint64_t cache, extended = c->extended ? (uint64_t)c->pmu->type << 32 : 0;
	if (!c->pmu->core)
		return false;
	if (symbol && symbol->type == PERF_TYPE_HARDWARE) {
		attr->type = PERF_TYPE_HARDWARE;
		attr->config = symbol->config | extended;
		return true;
	}
	if (!event_cache(name, &cache))
		return false;
	attr->type = PERF_TYPE_HW_CACHE;
	attr->config = cache | extended;
	return true;
}

static struct perfgo_error *set_event(struct configuring *c, const char *name, bool *found);

static bool user_has(const struct configuring *c, const char *name)
{
	for (size_t i = 0; i < c->terms->count; i++)
		if (!strcmp(c->terms->terms[i].name, name) && c->terms->terms[i].value)
			return true;
	return false;
}

/* "domain=?" in an event of the PMU: a value that the user has to give. */
static struct perfgo_error *need_parameter(const struct configuring *c, const char *name)
{
	return user_has(c, name) ? NULL
				 : perfgo_error_new("%s needs %s= too", c->event->name, name);
}

static struct perfgo_error *set_pmu_term(struct configuring *c, const struct event_term *term)
{
	struct pmu_format format;
	const char *value = term->value;
	uint64_t number;
	bool found = false;
	struct perfgo_error *error = NULL;
	if (value && !strcmp(value, "?") && c->weak)
		return need_parameter(c, term->name);
	if (!value && raw_number(term->name, &number) && !pmu_has_event(c->pmu, term->name))
		return set_config_number(c, 0, number, false);
	if (value && !strcmp(term->name, "event") && !text_number(value, &number))
		error = set_event(c, value, &found);
	if (error || found)
		return error;
	if (pmu_format(c->pmu, term->name, &format))
		return set_format(c, term, &format);
	if (!value)
		error = set_event(c, term->name, &found);
	return error || found ? error : unknown_term(c, term);
}

static struct perfgo_error *set_term(struct configuring *c, const struct event_term *term)
{
	const struct setting *setting = setting_of(term->name);
	if (*term->name == '@')
		return refuse(c, term);
	if (setting)
		return setting->set(c, term);
	return c->pmu ? set_pmu_term(c, term) : unknown_term(c, term);
}

static struct perfgo_error *set_terms(struct configuring *c, const struct event_terms *terms)
{
	struct perfgo_error *error = NULL;
	for (size_t i = 0; !error && i < terms->count; i++)
		error = set_term(c, &terms->terms[i]);
	return error;
}

/* What sysfs has behind an event's name, else perf's tables. */
static char *find_event_terms(const struct configuring *c, const char *name)
{
	char *text = pmu_event_terms(c->pmu, name);
	uint64_t cache;
	if (text || event_symbol(name) || event_cache(name, &cache))
		return text;
	_cleanup_free_ char *answer = vendor_ask(name);
	return answer ? vendor_terms(answer, name, c->pmu) : NULL;
}

/* The terms of an event name no further events. */
static struct perfgo_error *set_event(struct configuring *c, const char *name, bool *found)
{
	_cleanup_free_ char *text = c->weak ? NULL : find_event_terms(c, name);
	_cleanup_(event_terms_deinit) struct event_terms terms = {0};
	*found = text || set_kernel_event(c, name);
	if (!text)
		return NULL;
	struct perfgo_error *error = event_terms_parse(text, &terms);
	c->weak = true;
	if (!error)
		error = set_terms(c, &terms);
	c->weak = false;
	return error;
}

struct perfgo_error *event_configure(const struct event_terms *terms, const struct pmu *pmu,
				     bool extended, bool weak, struct event *event)
{
	struct configuring c = {
		.terms = terms, .pmu = pmu, .extended = extended, .weak = weak, .event = event};
	return set_terms(&c, terms);
}
