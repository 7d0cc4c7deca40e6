// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/write_all.h"
#include "perfdata/internal.h"

#define PIPE_HEADER_SIZE 16

static void deinit(struct perfdata *data)
{
	for (size_t i = 0; i < data->nr_inputs; i++) {
		unpack_deinit(&data->inputs[i]);
		input_deinit(&data->inputs[i]);
	}
	free(data->inputs);
	chunks_deinit(&data->chunks);
	order_deinit(&data->queue);
	events_deinit(data);
	arena_deinit(&data->arena);
	arena_deinit(&data->scratch);
	free(data->build_ids);
	free(data->unpack_buffer);
	free(data->batch);
	free(data->path);
	free(data);
}

void perfdata_close(struct perfdata *data)
{
	if (data)
		deinit(data);
}

static void cleanup_perfdata(struct perfdata **data)
{
	perfdata_close(*data);
}

const char *perfdata_path(const struct perfdata *data)
{
	return data->path;
}

const struct perfdata_header *perfdata_header(const struct perfdata *data)
{
	return &data->header;
}

bool perfdata_swapped(const struct perfdata *data)
{
	return data->swap;
}

const struct perfdata_counts *perfdata_counts(const struct perfdata *data)
{
	return &data->counts;
}

uint32_t record_type(const struct perfdata *data, const struct record *record)
{
	return read_header(data->swap, record->data).type;
}

uint16_t record_misc(const struct perfdata *data, const struct record *record)
{
	return read_header(data->swap, record->data).misc;
}

uint32_t record_size(const struct perfdata *data, const struct record *record)
{
	return read_header(data->swap, record->data).size;
}

uint64_t record_offset(const struct perfdata *data, const struct record *record)
{
	const uint8_t *at = record->data;
	for (size_t i = 0; i < data->nr_inputs; i++) {
		const struct input *input = &data->inputs[i];
		if (input->map && at >= input->map && at < input->map + input->map_size)
			return (uint64_t)(at - input->map);
	}
	for (const struct chunk *chunk = data->chunks.first; chunk; chunk = chunk->next)
		if (at >= chunk->bytes && at < chunk->bytes + chunk->used)
			return chunk->offset +
			       (chunk->unpacked ? 0 : (uint64_t)(at - chunk->bytes));
	return 0;
}

const void *record_data_behind(const struct perfdata *data, const struct record *record,
			       uint64_t *size_ret)
{
	struct cursor c = payload(data, record->data);
	bool aux = record_type(data, record) == PERF_RECORD_AUXTRACE;
	uint64_t size = aux ? cursor_u64(&c) : cursor_u32(&c);
	const uint8_t *at = (const uint8_t *)record->data + record_size(data, record);
	*size_ret = size;
	for (size_t i = 0; i < data->nr_inputs; i++) {
		const struct input *input = &data->inputs[i];
		if (input->map && at >= input->map && at <= input->map + input->map_size)
			return size <= (uint64_t)(input->map + input->map_size - at) ? at : NULL;
	}
	return NULL;
}

bool perfdata_data_section(const struct perfdata *data, struct data_section *ret)
{
	*ret = data->section;
	return data->section.size && !data->header.directory;
}

bool perfdata_reads(const struct perfdata *data, const struct stat *status)
{
	struct stat own;
	for (size_t i = 0; i < data->nr_inputs; i++)
		if (!fstat(data->inputs[i].fd, &own) && own.st_dev == status->st_dev &&
		    own.st_ino == status->st_ino)
			return true;
	return false;
}

/* Adds FD, a regular file or a stream. */
static struct perfgo_error *add_input(struct perfdata *data, const char *path, int fd)
{
	if (!array_reserve(data->inputs, data->inputs_capacity, data->nr_inputs + 1)) {
		close(fd);
		return perfgo_error_no_memory();
	}
	struct stat status;
	bool regular = !fstat(fd, &status) && S_ISREG(status.st_mode);
	struct input *input = &data->inputs[data->nr_inputs++];
	return regular ? input_map(input, path, fd) : input_stream(input, path, fd);
}

static struct perfgo_error *open_input(struct perfdata *data, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return perfgo_error_errno(errno, "%s: cannot be opened", path);
	return add_input(data, path, fd);
}

/* The first word is the magic in the byte order of the file, or that of old, which has none. */
static bool read_magic(struct perfdata *data, const uint8_t *bytes, uint64_t *size_ret)
{
	uint64_t magic, size;
	memcpy(&magic, bytes, 8);
	memcpy(&size, bytes + 8, 8);
	if (!memcmp(bytes, "PERFFILE", 8))
		data->swap = size > UINT32_MAX;
	else if (magic == PERF_MAGIC2 || magic == __builtin_bswap64(PERF_MAGIC2))
		data->swap = magic != PERF_MAGIC2;
	else
		return false;
	data->header.big_endian = data->swap == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	*size_ret = data->swap ? __builtin_bswap64(size) : size;
	return true;
}

/* A stream in file mode cannot be read as it comes: its features are at the end. */
static struct perfgo_error *spool(struct perfdata *data, struct input *input)
{
	_cleanup_close_ int fd = memfd_create("perf.data", MFD_CLOEXEC);
	if (fd < 0)
		return perfgo_error_errno(errno, "%s: memory for it", input->path);
	for (;;) {
		size_t count = (size_t)(input->window.end - input->window.at);
		if (!write_all(fd, input->window.at, count))
			return perfgo_error_errno(errno, "%s: memory for it", input->path);
		input->window.at = input->window.end;
		chunks_release(&data->chunks, UINT64_MAX);
		struct perfgo_error *error = input_need(input, &data->chunks, 1, &count);
		if (error)
			return error;
		if (!count)
			break;
	}
	input_deinit(input);
	chunks_deinit(&data->chunks);
	data->chunks = (struct chunks){0};
	struct perfgo_error *error = input_map(input, data->path, fd);
	fd = -1;
	return error;
}

