// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is asked of the kernel for what a user types, on the machines of tests/data/sysfs and with
 * tracefs trees made here. tests/events/run.py compares the attributes with those of stock perf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "perfdata/tracing.h"
#include "record/events.h"
#include "record/mem_events.h"
#include "record/tracepoint_formats.h"

static char root[64];

static void write_file(const char *path, const char *text)
{
	char part[1024];
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		assert_true(!mkdir(part, 0755) || errno == EEXIST);
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
}

/* A list that looks at one of the machines of tests/data/sysfs. */
static struct event_list on(const char *machine)
{
	static char sysfs[128];
	char line[512], path[1024];
	snprintf(path, sizeof(path), "tests/data/sysfs/%s", machine);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	snprintf(sysfs, sizeof(sysfs), "%s/%s", root, machine);
	while (fgets(line, sizeof(line), file)) {
		char *text = strchr(line, ' ');
		if (*line == '#')
			continue;
		*text++ = 0;
		text[strcspn(text, "\n")] = 0;
		snprintf(path, sizeof(path), "%s/bus/event_source/devices/%s", sysfs, line);
		write_file(path, text);
	}
	fclose(file);
	return (struct event_list){.sysfs = sysfs, .tracefs = "/nowhere"};
}

/* Without a PMU, and with three tracepoints. */
static struct event_list with_tracepoints(void)
{
	static char tracefs[128];
	static const char *const files[][2] = {
		{"events/header_page", "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;"},
		{"events/header_event", "# compressed entry header"},
		{"events/sched/enable", "0"},
		{"events/sched/sched_switch/id", "314"},
		{"events/sched/sched_switch/format", "name: sched_switch\nID: 314"},
		{"events/sched/sched_wakeup/id", "316"},
		{"events/sched/sched_wakeup/format", "name: sched_wakeup\nID: 316"},
		{"events/probe_service/u/id", "1500"},
		{"events/probe_service/u/format", "name: u\nID: 1500"},
		{"printk_formats", "0xffffffff81000000 : \"text\""},
	};
	char path[1024];
	snprintf(tracefs, sizeof(tracefs), "%s/tracefs", root);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", tracefs, files[i][0]);
		write_file(path, files[i][1]);
	}
	return (struct event_list){.sysfs = "/nowhere", .tracefs = tracefs};
}

static void parse(struct event_list *list, const char *text)
{
	struct perfgo_error *error = events_parse(text, list);
	if (error)
		fail_msg("%s: %s", text, perfgo_error_text(error));
}

/* The text of the error, and its hint where one is expected. */
static void refuses(struct event_list *list, const char *text, const char *said, const char *hint)
{
	size_t before = list->count;
	struct perfgo_error *error = events_parse(text, list);
	assert_non_null(error);
	assert_string_equal(perfgo_error_text(error), said);
	if (hint) {
		assert_non_null(perfgo_error_hint_text(error));
		assert_string_equal(perfgo_error_hint_text(error), hint);
	}
	assert_int_equal(list->count, before);
	perfgo_error_destroy(error);
}

static void assert_event(const struct event *event, const char *name, uint32_t type,
			 uint64_t config)
{
	assert_string_equal(event->name, name);
	assert_int_equal(event->attr.type, type);
	assert_int_equal(event->attr.config, config);
}

static void several_e_append(void **state)
{
	(void)state;
	struct event_list list = on("skylake");
	parse(&list, "cycles:u, cpu-clock");
	parse(&list, "cpu/event=0x3c,umask=1/k");
	assert_int_equal(list.count, 3);
	assert_event(&list.events[0], "cycles:u", PERF_TYPE_HARDWARE, 0);
	assert_event(&list.events[1], "cpu-clock", PERF_TYPE_SOFTWARE, 0);
	assert_event(&list.events[2], "cpu/event=0x3c,umask=1/k", 4, 0x13c);
	assert_true(list.events[0].attr.exclude_kernel && !list.events[0].attr.exclude_user);
	assert_true(list.events[2].attr.exclude_user && !list.events[2].attr.exclude_kernel);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(list.events[i].leader, i);
	event_list_deinit(&list);
}

