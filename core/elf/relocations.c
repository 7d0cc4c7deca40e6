// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the loader writes into a position-independent image. Go's linker and GNU ld leave a
 * pointer's value in place too, lld does not: the relocation's addend is what counts.
 */
#include <elf.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "elf/internal.h"

/*
 * Only these can point into the image itself. Relocations without addends (DT_REL, DT_RELR) leave
 * the pointer where it is, for an image at its own addresses.
 */
static const struct {
	uint16_t machine;
	uint32_t relative;
} relative_types[] = {
	{EM_X86_64, R_X86_64_RELATIVE},
	{EM_AARCH64, R_AARCH64_RELATIVE},
};

struct relocation {
	uint64_t address, value;
};

struct relocations {
	size_t count;
	struct relocation list[]; /* by address */
};

/* DT_RELA and DT_RELASZ. */
struct rela_table {
	uint64_t address, size;
};

static bool find_rela_table(const struct image *image, struct rela_table *ret)
{
	*ret = (struct rela_table){0};
	return image_dynamic(image, DT_RELA, &ret->address) &&
	       image_dynamic(image, DT_RELASZ, &ret->size) && ret->address && ret->size;
}

static int by_address(const void *a, const void *b)
{
	const struct relocation *x = a, *y = b;
	return x->address < y->address ? -1 : x->address > y->address;
}

static uint32_t relative_type(const struct image *image)
{
	for (size_t i = 0; i < sizeof(relative_types) / sizeof(relative_types[0]); i++)
		if (relative_types[i].machine == image->machine)
			return relative_types[i].relative;
	return 0;
}

static void add_relatives(struct relocations *r, struct cursor *c, size_t count, uint32_t type)
{
	bool sorted = true;
	for (size_t i = 0; i < count; i++) {
		uint64_t address = cursor_u64(c);
		uint64_t info = cursor_u64(c);
		uint64_t addend = cursor_u64(c);
		if (ELF64_R_TYPE(info) != type)
			continue;
		if (r->count && r->list[r->count - 1].address > address)
			sorted = false;
		r->list[r->count++] = (struct relocation){address, addend};
	}
	if (!sorted)
		qsort(r->list, r->count, sizeof(*r->list), by_address);
}

static struct relocations *relocations_read(const struct image *image)
{
	struct rela_table table;
	uint64_t left = 0, count = 0;
	uint32_t type = relative_type(image);
	const uint8_t *data = NULL;
	if (type && image->wide && image->type == ET_DYN && find_rela_table(image, &table))
		data = image_bytes(image, table.address, &left);
	if (data)
		count = (left < table.size ? left : table.size) / sizeof(Elf64_Rela);
	struct relocations *r = malloc(sizeof(*r) + count * sizeof(*r->list));
	if (!r)
		return NULL;
	r->count = 0;
	if (!count)
		return r;
	struct cursor c = cursor_of(data, count * sizeof(Elf64_Rela), image->swap);
	add_relatives(r, &c, count, type);
	return r;
}

/* NULL without memory. */
static const struct relocations *image_relocations(const struct image *image)
{
	struct image *lazy = (struct image *)image;
	pthread_mutex_lock(&lazy->lock);
	if (!lazy->relocations)
		lazy->relocations = relocations_read(image);
	pthread_mutex_unlock(&lazy->lock);
	return lazy->relocations;
}

/* The index of the first relocation at ADDRESS or behind it. */
static size_t lower_bound(const struct relocations *r, uint64_t address)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->list[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What a relocation writes at ADDRESS, if there is one. */
static bool relocated(const struct image *image, uint64_t address, uint64_t *value_ret)
{
	if (image->type != ET_DYN)
		return false;
	const struct relocations *r = image_relocations(image);
	if (!r)
		return false;
	size_t i = lower_bound(r, address);
	if (i == r->count || r->list[i].address != address)
		return false;
	*value_ret = r->list[i].value;
	return true;
}

bool image_pointer(const struct image *image, uint64_t address, uint64_t *value_ret)
{
	uint64_t left;
	const uint8_t *bytes = image_bytes(image, address, &left);
	if (!bytes)
		return false;
	struct cursor c = cursor_of(bytes, left, image->swap);
	*value_ret = image_word(image, &c);
	if (c.failed)
		return false;
	relocated(image, address, value_ret);
	return true;
}

/* The next address at which the file itself has VALUE and no relocation replaces it. */
static bool find_in_place(const struct image *image, uint64_t value, uint64_t from,
			  uint64_t *address_ret)
{
	uint64_t step = image->wide ? 8 : 4, found;
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		uint64_t start = s->vaddr < from ? from : s->vaddr;
		start = (start + step - 1) & -step;
		if (!s->writable || start < s->vaddr || start - s->vaddr >= s->file_size)
			continue;
		struct cursor c = image_cursor(image, s->offset + (start - s->vaddr),
					       s->file_size - (start - s->vaddr));
		for (; cursor_left(&c) >= step; start += step) {
			if (image_word(image, &c) != value)
				continue;
			if (image_pointer(image, start, &found) && found == value) {
				*address_ret = start;
				return true;
			}
		}
	}
	return false;
}

bool image_find_pointer(const struct image *image, uint64_t value, uint64_t *address)
{
	uint64_t from = *address;
	bool found = find_in_place(image, value, from, address);
	const struct relocations *r = image->type == ET_DYN ? image_relocations(image) : NULL;
	for (size_t i = r ? lower_bound(r, from) : 0; r && i < r->count; i++) {
		if (found && r->list[i].address >= *address)
			break;
		if (r->list[i].value != value)
			continue;
		*address = r->list[i].address;
		return true;
	}
	return found;
}

void relocations_destroy(struct relocations *relocations)
{
	free(relocations);
}
