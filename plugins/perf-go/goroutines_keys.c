// SPDX-License-Identifier: GPL-2.0-only
/* The keys of perf go goroutines: those that samples have too have the same names. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "goproc/label_text.h"
#include "goproc/words.h"
#include "goroutines.h"
#include "numbers.h"

static const char label_prefix[] = "label:";

static void set_number(struct goroutine_value *value, uint64_t number)
{
	value->known = true;
	value->number = number;
}

static void set_text(struct goroutine_value *value, const char *text)
{
	value->known = text && *text;
	value->text = text;
}

static void fill_goid(const struct goroutine_row *row, const struct goroutine_key *key,
		      struct goroutine_value *ret)
{
	(void)key;
	set_number(ret, row->goroutine->goid);
}

static void fill_gostate(const struct goroutine_row *row, const struct goroutine_key *key,
			 struct goroutine_value *ret)
{
	(void)key;
	const char *reason = snapshot_text(row->snapshot, row->goroutine->wait_reason);
	set_text(ret, *reason ? reason : go_state_word(row->goroutine->state));
}

static void fill_gowait(const struct goroutine_row *row, const struct goroutine_key *key,
			struct goroutine_value *ret)
{
	(void)key;
	uint64_t since = row->goroutine->wait_since, now = snapshot_info(row->snapshot)->begin;
	if (since && since <= now)
		set_number(ret, now - since);
}

static void fill_goroutine(const struct goroutine_row *row, const struct goroutine_key *key,
			   struct goroutine_value *ret)
{
	(void)key;
	const struct snapshot_frame *entry =
		snapshot_entry(row->snapshot, row->goroutine->start_pc);
	set_text(ret, entry ? entry->function : NULL);
}

static void fill_gocreator(const struct goroutine_row *row, const struct goroutine_key *key,
			   struct goroutine_value *ret)
{
	(void)key;
	size_t count;
	const struct snapshot_frame *frames =
		snapshot_frames(row->snapshot, row->goroutine->creator_pc, &count);
	set_text(ret, count ? frames[0].function : NULL);
}

static void fill_goparent(const struct goroutine_row *row, const struct goroutine_key *key,
			  struct goroutine_value *ret)
{
	(void)key;
	if (row->goroutine->parent != GO_GOID_UNKNOWN)
		set_number(ret, row->goroutine->parent);
}

static void fill_golabels(const struct goroutine_row *row, const struct goroutine_key *key,
			  struct goroutine_value *ret)
{
	(void)key;
	ret->labels = snapshot_labels(row->snapshot, row->goroutine->label_set);
	ret->known = ret->labels;
}

/* Empty where there is no such label. */
static void fill_label(const struct goroutine_row *row, const struct goroutine_key *key,
		       struct goroutine_value *ret)
{
	const struct label_set *set = snapshot_labels(row->snapshot, row->goroutine->label_set);
	ret->text = "";
	for (size_t i = 0; set && i < set->count; i++)
		if (!strcmp(set->labels[i].key, key->label)) {
			ret->text = set->labels[i].value;
			ret->known = true;
			return;
		}
	ret->known = set && !set->incomplete;
}

static void fill_tid(const struct goroutine_row *row, const struct goroutine_key *key,
		     struct goroutine_value *ret)
{
	(void)key;
	if (row->goroutine->thread)
		set_number(ret, row->goroutine->thread);
}

static void fill_gop(const struct goroutine_row *row, const struct goroutine_key *key,
		     struct goroutine_value *ret)
{
	(void)key;
	if (row->goroutine->processor >= 0)
		set_number(ret, (uint64_t)row->goroutine->processor);
}

static void fill_gosystem(const struct goroutine_row *row, const struct goroutine_key *key,
			  struct goroutine_value *ret)
{
	(void)key;
	set_number(ret, row->goroutine->system);
}

static void fill_callchain(const struct goroutine_row *row, const struct goroutine_key *key,
			   struct goroutine_value *ret)
{
	(void)key;
	if (row->goroutine->stack)
		set_number(ret, row->goroutine->stack);
}

static void fill_gosince(const struct goroutine_row *row, const struct goroutine_key *key,
			 struct goroutine_value *ret)
{
	static const char *const words[] = {
		[CHANGE_NEW] = "new",
		[CHANGE_GONE] = "gone",
		[CHANGE_WAITING] = "still waiting",
		[CHANGE_OTHER] = "there",
	};
	(void)key;
	set_text(ret, words[row->change]);
}

