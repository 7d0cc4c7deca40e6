/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flame graphs as one SVG file: a picture for whatever shows SVG, to which a script in it adds
 * zoom, search and details where scripts run.
 */
#ifndef OUT_FLAME_H
#define OUT_FLAME_H

#include "out/writer.h"
#include "report/stack_tree.h"

struct flame {
	const struct stack_node *nodes; /* of stack_tree_nodes() */
	size_t count;
	const char *title;
	const char *const *lines; /* below the title: what this is about */
	size_t nr_lines;
	const char *weight; /* the name of what nodes weigh; NULL: samples */
	const char *unit;   /* of the weight, " ns"; NULL: none */
	const char *keys;   /* the names of the keys at the root; NULL: none */
	bool compared;	    /* two recordings */
	double min_width;   /* of frames, in px of the picture as it is in the file */
	size_t max_frames;  /* narrower ones are left out where there are more; 0: all are drawn */
};

struct perfgo_error *flame_write(struct writer *out, const struct flame *flame);

#endif
