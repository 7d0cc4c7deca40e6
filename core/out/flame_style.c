// SPDX-License-Identifier: GPL-2.0-only
#include "out/flame_style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "out/xml.h"

/*
 * Colours that people with any kind of colour blindness tell apart (Okabe and Ito, "Color Universal
 * Design", 2008), all light enough for black text.
 */
static const struct look {
	const char *class, *fill, *meaning;
} looks[NR_ORIGINS] = {
	[ORIGIN_GO_APPLICATION] = {"app", "#e69f00", "Go application"},
	[ORIGIN_GO_STANDARD] = {"std", "#56b4e9", "Go standard library"},
	[ORIGIN_GO_RUNTIME] = {"run", "#00a779", "Go runtime"},
	[ORIGIN_NATIVE] = {"nat", "#f0e442", "C and other native code"},
	[ORIGIN_KERNEL] = {"ker", "#cc79a7", "kernel"},
	[ORIGIN_UNKNOWN] = {"unk", "#c8c8c8", "unknown"},
};

/* The order of the legend. */
static const enum code_origin legend_order[] = {
	ORIGIN_GO_APPLICATION, ORIGIN_GO_STANDARD, ORIGIN_GO_RUNTIME,
	ORIGIN_NATIVE,	       ORIGIN_KERNEL,	   ORIGIN_UNKNOWN,
};

static const char root_fill[] = "#eeeeee", key_fill_colour[] = "#e2e2f0";

/* From a share that fell to one that rose: blue to red, by lightness too. */
enum { STEPS = 4 };
static const struct look changes[2 * STEPS + 1] = {
	{"m4", "#2a6db0"}, {"m3", "#5b9bd0"}, {"m2", "#9cc6e4"},
	{"m1", "#d3e5f1"}, {"m0", "#dedede"}, {"p1", "#fbdccb"},
	{"p2", "#f3a887"}, {"p3", "#dd7156"}, {"p4", "#c23b3b"},
};

/* Small changes are told apart as well as large ones: steps grow with the root of the change. */
static int step_of(double change, double most)
{
	int step = most > 0 ? (int)lround(sqrt(fabs(change) / most) * STEPS) : 0;
	return change < 0 ? -step : step;
}

const char *flame_class(const struct flame_layout *layout, const struct flame_box *box,
			const struct stack_node *node, bool compared)
{
	if (compared)
		return changes[STEPS + step_of(box->change, layout->most_change)].class;
	if (!node->depth)
		return "root";
	return node->entry.key ? "key" : looks[node->entry.origin].class;
}

static void write_fill(struct writer *out, const char *class, const char *fill)
{
	writer_printf(out, ".%s rect{fill:%s}\n", class, fill);
}

void flame_write_style(struct writer *out, bool compared)
{
	writer_printf(out,
		      "<style>\n"
		      ".paper{fill:#fff}\n"
		      "text{font:%dpx ui-monospace,monospace;fill:#000}\n"
		      ".title{font:bold 16px sans-serif}\n"
		      ".line{font:12px sans-serif;fill:#333}\n"
		      ".f rect{stroke:#fff;stroke-width:.5}\n"
		      ".narrow rect{stroke:none}\n"
		      ".in rect{%sstroke:#444;stroke-width:.8;stroke-dasharray:3 2}\n"
		      ".inf rect{stroke:#000;stroke-width:1.2;stroke-dasharray:1 2}\n"
		      ".in.narrow rect,.inf.narrow rect{stroke:none}\n",
		      FLAME_FONT, compared ? "" : "fill-opacity:.5;");
	if (compared) {
		for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
			write_fill(out, changes[i].class, changes[i].fill);
		writer_string(out, ".m4 text,.p4 text{fill:#fff}\n");
	} else {
		for (size_t i = 0; i < NR_ORIGINS; i++)
			write_fill(out, looks[i].class, looks[i].fill);
		write_fill(out, "root", root_fill);
		write_fill(out, "key", key_fill_colour);
	}
	writer_string(out,
		      "#frames g{cursor:pointer}\n"
		      "#frames g:hover rect{stroke:#000;stroke-width:1.2;stroke-dasharray:none}\n"
		      ".above{opacity:.6}\n"
		      ".miss{opacity:.22}\n"
		      ".hidden{display:none}\n"
		      ".bar{font:12px sans-serif;float:right;display:flex;gap:8px;"
		      "align-items:center;background:#fff}\n"
		      "@media(prefers-color-scheme:dark){.paper{fill:#1c1c1f}"
		      ".bar{background:#1c1c1f;color:#ddd}"
		      ".title,.line,#details,#legend text{fill:#ddd}"
		      ".f rect{stroke:#1c1c1f}.in rect{fill-opacity:.75}}\n"
		      "</style>\n");
}