static void groups_have_a_leader(void **state)
{
	(void)state;
	struct event_list list = on("skylake");
	parse(&list, "cpu-clock,{cycles,instructions:u}:S,page-faults");
	assert_int_equal(list.count, 4);
	assert_int_equal(list.events[1].leader, 1);
	assert_int_equal(list.events[2].leader, 1);
	assert_int_equal(list.events[3].leader, 3);
	assert_true(list.events[1].group_read && list.events[2].group_read);
	assert_false(list.events[3].group_read);
	event_list_deinit(&list);
}

static void a_group_of_two_kinds_of_cores_is_one_for_each(void **state)
{
	(void)state;
	struct event_list list = on("alder-lake");
	parse(&list, "{cycles,instructions}");
	assert_int_equal(list.count, 4);
	assert_event(&list.events[0], "cpu_core/cycles/", 0, 0x400000000);
	assert_event(&list.events[1], "cpu_atom/cycles/", 0, 0xa00000000);
	assert_string_equal(list.events[0].cpus, "0-15");
	assert_string_equal(list.events[1].cpus, "16-23");
	assert_int_equal(list.events[1].leader, 1);
	assert_int_equal(list.events[2].leader, 0);
	assert_int_equal(list.events[3].leader, 1);
	event_list_deinit(&list);
}

static void what_is_beside_the_cpus_is_system_wide(void **state)
{
	(void)state;
	struct event_list list = on("sapphire-rapids");
	parse(&list, "uncore_imc/cas_count_read/,cpu/event=1/");
	assert_int_equal(list.count, 3);
	assert_event(&list.events[1], "uncore_imc_1/cas_count_read/", 88, 0xcf05);
	assert_true(list.events[1].system_wide);
	assert_string_equal(list.events[1].cpus, "0,56");
	assert_false(list.events[2].system_wide);
	assert_null(list.events[2].cpus);
	event_list_deinit(&list);
}

static void what_the_event_says_of_its_rate_is_known(void **state)
{
	(void)state;
	struct event_list list = on("skylake");
	parse(&list, "cycles/period=1000/,cycles/freq=99/,cycles,mem:0x1000:w");
	assert_int_equal(list.events[0].attr.sample_period, 1000);
	assert_false(list.events[0].attr.freq || list.events[0].weak_period);
	assert_int_equal(list.events[1].attr.sample_freq, 99);
	assert_true(list.events[1].attr.freq);
	assert_int_equal(list.events[2].attr.sample_period, 0);
	assert_int_equal(list.events[3].attr.sample_period, 1);
	assert_true(list.events[3].weak_period);
	event_list_deinit(&list);
}

static void the_greatest_precision_may_go_down(void **state)
{
	(void)state;
	struct event_list list = on("skylake");
	parse(&list, "cycles:P,cycles:pp");
	assert_true(list.events[0].most_precise && !list.events[1].most_precise);
	assert_int_equal(list.events[0].attr.precise_ip, 3);
	assert_int_equal(list.events[1].attr.precise_ip, 2);
	event_list_deinit(&list);
}

static void values_have_room_in_their_bits(void **state)
{
	(void)state;
	struct event_list list = on("zen4");
	parse(&list, "cpu/event=0xfff,umask=0x10/");
	assert_event(&list.events[0], "cpu/event=0xfff,umask=0x10/", 4, 0xf000010ff);
	refuses(&list, "cpu/event=0x1000/",
		"cpu/event=0x1000/: event=0x1000 is more than 0xfff, the most that cpu takes",
		NULL);
	refuses(&list, "cpu/event=1,umask/", "cpu/event=1,umask/: umask needs a value, up to 0xff",
		NULL);
	refuses(&list, "cpu/event=1,umsk=1/", "cpu/event=1,umsk=1/: cpu has no term umsk",
		"did you mean umask or cmask?");
	refuses(&list, "cpu/event=0x1g/", "event=0x1g is no number of 64 bits", NULL);
	refuses(&list, "cpu/event=0x1",
		"the slash of cpu/event=0x1 has no other one behind its terms", NULL);
	event_list_deinit(&list);
}

