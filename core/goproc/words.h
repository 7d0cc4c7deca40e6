/* SPDX-License-Identifier: GPL-2.0-only */
/* The words for what is a number in payloads and snapshots: the same in samples and goroutines. */
#ifndef GOPROC_WORDS_H
#define GOPROC_WORDS_H

#include <stdint.h>

/* All NULL for what is not known. */

/* "running", "runnable" …: an enum go_state, those of goroutines that wait by a reason apart. */
const char *go_state_word(uint8_t state);

/* "off", "mark", "mark termination": an enum go_gcphase. */
const char *go_gcphase_word(uint8_t gcphase);

/* "bpf", "register+snapshot": an enum go_goid_from. */
const char *go_goid_from_word(uint8_t from);

#endif