static const struct goroutine_key keys[] = {
	{"goid", VALUE_NUMBER, fill_goid},	   {"gostate", VALUE_TEXT, fill_gostate},
	{"gowait", VALUE_DURATION, fill_gowait},   {"goroutine", VALUE_TEXT, fill_goroutine},
	{"gocreator", VALUE_TEXT, fill_gocreator}, {"goparent", VALUE_NUMBER, fill_goparent},
	{"golabels", VALUE_LABELS, fill_golabels}, {"tid", VALUE_NUMBER, fill_tid},
	{"gop", VALUE_NUMBER, fill_gop},	   {"gosystem", VALUE_BOOL, fill_gosystem},
	{"gosince", VALUE_TEXT, fill_gosince},	   {"callchain", VALUE_STACK, fill_callchain},
};

/* Names in TEXT live as long as it. */
static bool find_key(char *name, struct goroutine_key *ret)
{
	size_t prefix = strlen(label_prefix);
	if (!strncmp(name, label_prefix, prefix) && name[prefix]) {
		*ret = (struct goroutine_key){name, VALUE_TEXT, fill_label, name + prefix};
		return true;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].name, name)) {
			*ret = keys[i];
			return true;
		}
	return false;
}

static struct perfgo_error *unknown_key(const char *name)
{
	struct writer names = writer_of_memory();
	size_t size;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		writer_printf(&names, "%s, ", keys[i].name);
	writer_string(&names, "label:NAME");
	const char *text = writer_text(&names, &size);
	struct perfgo_error *error =
		perfgo_error_hint(perfgo_error_new("goroutines have no key '%s'", name),
				  "they have %.*s", (int)size, text);
	perfgo_error_destroy(writer_finish(&names));
	return error;
}

struct perfgo_error *goroutine_keys_parse(const char *text, struct goroutine_keys *ret)
{
	char *left = ret->names = strdup(text);
	ret->count = 0;
	if (!left)
		return perfgo_error_no_memory();
	for (char *name; (name = strsep(&left, ","));) {
		if (ret->count == MAX_GOROUTINE_KEYS)
			return perfgo_error_new("more than %d keys", MAX_GOROUTINE_KEYS);
		if (!find_key(name, &ret->keys[ret->count++]))
			return unknown_key(name);
	}
	return NULL;
}

void goroutine_keys_deinit(struct goroutine_keys *list)
{
	free(list->names);
}

bool goroutine_keys_have(const struct goroutine_keys *list, enum value_kind kind)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->keys[i].kind == kind)
			return true;
	return false;
}

struct goroutine_value goroutine_value(const struct goroutine_row *row,
				       const struct goroutine_key *key)
{
	struct goroutine_value value = {0};
	key->fill(row, key, &value);
	return value;
}

static void write_labels(const struct label_set *set, struct writer *out)
{
	_cleanup_free_ char *text = label_set_text(set);
	writer_string(out, text ? text : "?");
}

/* As in folded stacks: the outermost function first. */
static void write_stack(const struct goroutine_row *row, struct writer *out)
{
	size_t depth, count;
	const uint64_t *stack = snapshot_stack(row->snapshot, row->goroutine->stack, &depth);
	for (size_t i = depth; i-- > 0;) {
		const struct snapshot_frame *frames =
			snapshot_frames(row->snapshot, stack[i], &count);
		for (size_t inlined = count; inlined-- > 0;) {
			writer_string(out, frames[inlined].function);
			if (i || inlined)
				writer_char(out, ';');
		}
	}
}

void write_goroutine_value(const struct goroutine_row *row, const struct goroutine_key *key,
			   bool human, struct writer *out)
{
	char text[NUMBER_TEXT_SIZE];
	struct goroutine_value value = goroutine_value(row, key);
	if (!value.known) {
		writer_char(out, '?');
		return;
	}
	switch (key->kind) {
	case VALUE_TEXT:
		writer_string(out, value.text);
		break;
	case VALUE_DURATION:
		if (human) {
			writer_string(out, duration_text(value.number, text));
			break;
		}
		/* fallthrough */
	case VALUE_NUMBER:
		writer_unsigned(out, value.number);
		break;
	case VALUE_BOOL:
		writer_string(out, value.number ? "yes" : "no");
		break;
	case VALUE_LABELS:
		write_labels(value.labels, out);
		break;
	case VALUE_STACK:
		write_stack(row, out);
		break;
	}
}
