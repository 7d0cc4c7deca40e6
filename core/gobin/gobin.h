/* SPDX-License-Identifier: GPL-2.0-only */
/* A Go binary: build info and pclntab, found with or without symbols and section headers. */
#ifndef GOBIN_GOBIN_H
#define GOBIN_GOBIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "elf/image.h"

struct gobin;

/*
 * Reads IMAGE as a Go binary. *RET is NULL, without an error, when it is none; an error means a Go
 * binary that cannot be read. The gobin borrows the image, which has to outlive it; the caller
 * frees it with gobin_close(). All pointers handed out are valid as long as the gobin.
 */
struct perfgo_error *gobin_open(const struct image *image, struct gobin **ret);
void gobin_close(struct gobin *go);

struct gobin_info {
	const char *version;  /* "go1.26.8", with experiments as Go writes them; NULL unknown */
	int release;	      /* 26 for go1.26; 0 unknown */
	const char *path;     /* path of the main package; NULL unknown */
	const char *module;   /* main module and its version, "mod v1.2.3"; NULL unknown */
	const char *settings; /* build settings, "key=value" lines; NULL unknown */
	const char *go_build_id;
	const char *pclntab_from; /* "section .gopclntab", "symbol runtime.pclntab", "scan" … */
	uint64_t pclntab_address;
	uint32_t pclntab_magic;
	uint64_t text_start, text_end; /* runtime.text, runtime.etext: Go's own text */
	size_t functions;
	bool inlines; /* inlining tables can be read */
};
const struct gobin_info *gobin_info(const struct gobin *go);

struct gobin_frame {
	const char *function; /* as the runtime prints it: main.(*T).Get[...], main.f.func1 */
	const char *linkage;  /* as the linker has it, with type arguments */
	const char *file;     /* NULL unknown */
	int line;	      /* 0 unknown */
	int start_line;	      /* of the function; 0 unknown: before 1.20 */
};

/* What Go's tables say of an address. */
struct gobin_place {
	/*
	 * It is Go's own, be it code or padding: no other symbol counts there. C that Go's linker
	 * has put between Go's functions is not.
	 */
	bool owned;
	const char *name; /* the physical function; NULL in padding and gaps */
	uint64_t start;	  /* where it starts */
	bool wrapper;	  /* the compiler has made it, to call another function */
	size_t count;	  /* frames */
};

/*
 * The frames of a virtual address of the image, innermost inlined function first, as the runtime
 * itself tells them; the last is the physical function, unless the runtime of that release hides
 * it as a wrapper. For a return address pass the address less one. There are none in padding,
 * gaps, data, and outside Go's text, and at most MAX. WITH_LINES false leaves their files and
 * lines unknown, which is twice as fast.
 */
void gobin_locate(const struct gobin *go, uint64_t address, bool with_lines,
		  struct gobin_frame *frames, size_t max, struct gobin_place *ret);

struct gobin_function {
	const char *name;
	uint64_t start, end; /* end: behind the last instruction that has a line */
};

/*
 * From where to where the function at an address reaches, padding behind it included. False outside
 * of Go's text.
 */
bool gobin_function_bounds(const struct gobin *go, uint64_t address, uint64_t *start_ret,
			   uint64_t *end_ret);

/* The i-th function in address order. False when there is no name or I is too large. */
bool gobin_function_at(const struct gobin *go, size_t i, struct gobin_function *ret);

#endif
