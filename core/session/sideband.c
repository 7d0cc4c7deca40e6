// SPDX-License-Identifier: GPL-2.0-only
/* The records that tell of processes, maps and names. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "session/internal.h"

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* perf's names for executable memory without a file (tools/perf/util/map.c, map__new). */
static bool is_anonymous(const char *name)
{
	return starts_with(name, "//anon") || starts_with(name, "/dev/zero") ||
	       starts_with(name, "/anon_hugepage");
}

static bool is_no_dso(const char *name)
{
	return starts_with(name, "[stack") || starts_with(name, "/SYSV") ||
	       starts_with(name, "[heap]");
}

static uint32_t find_dso(struct session *session, enum dso_kind kind, const char *name,
			 const struct record_mmap *mmap)
{
	return dsos_find(&session->dsos, kind, name, mmap->build_id, mmap->build_id_size,
			 mmap->pid);
}

static enum dso_kind user_kind(const char *name)
{
	if (!strcmp(name, "[vdso]") || starts_with(name, "[vdso") || !strcmp(name, "[vsyscall]"))
		return DSO_VDSO;
	return is_anonymous(name) || is_no_dso(name) || *name != '/' ? DSO_ANON : DSO_FILE;
}

static bool map_user(struct session *session, const struct record_mmap *mmap)
{
	struct maps *maps = threads_maps(&session->threads, mmap->pid);
	char perf_map[32];
	const char *name = mmap->filename;
	bool executable = mmap->prot & 4; /* PROT_EXEC */
	enum dso_kind kind = user_kind(name);
	if (kind == DSO_ANON && executable && (is_anonymous(name) || is_no_dso(name))) {
		snprintf(perf_map, sizeof(perf_map), "/tmp/perf-%d.map", (int)mmap->pid);
		name = perf_map;
	}
	struct map map = {.start = mmap->start,
			  .end = mmap->start + mmap->length,
			  .pgoff = mmap->pgoff,
			  .dso = find_dso(session, kind, name, mmap),
			  .executable = executable};
	if (kind == DSO_VDSO || name == perf_map)
		map.pgoff = 0;
	if (executable)
		dsos_mapped(&session->dsos, map.dso, map.pgoff, mmap->length);
	return maps && maps_insert(maps, &map);
}

static const char kernel_name[] = "[kernel.kallsyms]";

/*
 * "[kernel.kallsyms]_text" and its like stand for the kernel, the rest for modules. Addresses
 * there are absolute: pgoff makes the offset in the dso the address itself.
 */
static bool map_kernel(struct session *session, const struct record_mmap *mmap)
{
	bool kernel = starts_with(mmap->filename, kernel_name);
	struct map map = {.start = mmap->start,
			  .end = mmap->start + mmap->length,
			  .pgoff = mmap->start,
			  .executable = true};
	if (!mmap->start && !mmap->length)
		map.end = UINT64_MAX;
	if (map.end < map.start)
		map.end = UINT64_MAX;
	if (kernel) {
		map.dso = session->kernel_dso = find_dso(session, DSO_KERNEL, kernel_name, mmap);
		session->kernel_reference =
			strings_id(&session->strings, mmap->filename + strlen(kernel_name));
		session->kernel_reference_address = mmap->pgoff;
	} else {
		map.dso = find_dso(session, DSO_MODULE, mmap->filename, mmap);
	}
	return maps_insert(session->kernel, &map);
}

static bool follow_mmap(struct session *session, const struct record *record)
{
	struct record_mmap mmap;
	if (!perfdata_mmap(session->data, record, &mmap))
		return true;
	if (mmap.cpumode == PERF_RECORD_MISC_KERNEL)
		return map_kernel(session, &mmap);
	if (mmap.cpumode == PERF_RECORD_MISC_GUEST_KERNEL ||
	    mmap.cpumode == PERF_RECORD_MISC_GUEST_USER)
		return true;
	return map_user(session, &mmap);
}

