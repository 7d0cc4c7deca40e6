// SPDX-License-Identifier: GPL-2.0-only
#include "manual.h"

/* Paths are relative to the top of the sources, where make compiles. */
#define PAGE(name, file)                                                                           \
	__asm__(".section .rodata\n" #name "_begin:\n.incbin \"doc/man/" file "\"\n" #name         \
		"_end:\n.previous\n");                                                             \
	extern const char name##_begin[] __attribute__((visibility("hidden")));                    \
	extern const char name##_end[] __attribute__((visibility("hidden")))

PAGE(manual_perf_go, "perf-go.1");
PAGE(manual_addr2line, "perf-go-addr2line.1");
PAGE(manual_firefox, "perf-go-firefox.1");
PAGE(manual_flame, "perf-go-flame.1");
PAGE(manual_folded, "perf-go-folded.1");
PAGE(manual_goroutines, "perf-go-goroutines.1");
PAGE(manual_help, "perf-go-help.1");
PAGE(manual_info, "perf-go-info.1");
PAGE(manual_inject, "perf-go-inject.1");
PAGE(manual_keys, "perf-go-keys.1");
PAGE(manual_pprof, "perf-go-pprof.1");
PAGE(manual_record, "perf-go-record.1");
PAGE(manual_report, "perf-go-report.1");
PAGE(manual_script, "perf-go-script.1");
PAGE(manual_snapshot, "perf-go-snapshot.1");
PAGE(manual_timeline, "perf-go-timeline.1");

static const struct page {
	const char *command;
	const char *begin, *end;
} pages[] = {
	{"", manual_perf_go_begin, manual_perf_go_end},
	{"addr2line", manual_addr2line_begin, manual_addr2line_end},
	{"firefox", manual_firefox_begin, manual_firefox_end},
	{"flame", manual_flame_begin, manual_flame_end},
	{"folded", manual_folded_begin, manual_folded_end},
	{"goroutines", manual_goroutines_begin, manual_goroutines_end},
	{"help", manual_help_begin, manual_help_end},
	{"info", manual_info_begin, manual_info_end},
	{"inject", manual_inject_begin, manual_inject_end},
	{"keys", manual_keys_begin, manual_keys_end},
	{"pprof", manual_pprof_begin, manual_pprof_end},
	{"record", manual_record_begin, manual_record_end},
	{"report", manual_report_begin, manual_report_end},
	{"script", manual_script_begin, manual_script_end},
	{"snapshot", manual_snapshot_begin, manual_snapshot_end},
	{"timeline", manual_timeline_begin, manual_timeline_end},
};

const char *manual_page(const char *command, size_t *size_ret)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		if (strcmp(pages[i].command, command) != 0)
			continue;
		*size_ret = (size_t)(pages[i].end - pages[i].begin);
		return pages[i].begin;
	}
	return NULL;
}
