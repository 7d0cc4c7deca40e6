// SPDX-License-Identifier: GPL-2.0-only
#include "goproc/words.h"

#include <stddef.h>

#include "goproc/payload.h"

#define WORD(words, i) ((i) < sizeof(words) / sizeof(*(words)) ? (words)[i] : NULL)

const char *go_state_word(uint8_t state)
{
	/* gStatusStrings (runtime/traceback.go, go1.26), and "dead" for what it leaves out. */
	static const char *const words[] = {
		[GOSTATE_IDLE] = "idle",	   [GOSTATE_RUNNABLE] = "runnable",
		[GOSTATE_RUNNING] = "running",	   [GOSTATE_SYSCALL] = "syscall",
		[GOSTATE_WAITING] = "waiting",	   [GOSTATE_DEAD] = "dead",
		[GOSTATE_COPYSTACK] = "copystack", [GOSTATE_PREEMPTED] = "preempted",
		[GOSTATE_LEAKED] = "leaked",	   [GOSTATE_DEADEXTRA] = "dead extra",
	};
	return WORD(words, state);
}

const char *go_gcphase_word(uint8_t gcphase)
{
	static const char *const words[] = {
		[GCPHASE_OFF] = "off",
		[GCPHASE_MARK] = "mark",
		[GCPHASE_MARK_TERMINATION] = "mark termination",
	};
	return WORD(words, gcphase);
}

const char *go_goid_from_word(uint8_t from)
{
	static const char *const words[] = {
		[GOID_FROM_BPF] = "bpf",
		[GOID_FROM_SNAPSHOT] = "register+snapshot",
	};
	return WORD(words, from);
}
