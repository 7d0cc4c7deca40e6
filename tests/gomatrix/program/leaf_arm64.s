// SPDX-License-Identifier: GPL-2.0-only
#include "textflag.h"

// func leaf(n int) int
TEXT ·leaf(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	CMP  $3, R0
	BLT  small
	MOVD $5, R1
	MUL  R1, R0, R0
small:
	ADD  $7, R0, R0
	MOVD R0, ret+8(FP)
	RET

// func textBounds() (start, end uintptr)
TEXT ·textBounds(SB), NOSPLIT, $0-16
	MOVD $runtime·text(SB), R0
	MOVD R0, start+0(FP)
	MOVD $runtime·etext(SB), R0
	MOVD R0, end+8(FP)
	RET
