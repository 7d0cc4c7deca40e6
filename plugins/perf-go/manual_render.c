// SPDX-License-Identifier: GPL-2.0-only
/* man(7), as far as the pages in doc/man use it, to plain text. */
#include <stdbool.h>
#include <string.h>

#include "manual.h"

enum { WIDTH = 80, STEP = 7, LINE_SIZE = 1024, MAX_WORDS = 16 };

struct rendering {
	struct writer *out;
	int indent;    /* of the text of paragraphs */
	int column;    /* where the next word goes; 0: at the beginning of a line */
	bool as_it_is; /* between .nf and .fi lines are kept */
	bool tag;      /* the next line is the tag of a .TP */
	bool no_blank; /* right behind a heading */
};

static void end_line(struct rendering *to)
{
	if (to->column)
		writer_char(to->out, '\n');
	to->column = 0;
}

static void end_paragraph(struct rendering *to)
{
	end_line(to);
	if (!to->no_blank)
		writer_char(to->out, '\n');
	to->no_blank = true;
}

static void go_to_column(struct rendering *to, int column)
{
	for (; to->column < column; to->column++)
		writer_char(to->out, ' ');
}

/* Bytes of UTF-8 that begin a character. */
static int width_of(const char *text, size_t length)
{
	int width = 0;
	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

static void put_word(struct rendering *to, const char *word, size_t length)
{
	int width = width_of(word, length);
	if (to->column > to->indent && to->column + 1 + width > WIDTH)
		end_line(to);
	if (to->column > to->indent)
		go_to_column(to, to->column + 1);
	else
		go_to_column(to, to->indent);
	writer_bytes(to->out, word, length);
	to->column += width;
	to->no_blank = false;
}

static void put_text(struct rendering *to, const char *text)
{
	if (to->as_it_is) {
		go_to_column(to, *text ? to->indent : 0);
		writer_string(to->out, text);
		writer_char(to->out, '\n');
		to->column = 0;
		to->no_blank = false;
		return;
	}
	while (*(text += strspn(text, " "))) {
		size_t length = strcspn(text, " ");
		put_word(to, text, length);
		text += length;
	}
}

/* Takes escapes out: fonts, \-, \(bu, \(aq, \& and \e are all there are. Spaces are kept. */
static void unescape(char *text)
{
	char *to = text;
	for (const char *at = text; *at; at++) {
		if (*at != '\\') {
			*to++ = *at;
			continue;
		}
		at++;
		if (*at == 'f' && at[1]) {
			at++;
		} else if (*at == '(' && at[1] && at[2]) {
			*to++ = !strncmp(at + 1, "aq", 2) ? '\'' : '*';
			at += 2;
		} else if (*at == 'e') {
			*to++ = '\\';
		} else if (*at == '-') {
			*to++ = '-';
		} else if (!*at) {
			break;
		}
	}
	*to = 0;
}

/* The arguments of a macro, in place; "…" is one. */
static int split(char *text, char *words[MAX_WORDS])
{
	int count = 0;
	while (*(text += strspn(text, " ")) && count < MAX_WORDS) {
		bool quoted = *text == '"';
		words[count++] = text += quoted;
		text += strcspn(text, quoted ? "\"" : " ");
		if (*text)
			*text++ = 0;
	}
	return count;
}

static void put_joined(struct rendering *to, char *words[MAX_WORDS], int count,
		       const char *separator)
{
	char text[LINE_SIZE] = "";
	for (int i = 0; i < count; i++) {
		if (i)
			strncat(text, separator, sizeof(text) - strlen(text) - 1);
		strncat(text, words[i], sizeof(text) - strlen(text) - 1);
	}
	unescape(text);
	put_text(to, text);
}

/* Behind a tag the text goes on in the same line if there is room. */
static void end_tag(struct rendering *to)
{
	to->tag = false;
	to->indent = 2 * STEP;
	if (to->column + 1 > to->indent)
		end_line(to);
}

static void title(struct rendering *to, char *words[MAX_WORDS], int count)
{
	(void)words;
	(void)count;
	to->no_blank = true;
}

static void heading(struct rendering *to, char *words[MAX_WORDS], int count)
{
	end_paragraph(to);
	to->indent = 0;
	put_joined(to, words, count, " ");
	end_line(to);
	to->indent = STEP;
	to->no_blank = true;
}

static void paragraph(struct rendering *to, char *words[MAX_WORDS], int count)
{
	(void)words;
	(void)count;
	end_paragraph(to);
	to->indent = STEP;
}

static void broken(struct rendering *to, char *words[MAX_WORDS], int count)
{
	(void)words;
	(void)count;
	end_line(to);
}

static void tagged(struct rendering *to, char *words[MAX_WORDS], int count)
{
	paragraph(to, words, count);
	to->tag = true;
}

static void no_fill(struct rendering *to, char *words[MAX_WORDS], int count)
{
	(void)words;
	(void)count;
	end_line(to);
	to->as_it_is = true;
}

static void fill(struct rendering *to, char *words[MAX_WORDS], int count)
{
	(void)words;
	(void)count;
	to->as_it_is = false;
}

static void spaced(struct rendering *to, char *words[MAX_WORDS], int count)
{
	put_joined(to, words, count, " ");
}

static void joined(struct rendering *to, char *words[MAX_WORDS], int count)
{
	put_joined(to, words, count, "");
}

static const struct macro {
	const char *name;
	void (*render)(struct rendering *to, char *words[MAX_WORDS], int count);
	bool text; /* may be a tag */
} macros[] = {
	{"TH", title},	      {"SH", heading},	    {"SS", heading},	  {"PP", paragraph},
	{"TP", tagged},	      {"nf", no_fill},	    {"EX", no_fill},	  {"fi", fill},
	{"EE", fill},	      {"B", spaced, true},  {"I", spaced, true},  {"BR", joined, true},
	{"RB", joined, true}, {"IR", joined, true}, {"RI", joined, true}, {"BI", joined, true},
	{"IB", joined, true}, {"br", broken},
};

static const struct macro *find_macro(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(macros) / sizeof(*macros); i++)
		if (strlen(macros[i].name) == length && !strncmp(macros[i].name, name, length))
			return &macros[i];
	return NULL;
}

static void render_line(struct rendering *to, char *line)
{
	bool text = *line != '.';
	if (text) {
		unescape(line);
		put_text(to, line);
	} else {
		char *words[MAX_WORDS];
		size_t length = strcspn(line + 1, " ");
		const struct macro *macro = find_macro(line + 1, length);
		if (!macro)
			return;
		text = macro->text;
		macro->render(to, words, split(line + 1 + length, words));
	}
	if (text && to->tag)
		end_tag(to);
}

void manual_render(const char *page, size_t size, struct writer *out)
{
	struct rendering to = {.out = out, .no_blank = true};
	char line[LINE_SIZE];
	while (size) {
		const char *end = memchr(page, '\n', size);
		size_t length = end ? (size_t)(end - page) : size;
		size_t kept = length < LINE_SIZE ? length : LINE_SIZE - 1;
		memcpy(line, page, kept);
		line[kept] = 0;
		render_line(&to, line);
		page += length + (end != NULL);
		size -= length + (end != NULL);
	}
	end_line(&to);
}