static void loads_of_later_intels_have_their_leader(void **state)
{
	(void)state;
	struct event_list list = on("sapphire-rapids");
	parse(&list, "cpu/mem-loads,ldlat=30/P");
	parse(&list, "{cpu/mem-loads-aux/,cpu/mem-loads,ldlat=30/}:P");
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i += 2) {
		assert_event(&list.events[i], "cpu/mem-loads-aux/", 4, 0x8203);
		assert_int_equal(list.events[i + 1].attr.config, 0x1cd);
		assert_int_equal(list.events[i + 1].leader, i);
		assert_true(list.events[i + 1].most_precise);
	}
	event_list_deinit(&list);
}

static void unknown_events_have_near_ones(void **state)
{
	(void)state;
	struct event_list list = on("skylake");
	refuses(&list, "cycels", "no event cycels", "did you mean cycles?");
	refuses(&list, "cpu-clock,mem-lods", "no event mem-lods", "did you mean mem-loads?");
	refuses(&list, "LLC-load-mises", "no event LLC-load-mises",
		"did you mean LLC-load-misses?");
	refuses(&list, "cpo/event=1/", "cpo/event=1/: this machine has no PMU cpo",
		"did you mean cpu?");
	refuses(&list, "cycles/perod=1/", "cycles/perod=1/: such an event has no term perod",
		"did you mean period?");
	refuses(&list, "cycles:z", "no modifier z in :z", NULL);
	refuses(&list, "cycles:uu", "the modifier u is twice in :uu", NULL);
	refuses(&list, "cycles:pppp", "cycles:pppp with :pppp has more than three p", NULL);
	refuses(&list, "duration_time",
		"duration_time is for perf stat: it is counted, never sampled", NULL);
	refuses(&list, "cycles/call-graph=dwarf/",
		"cycles/call-graph=dwarf/: call-graph is not for one event by itself",
		"say --call-graph for all");
	event_list_deinit(&list);
}

static void names_of_the_makers_are_asked_of_perf(void **state)
{
	(void)state;
	static const char script[] =
		"#!/bin/sh\n"
		"test \"$*\" = 'list --details mem_load_retired.l3_miss' && echo '\n"
		"cache:\n"
		"  mem_load_retired.l3_miss\n"
		"       [Loads that missed cpu/event=0/ Unit: cpu]\n"
		"        cpu/event=0xd1,period=0x186a7,umask=0x20/ '";
	struct event_list list = on("skylake");
	char path[128], perf[160];
	snprintf(path, sizeof(path), "%s/bin", root);
	snprintf(perf, sizeof(perf), "%s/perf", path);
	write_file(perf, script);
	assert_int_equal(chmod(perf, 0755), 0);
	setenv("PATH", path, 1);
	parse(&list, "mem_load_retired.l3_miss:pp,MEM_LOAD_RETIRED.L3_MISS/period=7/");
	parse(&list, "cpu/mem_load_retired.l3_miss,cmask=1/");
	refuses(&list, "mem_load_retired.l3_hit", "no event mem_load_retired.l3_hit", NULL);
	setenv("PATH", "/nowhere", 1);
	assert_event(&list.events[0], "mem_load_retired.l3_miss:pp", 4, 0x20d1);
	assert_int_equal(list.events[0].attr.sample_period, 100007);
	assert_true(list.events[0].weak_period && !list.events[1].weak_period);
	assert_int_equal(list.events[1].attr.sample_period, 7);
	assert_int_equal(list.events[2].attr.config, 0x10020d1);
	event_list_deinit(&list);
}

static void text_that_is_no_list_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"",		 ",",
					    "{",	 "}",
					    "{}",	 "{cycles",
					    "{,}",	 "cycles,",
					    "/",	 "//",
					    ":",	 "cycles/",
					    "a:b:c:d",	 "mem:",
					    "mem:/",	 "mem:0x1:q",
					    "cpu/=/",	 "cpu/name='a/",
					    "{cycles}x", "{cycles}:",
					    "1:",	 "99999999999:1",
					    "r",	 "r00000000000000000000"};
	struct event_list list = on("skylake");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct perfgo_error *error = events_parse(texts[i], &list);
		if (strcmp(texts[i], "{cycles}:"))
			assert_non_null(error);
		perfgo_error_destroy(error);
	}
	event_list_deinit(&list);
}

