// SPDX-License-Identifier: GPL-2.0-only
/* TRACING_DATA of a recording, to which tracepoints and fields are added. */
#include <stdlib.h>

#include "out/tracing_data.h"

static const struct tracepoint_field fields[] = {
	{.name = "gofunc", .kind = TRACEPOINT_TEXT, .size = 8, .offset = 64},
	{.name = "symoff", .kind = TRACEPOINT_UNSIGNED, .size = 2, .offset = 72, .unknown = true}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tracepoint made = {
		.system = "go", .name = "made", .id = 64001, .fields = fields, .nr_fields = 2};
	static const char *const texts[] = {"?", "main.main"};
	struct tracepoint_extension extension = {.fields = fields, .nr_fields = 2};
	struct tracing_data tracing = {.before = data,
				       .before_size = size,
				       .tracepoints = &made,
				       .nr_tracepoints = 1,
				       .texts = texts,
				       .nr_texts = 2,
				       .extensions = &extension};
	tracing.nr_extensions = tracing_data_find(data, size, 300, &extension.known);
	if (tracing.nr_extensions)
		known_tracepoint_has(&extension.known, "gofunc");
	for (int swap = 0; swap < 2; swap++) {
		struct writer to = writer_of_memory();
		tracing.swap = swap;
		tracing_data_write(&tracing, &to);
		perfgo_error_destroy(writer_finish(&to));
	}
	return 0;
}
