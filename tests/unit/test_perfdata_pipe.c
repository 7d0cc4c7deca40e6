// SPDX-License-Identifier: GPL-2.0-only
/* Pipe mode, streams that are still being written, compressed records and directories. */
#include "unit/perfdata_file.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static void expect_types(struct perfdata *data, const char *types)
{
	struct reading reading;
	assert_no_error(read_to_end(data, &reading));
	assert_string_equal(reading.types, types);
}

static void put_pipe_feature(struct file *f, uint64_t id, const char *text)
{
	begin_record(f, PERF_RECORD_HEADER_FEATURE, 0);
	put64(f, id);
	put_feature_text(f, text);
	end_record(f);
}

static void put_update(struct file *f, uint64_t type, uint64_t id, const char *name)
{
	begin_record(f, PERF_RECORD_EVENT_UPDATE, 0);
	put64(f, type);
	put64(f, id);
	put_text(f, name, 16);
	end_record(f);
}

static void put_aux(struct file *f, size_t size)
{
	begin_record(f, PERF_RECORD_AUXTRACE, 0);
	put64(f, size);
	for (int i = 0; i < 4; i++)
		put64(f, 0);
	end_record(f);
	for (size_t i = 0; i < size; i++)
		put8(f, 0xff);
}

static void write_pipe(struct file *f)
{
	begin_pipe(f);
	put_pipe_attr(f, &simple_attr, 5);
	put_update(f, PERF_EVENT_UPDATE_UNIT, 5, "seconds");
	put_update(f, PERF_EVENT_UPDATE_NAME, 5, "the-event");
	put_pipe_feature(f, HEADER_HOSTNAME, "machine");
	put_comm(f, "x", 10);
	put_sample(f, 1, 20);
	put_aux(f, 100);
	put_sample(f, 2, 15);
	put_round(f);
	put_sample(f, 3, 30);
}

static void header_comes_in_records_of_either_order(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file f = {.big = big};
		write_pipe(&f);
		struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
		assert_true(perfdata_header(data)->pipe);
		assert_int_equal(perfdata_nr_events(data), 1);
		assert_string_equal(perfdata_event(data, 0)->name, "the-event");
		assert_int_equal(perfdata_event_of_id(data, 5), 0);
		assert_string_equal(perfdata_header(data)->hostname, "machine");
		expect_types(data, "3sss");
		assert_int_equal(perfdata_counts(data)->auxtrace_bytes, 100);
		assert_int_equal(nr_warnings, 0);
		perfdata_close(data);
		free_file(&f);
	}
}

static void file_order_has_the_header_records_too(void **state)
{
	(void)state;
	struct file f = {0};
	write_pipe(&f);
	struct perfdata *data = open_file(&f, PERFDATA_FILE_ORDER);
	expect_types(data, "48803s1s8s");
	perfdata_close(data);
	free_file(&f);
}

static void records_before_any_event_are_refused(void **state)
{
	(void)state;
	struct file f = {0};
	struct perfdata *data = NULL;
	begin_pipe(&f);
	put_sample(&f, 1, 2);
	struct perfgo_error *error = try_open(&f, PERFDATA_TIME_ORDER, &data);
	assert_non_null(error);
	assert_non_null(strstr(perfgo_error_text(error), "FILE: at offset 0x10"));
	perfgo_error_destroy(error);
	free_file(&f);
}

static void put_format(struct file *f, const char *text)
{
	put64(f, strlen(text));
	put(f, text, strlen(text));
}

/* tools/perf/util/trace-event-info.c */
static void put_tracing_data(struct file *f)
{
	put(f, "\027\010\104tracing0.6", 14);
	put8(f, f->big);
	put8(f, 8);
	put32(f, 4096);
	put(f, "header_page", 12);
	put_format(f, "page");
	put(f, "header_event", 13);
	put_format(f, "event");
	put32(f, 1);
	put_format(f, "name: function\nID: 1\n");
	put32(f, 1);
	put(f, "sched", 6);
	put32(f, 2);
	put_format(f, "name: sched_wakeup\nID: 313\nformat:\n");
	put_format(f, "name: sched_switch\nID: 314\nformat:\n");
}

