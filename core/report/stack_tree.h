/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks of one recording, or of two that are compared, as one tree from the roots on. It has its
 * own copies of all names, so that recordings can be closed.
 */
#ifndef REPORT_STACK_TREE_H
#define REPORT_STACK_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/origin.h"
#include "base/error.h"

struct stack_tree;

/* Of which recording: the one looked at, or the one it is compared with. */
enum stack_side { STACKS_NOW, STACKS_BEFORE, NR_STACK_SIDES };

/* What stands in the tree: two that are equal in all are one. */
struct stack_entry {
	const char *name;
	const char *key; /* the key that NAME is a value of, above all frames; else NULL */
	enum code_origin origin;
	bool inlined;
};

struct perfgo_error *stack_tree_new(struct stack_tree **ret);
void stack_tree_free(struct stack_tree *tree);

/* The id of an entry, of which a copy is kept; IDMAP_NONE without memory. */
uint32_t stack_tree_entry(struct stack_tree *tree, const struct stack_entry *entry);

/* The root of all stacks. */
enum { STACK_TREE_ROOT = 0 };

/* The node of an entry below PARENT, made at first sight; IDMAP_NONE without memory. */
uint32_t stack_tree_child(struct stack_tree *tree, uint32_t parent, uint32_t entry);

/* The id of a source file or binary, for the next function. STRING_UNKNOWN for NULL. */
uint32_t stack_tree_file(struct stack_tree *tree, const char *file);

/*
 * Notes that the entry of a node was met in a file, at a line, 0 unknown. What SIDE said first
 * stands: the same code may have been built at another place, from other lines, before.
 */
void stack_tree_note_place(struct stack_tree *tree, uint32_t node, enum stack_side side,
			   uint32_t file, uint32_t line);

/* Notes that nobody recorded the entry of a node for some of the samples that go through it: it
 * was inferred from the code. */
void stack_tree_note_inferred(struct stack_tree *tree, uint32_t node, enum stack_side side,
			      uint64_t samples);

/* Adds samples that end at a node. All weights of a side together must not overflow. */
void stack_tree_add(struct stack_tree *tree, uint32_t node, enum stack_side side, uint64_t weight,
		    uint64_t samples);

struct stack_weight {
	uint64_t weight, samples; /* of all that goes through the node */
	uint64_t self_weight;	  /* of what ends there */
	uint64_t inferred;	  /* samples of which the node itself was not recorded */
};

struct stack_node {
	struct stack_entry entry;
	uint32_t depth;			/* 0: the root of all, whose name is "all" */
	const char *file;		/* source file, else binary; NULL unknown */
	bool other_files;		/* it was met in others too */
	uint32_t first_line, last_line; /* of those met in the file; 0 unknown */
	struct stack_weight sides[NR_STACK_SIDES];
};

/*
 * The nodes depth first, siblings by name. Nothing is added afterwards. *RET is the caller's, to be
 * freed with free(); its texts are the tree's.
 */
struct perfgo_error *stack_tree_nodes(struct stack_tree *tree, struct stack_node **ret,
				      size_t *count_ret);

#endif
