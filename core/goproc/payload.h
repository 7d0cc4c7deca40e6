/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `perf go record` puts into PERF_SAMPLE_RAW of every sample: the goroutine it hit. It is laid
 * out as a tracepoint record, so that stock perf can sort by its fields once a header says that the
 * events are tracepoints.
 *
 * Texts are numbers here: of code by its address, of labels by the number of their set in the
 * recording's section (goproc/section.h). Numbers of different kinds never meet, so that one table
 * of texts can hold all of them.
 */
#ifndef GOPROC_PAYLOAD_H
#define GOPROC_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	GO_PAYLOAD_ID = 0xff00, /* common_type of the first event; the others' follow */
};

/*
 * RAW of tracepoints and probes begins with their own record. The payload is behind that, and this
 * at the end of all.
 */
#define GO_PAYLOAD_MAGIC 0x0a646c7961706f67ULL
struct go_payload_trailer {
	uint32_t size; /* of the payload and all that follows it, with this */
	uint64_t magic;
} __attribute__((packed));

/* goid and goparent where that is not known; "?" in stock perf. */
#define GO_GOID_UNKNOWN UINT64_MAX

/* golabels: 0 unknown, else this plus the number of a set; number 0 is the empty set. */
#define GO_LABELS_BASE 0x4c00000000000000ULL

/* go_payload.goroutine where no goroutine runs; less than any address of code. */
enum {
	GOROUTINE_UNKNOWN = 0,
	GOROUTINE_SCHEDULER = 1, /* on g0, and the thread has no current goroutine */
	GOROUTINE_NO_GO = 2,	 /* a thread of a Go program that has no g: born in C, or not yet */
};

enum go_goid_from {
	GOID_FROM_NOTHING,
	GOID_FROM_BPF,
	GOID_FROM_SNAPSHOT, /* g from a register, the rest from snapshots that agree */
};

enum go_gcphase { /* runtime.gcphase plus one */
		  GCPHASE_UNKNOWN,
		  GCPHASE_OFF,
		  GCPHASE_MARK,
		  GCPHASE_MARK_TERMINATION,
};

/*
 * States of a goroutine. The first are g.atomicstatus plus one; a waiting one's reason is only in
 * snapshots, where the number is GOSTATE_REASON plus that of the text in the snapshot.
 */
enum go_state {
	GOSTATE_UNKNOWN,
	GOSTATE_IDLE,
	GOSTATE_RUNNABLE,
	GOSTATE_RUNNING,
	GOSTATE_SYSCALL,
	GOSTATE_WAITING,
	GOSTATE_MORIBUND, /* not used by the runtime */
	GOSTATE_DEAD,
	GOSTATE_ENQUEUE, /* not used by the runtime */
	GOSTATE_COPYSTACK,
	GOSTATE_PREEMPTED,
	GOSTATE_LEAKED,
	GOSTATE_DEADEXTRA,
};

enum {					/* go_payload.flags */
       GO_PAYLOAD_SYSTEM = 1,		/* on g0 or gsignal; the goroutine is m.curg */
       GO_PAYLOAD_SCHED = 2,		/* struct go_payload_sched and stack_size bytes follow */
       GO_PAYLOAD_LABELS_SHORT = 4,	/* the label set is not complete */
       GO_PAYLOAD_FAULT = 8,		/* the goroutine's memory could not be read */
       GO_PAYLOAD_STACK_TOP = 16,	/* the word at the stack pointer follows */
       GO_PAYLOAD_CALLCHAIN = 32,	/* struct go_payload_callchain follows */
       GO_PAYLOAD_SCHED_CALLCHAIN = 64, /* another one follows the goroutine's stack */
       GO_PAYLOAD_STACK_SECOND = 128,	/* the word behind that follows */
};

struct go_payload {
	uint16_t common_type;
	uint8_t common_flags, common_preempt_count;
	int32_t common_pid; /* thread id */
	uint64_t goid;
	uint64_t goparent; /* goid of the goroutine that started it; before 1.21 unknown */
	uint64_t
		gocreator; /* g.gopc: the return address of the `go` statement; 0 none or unknown */
	uint64_t goroutine; /* g.startpc: its entry, or GOROUTINE_* */
	uint64_t golabels;
	uint8_t gostate;   /* enum go_state; of waiting ones without the reason */
	uint8_t gcphase;   /* enum go_gcphase */
	uint8_t goid_from; /* enum go_goid_from */
	uint8_t flags;
	uint16_t stack_size;
	uint16_t gap; /* bytes before what follows: fields that perf go inject put there */
} __attribute__((packed));

/*
 * A callchain by frame pointers, the place itself first, beside a copy of the stack: that may be
 * too short. As a callchain of the sample stock perf would take it for more callers.
 */
