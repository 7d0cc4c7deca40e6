// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/find.h"

#include <string.h>

#include "gobin/moduledata.h"

static const struct {
	const char *section, *from;
} sections[] = {
	{".gopclntab", "section .gopclntab"},
	/* PIE by Go's own linker, up to 1.25 */
	{".data.rel.ro.gopclntab", "section .data.rel.ro.gopclntab"},
};

enum {
	ALIGN = 8,
	/* Bytes that look like a pclntab all through and are none are not found this often. */
	MAX_CANDIDATES = 8,
	MAX_FUNCTIONS = 1 << 20, /* among which evidence is gathered */
};

/* What the names of the runtime's functions tell of the release. */
struct evidence {
	int panic, sigpanic, panicwrap; /* their ids; -1 not there */
	bool marker;
};

static struct evidence gather(const struct pclntab *t)
{
	struct evidence e = {.panic = -1, .sigpanic = -1, .panicwrap = -1};
	const struct {
		const char *name;
		int *id;
	} wanted[] = {{"runtime.gopanic", &e.panic},
		      {"runtime.sigpanic", &e.sigpanic},
		      {"runtime.panicwrap", &e.panicwrap}};
	struct function f;
	for (size_t i = 0; i < t->functions && i < MAX_FUNCTIONS; i++) {
		if (!pclntab_function(t, i, &f) || strncmp(f.name, "runtime.", 8))
			continue;
		for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++)
			if (!strcmp(f.name, wanted[k].name))
				*wanted[k].id = f.id;
		if (t->layout->marker && !strcmp(f.name, t->layout->marker))
			e.marker = true;
	}
	return e;
}

static bool evidence_fits(const struct pclntab *t)
{
	const struct function_ids *ids = t->layout->ids;
	struct evidence e = gather(t);
	return e.panic == ids->panic && e.sigpanic == ids->sigpanic &&
	       e.panicwrap == ids->panicwrap && (e.marker || !t->layout->marker);
}

static bool try_layout(const struct image *image, uint64_t address, const struct layout *layout,
		       struct pclntab *ret)
{
	if (!pclntab_read(image, address, layout, ret))
		return false;
	if (moduledata_read(ret))
		return true;
	pclntab_deinit(ret);
	return false;
}

/* Reads a candidate by the row of the release, else by the newest row that all evidence is for. */
static bool try_address(const struct image *image, uint64_t address, int release,
			struct pclntab *ret)
{
	const struct layout *known = layout_of_release(release);
	if (known && try_layout(image, address, known, ret))
		return true;
	int count;
	const struct layout *rows = layout_rows(&count);
	while (count-- > 0) {
		if (!try_layout(image, address, &rows[count], ret))
			continue;
		if (evidence_fits(ret))
			return true;
		pclntab_deinit(ret);
	}
	return false;
}

/* Whether any row finds a well-formed table there. */
static bool is_candidate(const struct image *image, uint64_t address)
{
	struct pclntab t;
	int count;
	const struct layout *rows = layout_rows(&count);
	while (count-- > 0)
		if (pclntab_read(image, address, &rows[count], &t))
			return true;
	return false;
}

/* A magic of any release, and two zero bytes. */
static bool looks_like_header(const uint8_t *bytes, bool swap)
{
	uint32_t word;
	memcpy(&word, bytes, sizeof(word));
	uint32_t magic = swap ? __builtin_bswap32(word) : word;
	return magic >= PCLNTAB_MAGIC_118 && !bytes[4] && !bytes[5];
}

/* A scan of the segments for what looks like a pclntab. */
struct scan {
	const struct image *image;
	int release;
	int candidates;
};

static bool scan_segment(struct scan *scan, const struct image_segment *s, struct pclntab *ret)
{
	bool swap = image_big_endian(scan->image) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	uint64_t left, first = -s->vaddr & (ALIGN - 1);
	const uint8_t *bytes = image_bytes(scan->image, s->vaddr, &left);
	if (!bytes)
		return false;
	for (uint64_t at = first; at + ALIGN <= left; at += ALIGN) {
		if (!looks_like_header(bytes + at, swap) ||
		    !is_candidate(scan->image, s->vaddr + at))
			continue;
		if (try_address(scan->image, s->vaddr + at, scan->release, ret))
			return true;
		if (++scan->candidates == MAX_CANDIDATES)
			return false;
	}
	return false;
}

/* Data first: old linkers put read-only data into the segment of the code. */
static bool scan_all(const struct image *image, int release, struct pclntab *ret)
{
	size_t count;
	struct scan scan = {.image = image, .release = release};
	const struct image_segment *segments = image_segments(image, &count);
	for (int executable = 0; executable <= 1; executable++)
		for (size_t i = 0; i < count && scan.candidates < MAX_CANDIDATES; i++)
			if (segments[i].executable == executable &&
			    scan_segment(&scan, &segments[i], ret))
				return true;
	return false;
}

bool pclntab_locate(const struct image *image, int release, struct pclntab *ret,
		    const char **from_ret)
{
	struct image_section section;
	uint64_t address;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		*from_ret = sections[i].from;
		if (image_section(image, sections[i].section, &section) &&
		    try_address(image, section.address, release, ret))
			return true;
	}
	*from_ret = "symbol runtime.pclntab";
	if (image_symbol_address(image, "runtime.pclntab", &address) &&
	    try_address(image, address, release, ret))
		return true;
	*from_ret = "scan";
	return scan_all(image, release, ret);
}
