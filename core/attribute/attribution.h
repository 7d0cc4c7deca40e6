/* SPDX-License-Identifier: GPL-2.0-only */
/* From code addresses to frames: functions, files, lines, inlined callers. */
#ifndef ATTRIBUTE_ATTRIBUTION_H
#define ATTRIBUTE_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/binary.h"
#include "base/error.h"
#include "session/session.h"

struct attribution;

/* Where files may be, as perf's options of the same names say. NULL is perf's default. */
struct attribution_options {
	const char *symfs;	 /* all paths are below this directory */
	const char *buildid_dir; /* the build-id cache; else $HOME/.debug */
};

/* Borrows the session, which has to outlive *RET. The caller frees it with attribution_free(). */
struct perfgo_error *attribution_new(struct session *session,
				     const struct attribution_options *options,
				     struct attribution **ret);
void attribution_free(struct attribution *attribution);

struct session *attribution_session(const struct attribution *attribution);

/* How the stacks that were made from dumps ended: how many, by enum unwind_end. */
const uint64_t *attribution_stack_ends(const struct attribution *attribution);

/* These lines are wanted too, besides those asked for before. */
void attribution_want_lines(struct attribution *attribution, enum binary_lines lines);

/* One function at one place. String ids are those of session_strings(). */
struct frame {
	uint32_t symbol;     /* function, inlined or physical */
	uint32_t function;   /* the Go function; STRING_UNKNOWN for other code */
	uint32_t file;	     /* STRING_UNKNOWN unknown */
	uint32_t line;	     /* 0 unknown */
	uint32_t start_line; /* of a Go function; 0 unknown */
	uint32_t linkage;    /* the symbol as the linker has it */
	uint32_t dso;
	uint32_t symbol_offset; /* from the start of the physical function */
	bool has_symbol;	/* symbol_offset holds */
	bool inlined;		/* into the frame that follows */
	bool wrapper;		/* made by Go's compiler, to call another function */
};

/*
 * The frames of a location: ids FIRST … FIRST + COUNT - 1, innermost first, for
 * attribution_frame(). SELF is what a sample at the location counts for: symbol is the physical
 * function, as perf has it, function, file and line those of the innermost Go function.
 */
struct frames {
	uint32_t self;
	uint32_t first;
	uint32_t count; /* at least 1, the frame of unknown code included */
};

/* Looked up at first use. LOCATION is a session_location() id. */
struct frames attribution_frames(struct attribution *attribution, uint32_t location);

/* The pointer is valid until the next attribution_frames(). */
const struct frame *attribution_frame(const struct attribution *attribution, uint32_t frame);
size_t attribution_nr_frames(const struct attribution *attribution);

/* The binary of a dso, opened at first use; NULL: not found or refused. */
struct binary *attribution_open(struct attribution *attribution, uint32_t dso);

/* The same, NULL too when it has not been opened yet. */
const struct binary *attribution_binary(const struct attribution *attribution, uint32_t dso);

#endif