static void tracepoints_are_named_after_tracing_data(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file f = {.big = big}, tracing = {.big = big};
		struct perfdata_attr attr = simple_attr;
		attr.type = PERF_TYPE_TRACEPOINT;
		attr.config = 314;
		put_tracing_data(&tracing);
		begin_pipe(&f);
		put_pipe_attr(&f, &attr, 5);
		begin_record(&f, PERF_RECORD_HEADER_TRACING_DATA, 0);
		put32(&f, (uint32_t)tracing.size);
		end_record(&f);
		put(&f, tracing.bytes, tracing.size);
		put_sample(&f, 1, 2);
		struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
		assert_string_equal(perfdata_event(data, 0)->name, "sched:sched_switch");
		size_t size;
		assert_non_null(perfdata_feature(data, HEADER_TRACING_DATA, &size));
		assert_int_equal(size, tracing.size);
		expect_types(data, "s");
		perfdata_close(data);
		free_file(&f);
		free_file(&tracing);
	}
}

static void text_behind_the_records_is_warned_about(void **state)
{
	(void)state;
	struct file f = {0};
	write_pipe(&f);
	put(&f, "[ perf record: Woken up 1 times to write data ]\n", 48);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	expect_types(data, "3sss");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warnings, "FILE: at offset 0x"));
	perfdata_close(data);
	free_file(&f);
}

static void a_pipe_may_be_cut_anywhere(void **state)
{
	(void)state;
	struct file whole = {0};
	write_pipe(&whole);
	for (size_t size = 0; size < whole.size; size++) {
		struct file f = {0};
		struct perfdata *data = NULL;
		struct reading reading;
		put(&f, whole.bytes, size);
		f.bytes = realloc(f.bytes, size ? size : 1);
		struct perfgo_error *error = try_open(&f, PERFDATA_TIME_ORDER, &data);
		if (!error)
			error = read_to_end(data, &reading);
		assert_true(nr_warnings + !!error <= 1);
		perfgo_error_destroy(error);
		perfdata_close(data);
		free_file(&f);
	}
	free_file(&whole);
}

/* Writes F to a pipe, PIECE bytes at a time; waits for GO before what is behind PAUSE. */
struct writer {
	const struct file *file;
	size_t piece, pause;
	int fd;
	int go[2];
	pthread_t thread;
};

static void *write_pieces(void *argument)
{
	struct writer *writer = argument;
	const struct file *f = writer->file;
	char byte;
	for (size_t at = 0; at < f->size;) {
		size_t end = at < writer->pause ? writer->pause : f->size;
		size_t count = writer->piece < end - at ? writer->piece : end - at;
		ssize_t written = write(writer->fd, f->bytes + at, count);
		assert_true(written > 0);
		at += (size_t)written;
		if (at == writer->pause)
			assert_int_equal(read(writer->go[0], &byte, 1), 1);
	}
	close(writer->fd);
	return NULL;
}

static struct perfdata *open_stream(struct writer *writer, enum perfdata_order order)
{
	int fds[2];
	char path[64];
	struct perfdata *data;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe(writer->go), 0);
	writer->fd = fds[1];
	assert_int_equal(pthread_create(&writer->thread, NULL, write_pieces, writer), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	forget_warnings();
	assert_no_error(perfdata_open(path, order, &noting, &data));
	close(fds[0]);
	return data;
}

static void close_stream(struct writer *writer, struct perfdata *data)
{
	pthread_join(writer->thread, NULL);
	close(writer->go[0]);
	close(writer->go[1]);
	perfdata_close(data);
}

static void a_stream_may_come_in_any_pieces(void **state)
{
	(void)state;
	static const size_t pieces[] = {1, 3, 7, 1000, 100000};
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct file f = {0};
		write_pipe(&f);
		struct writer writer = {.file = &f, .piece = pieces[i]};
		struct perfdata *data = open_stream(&writer, PERFDATA_TIME_ORDER);
		assert_string_equal(perfdata_event(data, 0)->name, "the-event");
		expect_types(data, "3sss");
		assert_int_equal(perfdata_counts(data)->auxtrace_bytes, 100);
		close_stream(&writer, data);
		free_file(&f);
	}
}