static bool add_execution(struct session *session, uint32_t pid, uint64_t time)
{
	if (!array_reserve(session->executions, session->executions_capacity,
			   session->nr_executions + 1))
		return false;
	session->executions[session->nr_executions++] = (struct execution){pid, time};
	return true;
}

static bool follow_comm(struct session *session, const struct record *record)
{
	struct record_comm comm;
	if (!perfdata_comm(session->data, record, &comm))
		return true;
	if (comm.exec && !add_execution(session, comm.pid, record->time))
		return false;
	return threads_comm(&session->threads, &comm);
}

/* perf marks the FORK records it makes up for what already ran: nothing was copied there. */
static bool follow_fork(struct session *session, const struct record *record)
{
	struct record_task task;
	bool made_up = record_misc(session->data, record) & PERF_RECORD_MISC_FORK_EXEC;
	return !perfdata_task(session->data, record, &task) ||
	       threads_fork(&session->threads, &task, !made_up);
}

static bool follow_exit(struct session *session, const struct record *record)
{
	struct record_task task;
	return !perfdata_task(session->data, record, &task) ||
	       threads_exit(&session->threads, &task);
}

static bool follow_ksymbol(struct session *session, const struct record *record)
{
	struct record_ksymbol symbol;
	if (!perfdata_ksymbol(session->data, record, &symbol))
		return true;
	if (symbol.unregister)
		return maps_remove(session->kernel, symbol.address);
	struct map map = {.start = symbol.address,
			  .end = symbol.address + symbol.length,
			  .dso = dsos_find(&session->dsos, DSO_BPF, symbol.name, NULL, 0, 0),
			  .executable = true};
	return maps_insert(session->kernel, &map);
}

static bool follow_cgroup(struct session *session, const struct record *record)
{
	struct record_cgroup cgroup;
	if (!perfdata_cgroup(session->data, record, &cgroup))
		return true;
	return session_add_cgroup(
		session, &(struct cgroup){.id = cgroup.id,
					  .path = strings_id(&session->strings, cgroup.path)});
}

/* In the trailer behind all but the identifier (perf_event_open(2), sample_id_all). */
static uint32_t cpu_of(const struct session *session, const struct record *record)
{
	const struct perfdata_attr *attr = &perfdata_event(session->data, 0)->attr;
	size_t size = record_size(session->data, record);
	size_t from_end = attr->sample_type & PERF_SAMPLE_IDENTIFIER ? 16 : 8;
	const size_t fields = 8 + 16; /* header; id, lost */
	uint32_t cpu;
	if (!(attr->flags & PERF_ATTR_SAMPLE_ID_ALL) || !(attr->sample_type & PERF_SAMPLE_CPU) ||
	    perfdata_swapped(session->data) || size < fields + from_end)
		return UINT32_MAX;
	memcpy(&cpu, (const char *)record->data + size - from_end, sizeof(cpu));
	return cpu;
}

static bool follow_lost(struct session *session, const struct record *record)
{
	if (!array_reserve(session->losses, session->losses_capacity, session->nr_losses + 1))
		return false;
	session->losses[session->nr_losses++] =
		(struct loss){record->time, cpu_of(session, record)};
	return true;
}

bool session_follow(struct session *session, const struct record *record)
{
	static bool (*const followers[])(struct session *, const struct record *) = {
		[PERF_RECORD_MMAP] = follow_mmap,     [PERF_RECORD_MMAP2] = follow_mmap,
		[PERF_RECORD_COMM] = follow_comm,     [PERF_RECORD_FORK] = follow_fork,
		[PERF_RECORD_EXIT] = follow_exit,     [PERF_RECORD_KSYMBOL] = follow_ksymbol,
		[PERF_RECORD_CGROUP] = follow_cgroup, [PERF_RECORD_LOST] = follow_lost,
	};
	uint32_t type = record_type(session->data, record);
	if (type >= sizeof(followers) / sizeof(*followers) || !followers[type])
		return true;
	return followers[type](session, record);
}