static void tracepoints_have_the_id_of_tracefs(void **state)
{
	(void)state;
	struct event_list list = with_tracepoints();
	parse(&list, "sched:sched_switch:u,sched:*wak*,*:sched_*");
	assert_int_equal(list.count, 4);
	assert_event(&list.events[0], "sched:sched_switch", PERF_TYPE_TRACEPOINT, 314);
	assert_true(list.events[0].attr.exclude_kernel && list.events[0].weak_period);
	assert_event(&list.events[1], "sched:sched_wakeup", PERF_TYPE_TRACEPOINT, 316);
	assert_int_equal(list.events[1].attr.sample_period, 1);
	event_list_deinit(&list);
}

static void a_probe_may_be_called_like_a_modifier(void **state)
{
	(void)state;
	struct event_list list = with_tracepoints();
	parse(&list, "probe_service:u");
	assert_event(&list.events[0], "probe_service:u", PERF_TYPE_TRACEPOINT, 1500);
	event_list_deinit(&list);
}

static void tracepoints_that_are_not_there_are_explained(void **state)
{
	(void)state;
	struct event_list list = with_tracepoints();
	refuses(&list, "sched:sched_swich", "no tracepoint sched:sched_swich",
		"did you mean sched_switch?");
	refuses(&list, "shed:sched_switch", "no tracepoint shed:sched_switch",
		"did you mean sched?");
	refuses(&list, "probe_x:main", "no tracepoint probe_x:main",
		"make the probe first, with perf probe");
	refuses(&list, "sched_switch", "no event sched_switch",
		"did you mean the tracepoint sched:sched_switch?");
	list.tracefs = "/nowhere";
	refuses(&list, "sched:sched_switch",
		"/nowhere: tracepoints cannot be read: No such file or directory",
		"sudo mount -t tracefs nodev /nowhere");
	event_list_deinit(&list);
}

static void mem_takes_what_the_machine_has(void **state)
{
	(void)state;
	static const struct {
		const char *machine, *names[6];
	} expected[] = {
		{"skylake", {"cpu/mem-loads,ldlat=30/P", "cpu/mem-stores/P"}},
		{"sapphire-rapids",
		 {"cpu/mem-loads-aux/", "cpu/mem-loads,ldlat=30/P", "cpu/mem-stores/P"}},
		{"alder-lake",
		 {"cpu_core/mem-loads-aux/", "cpu_core/mem-loads,ldlat=30/P",
		  "cpu_core/mem-stores/P", "cpu_atom/mem-loads,ldlat=30/P",
		  "cpu_atom/mem-stores/P"}},
		{"zen4", {"ibs_op//"}},
		{"neoverse-n1",
		 {"arm_spe_0/ts_enable=1,pa_enable=1,load_filter=1,store_filter=1,"
		  "min_latency=30/"}},
	};
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		struct event_list list = on(expected[i].machine);
		const char *reason;
		assert_null(mem_events(0, &list, &reason));
		assert_null(reason);
		for (size_t j = 0; j < list.count; j++)
			assert_string_equal(list.events[j].name, expected[i].names[j]);
		assert_null(expected[i].names[list.count]);
		event_list_deinit(&list);
	}
}

static void statistical_profiling_writes_an_aux_area(void **state)
{
	(void)state;
	struct event_list list = on("neoverse-n1");
	const char *reason;
	assert_null(mem_events(64, &list, &reason));
	assert_true(list.events[0].aux_area && !list.events[0].system_wide);
	assert_int_equal(list.events[0].attr.config, 0x600000003);
	assert_int_equal(list.events[0].attr.config2, 64);
	assert_int_equal(list.events[0].attr.sample_period, 1024);
	event_list_deinit(&list);
}