static void finished_rounds_are_handed_out_before_the_end(void **state)
{
	(void)state;
	struct file f = {0};
	const struct record *records;
	size_t count;
	begin_pipe(&f);
	put_pipe_attr(&f, &simple_attr, 5);
	put_sample(&f, 1, 10);
	put_round(&f);
	put_sample(&f, 2, 5);
	put_round(&f);
	size_t pause = f.size;
	put_sample(&f, 3, 20);
	struct writer writer = {.file = &f, .piece = 1000, .pause = pause};
	struct perfdata *data = open_stream(&writer, PERFDATA_TIME_ORDER);
	assert_no_error(perfdata_read(data, &records, &count));
	assert_int_equal(count, 2);
	assert_int_equal(records[0].time, 5);
	assert_int_equal(write(writer.go[1], "x", 1), 1);
	expect_types(data, "s");
	close_stream(&writer, data);
	free_file(&f);
}

#define MANY 100000

/* Samples of MANY times, of two buffers, a round after a hundred. */
static void put_many(struct file *f)
{
	for (uint64_t i = 0; i < MANY; i++) {
		put_sample(f, i, 1000 + i / 2 + (i % 2 ? 20 : 0));
		if (i % 100 == 99)
			put_round(f);
	}
}

static size_t bytes_held(const struct perfdata *data)
{
	size_t size = 0;
	for (const struct chunk *chunk = data->chunks.first; chunk; chunk = chunk->next)
		size += chunk->capacity;
	return size;
}

static void expect_many(struct perfdata *data)
{
	uint64_t last = 0, seen = 0;
	for (;;) {
		const struct record *records;
		size_t count;
		assert_no_error(perfdata_read(data, &records, &count));
		if (!count)
			break;
		seen += count;
		for (size_t i = 0; i < count; i++) {
			struct sample sample;
			assert_true(perfdata_sample(data, &records[i], &sample));
			assert_int_equal(sample.time,
					 1000 + sample.ip / 2 + (sample.ip % 2 ? 20 : 0));
			assert_true(sample.time >= last);
			last = sample.time;
		}
		assert_true(bytes_held(data) <= 3 << 20);
	}
	assert_int_equal(seen, MANY);
}

static void chunks_of_a_stream_are_given_back(void **state)
{
	(void)state;
	struct file f = {0};
	begin_pipe(&f);
	put_pipe_attr(&f, &simple_attr, 5);
	for (int i = 0; i < 8; i++)
		put_aux(&f, 300000);
	put_many(&f);
	struct writer writer = {.file = &f, .piece = 60000};
	struct perfdata *data = open_stream(&writer, PERFDATA_TIME_ORDER);
	expect_many(data);
	close_stream(&writer, data);
	free_file(&f);
}

static void file_mode_can_come_through_a_pipe(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 136);
	put_many(&f);
	end_data(&f);
	struct writer writer = {.file = &f, .piece = 60000};
	struct perfdata *data = open_stream(&writer, PERFDATA_TIME_ORDER);
	assert_false(perfdata_header(data)->pipe);
	expect_many(data);
	close_stream(&writer, data);
	free_file(&f);
}

static void put_packed(struct file *f, uint32_t type, const void *bytes, size_t size)
{
	begin_record(f, type, 0);
	if (type == PERF_RECORD_COMPRESSED2)
		put64(f, size);
	put(f, bytes, size);
	while (type == PERF_RECORD_COMPRESSED2 && f->size % 8)
		put8(f, 0);
	end_record(f);
}

/* PLAIN as one stream in compressed records, each with the next PIECE bytes. */
static void put_compressed(struct file *f, uint32_t type, const struct file *plain, size_t piece)
{
	ZSTD_CStream *stream = ZSTD_createCStream();
	uint8_t packed[60000];
	for (size_t at = 0; at < plain->size; at += piece) {
		size_t size = piece < plain->size - at ? piece : plain->size - at;
		ZSTD_inBuffer in = {plain->bytes + at, size, 0};
		ZSTD_outBuffer out = {packed, sizeof(packed), 0};
		assert_int_equal(ZSTD_compressStream2(stream, &out, &in, ZSTD_e_flush), 0);
		put_packed(f, type, packed, out.pos);
	}
	ZSTD_freeCStream(stream);
}

