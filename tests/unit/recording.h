/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a small recording and opens it as a session, for tests of the floors above perfdata. */
#ifndef UNIT_RECORDING_H
#define UNIT_RECORDING_H

#include "unit/perfdata_file.h"

#include <unistd.h>

#include "session/session.h"

enum { KERNEL_IP = 0x1 << 16, USER_IP = 0x401000 };

static const struct perfdata_attr plain_attr = {
	.type = PERF_TYPE_SOFTWARE,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN,
	.sample_period = 1000,
	.flags = PERF_ATTR_SAMPLE_ID_ALL,
};

/* A recording being written, and what is read back from it. */
struct recording {
	struct file file;
	uint64_t time;
	struct session *session;
	struct batch batch;
};

static inline void begin(struct recording *r, const struct perfdata_attr *attr)
{
	*r = (struct recording){0};
	begin_file(&r->file, attr, 1, 128);
}

/* The end of every record but samples with sample_id_all: pid, tid, time. */
static inline void end_sideband(struct recording *r)
{
	put64(&r->file, 0);
	put64(&r->file, ++r->time);
	end_record(&r->file);
}

static inline void comm(struct recording *r, uint32_t pid, uint32_t tid, const char *name,
			bool exec)
{
	begin_record(&r->file, PERF_RECORD_COMM, exec ? PERF_RECORD_MISC_COMM_EXEC : 0);
	put32(&r->file, pid);
	put32(&r->file, tid);
	put_text(&r->file, name, 16);
	end_sideband(r);
}

static inline void task(struct recording *r, uint32_t type, uint32_t pid, uint32_t parent)
{
	begin_record(&r->file, type, 0);
	put32(&r->file, pid);
	put32(&r->file, parent);
	put32(&r->file, pid);
	put32(&r->file, parent);
	put64(&r->file, r->time);
	end_sideband(r);
}

static inline void map_file(struct recording *r, uint32_t pid, uint64_t start, uint64_t pgoff,
			    const char *name)
{
	begin_record(&r->file, PERF_RECORD_MMAP, PERF_RECORD_MISC_USER);
	put32(&r->file, pid);
	put32(&r->file, pid);
	put64(&r->file, start);
	put64(&r->file, 0x1000);
	put64(&r->file, pgoff);
	put_text(&r->file, name, 16);
	end_sideband(r);
}

static inline void sample(struct recording *r, uint32_t pid, uint32_t tid, uint64_t ip, size_t nr,
			  const uint64_t *callchain)
{
	begin_record(&r->file, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put64(&r->file, ip);
	put32(&r->file, pid);
	put32(&r->file, tid);
	put64(&r->file, ++r->time);
	put64(&r->file, nr);
	for (size_t i = 0; i < nr; i++)
		put64(&r->file, callchain[i]);
	end_record(&r->file);
}

/* Opens what has been written, and reads the first batch of it. */
static inline void read_whole(struct recording *r)
{
	char path[] = "/tmp/perfgo-test-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, r->file.bytes, r->file.size), r->file.size);
	close(fd);
	assert_null(session_open(path, NULL, &r->session));
	unlink(path);
	assert_null(session_read(r->session, &r->batch));
}

static inline void read_back(struct recording *r)
{
	end_data(&r->file);
	read_whole(r);
}

static inline void end(struct recording *r)
{
	session_close(r->session);
	free(r->file.bytes);
}

#endif