static const char inlined_meaning[] = "dashed: inlined call",
		  inferred_meaning[] = "dotted: inferred from the code";

enum { SWATCH = 13, GAP = 18 };

/* The legend as far as it is written, its next item at X and Y; without OUT it is only measured. */
struct legend {
	struct writer *out;
	const struct flame_layout *layout;
	double x;
	int y;
};

/* Begins another line where WIDTH has no place on this one. */
static void make_room(struct legend *legend, double width)
{
	if (legend->x > FLAME_MARGIN && legend->x + width > FLAME_WIDTH - FLAME_MARGIN) {
		legend->x = FLAME_MARGIN;
		legend->y += FLAME_ROW;
	}
}

static void write_text(struct legend *legend, const char *text, double width)
{
	if (legend->out) {
		writer_printf(legend->out, "<text x=\"%.1f\" y=\"%d\">", legend->x, legend->y);
		xml_string(legend->out, text);
		writer_string(legend->out, "</text>\n");
	}
	legend->x += width + GAP;
}

/* A swatch and its text. */
static void write_item(struct legend *legend, const char *class, const char *text)
{
	double width = (double)strlen(text) * FLAME_CHARACTER;
	make_room(legend, SWATCH + 5 + width);
	if (legend->out)
		writer_printf(legend->out,
			      "<g class=\"f %s\"><rect x=\"%.1f\" y=\"%d\" width=\"%d\" "
			      "height=\"%d\"/></g>",
			      class, legend->x, legend->y - SWATCH + 3, SWATCH, SWATCH);
	legend->x += SWATCH + 5;
	write_text(legend, text, width);
}

/* What outlines mean, on swatches of a class. */
static void write_outlines(struct legend *legend, const char *class)
{
	char classes[16];
	snprintf(classes, sizeof(classes), "%s in", class);
	if (legend->layout->inlined)
		write_item(legend, classes, inlined_meaning);
	snprintf(classes, sizeof(classes), "%s inf", class);
	if (legend->layout->inferred)
		write_item(legend, classes, inferred_meaning);
}

static void write_origins(struct legend *legend, const char *keys)
{
	char text[256];
	for (size_t i = 0; i < sizeof(legend_order) / sizeof(*legend_order); i++) {
		const struct look *look = &looks[legend_order[i]];
		if (legend->layout->origins[legend_order[i]])
			write_item(legend, look->class, look->meaning);
	}
	write_outlines(legend, "unk");
	if (keys) {
		snprintf(text, sizeof(text), "values of %s", keys);
		write_item(legend, "key", text);
	}
}

/* The least change, in percentage points, of a step's colour. */
static double least_of_step(int step, double most)
{
	double root = (step - 0.5) / STEPS;
	return 100 * most * root * root;
}

static void write_changes(struct legend *legend)
{
	static const char meaning[] = "points of share: blue fell, red rose";
	double most = legend->layout->most_change, width = strlen(meaning) * FLAME_CHARACTER;
	char text[64];
	for (int step = -STEPS; step <= STEPS; step++) {
		if (step && most <= 0)
			continue;
		snprintf(text, sizeof(text), "same");
		if (step)
			snprintf(text, sizeof(text), "%s%.2g", step < 0 ? "-" : "+",
				 least_of_step(step < 0 ? -step : step, most));
		write_item(legend, changes[STEPS + step].class, text);
	}
	make_room(legend, width);
	write_text(legend, meaning, width);
	write_outlines(legend, "m0");
}

static int write_legend(struct legend *legend, const char *keys, bool compared)
{
	legend->x = FLAME_MARGIN;
	if (compared)
		write_changes(legend);
	else
		write_origins(legend, keys);
	return legend->y;
}

int flame_legend_height(const struct flame_layout *layout, const char *keys, bool compared)
{
	struct legend legend = {.layout = layout};
	return write_legend(&legend, keys, compared);
}

void flame_write_legend(struct writer *out, const struct flame_layout *layout, const char *keys,
			bool compared, int y)
{
	struct legend legend = {.out = out, .layout = layout, .y = y};
	writer_string(out, "<g id=\"legend\">\n");
	write_legend(&legend, keys, compared);
	writer_string(out, "</g>\n");
}