static void records_go_on_over_compressed_ones(void **state)
{
	(void)state;
	static const uint32_t types[] = {PERF_RECORD_COMPRESSED, PERF_RECORD_COMPRESSED2};
	static const size_t pieces[] = {37, 1001, 50000};
	for (size_t i = 0; i < 6; i++) {
		struct file f = {.big = i % 2}, plain = {.big = i % 2};
		put_many(&plain);
		begin_file(&f, &simple_attr, 1, 136);
		put_compressed(&f, types[i / 3], &plain, pieces[i % 3]);
		put_round(&f);
		end_data(&f);
		struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
		expect_many(data);
		assert_true(perfdata_header(data)->compressed);
		assert_int_equal(nr_warnings, 0);
		perfdata_close(data);
		free_file(&f);
		free_file(&plain);
	}
}

static void unpacked_records_have_the_offset_of_what_they_came_in(void **state)
{
	(void)state;
	struct file f = {0}, plain = {0};
	const struct record *records;
	size_t count;
	put_sample(&plain, 1, 2);
	put_sample(&plain, 2, 3);
	begin_file(&f, &simple_attr, 1, 136);
	put_round(&f);
	put_compressed(&f, PERF_RECORD_COMPRESSED, &plain, 1000);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	assert_no_error(perfdata_read(data, &records, &count));
	assert_int_equal(count, 2);
	assert_int_equal(record_offset(data, &records[1]), f.data + 8);
	perfdata_close(data);
	free_file(&f);
	free_file(&plain);
}

/* What perf 6.16 writes of a full buffer: records of 65535 bytes and less behind one another. */
static void put_overlong(struct file *f, const uint8_t *packed, size_t size)
{
	enum { PIECE = 65535 - 16 };
	size_t rest = size > PIECE ? size - PIECE : 0;
	size_t data_size = size + (rest ? 16 : 0);
	put32(f, PERF_RECORD_COMPRESSED2);
	put16(f, 0);
	put16(f, (uint16_t)((16 + data_size + 7) & ~7ull));
	put64(f, data_size);
	put(f, packed, size - rest);
	if (!rest)
		return;
	put32(f, PERF_RECORD_COMPRESSED2);
	put16(f, 0);
	put16(f, (uint16_t)(16 + rest));
	put64(f, 0xdeadbeef);
	put(f, packed + PIECE, rest);
}

/* Samples that compress to about SIZE bytes: random ones. */
static void check_overlong(size_t size, bool stream)
{
	struct file f = {0}, plain = {0};
	uint32_t seed = 1;
	uint64_t count = 0;
	static uint8_t packed[300000];
	begin_pipe(&f);
	put_pipe_attr(&f, &simple_attr, 5);
	while (plain.size < size) {
		begin_record(&plain, PERF_RECORD_SAMPLE, 0);
		put64(&plain, 1);
		put64(&plain, 2);
		put64(&plain, ++count);
		for (size_t i = 0; i < 1000; i++)
			put8(&plain, (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24));
		end_record(&plain);
	}
	size_t total = ZSTD_compress(packed, sizeof(packed), plain.bytes, plain.size, 1);
	assert_true(total > 65535 - 16 - 7);
	put_overlong(&f, packed, total);
	put_sample(&f, 1, 1000000);
	struct writer writer = {.file = &f, .piece = 60000};
	struct perfdata *data = stream ? open_stream(&writer, PERFDATA_TIME_ORDER)
				       : open_file(&f, PERFDATA_TIME_ORDER);
	struct reading reading;
	assert_no_error(read_to_end(data, &reading));
	assert_int_equal(perfdata_counts(data)->samples, count + 1);
	assert_int_equal(nr_warnings, 0);
	if (stream)
		close_stream(&writer, data);
	else
		perfdata_close(data);
	free_file(&f);
	free_file(&plain);
}

static void compressed_records_whose_size_overflowed_are_read(void **state)
{
	(void)state;
	for (int stream = 0; stream < 2; stream++) {
		check_overlong(67000, stream);
		check_overlong(120000, stream);
	}
}

static void damage_in_compressed_data_ends_the_reading(void **state)
{
	(void)state;
	struct file f = {0};
	begin_file(&f, &simple_attr, 1, 136);
	put_sample(&f, 1, 2);
	put_packed(&f, PERF_RECORD_COMPRESSED, "not zstd at all", 15);
	put_sample(&f, 2, 3);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	expect_types(data, "s");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warnings, "cannot be unpacked"));
	perfdata_close(data);
	free_file(&f);
}

