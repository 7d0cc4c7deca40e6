// SPDX-License-Identifier: GPL-2.0-only
#include "out/flame.h"

#include <math.h>
#include <stdlib.h>

#include "out/flame_layout.h"
#include "out/flame_style.h"
#include "out/xml.h"

/* The program of the picture; the path is relative to the top of the sources. */
__asm__(".section .rodata\nflame_script_begin:\n.incbin \"core/out/flame.js\"\n"
	"flame_script_end:\n.previous\n");
extern const char flame_script_begin[] __attribute__((visibility("hidden")));
extern const char flame_script_end[] __attribute__((visibility("hidden")));

enum {
	TITLE_Y = 26,
	LINE_HEIGHT = 17,
	LEGEND_HEIGHT = 24,
	DETAILS_HEIGHT = 20, /* a line below the legend, on the frame that is pointed at */
	INNER_WIDTH = FLAME_WIDTH - 2 * FLAME_MARGIN,
};

struct picture {
	const struct flame *flame;
	struct flame_layout layout;
	struct writer *out;
	int legend_y, legend_end, top, height; /* top: of the first row of frames */
};

/* A coordinate, to a thousandth. */
static void write_px(struct writer *out, double px)
{
	uint64_t thousandths = (uint64_t)llround(px * 1000);
	writer_unsigned(out, thousandths / 1000);
	unsigned int rest = (unsigned int)(thousandths % 1000);
	if (!rest)
		return;
	const char digits[] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10),
			       (char)('0' + rest % 10)};
	writer_bytes(out, digits, rest % 10 ? 4 : rest % 100 ? 3 : 2);
}

static void write_attribute(struct writer *out, const char *name, double px)
{
	writer_string(out, name);
	write_px(out, px);
	writer_char(out, '"');
}

static bool is_go(enum code_origin origin)
{
	return origin == ORIGIN_GO_APPLICATION || origin == ORIGIN_GO_STANDARD ||
	       origin == ORIGIN_GO_RUNTIME;
}

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

/* The bytes of the first COUNT characters. */
static size_t bytes_of(const char *text, size_t count)
{
	size_t size = 0;
	for (; text[size]; size++)
		if ((text[size] & 0xc0) != 0x80 && !count--)
			break;
	return size;
}

/*
 * What is left of a name where there is room for ROOM characters: of a Go function's first the
 * directories of its package go, then the package.
 */
static const char *shorten(const struct stack_entry *entry, size_t room)
{
	const char *name = entry->name;
	if (!is_go(entry->origin) || characters(name) <= room)
		return name;
	const char *slash = memrchr(name, '/', strcspn(name, "[("));
	name = slash ? slash + 1 : name;
	size_t package = strcspn(name, ".[(");
	return characters(name) > room && name[package] == '.' ? name + package + 1 : name;
}

enum { LEAST_LABEL = 3 };

/* As much of the name as there is room for. */
static void write_label(struct writer *out, const struct stack_entry *entry, double x, double width,
			int y)
{
	double room = floor((width - 2 * FLAME_PADDING) / FLAME_CHARACTER);
	if (room < LEAST_LABEL)
		return;
	const char *name = shorten(entry, (size_t)room);
	write_attribute(out, "<text x=\"", x + FLAME_PADDING);
	writer_printf(out, " y=\"%d\">", y);
	if (characters(name) > (size_t)room) {
		xml_text(out, name, bytes_of(name, (size_t)room - 1));
		writer_string(out, "…");
	} else {
		xml_string(out, name);
	}
	writer_string(out, "</text>");
}

