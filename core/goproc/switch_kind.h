/* SPDX-License-Identifier: GPL-2.0-only */
/* How a goroutine changes its state. By itself, for BPF programs include it. */
#ifndef GOPROC_SWITCH_KIND_H
#define GOPROC_SWITCH_KIND_H

enum go_switch_kind {
	GO_SWITCH_RUN,	  /* runtime.execute: it runs from now on, on this thread */
	GO_SWITCH_PARK,	  /* runtime.park_m: it waits, for `reason` */
	GO_SWITCH_READY,  /* runtime.ready: it can run again */
	GO_SWITCH_CREATE, /* runtime.newproc1 returns: it is new, and can run */
	GO_SWITCH_YIELD,  /* runtime.goschedImpl …: it has to let others run */
	GO_SWITCH_RETURN, /* runtime.exitsyscall0 …: back from a system call, without a P */
	GO_SWITCH_EXIT,	  /* runtime.goexit0 */
	GO_SWITCH_KINDS,
};

#endif
