// SPDX-License-Identifier: GPL-2.0-only
/* The section of goroutines, every part of which is looked at. */
#include <stdlib.h>
#include <string.h>

#include "goproc/section.h"

static size_t seen;

static void look_at_sets(const struct go_section *section)
{
	for (size_t i = 0; i <= go_section_nr_label_sets(section); i++) {
		const struct label_set *set = go_section_label_set(section, (uint32_t)i);
		for (size_t at = 0; set && at < set->count; at++)
			seen += strlen(set->labels[at].key) + strlen(set->labels[at].value);
	}
}

static void look_at_rest(const struct go_section *section)
{
	for (size_t i = 0; i < go_section_nr_processes(section); i++) {
		const struct go_section_process *process = go_section_process(section, i);
		seen += strlen(process->executable) + strlen(process->version) +
			strlen(process->no_goroutine);
	}
	for (size_t i = 0; i < go_section_nr_snapshots(section); i++) {
		size_t size;
		const uint8_t *bytes = go_section_snapshot(section, i, &size);
		seen += size ? bytes[size - 1] : 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct go_section *section;
	struct perfgo_error *error = go_section_read(data, size, &section);
	perfgo_error_destroy(error);
	if (error)
		return 0;
	look_at_sets(section);
	look_at_rest(section);
	go_section_free(section);
	return 0;
}