static void write_place(struct writer *out, const struct stack_node *node)
{
	writer_char(out, '\n');
	xml_string(out, node->file);
	if (node->first_line)
		writer_printf(out, ":%u", node->first_line);
	if (node->last_line != node->first_line)
		writer_printf(out, "-%u", node->last_line);
	if (node->other_files)
		writer_string(out, " and others");
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* "1,234 samples, 12.34 %, period 1,234,000" */
static void write_counts(const struct flame *flame, struct writer *out,
			 const struct stack_node *node, enum stack_side side)
{
	const struct stack_weight *sums = &node->sides[side];
	writer_grouped(out, sums->samples);
	writer_printf(out, " sample%s, %.2f %%", sums->samples == 1 ? "" : "s",
		      percent(sums->weight, flame->nodes[0].sides[side].weight));
	if (!flame->weight)
		return;
	writer_printf(out, ", %s ", flame->weight);
	writer_grouped(out, sums->weight);
	writer_string(out, flame->unit ? flame->unit : "");
}

static void write_inferred(struct writer *out, const struct stack_node *node)
{
	uint64_t inferred = node->sides[STACKS_NOW].inferred + node->sides[STACKS_BEFORE].inferred;
	uint64_t samples = node->sides[STACKS_NOW].samples + node->sides[STACKS_BEFORE].samples;
	if (!inferred)
		return;
	writer_string(out, "\ninferred from the code");
	if (inferred == samples)
		return;
	writer_string(out, " in ");
	writer_grouped(out, inferred);
	writer_string(out, inferred == 1 ? " sample" : " samples");
}

/* What is shown of a frame by pointing at it; the script reads the name from its first line. */
static void write_details(const struct picture *picture, const struct stack_node *node,
			  const struct flame_box *box)
{
	const struct flame *flame = picture->flame;
	struct writer *out = picture->out;
	writer_string(out, "<title>");
	xml_string(out, node->entry.name);
	if (node->entry.key)
		writer_printf(out, "\n%s", node->entry.key);
	else if (node->file)
		write_place(out, node);
	if (node->entry.inlined)
		writer_string(out, "\ninlined");
	write_inferred(out, node);
	writer_string(out, flame->compared ? "\nnow: " : "\n");
	write_counts(flame, out, node, STACKS_NOW);
	if (flame->compared) {
		writer_string(out, "\nbefore: ");
		write_counts(flame, out, node, STACKS_BEFORE);
		writer_printf(out, "\n%+.2f percentage points", 100 * box->change);
	}
	writer_string(out, "</title>");
}

enum { NARROW = 3 };

static void write_frame(const struct picture *picture, const struct flame_box *box)
{
	struct writer *out = picture->out;
	const struct stack_node *node = &picture->flame->nodes[box->node];
	double x = FLAME_MARGIN + box->x * INNER_WIDTH, width = box->width * INNER_WIDTH;
	int y = picture->top + (int)node->depth * FLAME_ROW;
	bool compared = picture->flame->compared;
	writer_printf(out, "<g class=\"f %s%s%s%s%s\">",
		      flame_class(&picture->layout, box, node, compared),
		      compared && is_go(node->entry.origin) ? " go" : "",
		      node->entry.inlined ? " in" : "", flame_is_inferred(node) ? " inf" : "",
		      width < NARROW ? " narrow" : "");
	write_details(picture, node, box);
	write_attribute(out, "<rect x=\"", x);
	write_attribute(out, " width=\"", width);
	writer_printf(out, " y=\"%d\" height=\"%d\"/>", y, FLAME_ROW - 1);
	write_label(out, &node->entry, x, width, y + FLAME_ROW - 5);
	writer_string(out, "</g>\n");
}

static void write_head(const struct picture *picture)
{
	const struct flame *flame = picture->flame;
	struct writer *out = picture->out;
	writer_printf(out,
		      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		      "height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>",
		      FLAME_WIDTH, picture->height, FLAME_WIDTH, picture->height);
	xml_string(out, flame->title);
	writer_string(out, "</title>\n");
	flame_write_style(out, flame->compared);
	writer_printf(out,
		      "<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n"
		      "<text class=\"title\" x=\"%d\" y=\"%d\">",
		      FLAME_MARGIN, TITLE_Y);
	xml_string(out, flame->title);
	writer_string(out, "</text>\n");
}

static void write_line(struct writer *out, size_t i, const char *text)
{
	writer_printf(out, "<text class=\"line\" x=\"%d\" y=\"%zu\">", FLAME_MARGIN,
		      TITLE_Y + (i + 1) * LINE_HEIGHT);
	xml_string(out, text);
	writer_string(out, "</text>\n");
}

static void write_lines(const struct picture *picture)
{
	const struct flame *flame = picture->flame;
	size_t left_out = picture->layout.left_out;
	for (size_t i = 0; i < flame->nr_lines; i++)
		write_line(picture->out, i, flame->lines[i]);
	if (!left_out)
		return;
	writer_printf(picture->out, "<text class=\"line\" x=\"%d\" y=\"%zu\">", FLAME_MARGIN,
		      TITLE_Y + (flame->nr_lines + 1) * LINE_HEIGHT);
	writer_grouped(picture->out, left_out);
	writer_printf(picture->out,
		      " frame%s narrower than %.3g px left out, and not found by a search: "
		      "--min-width 0 draws %s</text>\n",
		      left_out == 1 ? "" : "s", picture->layout.min_width * INNER_WIDTH,
		      left_out == 1 ? "it" : "them");
}

static void write_frames(const struct picture *picture)
{
	writer_printf(picture->out, "<text id=\"details\" x=\"%d\" y=\"%d\"/>\n", FLAME_MARGIN,
		      picture->legend_end + DETAILS_HEIGHT);
	writer_printf(picture->out, "<g id=\"frames\" data-x=\"%d\" data-width=\"%d\">\n",
		      FLAME_MARGIN, INNER_WIDTH);
	for (size_t i = 0; i < picture->layout.count; i++)
		write_frame(picture, &picture->layout.boxes[i]);
	writer_string(picture->out, "</g>\n");
}

static void write_script(struct writer *out)
{
	writer_string(out, "<script><![CDATA[\n");
	writer_bytes(out, flame_script_begin, (size_t)(flame_script_end - flame_script_begin));
	writer_string(out, "]]></script>\n");
}

static void measure(struct picture *picture)
{
	size_t lines = picture->flame->nr_lines + (picture->layout.left_out != 0);
	picture->legend_y = TITLE_Y + (int)lines * LINE_HEIGHT + LEGEND_HEIGHT;
	picture->legend_end =
		picture->legend_y + flame_legend_height(&picture->layout, picture->flame->keys,
							picture->flame->compared);
	picture->top = picture->legend_end + DETAILS_HEIGHT + FLAME_MARGIN;
	picture->height =
		picture->top + (int)(picture->layout.depth + 1) * FLAME_ROW + FLAME_MARGIN;
}

struct perfgo_error *flame_write(struct writer *out, const struct flame *flame)
{
	struct picture picture = {.flame = flame, .out = out};
	struct perfgo_error *error =
		flame_layout(flame->nodes, flame->count, flame->compared,
			     flame->min_width / INNER_WIDTH, flame->max_frames, &picture.layout);
	if (!error) {
		measure(&picture);
		write_head(&picture);
		write_lines(&picture);
		flame_write_legend(out, &picture.layout, flame->keys, flame->compared,
				   picture.legend_y);
		write_frames(&picture);
		write_script(out);
		writer_string(out, "</svg>\n");
	}
	flame_layout_deinit(&picture.layout);
	return error;
}
