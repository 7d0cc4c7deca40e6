// SPDX-License-Identifier: GPL-2.0-only
/* The layout of file mode: tools/perf/util/header.c, perf 6.12, perf_session__do_write_header(). */
#include "out/perfdata_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/new_file.h"
#include "out/binary.h"
#include "perfdata/perfdata.h"

struct feature {
	const void *bytes; /* NULL: not there */
	size_t size;
};

struct section {
	uint64_t offset, size;
};

struct perfdata_writer {
	const char *path; /* the caller's */
	bool overwrite, swap;
	struct new_file file;
	struct writer out;
	const struct perfdata_writer_event *events;
	size_t nr_events;
	uint32_t attr_size;
	struct section attrs, data;
	struct writer description; /* EVENT_DESC */
	struct feature features[HEADER_FEAT_BITS];
};

enum { HEADER_SIZE = 104, NAME_ALIGN = 64 };

static void put_section(const struct perfdata_writer *writer, struct section section,
			struct writer *to)
{
	writer_u64(to, section.offset, writer->swap);
	writer_u64(to, section.size, writer->swap);
}

/* A recording of either byte order, or a file that someone has made for one. */
static bool is_recording(const char *path, const struct stat *status)
{
	uint64_t magic = 0;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!status->st_size)
		return true;
	return fd >= 0 && read(fd, &magic, sizeof(magic)) == sizeof(magic) &&
	       (magic == PERF_MAGIC2 || magic == __builtin_bswap64(PERF_MAGIC2));
}

/* An older recording is replaced, as by perf; other files only on demand. */
static struct perfgo_error *check_target(const char *path, bool overwrite)
{
	struct stat status;
	if (stat(path, &status))
		return NULL;
	if (!S_ISREG(status.st_mode))
		return perfgo_error_new("%s: is there and is no regular file", path);
	if (overwrite || is_recording(path, &status))
		return NULL;
	return perfgo_error_hint(perfgo_error_new("%s: is there already and is no recording", path),
				 "--force overwrites it");
}

struct perfgo_error *perfdata_writer_new(const char *path, bool overwrite, bool swap,
					 struct perfdata_writer **ret)
{
	struct perfgo_error *error = check_target(path, overwrite);
	if (error)
		return error;
	struct perfdata_writer *writer = calloc(1, sizeof(*writer));
	if (!writer)
		return perfgo_error_no_memory();
	writer->path = path;
	writer->overwrite = overwrite;
	writer->swap = swap;
	writer->description = writer_of_memory();
	error = new_file_begin(path, true, &writer->file);
	writer->out = writer_of_fd(writer->file.fd, path);
	if (error)
		perfdata_writer_free(writer);
	else
		*ret = writer;
	return error;
}

void perfdata_writer_free(struct perfdata_writer *writer)
{
	if (!writer)
		return;
	perfgo_error_destroy(writer_finish(&writer->out));
	perfgo_error_destroy(writer_finish(&writer->description));
	new_file_discard(&writer->file);
	free(writer);
}

const char *perfdata_writer_temporary(const struct perfdata_writer *writer)
{
	return writer->file.temporary;
}

struct writer *perfdata_writer_data(struct perfdata_writer *writer)
{
	return &writer->out;
}

uint64_t perfdata_writer_offset(const struct perfdata_writer *writer)
{
	off_t written = lseek(writer->file.fd, 0, SEEK_CUR);
	return (uint64_t)written + writer->out.used;
}

/* Of what is zero behind it nothing is lost (include/uapi/linux/perf_event.h). */
static uint32_t needed_size(const struct perfdata_attr *attr)
{
	enum { KNOWN_TO_6_1 = 128 }; /* VER7: sig_data, linux 5.13 */
	if (attr->size <= KNOWN_TO_6_1)
		return attr->size;
	if (attr->config4)
		return 144;
	return attr->config3 ? 136 : KNOWN_TO_6_1;
}

/*
 * One size for all. perf refuses a size larger than it knows, even if the rest is zero
 * (tools/perf/util/header.c, read_attr()), so no more is written than is needed.
 */
static uint32_t common_attr_size(const struct perfdata_writer_event *events, size_t count)
{
	uint32_t size = PERF_ATTR_SIZE_VER0;
	for (size_t i = 0; i < count; i++)
		if (needed_size(&events[i].attr) > size)
			size = needed_size(&events[i].attr);
	return size;
}

static void put_attr(struct perfdata_writer *writer, const struct perfdata_attr *attr,
		     struct writer *to)
{
	char *room = writer_room(to, writer->attr_size);
	if (!room)
		return;
	perfdata_attr_encode(attr, writer->attr_size, writer->swap, room);
	to->used += writer->attr_size;
}

static void put_ids(const struct perfdata_writer *writer, const struct perfdata_writer_event *event,
		    struct writer *to)
{
	for (size_t i = 0; i < event->nr_ids; i++)
		writer_u64(to, event->ids[i], writer->swap);
}

/* write_event_desc(), with the name as do_write_string() has it. */
static void describe_events(struct perfdata_writer *writer)
{
	struct writer *to = &writer->description;
	static const char zeros[NAME_ALIGN];
	writer_u32(to, (uint32_t)writer->nr_events, writer->swap);
	writer_u32(to, writer->attr_size, writer->swap);
	for (size_t i = 0; i < writer->nr_events; i++) {
		const struct perfdata_writer_event *event = &writer->events[i];
		size_t length = strlen(event->name) + 1;
		size_t padded = (length + NAME_ALIGN - 1) / NAME_ALIGN * NAME_ALIGN;
		put_attr(writer, &event->attr, to);
		writer_u32(to, (uint32_t)event->nr_ids, writer->swap);
		writer_u32(to, (uint32_t)padded, writer->swap);
		writer_bytes(to, event->name, length);
		writer_bytes(to, zeros, padded - length);
		put_ids(writer, event, to);
	}
}

