// SPDX-License-Identifier: GPL-2.0-only

#include "textflag.h"

TEXT ·Begin(SB), NOSPLIT, $0-0
	RET

TEXT ·End(SB), NOSPLIT, $0-0
	RET

TEXT ·Mark(SB), NOSPLIT, $0-0
	RET

TEXT ·Leaf(SB), NOSPLIT, $0-16
	MOVD	n+0(FP), R0
	ADD	$1, R0
	MOVD	R0, ret+8(FP)
	RET

TEXT ·LeafWithFrame(SB), NOSPLIT, $40-16
	MOVD	n+0(FP), R0
	MOVD	R0, local-8(SP)
	ADD	$2, R0
	MOVD	R0, ret+8(FP)
	RET

TEXT ·LargeFrame(SB), 0, $5000-16
	MOVD	n+0(FP), R0
	MOVD	R0, local-8(SP)
	ADD	$3, R0
	MOVD	R0, ret+8(FP)
	RET

TEXT ·Jumps(SB), NOSPLIT, $0-16
	MOVD	n+0(FP), R0
	ADD	$4, R0
	JMP	body<>(SB)

TEXT body<>(SB), NOSPLIT, $0-16
	MOVD	R0, ret+8(FP)
	ADD	$4, R0
	RET

TEXT ·ManualFrame(SB), NOSPLIT|NOFRAME, $0-16
	MOVD.W	R30, -32(RSP)
	MOVD	R29, -8(RSP)
	SUB	$8, RSP, R29
	MOVD	40(RSP), R0
	ADD	$5, R0
	MOVD	R0, 48(RSP)
	MOVD	-8(RSP), R29
	MOVD.P	32(RSP), R30
	RET

TEXT ·CallBack(SB), NOSPLIT, $16-8
	MOVD	f+0(FP), R26
	MOVD	(R26), R1
	BL	(R1)
	RET

TEXT ·Frameless(SB), NOSPLIT|NOFRAME, $0-8
	MOVD	8(RSP), R26
	MOVD.W	R30, -16(RSP)
	MOVD	(R26), R1
	BL	(R1)
	MOVD.P	16(RSP), R30
	RET
