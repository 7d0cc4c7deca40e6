/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways to get deep into C: each runs for a while in functions that burn time. */
#ifndef CSTACKS_STACKS_H
#define CSTACKS_STACKS_H

#ifdef __cplusplus
extern "C" {
#endif

extern volatile unsigned long spent;
unsigned long burn(unsigned long value);	      /* library.c */
void call_back(void (*function)(void *), void *with); /* the same */

void in_cplusplus(void);			 /* cplusplus.cc */
void aligned_frame(void (*function)(void *));	 /* assembly.S: its CFA by an expression */
void saved_elsewhere(void (*function)(void *));	 /* the same: registers by expressions */
void through_register(void (*function)(void *)); /* the same: CFA in a register, states */

#ifdef __cplusplus
}
#endif

#endif
