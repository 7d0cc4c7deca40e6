// SPDX-License-Identifier: GPL-2.0-only
#include "textflag.h"

// func leaf(n int) int
TEXT ·leaf(SB), NOSPLIT, $0-16
	MOVQ n+0(FP), AX
	CMPQ AX, $3
	JLT  small
	IMULQ $5, AX
small:
	ADDQ $7, AX
	MOVQ AX, ret+8(FP)
	RET

// func textBounds() (start, end uintptr)
TEXT ·textBounds(SB), NOSPLIT, $0-16
	LEAQ runtime·text(SB), AX
	MOVQ AX, start+0(FP)
	LEAQ runtime·etext(SB), AX
	MOVQ AX, end+8(FP)
	RET
