/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading perf.data: file mode, pipe mode, `perf record --threads` directories, both byte orders,
 * compressed or not. Records come in file order or in perf's time order; samples and side-band
 * records are decoded in place.
 */
#ifndef PERFDATA_PERFDATA_H
#define PERFDATA_PERFDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/observer.h"
#include "perfdata/abi.h" /* the kernel's PERF_* constants and struct perfdata_attr */

struct perfdata;

enum perfdata_order {
	/*
	 * As perf script and report see them (tools/perf/util/ordered-events.c): by time between
	 * the FINISHED_ROUND records, stable for equal times; records without a time at once;
	 * unordered, with a warning, when no event has sample_id_all. Records that only serve the
	 * reader itself (attributes, features, rounds, AUX data …) are left out.
	 */
	PERFDATA_TIME_ORDER,
	/* Every record as it lies in the file, of compressed ones their contents. */
	PERFDATA_FILE_ORDER,
};

/*
 * Opens PATH: a file, a directory of `perf record --threads`, or "-" for standard input. Of file
 * mode the header is read here, of pipe mode all up to the first record that is not part of it.
 * A regular file is mapped: it must not become shorter meanwhile, which would end the process with
 * SIGBUS. File mode through a pipe is copied to memory first.
 * OBSERVER may be NULL, otherwise it has to outlive *RET, which the caller frees with
 * perfdata_close().
 */
struct perfgo_error *perfdata_open(const char *path, enum perfdata_order order,
				   const struct observer *observer, struct perfdata **ret);
void perfdata_close(struct perfdata *data);

const char *perfdata_path(const struct perfdata *data); /* "standard input" for "-" */

/* Whether the file with STATUS is one that is read here. */
struct stat;
bool perfdata_reads(const struct perfdata *data, const struct stat *status);

/* An event (perf's evsel). Valid as long as the perfdata; in pipe mode more may come later. */
struct perfdata_event {
	uint32_t index;
	const char *name;	   /* as perf names it: EVENT_DESC, EVENT_UPDATE, or from attr */
	struct perfdata_attr attr; /* in this machine's byte order, zero behind attr.size */
	const uint64_t *ids;
	size_t nr_ids;
	uint32_t leader;	/* index of the group's leader, itself when alone */
	uint32_t group_members; /* of a leader with its group: how many; else 1 */
};
size_t perfdata_nr_events(const struct perfdata *data);

/* Whether it samples what a program does: tracepoints tell of something else. */
bool perfdata_event_samples(const struct perfdata_event *event);

/*
 * Writes ATTR, with SIZE as its size, in this machine's byte order or, with SWAP, the other: SIZE
 * bytes to RET, zero where SIZE exceeds what struct perfdata_attr knows.
 */
void perfdata_attr_encode(const struct perfdata_attr *attr, uint32_t size, bool swap, void *ret);
const struct perfdata_event *perfdata_event(const struct perfdata *data, size_t i);

/* The index of the event with a sample id, or -1. */
int perfdata_event_of_id(const struct perfdata *data, uint64_t id);

struct perfdata_build_id {
	int32_t pid;
	uint16_t misc; /* PERF_RECORD_MISC_CPUMODE bits: kernel, user, guest */
	uint8_t id[BUILD_ID_SIZE];
	uint8_t size; /* BUILD_ID_SIZE unless the record says otherwise */
	const char *filename;
};

/* What the header features say. NULL, 0 or false where the recording does not say. */
struct perfdata_header {
	bool pipe, directory, big_endian, compressed;
	bool truncated; /* known so far */
	const char *hostname, *osrelease, *version, *arch, *cpudesc, *cpuid;
	uint32_t nr_cpus_online, nr_cpus_available;
	uint64_t total_memory; /* kB */
	const char *const *command_line;
	size_t nr_command_line;
	uint64_t first_sample_time, last_sample_time; /* ns */
	bool has_clock;
	uint32_t clock_id;
	uint64_t wall_clock_ns, clock_ns; /* CLOCK_DATA: the same moment on both clocks */
	uint32_t compression_type, compression_level, compression_ratio;
	const struct perfdata_build_id *build_ids;
	size_t nr_build_ids;
	uint64_t features[4]; /* bit mask of HEADER_* present */
};
const struct perfdata_header *perfdata_header(const struct perfdata *data);

/* Whether it is in the other byte order than this machine's. */
bool perfdata_swapped(const struct perfdata *data);

/* The raw bytes of a header feature, in the file's byte order; NULL when absent. */
const void *perfdata_feature(const struct perfdata *data, unsigned int feature, size_t *size_ret);

/*
 * Where in a file all records lie, compressed ones too. False when it is a pipe or a directory, or
 * is cut off. The descriptor is perfdata's.
 */
struct data_section {
	int fd;
	uint64_t offset, size;
};
bool perfdata_data_section(const struct perfdata *data, struct data_section *ret);

/* A record in place: in the file's byte order, checked to be wholly there. */
struct record {
	const void *data;
	uint64_t time;	   /* ns; 0 when it has none */
	uint64_t sequence; /* how many samples lie before it, in file order */
};

/*
 * The next records. *COUNT_RET is 0 at the end. They, and all that is decoded from them, are valid
 * until the next call. Damage ends the reading with a warning where what came before stands, and
 * with an error where nothing could be read.
 */
struct perfgo_error *perfdata_read(struct perfdata *data, const struct record **ret,
				   size_t *count_ret);

