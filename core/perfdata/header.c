// SPDX-License-Identifier: GPL-2.0-only
/* The header of file mode: tools/perf/util/header.c, perf 6.12. */
#include "perfdata/internal.h"

struct section {
	uint64_t offset, size;
};

struct file_header {
	uint64_t size, attr_size;
	struct section attrs, data;
	uint8_t features[HEADER_FEAT_BITS / 8]; /* as they lie in the file */
	bool has_features;
};

static struct section read_section(struct cursor *c)
{
	struct section section;
	section.offset = cursor_u64(c);
	section.size = cursor_u64(c);
	return section;
}

/* A cursor over a section; failed when the section is not wholly in the file. */
static struct cursor section_cursor(const struct perfdata *data, const struct input *input,
				    struct section section)
{
	struct cursor c = cursor_of(input->map, input->map_size, data->swap);
	cursor_skip(&c, section.offset);
	const void *bytes = cursor_bytes(&c, section.size);
	struct cursor ret = cursor_of(bytes ? bytes : "", bytes ? section.size : 0, data->swap);
	ret.failed = c.failed;
	return ret;
}

#define SIZE_WITHOUT_FEATURES 72

static struct perfgo_error *read_file_header(struct perfdata *data, const struct input *input,
					     struct file_header *ret)
{
	struct cursor c = cursor_of(input->map, input->map_size, data->swap);
	cursor_u64(&c); /* magic */
	ret->size = cursor_u64(&c);
	ret->attr_size = cursor_u64(&c);
	ret->attrs = read_section(&c);
	ret->data = read_section(&c);
	read_section(&c); /* event types, of old */
	if (c.failed)
		return perfgo_error_new("%s: at offset 0x%zx: file ends in its header", data->path,
					input->map_size);
	ret->has_features = ret->size >= SIZE_WITHOUT_FEATURES + sizeof(ret->features);
	if (!ret->has_features)
		return NULL;
	const void *features = cursor_bytes(&c, sizeof(ret->features));
	if (!features)
		return perfgo_error_new("%s: at offset 0x%zx: file ends in its header", data->path,
					input->map_size);
	memcpy(ret->features, features, sizeof(ret->features));
	return NULL;
}

static struct perfgo_error *read_attr(struct perfdata *data, const struct input *input,
				      struct cursor *c, uint64_t attr_size)
{
	uint64_t offset = (uint64_t)(c->at - input->map);
	const void *bytes = cursor_bytes(c, attr_size);
	struct section ids = read_section(c);
	struct perfdata_attr attr;
	if (c->failed || !attr_decode(bytes, attr_size, data->swap, &attr))
		return perfgo_error_new("%s: at offset 0x%llx: not an event attribute", data->path,
					(unsigned long long)offset);
	struct cursor id = section_cursor(data, input, ids);
	if (id.failed)
		return perfgo_error_new("%s: at offset 0x%llx: event ids are behind the file's end",
					data->path, (unsigned long long)ids.offset);
	/* Sections may lie over one another, but each id is of one event. */
	if (cursor_left(&id) / 8 + data->nr_listed_ids > input->map_size / 8)
		return perfgo_error_new(
			"%s: at offset 0x%llx: more event ids than fit into the file", data->path,
			(unsigned long long)ids.offset);
	data->nr_listed_ids += cursor_left(&id) / 8;
	return events_add(data, &attr, id);
}

static struct perfgo_error *read_attrs(struct perfdata *data, const struct input *input,
				       const struct file_header *header)
{
	struct cursor c = section_cursor(data, input, header->attrs);
	if (c.failed)
		return perfgo_error_new("%s: at offset 0x%llx: attribute section (%llu bytes) is "
					"behind the file's end",
					data->path, (unsigned long long)header->attrs.offset,
					(unsigned long long)header->attrs.size);
	if (header->attr_size < PERF_ATTR_SIZE_VER0 + sizeof(struct section))
		return perfgo_error_new("%s: at offset 0x10: attributes of %llu bytes", data->path,
					(unsigned long long)header->attr_size);
	if (cursor_left(&c) < header->attr_size)
		return perfgo_error_new("%s: at offset 0x%llx: no event attributes", data->path,
					(unsigned long long)header->attrs.offset);
	while (cursor_left(&c) >= header->attr_size) {
		struct perfgo_error *error =
			read_attr(data, input, &c, header->attr_size - sizeof(struct section));
		if (error)
			return error;
	}
	return NULL;
}