struct go_payload_callchain {
	uint64_t count;
	uint64_t entries[];
} __attribute__((packed));

/* Where the goroutine was when its thread went to g0 (g.sched), and its stack from sp on. */
struct go_payload_sched {
	uint64_t pc, sp, bp;
} __attribute__((packed));

/* The payload in RAW, and the size of it and what follows; NULL when there is none. */
static inline const struct go_payload *go_payload_find(const void *raw, size_t size,
						       size_t *size_ret)
{
	struct go_payload_trailer trailer;
	const struct go_payload *payload = raw;
	if (!raw || size < sizeof(*payload))
		return NULL;
	*size_ret = size;
	if (payload->common_type >= GO_PAYLOAD_ID)
		return payload;
	memcpy(&trailer, (const char *)raw + size - sizeof(trailer), sizeof(trailer));
	if (trailer.magic != GO_PAYLOAD_MAGIC || trailer.size > size ||
	    trailer.size < sizeof(*payload) + sizeof(trailer))
		return NULL;
	payload = (const struct go_payload *)((const char *)raw + size - trailer.size);
	*size_ret = trailer.size - sizeof(trailer);
	return payload->common_type >= GO_PAYLOAD_ID ? payload : NULL;
}

/*
 * What follows PAYLOAD and its gap in RAW of SIZE bytes: words of the stack, the callchain, then
 * where the goroutine was, the stack there, and the callchain there. Each is NULL when it is not
 * there.
 */
static inline size_t go_payload_words_size(const struct go_payload *payload)
{
	return sizeof(uint64_t) * (!!(payload->flags & GO_PAYLOAD_STACK_TOP) +
				   !!(payload->flags & GO_PAYLOAD_STACK_SECOND));
}

/*
 * The words at the stack pointer and behind it, 0 where they are not there; returns how many of
 * them are meant. They tell the caller that frame pointers do not know: it returns to the first
 * where a function has no frame, and to the second behind its PUSHQ BP. Only on amd64, in samples
 * with a callchain by frame pointers.
 */
static inline size_t go_payload_words(const struct go_payload *payload, size_t size,
				      uint64_t ret[2])
{
	size_t at = sizeof(*payload) + payload->gap, count = 0;
	memset(ret, 0, 2 * sizeof(*ret));
	if (at + go_payload_words_size(payload) > size)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (!(payload->flags & (i ? GO_PAYLOAD_STACK_SECOND : GO_PAYLOAD_STACK_TOP)))
			continue;
		memcpy(&ret[i], (const char *)payload + at, sizeof(*ret));
		at += sizeof(*ret);
		count = i + 1;
	}
	return count;
}

static inline const struct go_payload_callchain *go_payload_callchain_at(
	const struct go_payload *payload, size_t size, size_t at)
{
	const struct go_payload_callchain *chain;
	if (at > size || sizeof(*chain) > size - at)
		return NULL;
	chain = (const struct go_payload_callchain *)((const char *)payload + at);
	return chain->count <= (size - at - sizeof(*chain)) / sizeof(uint64_t) ? chain : NULL;
}

static inline const struct go_payload_callchain *go_payload_callchain(
	const struct go_payload *payload, size_t size)
{
	size_t at = sizeof(*payload) + payload->gap + go_payload_words_size(payload);
	return payload->flags & GO_PAYLOAD_CALLCHAIN ? go_payload_callchain_at(payload, size, at)
						     : NULL;
}

static inline const struct go_payload_sched *go_payload_sched(const struct go_payload *payload,
							      size_t size)
{
	const struct go_payload_callchain *chain = go_payload_callchain(payload, size);
	size_t at = sizeof(*payload) + payload->gap + go_payload_words_size(payload);
	if (chain)
		at += sizeof(*chain) + chain->count * sizeof(uint64_t);
	else if (payload->flags & GO_PAYLOAD_CALLCHAIN)
		return NULL;
	if (!(payload->flags & GO_PAYLOAD_SCHED) ||
	    at + sizeof(struct go_payload_sched) + payload->stack_size > size)
		return NULL;
	return (const struct go_payload_sched *)((const char *)payload + at);
}

static inline const struct go_payload_callchain *go_payload_sched_callchain(
	const struct go_payload *payload, size_t size)
{
	const struct go_payload_sched *sched = go_payload_sched(payload, size);
	if (!sched || !(payload->flags & GO_PAYLOAD_SCHED_CALLCHAIN))
		return NULL;
	size_t at = (size_t)((const char *)(sched + 1) - (const char *)payload);
	return go_payload_callchain_at(payload, size, at + payload->stack_size);
}

#endif