uint32_t record_type(const struct perfdata *data, const struct record *record);
uint16_t record_misc(const struct perfdata *data, const struct record *record);
uint32_t record_size(const struct perfdata *data, const struct record *record);

/*
 * What lies behind an AUXTRACE or HEADER_TRACING_DATA record, of the size that the record says;
 * NULL when it is cut off, or not in a mapped file.
 */
const void *record_data_behind(const struct perfdata *data, const struct record *record,
			       uint64_t *size_ret);

/* Offset of the record in the file; for compressed and piped data that of what it came in. */
uint64_t record_offset(const struct perfdata *data, const struct record *record);

struct perfdata_counts {
	uint64_t records, samples;
	uint64_t lost;	       /* PERF_RECORD_LOST: events */
	uint64_t lost_samples; /* PERF_RECORD_LOST_SAMPLES */
	uint64_t throttled;    /* PERF_RECORD_THROTTLE */
	uint64_t bad_samples;  /* did not hold what their event says: skipped */
	uint64_t unknown_records, unknown_ids, auxtrace_bytes;
};
const struct perfdata_counts *perfdata_counts(const struct perfdata *data);

struct sample_regs {
	uint64_t abi; /* PERF_SAMPLE_REGS_ABI_*; 0: none */
	uint64_t mask;
	const uint64_t *values; /* one a bit of the mask, lowest first */
};

struct sample_read_value {
	uint64_t value, id, lost;
};

struct sample_branch {
	uint64_t from, to, flags;
};

/*
 * A decoded sample. `type` has the PERF_SAMPLE_* bits of what is there; the other fields are 0 or
 * NULL. All pointers lead into the record, or, for the other byte order, to copies that are valid
 * as long.
 */
struct sample {
	uint64_t type;
	uint32_t event; /* index */
	uint16_t misc;
	uint8_t cpumode; /* PERF_RECORD_MISC_KERNEL, _USER … */
	uint32_t pid, tid, cpu;
	uint64_t ip, time, addr, id, stream_id;
	uint64_t period; /* without PERF_SAMPLE_PERIOD the event's own */
	uint64_t time_enabled, time_running;
	const void *read_values;
	size_t nr_read_values; /* see sample_read_value() */
	const uint64_t *callchain;
	uint64_t nr_callchain; /* with PERF_CONTEXT_* markers */
	const void *raw;
	uint32_t raw_size;
	uint64_t branch_hw_index;
	const struct sample_branch *branches;
	const uint64_t *branch_counters; /* one a branch, or NULL */
	uint64_t nr_branches;
	struct sample_regs user_regs, intr_regs;
	const void *stack;
	uint64_t stack_size;	       /* of the user stack what was really copied */
	uint64_t weight;	       /* PERF_SAMPLE_WEIGHT, or the first part of WEIGHT_STRUCT */
	uint16_t ins_lat, p_stage_cyc; /* second and third part of WEIGHT_STRUCT */
	uint64_t data_src, transaction, phys_addr, cgroup, data_page_size, code_page_size;
	const void *aux;
	uint64_t aux_size;
};

/*
 * Decodes a PERF_RECORD_SAMPLE. False for a damaged sample, or one of an unknown event, which is
 * counted (and the first of which is warned about).
 */
bool perfdata_sample(struct perfdata *data, const struct record *record, struct sample *ret);

/*
 * Where PERF_SAMPLE_RAW is in a sample record, or would be: offset and size, that of the size field
 * included; size 0 without it. False as for perfdata_sample().
 */
struct raw_place {
	uint32_t event; /* index */
	uint32_t offset, size;
};
bool perfdata_raw_place(struct perfdata *data, const struct record *record, struct raw_place *ret);

/* The i-th value of a READ sample (0 <= i < nr_read_values); `lost` 0 without READ_FORMAT LOST. */
struct sample_read_value sample_read_value(const struct perfdata *data, const struct sample *sample,
					   size_t i);

/* Side-band records. False when the record is too short for its kind. */
struct record_mmap {
	uint32_t pid, tid;
	uint64_t start, length, pgoff;
	uint32_t prot, flags, major,
		minor; /* MMAP2 only; prot of an MMAP is PROT_EXEC unless data */
	uint64_t inode, inode_generation;
	const uint8_t *build_id;
	size_t build_id_size; /* NULL, 0 when it has none */
	const char *filename;
	bool data; /* PERF_RECORD_MISC_MMAP_DATA */
	uint8_t cpumode;
};
bool perfdata_mmap(struct perfdata *data, const struct record *record, struct record_mmap *ret);

struct record_comm {
	uint32_t pid, tid;
	bool exec;
	const char *comm;
};
bool perfdata_comm(struct perfdata *data, const struct record *record, struct record_comm *ret);

struct record_task { /* FORK and EXIT */
	uint32_t pid, parent_pid, tid, parent_tid;
};
bool perfdata_task(struct perfdata *data, const struct record *record, struct record_task *ret);

struct record_ksymbol {
	uint64_t address;
	uint32_t length;
	bool unregister;
	const char *name;
};
bool perfdata_ksymbol(struct perfdata *data, const struct record *record,
		      struct record_ksymbol *ret);

struct record_cgroup {
	uint64_t id;
	const char *path;
};
bool perfdata_cgroup(struct perfdata *data, const struct record *record, struct record_cgroup *ret);

#endif
