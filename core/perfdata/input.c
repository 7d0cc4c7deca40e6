// SPDX-License-Identifier: GPL-2.0-only
#include "perfdata/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAM_CHUNK (256u << 10)
#define DISCARD_SIZE (64u << 10)
#define DROP_SIZE (8u << 20)

struct chunk *chunk_new(struct chunks *chunks, size_t capacity, uint64_t offset)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + capacity);
	if (!chunk)
		return NULL;
	*chunk = (struct chunk){.offset = offset, .open = true, .capacity = capacity};
	if (chunks->last)
		chunks->last->next = chunk;
	else
		chunks->first = chunk;
	chunks->last = chunk;
	return chunk;
}

void chunks_release(struct chunks *chunks, uint64_t round)
{
	struct chunk **at = &chunks->first;
	struct chunk *last = NULL;
	while (*at) {
		struct chunk *chunk = *at;
		if (!chunk->open && (!chunk->queued || chunk->round < round)) {
			*at = chunk->next;
			free(chunk);
		} else {
			last = chunk;
			at = &chunk->next;
		}
	}
	chunks->last = last;
}

void chunks_deinit(struct chunks *chunks)
{
	while (chunks->first) {
		struct chunk *next = chunks->first->next;
		free(chunks->first);
		chunks->first = next;
	}
}

static struct perfgo_error *input_named(struct input *input, const char *path, int fd)
{
	*input = (struct input){.fd = fd, .path = strdup(path)};
	return input->path ? NULL : perfgo_error_no_memory();
}

struct perfgo_error *input_map(struct input *input, const char *path, int fd)
{
	struct perfgo_error *error = input_named(input, path, fd);
	if (error)
		return error;
	struct stat status;
	if (fstat(fd, &status))
		return perfgo_error_errno(errno, "%s", path);
	if (!status.st_size)
		return perfgo_error_new("%s: is empty", path);
	void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return perfgo_error_errno(errno, "%s: cannot be mapped", path);
	madvise(map, (size_t)status.st_size, MADV_SEQUENTIAL);
	input->map = map;
	input->map_size = (size_t)status.st_size;
	input->window = (struct window){input->map, input->map + input->map_size, NULL};
	return NULL;
}

struct perfgo_error *input_memory(struct input *input, const char *path, const void *bytes,
				  size_t size)
{
	struct perfgo_error *error = input_named(input, path, -1);
	if (error)
		return error;
	input->borrowed = true;
	input->map = bytes;
	input->map_size = size;
	input->window = (struct window){input->map, input->map + size, NULL};
	return NULL;
}

struct perfgo_error *input_stream(struct input *input, const char *path, int fd)
{
	return input_named(input, path, fd);
}

/* Makes room behind the unread bytes: in their chunk, or with them in a new one. */
static bool stream_room(struct input *input, struct chunks *chunks)
{
	struct window *window = &input->window;
	struct chunk *chunk = window->chunk;
	size_t left = (size_t)(window->end - window->at);
	if (chunk && chunk->capacity - chunk->used >= STREAM_CHUNK / 4)
		return true;
	/* Grows with what is there, not with what is said to come. */
	size_t capacity = left > STREAM_CHUNK / 2 ? 2 * left : STREAM_CHUNK;
	struct chunk *next = chunk_new(chunks, capacity, input->stream_offset - left);
	if (!next)
		return false;
	memcpy(next->bytes, left ? (const void *)window->at : next->bytes, left);
	next->used = left;
	if (chunk)
		chunk->open = false;
	*window = (struct window){next->bytes, next->bytes + left, next};
	return true;
}

/* Reads at most MAX bytes to AT; a count of 0 is the end. */
static struct perfgo_error *stream_read(struct input *input, void *at, size_t max, size_t *ret)
{
	ssize_t count;
	do {
		count = read(input->fd, at, max);
	} while (count < 0 && errno == EINTR);
	*ret = count > 0 ? (size_t)count : 0;
	if (count < 0)
		return perfgo_error_errno(errno, "%s: at offset 0x%llx", input->path,
					  (unsigned long long)input->stream_offset);
	input->stream_end = !count;
	input->stream_offset += (uint64_t)count;
	return NULL;
}

struct perfgo_error *input_need(struct input *input, struct chunks *chunks, size_t size,
				size_t *ret)
{
	struct window *window = &input->window;
	while ((size_t)(window->end - window->at) < size && !input->map && !input->stream_end) {
		if (!stream_room(input, chunks))
			return perfgo_error_no_memory();
		struct chunk *chunk = window->chunk;
		size_t count;
		struct perfgo_error *error = stream_read(input, chunk->bytes + chunk->used,
							 chunk->capacity - chunk->used, &count);
		if (error)
			return error;
		chunk->used += count;
		window->end += count;
	}
	*ret = (size_t)(window->end - window->at);
	return NULL;
}

/* Reads SIZE bytes of a stream for nothing. What comes behind goes to another chunk. */
static struct perfgo_error *stream_discard(struct input *input, uint64_t size)
{
	uint8_t nothing[DISCARD_SIZE];
	if (input->window.chunk)
		input->window.chunk->open = false;
	input->window = (struct window){0};
	while (size && !input->stream_end) {
		size_t count;
		struct perfgo_error *error = stream_read(
			input, nothing, size < DISCARD_SIZE ? (size_t)size : DISCARD_SIZE, &count);
		if (error)
			return error;
		size -= count;
	}
	return NULL;
}

struct perfgo_error *input_skip(struct input *input, uint64_t size, uint64_t *ret)
{
	uint64_t at_hand = (uint64_t)(input->window.end - input->window.at);
	if (at_hand > size)
		at_hand = size;
	input->window.at += at_hand;
	*ret = at_hand;
	if (at_hand == size || input->map)
		return NULL;
	uint64_t before = input->stream_offset;
	struct perfgo_error *error = stream_discard(input, size - at_hand);
	*ret += input->stream_offset - before;
	return error;
}

void input_drop(struct input *input, uint64_t offset)
{
	offset -= offset % DROP_SIZE;
	if (!input->map || input->borrowed || offset <= input->dropped)
		return;
	madvise((void *)(input->map + input->dropped), offset - input->dropped, MADV_DONTNEED);
	input->dropped = offset;
}

uint64_t input_offset(const struct input *input)
{
	const struct window *window = &input->window;
	if (input->map)
		return (uint64_t)(window->at - input->map);
	return input->stream_offset - (uint64_t)(window->end - window->at);
}

void input_deinit(struct input *input)
{
	if (input->map && !input->borrowed)
		munmap((void *)input->map, input->map_size);
	if (input->fd >= 0)
		close(input->fd);
	free(input->path);
}
