// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything is interned once for the whole profile. A thread's tables have their own numbers,
 * given in the order in which its samples meet things.
 */
#include "out/firefox.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strings.h"
#include "base/tuples.h"
#include "out/firefox_tables.h"
#include "out/gzip.h"

struct perfgo_error *firefox_new(struct firefox **ret)
{
	struct firefox *firefox = calloc(1, sizeof(*firefox));
	if (!firefox)
		return perfgo_error_no_memory();
	firefox->functions.width = FUNCTION_WORDS;
	firefox->symbols.width = SYMBOL_WORDS;
	firefox->frames.width = FRAME_WORDS;
	firefox->stacks.width = STACK_WORDS;
	*ret = firefox;
	return NULL;
}

void firefox_free(struct firefox *firefox)
{
	if (!firefox)
		return;
	for (size_t i = 0; i < firefox->nr_threads; i++) {
		free(firefox->threads[i].samples);
		free(firefox->threads[i].markers);
	}
	free(firefox->threads);
	free(firefox->libs);
	strings_deinit(&firefox->strings);
	tuples_deinit(&firefox->functions);
	tuples_deinit(&firefox->symbols);
	tuples_deinit(&firefox->frames);
	tuples_deinit(&firefox->stacks);
	free(firefox);
}

static uint32_t string(struct firefox *firefox, const char *text)
{
	uint32_t id = strings_id(&firefox->strings, text);
	firefox->failed |= text && !id;
	return id;
}

static uint32_t intern(struct firefox *firefox, struct tuples *tuples, const uint64_t *tuple)
{
	uint32_t id = tuples_id(tuples, tuple);
	firefox->failed |= id == IDMAP_NONE;
	return id;
}

uint32_t firefox_lib(struct firefox *firefox, const struct firefox_lib *lib)
{
	if (!array_reserve(firefox->libs, firefox->libs_capacity, firefox->nr_libs + 1)) {
		firefox->failed = true;
		return FIREFOX_NONE;
	}
	firefox->libs[firefox->nr_libs] = (struct lib){
		.name = string(firefox, lib->name),
		.path = string(firefox, lib->path),
		.build_id = string(firefox, lib->build_id),
	};
	return (uint32_t)firefox->nr_libs++;
}

static uint32_t function_of(struct firefox *firefox, const struct firefox_frame *frame)
{
	const uint64_t words[FUNCTION_WORDS] = {
		[FUNCTION_NAME] = string(firefox, frame->function),
		[FUNCTION_LIB] = frame->lib,
		[FUNCTION_FILE] = string(firefox, frame->file),
		[FUNCTION_LINE] = frame->function_line,
	};
	return intern(firefox, &firefox->functions, words);
}

static uint32_t symbol_of(struct firefox *firefox, const struct firefox_frame *frame)
{
	const uint64_t words[SYMBOL_WORDS] = {
		[SYMBOL_LIB] = frame->lib,
		[SYMBOL_ADDRESS] = frame->start,
		[SYMBOL_NAME] = string(firefox, frame->symbol),
	};
	if (!frame->has_address || !frame->symbol || frame->lib == FIREFOX_NONE)
		return FIREFOX_NONE;
	return intern(firefox, &firefox->symbols, words);
}

uint32_t firefox_frame(struct firefox *firefox, const struct firefox_frame *frame)
{
	const uint64_t words[FRAME_WORDS] = {
		[FRAME_FUNCTION] = function_of(firefox, frame),
		[FRAME_SYMBOL] = symbol_of(firefox, frame),
		[FRAME_ADDRESS] = frame->has_address ? frame->address : UINT64_MAX,
		[FRAME_LINE] = frame->line,
		[FRAME_CATEGORY] = frame->category,
		[FRAME_INLINE_DEPTH] = frame->inline_depth,
	};
	return intern(firefox, &firefox->frames, words);
}

uint32_t firefox_stack(struct firefox *firefox, uint32_t caller, uint32_t frame)
{
	const uint64_t words[STACK_WORDS] = {[STACK_CALLER] = caller, [STACK_FRAME] = frame};
	return frame == IDMAP_NONE ? caller : intern(firefox, &firefox->stacks, words);
}

uint32_t firefox_thread(struct firefox *firefox, const struct firefox_thread *thread)
{
	if (!array_reserve(firefox->threads, firefox->threads_capacity, firefox->nr_threads + 1)) {
		firefox->failed = true;
		return FIREFOX_NONE;
	}
	firefox->threads[firefox->nr_threads] = (struct thread_data){
		.name = string(firefox, thread->name),
		.process = string(firefox, thread->process),
		.tid = string(firefox, thread->tid),
		.pid = thread->pid,
		.is_main = thread->is_main,
	};
	return (uint32_t)firefox->nr_threads++;
}

void firefox_sample(struct firefox *firefox, uint32_t thread, double time, uint32_t stack,
		    double weight)
{
	struct thread_data *to = thread < firefox->nr_threads ? &firefox->threads[thread] : NULL;
	if (!to || !array_reserve(to->samples, to->samples_capacity, to->nr_samples + 1))
		firefox->failed = true;
	else
		to->samples[to->nr_samples++] = (struct sample_data){time, weight, stack};
}

void firefox_marker(struct firefox *firefox, uint32_t thread, const struct firefox_marker *marker)
{
	struct thread_data *to = thread < firefox->nr_threads ? &firefox->threads[thread] : NULL;
	if (!to || !array_reserve(to->markers, to->markers_capacity, to->nr_markers + 1)) {
		firefox->failed = true;
		return;
	}
	to->markers[to->nr_markers++] = (struct marker_data){
		.from = marker->from,
		.to = marker->to,
		.name = string(firefox, marker->name),
		.state = string(firefox, marker->state),
		.goroutine = string(firefox, marker->goroutine),
		.goid = marker->goid,
		.by = marker->by,
		.tid = marker->tid,
		.category = marker->category,
	};
}

struct perfgo_error *firefox_finish(struct firefox *firefox, const struct firefox_meta *meta,
				    void **bytes_ret, size_t *size_ret)
{
	firefox->meta = *meta;
	struct writer out = writer_of_memory();
	size_t size;
	bool written = !firefox->failed && firefox_write(firefox, &out) && !writer_failed(&out);
	const char *text = writer_text(&out, &size);
	*bytes_ret = written ? gzip(text, size, size_ret) : NULL;
	perfgo_error_destroy(writer_finish(&out));
	return *bytes_ret ? NULL : perfgo_error_no_memory();
}