static bool bit(const uint64_t *bits, unsigned int i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void swap_words(uint8_t *bytes, size_t size, size_t word)
{
	for (size_t i = 0; i < size; i += word)
		for (size_t j = 0; j < word / 2; j++) {
			uint8_t byte = bytes[i + j];
			bytes[i + j] = bytes[i + word - 1 - j];
			bytes[i + word - 1 - j] = byte;
		}
}

/*
 * The bits are in words of the recording machine's long, whose size the file does not say. perf
 * takes 64 bits first, then 32, and knows it is right by HOSTNAME, which perf always writes; else
 * there is only BUILD_ID (perf_file_header__read()).
 */
static void read_feature_bits(struct perfdata *data, struct file_header *header)
{
	uint64_t *bits = data->header.features;
	if (data->swap)
		swap_words(header->features, sizeof(header->features), 8);
	memcpy(bits, header->features, sizeof(header->features));
	if (!data->swap || bit(bits, HEADER_HOSTNAME))
		return;
	swap_words(header->features, sizeof(header->features), 8);
	swap_words(header->features, sizeof(header->features), 4);
	memcpy(bits, header->features, sizeof(header->features));
	if (bit(bits, HEADER_HOSTNAME))
		return;
	bool any = bits[0] | bits[1] | bits[2] | bits[3];
	memset(bits, 0, sizeof(header->features));
	bits[0] = any ? 1ull << HEADER_BUILD_ID : 0;
}

/* The table of feature sections lies behind the data; one entry a bit. */
static void read_features(struct perfdata *data, struct input *input, struct section where)
{
	struct cursor table = cursor_of(input->map, input->map_size, data->swap);
	cursor_skip(&table, where.offset);
	cursor_skip(&table, where.size);
	bool told = false;
	for (unsigned int i = 1; i < HEADER_FEAT_BITS; i++) {
		if (!bit(data->header.features, i))
			continue;
		uint64_t at = (uint64_t)(table.at - input->map);
		struct section section = read_section(&table);
		struct cursor c = section_cursor(data, input, section);
		if (!table.failed && !c.failed && feature_add(data, i, c.at, cursor_left(&c)))
			continue;
		data->header.features[i / 64] &= ~(1ull << i % 64);
		if (!told)
			observer_warn(
				data->observer,
				"%s: at offset 0x%llx: header feature %u is damaged, left out",
				data->path, (unsigned long long)at, i);
		told = true;
	}
}

/* Where the records are. Without a size, or cut off, they go on to the end of the file. */
static struct perfgo_error *find_data(struct perfdata *data, struct input *input,
				      struct section where)
{
	if (where.offset > input->map_size)
		return perfgo_error_new(
			"%s: at offset 0x%zx: file ends before its data section at 0x%llx",
			data->path, input->map_size, (unsigned long long)where.offset);
	uint64_t left = input->map_size - where.offset;
	input->window.at = input->map + where.offset;
	input->unfinished = !where.size;
	input->cut = !where.size || where.size > left;
	data->header.truncated = input->cut;
	input->window.end = input->window.at + (input->cut ? left : where.size);
	data->section = (struct data_section){
		.fd = input->fd, .offset = where.offset, .size = input->cut ? 0 : where.size};
	return NULL;
}

struct perfgo_error *header_read(struct perfdata *data, struct input *input)
{
	struct file_header header = {0};
	struct perfgo_error *error = read_file_header(data, input, &header);
	if (error)
		return error;
	error = read_attrs(data, input, &header);
	if (error)
		return error;
	error = find_data(data, input, header.data);
	if (error)
		return error;
	/* perf sets the bits before it records, and writes the features after. */
	if (header.has_features && !input->cut) {
		read_feature_bits(data, &header);
		read_features(data, input, header.data);
	}
	return name_tracepoints(data);
}
