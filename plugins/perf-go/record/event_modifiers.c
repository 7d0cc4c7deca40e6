// SPDX-License-Identifier: GPL-2.0-only
/*
 * tools/perf/Documentation/perf-list.txt, "EVENT MODIFIERS"; util/parse-events.c, perf 6.12,
 * parse_events__modifier_list(). As from perf 6.13 on, exclude_guest is set where the user says so
 * and not otherwise: PMUs like AMD's IBS do not open with it.
 */
#include "record/event_modifiers.h"

#include <string.h>

enum { MAX_PRECISE = 3, LETTERS = 128 };

/* How often each letter is there. */
struct modifiers {
	uint8_t count[LETTERS];
	const char *text;
};

static const char letters[] = "ukhIGHpPSDWebRX";

bool event_modifiers_only(const char *text)
{
	return *text && !text[strspn(text, letters)];
}

/* What a recorder cannot do, and why. */
static const struct refused {
	char letter;
	const char *why;
} refused[] = {
	{'b', "is for counting with perf stat --bpf-counters"},
	{'R', "is for counting with perf stat"},
};

static struct perfgo_error *read_modifiers(const char *text, struct modifiers *ret)
{
	*ret = (struct modifiers){.text = text};
	for (const char *at = text; *at; at++) {
		if (!strchr(letters, *at))
			return perfgo_error_hint(
				perfgo_error_new("no modifier %c in :%s", *at, text),
				"there are u k h (levels), G H (guest, host), p pp ppp P "
				"(precision), I D e S W");
		if (ret->count[(unsigned char)*at]++ && *at != 'p')
			return perfgo_error_new("the modifier %c is twice in :%s", *at, text);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (ret->count[(unsigned char)refused[i].letter])
			return perfgo_error_new("the modifier %c %s", refused[i].letter,
						refused[i].why);
	return NULL;
}

/* The first level named excludes the others, each other one named joins it. */
static void apply_levels(const struct modifiers *m, bool group, struct perf_event_attr *attr)
{
	bool named = m->count['u'] || m->count['k'] || m->count['h'];
	bool before = group && (attr->exclude_user || attr->exclude_kernel || attr->exclude_hv);
	if (named && !before)
		attr->exclude_user = attr->exclude_kernel = attr->exclude_hv = 1;
	if (m->count['u'])
		attr->exclude_user = 0;
	if (m->count['k'])
		attr->exclude_kernel = 0;
	if (m->count['h'])
		attr->exclude_hv = 0;
	named = m->count['G'] || m->count['H'];
	before = group && (attr->exclude_guest || attr->exclude_host);
	if (named && !before)
		attr->exclude_guest = attr->exclude_host = 1;
	if (m->count['G'])
		attr->exclude_guest = 0;
	if (m->count['H'])
		attr->exclude_host = 0;
}

static struct perfgo_error *apply_precision(const struct modifiers *m, struct event *event)
{
	unsigned int precise = event->attr.precise_ip + m->count['p'];
	if (precise > MAX_PRECISE && !event->most_precise)
		return perfgo_error_new("%s with :%s has more than three p", event->name, m->text);
	event->most_precise |= m->count['P'];
	event->attr.precise_ip = event->most_precise ? MAX_PRECISE : precise;
	return NULL;
}

static struct perfgo_error *apply(const struct modifiers *m, bool group, bool leader,
				  struct event *event)
{
	apply_levels(m, group, &event->attr);
	event->attr.exclude_idle |= m->count['I'];
	event->attr.pinned |= leader && m->count['D'];
	event->attr.exclusive |= leader && m->count['e'];
	event->group_read |= m->count['S'];
	event->weak |= m->count['W'];
	return apply_precision(m, event);
}

struct perfgo_error *event_modifiers_apply(const char *text, bool group, struct event_list *list,
					   size_t first)
{
	struct modifiers modifiers;
	struct perfgo_error *error = read_modifiers(text, &modifiers);
	if (!error && modifiers.count['W'] && !group)
		error = perfgo_error_new("the modifier W of :%s is for groups in braces", text);
	for (size_t i = first; !error && i < list->count; i++)
		error = apply(&modifiers, group, list->events[i].leader == i, &list->events[i]);
	return error;
}
