// SPDX-License-Identifier: GPL-2.0-only
/*
 * libperf hides the descriptors and ids of its events, which BPF and the file need: they are taken
 * from its internal headers, which come with its sources.
 */
#include "record/opened.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/list.h>
#include <linux/refcount.h>
#include <perf/core.h>
#include <perf/cpumap.h>
#include <perf/event.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/mmap.h>
#include <perf/threadmap.h>
#include <internal/evlist.h>
#include <internal/evsel.h>
#include <internal/mmap.h>
#include <internal/xyarray.h>

#include "base/cleanup.h"

struct opened {
	struct perf_evlist *evlist;
	struct perf_evsel **evsels;
	size_t nr_events;
	struct perf_mmap **rings;
	size_t nr_rings;
};

static int print_nothing(enum libperf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static struct perf_thread_map *threads_of(const struct opened_targets *targets)
{
	if (!targets->nr_threads)
		return perf_thread_map__new_dummy();
	return perf_thread_map__new_array((int)targets->nr_threads, (pid_t *)targets->threads);
}

static bool set_maps(struct opened *opened, const struct opened_targets *targets)
{
	struct perf_cpu_map *cpus = perf_cpu_map__new(targets->cpus);
	struct perf_thread_map *threads = threads_of(targets);
	if (cpus && threads)
		perf_evlist__set_maps(opened->evlist, cpus, threads);
	bool made = cpus && threads;
	perf_cpu_map__put(cpus);
	perf_thread_map__put(threads);
	return made;
}

static bool add_event(struct opened *opened, const struct opened_event *event)
{
	struct perf_event_attr attr = {0};
	/* libperf may have been built with another size of it. */
	size_t size = event->attr.size < sizeof(attr) ? event->attr.size : sizeof(attr);
	memcpy(&attr, &event->attr, size);
	attr.size = (uint32_t)size;
	struct perf_evsel *evsel = perf_evsel__new(&attr);
	if (!evsel)
		return false;
	opened->evsels[opened->nr_events++] = evsel;
	evsel->leader = opened->evsels[event->leader];
	evsel->system_wide = event->system_wide;
	if (event->cpus)
		evsel->own_cpus = perf_cpu_map__new(event->cpus);
	perf_evlist__add(opened->evlist, evsel);
	return !event->cpus || evsel->own_cpus;
}

/* As precise as the machine can: the kernel refuses what it cannot. */
static int open_event(struct perf_evsel *evsel, bool most_precise)
{
	int status = perf_evsel__open(evsel, evsel->cpus, evsel->threads);
	while (status && most_precise && evsel->attr.precise_ip &&
	       (status == -EOPNOTSUPP || status == -EINVAL)) {
		perf_evsel__close(evsel);
		evsel->attr.precise_ip--;
		status = perf_evsel__open(evsel, evsel->cpus, evsel->threads);
	}
	return status;
}

static struct perfgo_error *open_events(struct opened *opened, const struct opened_event *events,
					struct opened_failure *failure)
{
	for (size_t i = 0; i < opened->nr_events; i++) {
		struct perf_evsel *evsel = opened->evsels[i];
		int status = open_event(evsel, events[i].most_precise);
		if (!status)
			continue;
		*failure = (struct opened_failure){i, -status};
		return perfgo_error_errno(-status, "cannot open the event %s", events[i].name);
	}
	return NULL;
}

struct perfgo_error *opened_open(const struct opened_event *events, size_t count,
				 const struct opened_targets *targets, struct opened **ret,
				 struct opened_failure *failure_ret)
{
	/* Sets the size of a page, which rings need. */
	libperf_init(print_nothing);
	*failure_ret = (struct opened_failure){0};
	struct opened *opened = calloc(1, sizeof(*opened));
	if (!opened)
		return perfgo_error_no_memory();
	opened->evlist = perf_evlist__new();
	opened->evsels = calloc(count + 1, sizeof(*opened->evsels));
	bool made = opened->evlist && opened->evsels;
	for (size_t i = 0; made && i < count; i++)
		made = add_event(opened, &events[i]);
	made = made && set_maps(opened, targets);
	struct perfgo_error *error =
		made ? open_events(opened, events, failure_ret) : perfgo_error_no_memory();
	if (error)
		opened_close(opened);
	else
		*ret = opened;
	return error;
}

void opened_close(struct opened *opened)
{
	if (!opened)
		return;
	if (opened->evlist) {
		perf_evlist__munmap(opened->evlist);
		perf_evlist__close(opened->evlist);
		perf_evlist__delete(opened->evlist);
	}
	free(opened->rings);
	free(opened->evsels);
	free(opened);
}

int opened_visit(struct opened *opened, size_t event, int (*visit)(void *context, int cpu, int fd),
		 void *context)
{
	struct perf_evsel *evsel = opened->evsels[event];
	int nr_cpus = perf_cpu_map__nr(evsel->cpus);
	int nr_threads = evsel->system_wide ? 1 : perf_thread_map__nr(evsel->threads);
	for (int cpu = 0; cpu < nr_cpus; cpu++)
		for (int thread = 0; thread < nr_threads; thread++) {
			int fd = *(int *)xyarray__entry(evsel->fd, cpu, thread);
			int status = visit(context, perf_cpu_map__cpu(evsel->cpus, cpu).cpu, fd);
			if (status)
				return status;
		}
	return 0;
}

/* What a failure to make rings has left behind in libperf. */
static void forget_rings(struct opened *opened)
{
	perf_evlist__munmap(opened->evlist);
	perf_evlist__reset_id_hash(opened->evlist);
	opened->evlist->pollfd.nr = 0;
	for (size_t i = 0; i < opened->nr_events; i++)
		opened->evsels[i]->ids = 0;
}

/* Returns errno's value; libperf returns -1. */
static int make_rings(struct opened *opened, unsigned int pages)
{
	errno = 0;
	return perf_evlist__mmap(opened->evlist, (int)pages) ? (errno ? errno : EINVAL) : 0;
}

struct perfgo_error *opened_map(struct opened *opened, unsigned int pages, unsigned int least)
{
	int errnum;
	while ((errnum = make_rings(opened, pages)) == EPERM && pages > least) {
		forget_rings(opened);
		pages /= 2;
	}
	if (errnum == EPERM)
		return perfgo_error_hint(
			perfgo_error_errno(EPERM, "cannot make ring buffers of %u pages", pages),
			"make them smaller with -m, or kernel.perf_event_mlock_kb larger");
	if (errnum)
		return perfgo_error_errno(errnum, "cannot make ring buffers of %u pages", pages);
	opened->rings = calloc((size_t)opened->evlist->nr_mmaps + 1, sizeof(*opened->rings));
	if (!opened->rings)
		return perfgo_error_no_memory();
	struct perf_mmap *ring;
	perf_evlist__for_each_mmap(opened->evlist, ring, false) opened->rings[opened->nr_rings++] =
		ring;
	return NULL;
}

size_t opened_nr_rings(const struct opened *opened)
{
	return opened->nr_rings;
}

const uint64_t *opened_ids(const struct opened *opened, size_t event, size_t *count_ret)
{
	*count_ret = opened->evsels[event]->ids;
	return (const uint64_t *)opened->evsels[event]->id;
}

/*
 * All that is there at once: perf_mmap__read_event() copies of a record that begins at the end of
 * the ring and ends at its beginning no more than sizeof(union perf_event), 4 kB, so that copies of
 * stacks would be cut (tools/lib/perf/mmap.c, perf_mmap__read(), Linux 6.1 - 6.18).
 */
void opened_drain(struct opened *opened, size_t ring, struct writer *to)
{
	struct perf_mmap *map = opened->rings[ring];
	if (perf_mmap__read_init(map) < 0)
		return;
	const char *data = (const char *)map->base + getpagesize();
	size_t capacity = (size_t)map->mask + 1, size = map->end - map->start;
	size_t at = map->start & (uint64_t)map->mask;
	size_t before_end = capacity - at < size ? capacity - at : size;
	writer_bytes(to, data + at, before_end);
	writer_bytes(to, data, size - before_end);
	map->prev = map->end;
	perf_mmap__consume(map);
}

void opened_enable(struct opened *opened, size_t event)
{
	perf_evsel__enable(opened->evsels[event]);
}

void opened_disable(struct opened *opened)
{
	perf_evlist__disable(opened->evlist);
}

void opened_wait(struct opened *opened, int milliseconds)
{
	struct fdarray *descriptors = &opened->evlist->pollfd;
	if (perf_evlist__poll(opened->evlist, milliseconds) <= 0)
		return;
	/* Of what has ended the descriptor is always ready: poll() is to pass over it. */
	perf_evlist__filter_pollfd(opened->evlist, POLLERR | POLLHUP);
	for (int i = 0; i < descriptors->nr; i++)
		if (!descriptors->entries[i].events)
			descriptors->entries[i].fd = -1;
}