struct perfgo_error *perfdata_writer_events(struct perfdata_writer *writer,
					    const struct perfdata_writer_event *events,
					    size_t count)
{
	struct writer *out = &writer->out;
	static const char header[HEADER_SIZE];
	uint64_t ids = HEADER_SIZE;
	writer->events = events;
	writer->nr_events = count;
	writer->attr_size = common_attr_size(events, count);
	writer_bytes(out, header, sizeof(header)); /* written at the end */
	for (size_t i = 0; i < count; i++)
		put_ids(writer, &events[i], out);
	writer->attrs.offset = perfdata_writer_offset(writer);
	for (size_t i = 0; i < count; i++) {
		struct section section = {ids, 8 * events[i].nr_ids};
		put_attr(writer, &events[i].attr, out);
		put_section(writer, section, out);
		ids += section.size;
	}
	writer->data.offset = perfdata_writer_offset(writer);
	writer->attrs.size = writer->data.offset - writer->attrs.offset;
	describe_events(writer);
	return writer_failed(out) ? writer_finish(out) : NULL;
}

void perfdata_writer_feature(struct perfdata_writer *writer, unsigned int feature,
			     const void *bytes, size_t size)
{
	writer->features[feature] = (struct feature){bytes, size};
}

/* Their table follows the data, and has an entry for each that is there. */
static void write_features(struct perfdata_writer *writer)
{
	/* By it perf knows the size of the words that the bits are in (header_read()). */
	static const uint32_t no_name[2] = {__builtin_bswap32(4)}; /* and an empty text */
	size_t size;
	if (writer->swap && !writer->features[HEADER_HOSTNAME].bytes)
		perfdata_writer_feature(writer, HEADER_HOSTNAME, no_name, sizeof(no_name));
	const char *description = writer_text(&writer->description, &size);
	perfdata_writer_feature(writer, HEADER_EVENT_DESC, description, size);
	size_t count = 0;
	for (size_t i = 0; i < HEADER_FEAT_BITS; i++)
		count += writer->features[i].bytes != NULL;
	uint64_t offset = perfdata_writer_offset(writer) + count * sizeof(struct section);
	for (size_t i = 0; i < HEADER_FEAT_BITS; i++) {
		const struct feature *feature = &writer->features[i];
		if (!feature->bytes)
			continue;
		put_section(writer, (struct section){offset, feature->size}, &writer->out);
		offset += feature->size;
	}
	for (size_t i = 0; i < HEADER_FEAT_BITS; i++)
		if (writer->features[i].bytes)
			writer_bytes(&writer->out, writer->features[i].bytes,
				     writer->features[i].size);
}

static void build_header(struct perfdata_writer *writer, struct writer *to)
{
	uint64_t bits[HEADER_FEAT_BITS / 64] = {0};
	for (unsigned int i = 0; i < HEADER_FEAT_BITS; i++)
		if (writer->features[i].bytes)
			bits[i / 64] |= 1ull << i % 64;
	writer_u64(to, PERF_MAGIC2, writer->swap);
	writer_u64(to, HEADER_SIZE, writer->swap);
	writer_u64(to, writer->attr_size + sizeof(struct section), writer->swap);
	put_section(writer, writer->attrs, to);
	put_section(writer, writer->data, to);
	put_section(writer, (struct section){0}, to); /* event types, of old */
	for (size_t i = 0; i < HEADER_FEAT_BITS / 64; i++)
		writer_u64(to, bits[i], writer->swap);
}

static struct perfgo_error *write_header(struct perfdata_writer *writer)
{
	struct writer header = writer_of_memory();
	build_header(writer, &header);
	size_t size;
	const char *bytes = writer_text(&header, &size);
	struct perfgo_error *error = NULL;
	if (!writer_failed(&header) && pwrite(writer->file.fd, bytes, size, 0) != (ssize_t)size)
		error = perfgo_error_errno(errno, "cannot write %s", writer->path);
	struct perfgo_error *failed = writer_finish(&header);
	if (!error)
		return failed;
	perfgo_error_destroy(failed);
	return error;
}

static struct perfgo_error *give_name(struct perfdata_writer *writer)
{
	struct perfgo_error *error = check_target(writer->path, writer->overwrite);
	return error ? error : new_file_finish(&writer->file, writer->path);
}

struct perfgo_error *perfdata_writer_cut(struct perfdata_writer *writer, uint64_t offset)
{
	if (ftruncate(writer->file.fd, (off_t)offset) ||
	    lseek(writer->file.fd, (off_t)offset, SEEK_SET) != (off_t)offset)
		return perfgo_error_errno(errno, "cannot write %s", writer->path);
	writer->out.used = 0;
	writer->out.errnum = 0;
	return NULL;
}

struct perfgo_error *perfdata_writer_finish(struct perfdata_writer *writer)
{
	writer->data.size = perfdata_writer_offset(writer) - writer->data.offset;
	if (writer_failed(&writer->description))
		return perfgo_error_no_memory();
	write_features(writer);
	struct perfgo_error *error = writer_finish(&writer->out);
	if (!error)
		error = write_header(writer);
	return error ? error : give_name(writer);
}
