// SPDX-License-Identifier: GPL-2.0-only
#include "out/folded.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

/* The names from the root to a node, and how much of the text is there at each depth. */
struct folding {
	struct writer text;
	size_t *ends; /* by depth */
	size_t capacity;
};

static void append_name(struct writer *text, const struct stack_entry *entry)
{
	for (const char *c = entry->name; *c; c++) {
		bool control = (unsigned char)*c < ' ' || *c == 0x7f;
		writer_char(text, control ? ' ' : *c == ';' ? ':' : *c);
	}
	if (entry->origin == ORIGIN_KERNEL)
		writer_string(text, "_[k]");
	else if (entry->inlined)
		writer_string(text, "_[i]");
}

/* Goes on from the text of the parent, which came before. False without memory. */
static bool fold(struct folding *folding, const struct stack_node *node)
{
	if (!array_reserve(folding->ends, folding->capacity, (size_t)node->depth + 1))
		return false;
	folding->text.used = node->depth > 1 ? folding->ends[node->depth - 1] : 0;
	if (node->depth > 1)
		writer_char(&folding->text, ';');
	if (node->depth)
		append_name(&folding->text, &node->entry);
	folding->ends[node->depth] = folding->text.used;
	return !writer_failed(&folding->text);
}

void folded_write(struct writer *out, const struct stack_node *nodes, size_t count)
{
	struct folding folding = {.text = writer_of_memory()};
	for (size_t i = 0; i < count; i++) {
		const struct stack_weight *sums = &nodes[i].sides[STACKS_NOW];
		size_t size;
		if (!fold(&folding, &nodes[i])) {
			out->errnum = ENOMEM;
			break;
		}
		if (!sums->self_weight || !nodes[i].depth)
			continue;
		const char *text = writer_text(&folding.text, &size);
		writer_bytes(out, text, size);
		writer_char(out, ' ');
		writer_unsigned(out, sums->self_weight);
		writer_char(out, '\n');
	}
	perfgo_error_destroy(writer_finish(&folding.text));
	free(folding.ends);
}