static void without_a_pmu_mem_says_why(void **state)
{
	(void)state;
	struct event_list list = {.sysfs = "/nowhere"};
	const char *reason;
	assert_null(mem_events(0, &list, &reason));
	assert_string_equal(reason, "this machine has no PMU (a virtual machine often has none)");
	assert_int_equal(list.count, 0);
	event_list_deinit(&list);
}

static void assert_text(struct cursor *c, const char *text)
{
	uint64_t size = cursor_u64(c);
	assert_int_equal(size, strlen(text));
	assert_memory_equal(cursor_bytes(c, size), text, size);
}

static void formats_of_the_tracepoints_used_are_collected(void **state)
{
	(void)state;
	struct event_list list = with_tracepoints();
	struct writer writer = writer_of_memory();
	uint8_t long_size;
	size_t size;
	parse(&list, "sched:sched_switch,probe_service:u,cpu-clock,sched:*");
	assert_null(tracing_data_collect(&list, &writer));
	const char *bytes = writer_text(&writer, &size);
	struct cursor c = cursor_of(bytes, size, false);
	assert_true(tracing_skip_beginning(&c, &long_size));
	assert_int_equal(long_size, sizeof(long));
	assert_int_equal(cursor_u32(&c), 2);
	assert_string_equal(cursor_string(&c), "probe_service");
	assert_int_equal(cursor_u32(&c), 1);
	assert_text(&c, "name: u\nID: 1500\n");
	assert_string_equal(cursor_string(&c), "sched");
	assert_int_equal(cursor_u32(&c), 2);
	assert_text(&c, "name: sched_switch\nID: 314\n");
	assert_text(&c, "name: sched_wakeup\nID: 316\n");
	assert_int_equal(cursor_u32(&c), 0);
	cursor_skip(&c, cursor_u32(&c));
	assert_int_equal(cursor_u64(&c), 0);
	assert_false(c.failed);
	assert_int_equal(cursor_left(&c), 0);
	assert_null(writer_finish(&writer));
	event_list_deinit(&list);
}

static void without_tracepoints_there_are_no_formats(void **state)
{
	(void)state;
	struct event_list list = with_tracepoints();
	struct writer writer = writer_of_memory();
	size_t size;
	parse(&list, "cpu-clock");
	assert_null(tracing_data_collect(&list, &writer));
	writer_text(&writer, &size);
	assert_int_equal(size, 0);
	assert_null(writer_finish(&writer));
	event_list_deinit(&list);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/perf-go-events-XXXXXX");
	/* What the makers of CPUs name is asked of perf, which the tests of errors do without. */
	setenv("PATH", "/nowhere", 1);
	return !mkdtemp(root);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_e_append),
		cmocka_unit_test(groups_have_a_leader),
		cmocka_unit_test(a_group_of_two_kinds_of_cores_is_one_for_each),
		cmocka_unit_test(what_is_beside_the_cpus_is_system_wide),
		cmocka_unit_test(what_the_event_says_of_its_rate_is_known),
		cmocka_unit_test(the_greatest_precision_may_go_down),
		cmocka_unit_test(values_have_room_in_their_bits),
		cmocka_unit_test(loads_of_later_intels_have_their_leader),
		cmocka_unit_test(unknown_events_have_near_ones),
		cmocka_unit_test(names_of_the_makers_are_asked_of_perf),
		cmocka_unit_test(text_that_is_no_list_is_refused),
		cmocka_unit_test(tracepoints_have_the_id_of_tracefs),
		cmocka_unit_test(a_probe_may_be_called_like_a_modifier),
		cmocka_unit_test(tracepoints_that_are_not_there_are_explained),
		cmocka_unit_test(mem_takes_what_the_machine_has),
		cmocka_unit_test(statistical_profiling_writes_an_aux_area),
		cmocka_unit_test(without_a_pmu_mem_says_why),
		cmocka_unit_test(formats_of_the_tracepoints_used_are_collected),
		cmocka_unit_test(without_tracepoints_there_are_no_formats),
	};
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