static struct perfgo_error *read_beginning(struct perfdata *data)
{
	struct input *input = &data->inputs[0];
	size_t left;
	struct perfgo_error *error = input_need(input, &data->chunks, PIPE_HEADER_SIZE, &left);
	if (error)
		return error;
	uint64_t size;
	if (left < PIPE_HEADER_SIZE || !read_magic(data, input->window.at, &size))
		return perfgo_error_new("%s: at offset 0x0: not a perf.data file", input->path);
	data->header.pipe = size == PIPE_HEADER_SIZE;
	if (data->header.pipe) {
		input->window.at += PIPE_HEADER_SIZE;
		return read_pipe_header(data);
	}
	if (!input->map)
		error = spool(data, input);
	return error ? error : header_read(data, input);
}

/*
 * As perf goes over to file order when records other than samples have no time
 * (perf_session__new()).
 */
static void choose_order(struct perfdata *data)
{
	data->ordered = data->order == PERFDATA_TIME_ORDER;
	if (!data->ordered || data->header.pipe || !data->nr_events ||
	    data->events[0]->public.attr.flags & PERF_ATTR_SAMPLE_ID_ALL)
		return;
	data->ordered = false;
	observer_warn(
		data->observer,
		"%s: at offset 0x18: events without sample_id_all: records stay in file order",
		data->path);
}

/* The number behind "data.", by which the files of a directory are sorted; -1 for other names. */
static long data_number(const char *name)
{
	char *end;
	if (strncmp(name, "data.", 5) || name[5] < '0' || name[5] > '9')
		return -1;
	long number = strtol(name + 5, &end, 10);
	return *end ? -1 : number;
}

static int compare_numbers(const struct dirent **a, const struct dirent **b)
{
	long one = data_number((*a)->d_name), other = data_number((*b)->d_name);
	return one < other ? -1 : one > other;
}

static int is_data(const struct dirent *entry)
{
	return data_number(entry->d_name) >= 0;
}

static struct perfgo_error *open_in_directory(struct perfdata *data, const char *name)
{
	_cleanup_free_ char *path = NULL;
	if (asprintf(&path, "%s/%s", data->path, name) < 0) {
		path = NULL;
		return perfgo_error_no_memory();
	}
	struct stat status;
	if (data->nr_inputs && !stat(path, &status) && !status.st_size)
		return NULL;
	return open_input(data, path);
}

/* `perf record --threads`: header and what perf itself wrote in "data", the rest in "data.N". */
static struct perfgo_error *open_directory(struct perfdata *data)
{
	struct dirent **entries;
	data->header.directory = true;
	struct perfgo_error *error = open_in_directory(data, "data");
	if (error)
		return error;
	int count = scandir(data->path, &entries, is_data, compare_numbers);
	if (count < 0)
		return perfgo_error_errno(errno, "%s: cannot be read", data->path);
	for (int i = 0; i < count; i++) {
		if (!error)
			error = open_in_directory(data, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

static struct perfgo_error *open_path(struct perfdata *data, const char *path)
{
	if (!strcmp(path, "-")) {
		int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return perfgo_error_errno(errno, "%s", data->path);
		return add_input(data, data->path, fd);
	}
	struct stat status;
	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		return open_directory(data);
	return open_input(data, path);
}

static struct perfgo_error *perfdata_new(const char *path, enum perfdata_order order,
					 const struct observer *observer, struct perfdata **ret)
{
	struct perfdata *data = *ret = calloc(1, sizeof(*data));
	if (!data)
		return perfgo_error_no_memory();
	data->order = order;
	data->observer = observer;
	data->path = strdup(path);
	data->batch = calloc(RECORDS_AT_ONCE, sizeof(*data->batch));
	if (!data->path || !data->batch || !array_reserve(data->inputs, data->inputs_capacity, 1))
		return perfgo_error_no_memory();
	return NULL;
}

/* What both ways of opening do with their input. */
static struct perfgo_error *begin(struct perfdata *data)
{
	struct perfgo_error *error = read_beginning(data);
	if (!error)
		choose_order(data);
	return error;
}

struct perfgo_error *perfdata_open_memory(const char *name, const void *bytes, size_t size,
					  enum perfdata_order order,
					  const struct observer *observer, struct perfdata **ret)
{
	_cleanup_(cleanup_perfdata) struct perfdata *data = NULL;
	struct perfgo_error *error = perfdata_new(name, order, observer, &data);
	if (error)
		return error;
	error = input_memory(&data->inputs[data->nr_inputs++], name, bytes, size);
	if (!error)
		error = begin(data);
	if (!error)
		*ret = no_cleanup(data);
	return error;
}

struct perfgo_error *perfdata_open(const char *path, enum perfdata_order order,
				   const struct observer *observer, struct perfdata **ret)
{
	_cleanup_(cleanup_perfdata) struct perfdata *data = NULL;
	struct perfgo_error *error =
		perfdata_new(strcmp(path, "-") ? path : "standard input", order, observer, &data);
	if (!error)
		error = open_path(data, path);
	if (!error)
		error = begin(data);
	if (!error)
		*ret = no_cleanup(data);
	return error;
}
