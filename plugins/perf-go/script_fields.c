// SPDX-License-Identifier: GPL-2.0-only
/* Which keys perf go script writes. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "script.h"

static size_t find_field(const struct fields *fields, const struct key *key)
{
	size_t i = 0;
	while (i < fields->count && fields->fields[i].key != key)
		i++;
	return i;
}

static struct perfgo_error *add_field(struct fields *fields, const struct key *key)
{
	if (find_field(fields, key) < fields->count)
		return NULL;
	if (!array_reserve(fields->fields, fields->capacity, fields->count + 1))
		return perfgo_error_no_memory();
	fields->fields[fields->count++] = (struct field){.key = key};
	return NULL;
}

static void remove_field(struct fields *fields, const struct key *key)
{
	size_t i = find_field(fields, key);
	if (i == fields->count)
		return;
	fields->count--;
	memmove(&fields->fields[i], &fields->fields[i + 1],
		(fields->count - i) * sizeof(*fields->fields));
}

static struct perfgo_error *add_answered(struct fields *fields, const struct key *key,
					 const struct session *session)
{
	return !session || key_answered(key, session) ? add_field(fields, key) : NULL;
}

static struct perfgo_error *add_defaults(struct fields *fields, const struct script_format *format,
					 const struct session *session)
{
	struct key_list list;
	size_t count;
	const struct key *table = key_table(&count);
	struct perfgo_error *error = NULL;
	if (!format->default_keys) {
		for (size_t i = 0; i < count && !error; i++)
			error = add_answered(fields, &table[i], session);
		return error;
	}
	error = key_list_parse(format->default_keys, &list);
	for (size_t i = 0; !error && i < list.count; i++)
		error = add_answered(fields, list.keys[i], session);
	return error;
}

/* A key, "+key" or "-key". */
static struct perfgo_error *apply_word(struct fields *fields, const char *word)
{
	struct key_list list;
	struct perfgo_error *error = key_list_parse(word + strspn(word, "+-"), &list);
	if (error)
		return error;
	if (*word != '-')
		return add_field(fields, list.keys[0]);
	remove_field(fields, list.keys[0]);
	return NULL;
}

static bool is_change(const char *word)
{
	return *word == '+' || *word == '-';
}

struct perfgo_error *fields_parse(const char *text, const struct script_format *format,
				  const struct session *session, struct fields *ret)
{
	bool changes = !text || is_change(text);
	struct perfgo_error *error = changes ? add_defaults(ret, format, session) : NULL;
	_cleanup_free_ char *words = strdup(text ? text : "");
	if (!words)
		return perfgo_error_no_memory();
	char *rest = words, *word;
	while (!error && (word = strsep(&rest, ", "))) {
		if (!*word)
			continue;
		if (is_change(word) != changes)
			return perfgo_error_new("-F takes keys, or changes with + and -, not both");
		error = apply_word(ret, word);
	}
	if (!error && !ret->count)
		error = perfgo_error_new("-F leaves no key");
	return error;
}
