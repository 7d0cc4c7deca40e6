// SPDX-License-Identifier: GPL-2.0-only
/* perf go folded: stacks for flame graph programs. */
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "gather.h"
#include "out/folded.h"

static struct perfgo_error *write_stacks(struct stack_tree *tree)
{
	struct writer out = writer_of_fd(STDOUT_FILENO, "standard output");
	struct stack_node *nodes = NULL;
	size_t count = 0;
	struct perfgo_error *error = stack_tree_nodes(tree, &nodes, &count);
	progress_clear();
	folded_write(&out, nodes, count);
	free(nodes);
	struct perfgo_error *failed = writer_finish(&out);
	if (error)
		perfgo_error_destroy(failed);
	return error ? error : failed;
}

static struct perfgo_error *fold(const struct gather *gather)
{
	struct recording recording = {0};
	struct stack_tree *tree = NULL;
	struct stack_profile_summary summary;
	struct perfgo_error *error = recording_open(&gather->options->recording, &recording);
	if (!error)
		error = stack_tree_new(&tree);
	if (!error)
		error = gather_stacks(gather, &recording, tree, STACKS_NOW, &summary);
	if (!error)
		error = write_stacks(tree);
	stack_tree_free(tree);
	recording_close(&recording);
	return error;
}

int cmd_folded(int argc, char **argv)
{
	struct gather_options options = {.inlines = -1};
	const struct option_spec specs[] = {GATHER_OPTIONS(options), {0}};
	struct gather gather;
	int first, status = options_parse(argc, argv, specs, &first);
	if (!status)
		status = recording_input(&options.recording, argc, argv, first);
	if (status)
		return status;
	status = complain_wrong(gather_init(&gather, &options));
	if (!status)
		status = complain(fold(&gather));
	gather_deinit(&gather);
	return status;
}
