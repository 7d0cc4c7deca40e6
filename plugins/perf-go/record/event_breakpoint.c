// SPDX-License-Identifier: GPL-2.0-only
/* tools/perf/Documentation/perf-record.txt, "mem:addr[/len][:access]", perf 6.12. */
#include <string.h>

#include <linux/hw_breakpoint.h>

#include "record/event_kinds.h"
#include "record/event_modifiers.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	char letter;
	uint8_t type;
} accesses[] = {{'r', HW_BREAKPOINT_R}, {'w', HW_BREAKPOINT_W}, {'x', HW_BREAKPOINT_X}};

static bool read_accesses(const char *text, __u32 *ret)
{
	*ret = 0;
	for (; *text; text++)
		for (size_t i = 0;; i++) {
			if (i == LENGTH(accesses) ||
			    (accesses[i].letter == *text && *ret & accesses[i].type))
				return false;
			if (accesses[i].letter == *text) {
				*ret |= accesses[i].type;
				break;
			}
		}
	return true;
}

/* An instruction is as long as a word on x86, and has 4 bytes on Arm (perf's man page perf-record).
 */
static uint64_t usual_length(__u32 type)
{
#ifdef __aarch64__
	const uint64_t instruction = HW_BREAKPOINT_LEN_4;
#else
	const uint64_t instruction = sizeof(long);
#endif
	return type == HW_BREAKPOINT_X ? instruction : HW_BREAKPOINT_LEN_4;
}

/* "0x1000/8:rw:u" behind "mem:"; *MODIFIERS is what is left. */
static struct perfgo_error *read_breakpoint(const struct event_words *words,
					    struct perf_event_attr *attr, char **modifiers)
{
	char *access = strchr(words->event, ':'), *length = strchr(words->event, '/');
	uint64_t address, bytes = 0;
	if (access)
		*access++ = 0;
	if (length)
		*length++ = 0;
	*modifiers = access ? strchr(access, ':') : NULL;
	if (*modifiers)
		*(*modifiers)++ = 0;
	if (!text_number(words->event, &address) || (length && !text_number(length, &bytes)))
		return perfgo_error_hint(
			perfgo_error_new("%s: no address is %s", words->whole, words->event),
			"a breakpoint is mem:0xADDRESS/LENGTH:rwx");
	if (access && !read_accesses(access, &attr->bp_type)) {
		if (*modifiers || !event_modifiers_only(access))
			return perfgo_error_new("%s: access is r, w, rw or x, not %s", words->whole,
						access);
		*modifiers = access;
		attr->bp_type = 0;
	}
	if (!attr->bp_type)
		attr->bp_type = HW_BREAKPOINT_R | HW_BREAKPOINT_W;
	attr->bp_addr = address;
	attr->bp_len = bytes ? bytes : usual_length(attr->bp_type);
	return NULL;
}

struct perfgo_error *event_add_breakpoint(struct event_parser *parser,
					  const struct event_words *words, bool *taken)
{
	struct event *event;
	char *modifiers;
	*taken = !strcmp(words->head, "mem") && words->event;
	if (!*taken)
		return NULL;
	size_t first = parser->list->count;
	struct perfgo_error *error = event_append(parser, words->whole, &event);
	if (error)
		return error;
	event->attr.type = PERF_TYPE_BREAKPOINT;
	event->attr.sample_period = 1;
	event->weak_period = true;
	error = read_breakpoint(words, &event->attr, &modifiers);
	if (!error)
		error = event_configure_words(parser, words, NULL, event);
	if (!error && modifiers && *modifiers)
		error = event_modifiers_apply(modifiers, false, parser->list, first);
	return error;
}
