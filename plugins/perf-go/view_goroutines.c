// SPDX-License-Identifier: GPL-2.0-only
/* What a report says of the goroutines of its recording, when it shows any. */
#include <string.h>

#include "view.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Which Go processes have no goroutines, and why. */
static void say_processes(const struct view *view, const struct go_section *section)
{
	for (size_t i = 0; i < go_section_nr_processes(section); i++) {
		const struct go_section_process *process = go_section_process(section, i);
		if (*process->no_goroutine)
			writer_printf(view->out, "# no goroutines of %s (%u): %s\n",
				      base_name(process->executable), process->pid,
				      process->no_goroutine);
	}
}

static bool shows_goroutines(const struct view *view)
{
	for (size_t i = 0; i < view->options.keys.count; i++)
		if (view->options.keys.keys[i]->of == KEY_OF_GOROUTINE)
			return true;
	return false;
}

void view_goroutines(const struct view *view)
{
	const struct session *session = view->recording->session;
	const struct go_section *section = session_go_section(session);
	if (!shows_goroutines(view))
		return;
	if (!session_has_goroutines(session)) {
		writer_string(view->out, "# goroutines were not recorded: perf go record does\n");
		return;
	}
	writer_string(view->out, "# goroutine for ");
	goroutine_tally_write(&view->goroutines, view->out);
	writer_char(view->out, '\n');
	if (section)
		say_processes(view, section);
}
