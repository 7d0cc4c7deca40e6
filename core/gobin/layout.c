// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/layout.h"

#include <stddef.h>

/* debug/gosym/pclntab.go, cmd/link/internal/ld/pcln.go, runtime/symtab.go of each release. */

static const struct header_layout header_112 = {.single_table = true, .functions = 1, .size = 2};

static const struct header_layout header_116 = {
	.functions = 1, .names = 3, .units = 4, .files = 5, .pc_values = 6, .table = 7, .size = 8};

static const struct header_layout header_118 = {.functions = 1,
						.text_start = 3,
						.names = 4,
						.units = 5,
						.files = 6,
						.pc_values = 7,
						.table = 8,
						.size = 9};

static const struct function_layout function_112 = {.word = 8,
						    .name = 8,
						    .depth = 20,
						    .file = 24,
						    .line = 28,
						    .pcdata_count = 32,
						    .id = 36,
						    .funcdata_count = 39,
						    .size = 40,
						    .funcdata = 8};

static const struct function_layout function_116 = {.word = 8,
						    .name = 8,
						    .depth = 20,
						    .file = 24,
						    .line = 28,
						    .pcdata_count = 32,
						    .unit = 36,
						    .id = 40,
						    .funcdata_count = 43,
						    .size = 44,
						    .funcdata = 8,
						    .has_units = true};

static const struct function_layout function_118 = {.word = 4,
						    .name = 4,
						    .depth = 16,
						    .file = 20,
						    .line = 24,
						    .pcdata_count = 28,
						    .unit = 32,
						    .id = 36,
						    .funcdata_count = 39,
						    .size = 40,
						    .funcdata = 4,
						    .has_units = true};

/* 1.20 adds startLine behind cuOffset. */
static const struct function_layout function_120 = {.word = 4,
						    .start_line = 36,
						    .name = 4,
						    .depth = 16,
						    .file = 20,
						    .line = 24,
						    .pcdata_count = 28,
						    .unit = 32,
						    .id = 40,
						    .funcdata_count = 43,
						    .size = 44,
						    .funcdata = 4,
						    .has_units = true};

static const struct inline_layout inline_112 = {
	.size = 20, .id = 2, .name = 12, .parent_pc = 16, .pcdata = 1, .funcdata = 2};
static const struct inline_layout inline_113 = {
	.size = 20, .id = 2, .name = 12, .parent_pc = 16, .pcdata = 2, .funcdata = 4};
static const struct inline_layout inline_116 = {
	.size = 20, .id = 2, .name = 12, .parent_pc = 16, .pcdata = 2, .funcdata = 3};
static const struct inline_layout inline_120 = {.size = 16,
						.id = 0,
						.name = 4,
						.parent_pc = 8,
						.start_line = 12,
						.pcdata = 2,
						.funcdata = 3};

static const struct function_ids ids_112 = {
	.wrapper = 20, .panic = 18, .sigpanic = 9, .panicwrap = 19};
static const struct function_ids ids_114 = {
	.wrapper = 22, .panic = 18, .sigpanic = 9, .panicwrap = 19};
static const struct function_ids ids_117 = {
	.wrapper = 22, .panic = 9, .sigpanic = 19, .panicwrap = 15};
static const struct function_ids ids_118 = {
	.wrapper = 21, .panic = 9, .sigpanic = 18, .panicwrap = 14};
static const struct function_ids ids_122 = {
	.wrapper = 22, .panic = 10, .sigpanic = 19, .panicwrap = 15};
static const struct function_ids ids_125 = {
	.wrapper = 23, .panic = 10, .sigpanic = 20, .panicwrap = 15};

static const struct moduledata_layout moduledata_112 = {
	.text = 96, .etext = 104, .text_sections = 216, .size = 240};
static const struct moduledata_layout moduledata_116 = {
	.names = 8, .units = 32, .text = 176, .etext = 184, .text_sections = 296, .size = 320};
static const struct moduledata_layout moduledata_118 = {.names = 8,
							.units = 32,
							.text = 176,
							.etext = 184,
							.gofunc = 304,
							.text_sections = 312,
							.size = 336};
static const struct moduledata_layout moduledata_120 = {.names = 8,
							.units = 32,
							.text = 176,
							.etext = 184,
							.gofunc = 320,
							.text_sections = 328,
							.size = 352};
static const struct moduledata_layout moduledata_126 = {.names = 8,
							.units = 32,
							.text = 176,
							.etext = 184,
							.gofunc = 320,
							.text_sections = 336,
							.size = 360};
static const struct moduledata_layout moduledata_127 = {.names = 8,
							.units = 32,
							.text = 176,
							.etext = 184,
							.gofunc = 344,
							.text_sections = 360,
							.size = 384};

/* The three truths at the end: text_sections_have_length, hides_physical_wrapper, elides_…. */
static const struct layout rows[] = {
	{12, 12, PCLNTAB_MAGIC_12, &header_112, &function_112, &inline_112, &ids_112,
	 &moduledata_112, true, false, false, NULL},
	{13, 13, PCLNTAB_MAGIC_12, &header_112, &function_112, &inline_113, &ids_112,
	 &moduledata_112, true, false, false, "runtime.goPanicIndex"},
	{14, 15, PCLNTAB_MAGIC_12, &header_112, &function_112, &inline_113, &ids_114,
	 &moduledata_112, true, false, false, "runtime.asyncPreempt2"},
	{16, 16, PCLNTAB_MAGIC_116, &header_116, &function_116, &inline_116, &ids_114,
	 &moduledata_116, true, false, false, NULL},
	{17, 17, PCLNTAB_MAGIC_116, &header_116, &function_116, &inline_116, &ids_117,
	 &moduledata_116, true, false, false, NULL},
	{18, 19, PCLNTAB_MAGIC_118, &header_118, &function_118, &inline_116, &ids_118,
	 &moduledata_118, false, false, false, NULL},
	{20, 20, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_118,
	 &moduledata_120, false, false, false, NULL},
	{21, 21, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_118,
	 &moduledata_120, false, true, true, "runtime.(*unwinder).next"},
	{22, 24, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_122,
	 &moduledata_120, false, true, true, NULL},
	{25, 25, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_125,
	 &moduledata_120, false, true, true, NULL},
	{26, 26, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_125,
	 &moduledata_126, false, true, true, NULL},
	{27, 27, PCLNTAB_MAGIC_120, &header_118, &function_120, &inline_120, &ids_125,
	 &moduledata_127, false, true, true, NULL},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct layout *layout_rows(int *count_ret)
{
	*count_ret = ROWS;
	return rows;
}

const struct layout *layout_of_release(int release)
{
	if (release > rows[ROWS - 1].last)
		return &rows[ROWS - 1];
	for (int i = 0; i < ROWS; i++)
		if (release >= rows[i].first && release <= rows[i].last)
			return &rows[i];
	return NULL;
}
