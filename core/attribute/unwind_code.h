/* SPDX-License-Identifier: GPL-2.0-only */
/* What kind of code an address is, for who goes up a stack. */
#ifndef ATTRIBUTE_UNWIND_CODE_H
#define ATTRIBUTE_UNWIND_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/attribution.h"
#include "gobin/frame_pointer.h"
#include "session/maps.h"

enum unwind_kind {
	UNWIND_CODE_UNKNOWN,
	UNWIND_CODE_ROOT,   /* nobody called it */
	UNWIND_CODE_SWITCH, /* it changes to another stack */
	UNWIND_CODE_LEFT,   /* the same, and comes back to a goroutine's */
	UNWIND_CODE_KERNEL, /* the vdso, of which there is no copy */
	UNWIND_CODE_GO,	    /* `depth` and the flags tell its frame */
	UNWIND_CODE_VDSO,   /* the same, but has changed stacks and kept its own stack pointer */
	UNWIND_CODE_KEPT,   /* the same, on top of the SP that lies `kept_sp` bytes from SP */
	UNWIND_CODE_SIGNAL, /* where a signal handler returns to: the kernel's frame is above */
	UNWIND_CODE_OTHER,  /* `binary` has call frame information, or nothing */
};

struct unwind_code {
	enum unwind_kind kind;
	bool link_register; /* arm64: the return address is in LR, and nowhere else */
	bool link;	    /* arm64: it is in LR */
	bool begins;	    /* a return address where a function begins: no call is before it */
	bool called_by_c;   /* its caller's frame pointer is what C makes of it */
	bool frames_twice;  /* amd64: it saves that in two frames, one behind the other */
	bool injected;	/* a signal handler made this call: it returns to what was interrupted */
	bool scheduler; /* on g0, once a goroutine has been left for good */
	bool morestack; /* calls what has a larger stack made */
	bool handler;	/* Go's signal handler: in the vdso it returns to sigreturn */
	bool frame_at_link; /* arm64: the caller's frame pointer is saved below the return address
			     */
	int32_t depth;
	int32_t link_at; /* arm64: where the return address is, from SP on */
	int32_t kept_sp;
	bool keeps_sp; /* UNWIND_CODE_VDSO: it has done so, and may have changed stacks since */
	enum frame_pointer frame_pointer; /* of Go code */
	struct binary *binary;
	uint64_t address;  /* there, of the instruction that is meant */
	uint64_t function; /* where the Go function starts that it is in; 0 none */
};

struct unwind_codes;
struct unwind_codes *unwind_codes_new(struct attribution *attribution); /* NULL without memory */
void unwind_codes_free(struct unwind_codes *codes);

/* CALLER: PC is a return address. Valid until the next call. */
const struct unwind_code *unwind_codes_find(struct unwind_codes *codes, const struct maps *maps,
					    uint64_t pc, bool caller);

/* The name of the Go function there, not of what is inlined; NULL where there is none. */
const char *unwind_code_name(const struct unwind_code *code);

/* The call frame information of CODE, which unwind_codes_find() has found; NULL: it has none. */
const struct cfi_row *unwind_codes_row(struct unwind_codes *codes, const struct unwind_code *code);

#endif