static void compressed_data_that_ends_in_a_record_is_warned_about(void **state)
{
	(void)state;
	struct file f = {0}, plain = {0};
	put_sample(&plain, 1, 2);
	put_sample(&plain, 2, 3);
	plain.size -= 8;
	begin_file(&f, &simple_attr, 1, 136);
	put_compressed(&f, PERF_RECORD_COMPRESSED2, &plain, 1000);
	end_data(&f);
	struct perfdata *data = open_file(&f, PERFDATA_TIME_ORDER);
	expect_types(data, "s");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warnings, "compressed data ends in a record"));
	perfdata_close(data);
	free_file(&f);
	free_file(&plain);
}

static void save(const char *directory, const char *name, const struct file *f)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(f->bytes, 1, f->size, out), f->size);
	fclose(out);
}

static void drop(const char *directory, const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	unlink(path);
}

static void a_directory_is_read_as_one_recording(void **state)
{
	(void)state;
	char directory[] = "/tmp/perfdata-test-XXXXXX";
	struct file header = {0}, two = {0}, ten = {0}, other = {0};
	struct perfdata *data;
	assert_non_null(mkdtemp(directory));
	begin_file(&header, &simple_attr, 1, 136);
	put_comm(&header, "x", 0);
	end_data(&header);
	put_sample(&two, 2, 20);
	put_sample(&two, 4, 40);
	put_sample(&ten, 1, 10);
	put_sample(&ten, 3, 20);
	put(&other, "not data", 8);
	save(directory, "data", &header);
	save(directory, "data.2", &two);
	save(directory, "data.10", &ten);
	save(directory, "data.old", &other);
	forget_warnings();
	assert_no_error(perfdata_open(directory, PERFDATA_TIME_ORDER, &noting, &data));
	assert_true(perfdata_header(data)->directory);
	struct reading reading;
	assert_no_error(read_to_end(data, &reading));
	assert_string_equal(reading.types, "3ssss");
	for (uint64_t i = 1; i <= 4; i++)
		assert_int_equal(reading.ips[i], i);
	assert_int_equal(nr_warnings, 0);
	perfdata_close(data);
	static const char *const names[] = {"data", "data.2", "data.10", "data.old"};
	for (size_t i = 0; i < 4; i++)
		drop(directory, names[i]);
	rmdir(directory);
	free_file(&header);
	free_file(&two);
	free_file(&ten);
	free_file(&other);
}

static void paths_that_cannot_be_read_are_named(void **state)
{
	(void)state;
	struct perfdata *data;
	static const char *const paths[] = {"/nonexistent/perf.data", "/dev/null", "/proc/self"};
	for (size_t i = 0; i < 3; i++) {
		struct perfgo_error *error =
			perfdata_open(paths[i], PERFDATA_TIME_ORDER, NULL, &data);
		assert_non_null(error);
		assert_non_null(strstr(perfgo_error_text(error), paths[i]));
		perfgo_error_destroy(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_comes_in_records_of_either_order),
		cmocka_unit_test(file_order_has_the_header_records_too),
		cmocka_unit_test(records_before_any_event_are_refused),
		cmocka_unit_test(tracepoints_are_named_after_tracing_data),
		cmocka_unit_test(text_behind_the_records_is_warned_about),
		cmocka_unit_test(a_pipe_may_be_cut_anywhere),
		cmocka_unit_test(a_stream_may_come_in_any_pieces),
		cmocka_unit_test(finished_rounds_are_handed_out_before_the_end),
		cmocka_unit_test(chunks_of_a_stream_are_given_back),
		cmocka_unit_test(file_mode_can_come_through_a_pipe),
		cmocka_unit_test(records_go_on_over_compressed_ones),
		cmocka_unit_test(unpacked_records_have_the_offset_of_what_they_came_in),
		cmocka_unit_test(compressed_records_whose_size_overflowed_are_read),
		cmocka_unit_test(damage_in_compressed_data_ends_the_reading),
		cmocka_unit_test(compressed_data_that_ends_in_a_record_is_warned_about),
		cmocka_unit_test(a_directory_is_read_as_one_recording),
		cmocka_unit_test(paths_that_cannot_be_read_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
