// SPDX-License-Identifier: GPL-2.0-only
/* What a report says of the goroutines of its recording, when it shows any. */
#include <string.h>

#include "session/snapshots.h"
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

/* What keeps snapshots from telling of samples, if anything. */
static void say_obstacle(const struct view *view)
{
	const struct perfdata *data = session_data(view->recording->session);
	bool registers = false, clock = false;
	if (!session_nr_snapshots(view->recording->session) ||
	    view->goroutines.known[GOID_FROM_BPF])
		return;
	for (size_t i = 0; i < perfdata_nr_events(data); i++) {
		const struct perfdata_attr *attr = &perfdata_event(data, i)->attr;
		bool has_registers = attr->sample_type & PERF_SAMPLE_REGS_USER;
		registers |= has_registers;
		clock |= has_registers && snapshots_share_clock(attr);
	}
	if (!registers)
		writer_string(view->out, "# for goroutines by snapshots the register with g is "
					 "missing: perf record --user-regs=ip,sp,r14 (x28 on "
					 "arm64)\n");
	else if (!clock)
		writer_string(view->out,
			      "# times of snapshots are not those of the recording: perf "
			      "record -k mono\n");
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
	say_obstacle(view);
	if (section)
		say_processes(view, section);
}
