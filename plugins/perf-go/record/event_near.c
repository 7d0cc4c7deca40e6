// SPDX-License-Identifier: GPL-2.0-only
#include "record/event_near.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Letters to change, add or take away, whatever their case; a row of the table at a time. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[MAX_NEAR_NAME];
	size_t length = strlen(b);
	for (size_t j = 0; j <= length; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 1; *a; i++, a++) {
		unsigned int diagonal = row[0];
		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= length; j++) {
			bool same = tolower((unsigned char)*a) == tolower((unsigned char)b[j - 1]);
			unsigned int changed = diagonal + !same;
			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

/* One letter in four may be wrong. What only goes on behind the word is as near as it gets. */
static bool is_near(const char *word, const char *name, unsigned int *ret)
{
	size_t length = strlen(word), name_length = strlen(name);
	if (length >= MAX_NEAR_NAME || name_length >= MAX_NEAR_NAME)
		return false;
	*ret = distance(word, name);
	if (length >= 4 && strcasestr(name, word))
		*ret = 1;
	return *ret <= 1 + length / 4;
}

void near_offer(struct near *near, const char *name)
{
	unsigned int far, at = near->count;
	if (!is_near(near->word, name, &far))
		return;
	for (unsigned int i = 0; i < near->count; i++)
		if (!strcmp(near->best[i].name, name))
			return;
	while (at && near->best[at - 1].distance > far)
		at--;
	if (at == MAX_NEAR)
		return;
	unsigned int moved = least(near->count, MAX_NEAR - 1) - at;
	memmove(&near->best[at + 1], &near->best[at], moved * sizeof(*near->best));
	snprintf(near->best[at].name, sizeof(near->best[at].name), "%s", name);
	near->best[at].distance = far;
	near->count = least(near->count + 1, MAX_NEAR);
}

void near_offer_all(struct near *near, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		near_offer(near, names->names[i]);
}

/* Those that are about as near as the nearest. */
struct perfgo_error *near_hint(const struct near *near, struct perfgo_error *error)
{
	static const char *const formats[] = {NULL, "did you mean %s?", "did you mean %s or %s?",
					      "did you mean %s, %s or %s?"};
	char text[MAX_NEAR * MAX_NEAR_NAME + 32];
	unsigned int count = 0;
	while (count < near->count && near->best[count].distance <= near->best[0].distance + 1)
		count++;
	if (!count)
		return error;
	snprintf(text, sizeof(text), formats[count], near->best[0].name, near->best[1].name,
		 near->best[2].name);
	return perfgo_error_hint(error, "%s", text);
}
