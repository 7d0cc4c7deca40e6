/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the recorder and its BPF program (context.bpf.c) tell each other: where Go's runtime is in a
 * process, and the goroutine that a sample hit.
 */
#ifndef RECORD_CONTEXT_H
#define RECORD_CONTEXT_H

#include <linux/types.h>

enum {
	MAX_PROCESSES = 4096,
	MAX_LABELS = 64,
	MAX_LABEL_TEXT = 512, /* of a key or value, bytes */
	LABELS_SIZE = 8192,   /* of all, in a context */
	MAX_GOROUTINE_STACK = 8192,
	MAX_CALLCHAIN = 127, /* as kernel.perf_event_max_stack */
	CALLCHAIN_SIZE = 8 * MAX_CALLCHAIN,
	CONTEXT_BYTES = LABELS_SIZE + MAX_GOROUTINE_STACK + 2 * CALLCHAIN_SIZE, /* behind it */
	MAX_GOROUTINE_SIZE = 512, /* of runtime.g, up to its labels */
};

/*
 * A process, by its id. Offsets are in runtime.g and runtime.m, 0 where a release has none. All of
 * a g that is wanted is read at once, so nothing lies behind `size`.
 */
struct go_row {
	__u64 exec_id;	   /* task->self_exec_id; 0: not seen yet, then it is the program with: */
	__u64 start_stack; /* mm->start_stack; 0 not known */
	__u64 gcphase, sweepgen;
	__u64 text, text_size; /* Go's own */
	__s64 tls_offset;      /* of the current g, from the thread pointer */
	__u16 size;
	__u16 goid, parent, creator, start, labels, status, m;
	__u16 sched_pc, sched_sp, sched_bp;
	__u16 g0, curg; /* in runtime.m */
	__u8 no_go;	/* no Go process, or not one that is known: do not ask again */
	__u8 has_tls;
	__u8 labels_are_map;
	__u8 release; /* 26 for go1.26 */
	__u16 wait_reason;
	__u32 number; /* no other row has it, nor had */
};

/* "Which process is this?" */
struct go_notice {
	__u32 pid, reserved;
	__u64 exec_id;
};

enum {				    /* go_context.flags */
       CONTEXT_GO = 1,		    /* the thread has a g */
       CONTEXT_SYSTEM = 2,	    /* it is g0 or gsignal */
       CONTEXT_CURRENT = 4,	    /* there is a goroutine: goid … labels are its */
       CONTEXT_FAULT = 8,	    /* memory could not be read */
       CONTEXT_LABELS = 16,	    /* labels follow */
       CONTEXT_LABELS_SHORT = 32,   /* but not all, or not all of their texts */
       CONTEXT_SCHED = 64,	    /* sched_* hold; stack_size bytes follow the labels */
       CONTEXT_STACK_TOP = 128,	    /* stack_words[0] holds */
       CONTEXT_HIT = 256,	    /* of a tracepoint or probe; holds until the CPU's next one */
       CONTEXT_NO_HIT = 512,	    /* the CPU's last one does not hold any more */
       CONTEXT_STACK_SECOND = 1024, /* stack_words[1] holds */
};

/*
 * Before each sample of a Go process. Behind it the labels: texts, key and value in turn, each as
 * struct go_text and its bytes, padded to 4; the goroutine's stack; and callchains by frame
 * pointers, the place itself first: the goroutine's, then that of the sample.
 */
struct go_context {
	__u64 time; /* the sample's own; 0 before Linux 6.2 */
	__u64 goid, parent, creator, start, labels;
	__u64 sched_pc, sched_sp, sched_bp;
	__u64 stack_words[2]; /* at the user's stack pointer */
	__u32 pid;
	__u32 sweepgen; /* 0: not known; labels always follow */
	__u16 flags;
	__u16 labels_size, stack_size, sched_callchain_size, callchain_size;
	__u8 nr_texts;
	__u8 status;  /* g.atomicstatus */
	__u8 gcphase; /* plus one; 0 unknown */
	__u8 reserved[3];
	__u32 process; /* go_row.number: ids of processes outlive the programs they execute */
};

/* A goroutine that changes its state (switch.bpf.h). */
struct go_switch_context {
	struct go_context context; /* the goroutine, without its labels */
	__u64 by;		   /* goid of who did it; 0 none */
	__u8 kind, reason, release;
	__u8 reserved[5];
};

struct go_text {
	__u16 length; /* at most 65535 is told */
	__u16 size;   /* that follow */
};

#endif
