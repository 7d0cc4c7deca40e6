// SPDX-License-Identifier: GPL-2.0-only
/* perf go flame: the stacks of a recording, or what has changed between two, as a picture. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "flame_text.h"
#include "gather.h"
#include "out/flame.h"
#include "output.h"

static const char default_output[] = "flame.svg";

/* Unless a width is asked for: a browser opens as many in a second or two. */
static const double default_min_width = 0.1;
enum { MAX_FRAMES = 30000 };

struct flame_command {
	struct gather_options gather;
	const char *output, *before, *title;
	double min_width; /* NAN: not given */
};

/* Reads one recording; its stacks and words are kept. */
static struct perfgo_error *gather_side(const struct flame_command *command, const char *input,
					enum stack_side side, struct stack_tree *tree,
					struct flame_text *text)
{
	struct gather_options options = command->gather;
	struct recording recording = {0};
	struct gather gather;
	struct stack_profile_summary summary;
	options.recording.input = input;
	struct perfgo_error *error = gather_init(&gather, &options);
	if (!error)
		error = recording_open(&options.recording, &recording);
	if (!error)
		error = output_check(command->output, &recording);
	if (!error)
		error = gather_stacks(&gather, &recording, tree, side, &summary);
	if (!error && !flame_text_add(text, &gather, &recording, &summary, side))
		error = perfgo_error_no_memory();
	recording_close(&recording);
	gather_deinit(&gather);
	return error;
}

static struct perfgo_error *gather_sides(const struct flame_command *command,
					 struct stack_tree *tree, struct flame_text *text)
{
	const struct gather_options *options = &command->gather;
	struct perfgo_error *error =
		gather_side(command, options->recording.input, STACKS_NOW, tree, text);
	if (!error && command->before)
		error = gather_side(command, command->before, STACKS_BEFORE, tree, text);
	if (!error && !flame_text_add_options(text, options, command->before))
		error = perfgo_error_no_memory();
	return error;
}

static struct perfgo_error *draw(const struct flame_command *command, struct stack_tree *tree,
				 const struct flame_text *text)
{
	const struct gather_options *options = &command->gather;
	_cleanup_free_ struct stack_node *nodes = NULL;
	const char *weight = options->weight ? options->weight : "period";
	bool bounded = isnan(command->min_width);
	struct flame flame = {
		.title = command->title ? command->title : text->title,
		.lines = (const char *const *)text->lines,
		.nr_lines = text->nr_lines,
		.weight = strcmp(weight, "samples") ? weight : NULL,
		.unit = text->unit,
		.keys = options->by,
		.compared = command->before,
		.min_width = bounded ? default_min_width : command->min_width,
		.max_frames = bounded ? MAX_FRAMES : 0,
	};
	struct writer picture = writer_of_memory();
	size_t size;
	struct perfgo_error *error = stack_tree_nodes(tree, &nodes, &flame.count);
	flame.nodes = nodes;
	if (!error)
		error = flame_write(&picture, &flame);
	if (!error && writer_failed(&picture))
		error = perfgo_error_no_memory();
	progress_clear();
	/* The whole picture is made before the file is touched. */
	const char *bytes = writer_text(&picture, &size);
	if (!error)
		error = output_write(command->output, bytes, size);
	perfgo_error_destroy(writer_finish(&picture));
	return error;
}

static struct perfgo_error *run(const struct flame_command *command)
{
	struct stack_tree *tree = NULL;
	struct flame_text text = {0};
	struct perfgo_error *error = stack_tree_new(&tree);
	if (!error)
		error = gather_sides(command, tree, &text);
	if (!error)
		error = draw(command, tree, &text);
	stack_tree_free(tree);
	flame_text_deinit(&text);
	return error;
}

/* What can be wrong with the words of the command line. */
static int check(const struct flame_command *command)
{
	struct gather gather;
	int status = complain_wrong(gather_init(&gather, &command->gather));
	gather_deinit(&gather);
	return status;
}

int cmd_flame(int argc, char **argv)
{
	struct flame_command command = {
		.gather = {.places = true, .inlines = -1},
		.output = default_output,
		.min_width = NAN,
	};
	const struct option_spec specs[] = {
		GATHER_OPTIONS(command.gather),
		{'o', "output", OPTION_STRING, &command.output},
		{0, "diff", OPTION_STRING, &command.before},
		{0, "title", OPTION_STRING, &command.title},
		{0, "min-width", OPTION_NUMBER, &command.min_width},
		{0},
	};
	int first, status = options_parse(argc, argv, specs, &first);
	if (!status)
		status = recording_input(&command.gather.recording, argc, argv, first);
	if (!status)
		status = check(&command);
	if (!status)
		status = complain(run(&command));
	if (!status && !output_is_stdout(command.output) && isatty(STDOUT_FILENO))
		printf("%s: a browser shows it, and finds and zooms in it\n", command.output);
	return status;
}
