// SPDX-License-Identifier: GPL-2.0-only
/* Functions whose call frame information compilers seldom write. */
#ifdef __x86_64__
	.text

/*
 * The CFA is *(RBP - 8), as where main aligns its stack: DW_CFA_def_cfa_expression of DW_OP_breg6 -8,
 * DW_OP_deref.
 */
	.globl aligned_frame
	.type aligned_frame, @function
aligned_frame:
	.cfi_startproc
	leaq 8(%rsp), %r10
	.cfi_def_cfa r10, 0
	andq $-64, %rsp
	pushq -8(%r10)
	pushq %rbp
	movq %rsp, %rbp
	.cfi_escape 0x10, 6, 2, 0x76, 0 /* rbp is at rbp + 0 */
	pushq %r10
	.cfi_escape 0x0f, 3, 0x76, 0x78, 6
	subq $104, %rsp
	movq %rdi, %rax
	xorl %edi, %edi
	call *%rax
	movq -8(%rbp), %r10
	.cfi_def_cfa r10, 0
	leave
	.cfi_restore rbp
	leaq -8(%r10), %rsp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size aligned_frame, . - aligned_frame

/*
 * RBX is in memory where an expression says, RBP in a register that an expression adds up to, and
 * the CFA a sum of all kinds of operations: rsp + ((3 << 4 | 8) * 2 - 8) + (5 > 4) * 8 + 8.
 */
	.globl saved_elsewhere
	.type saved_elsewhere, @function
saved_elsewhere:
	.cfi_startproc
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	movq %rbp, %rbx
	subq $104, %rsp
	.cfi_adjust_cfa_offset 104
	/* CFA: breg7 0; lit3 lit4 shl; lit8 or; const1u 2 mul; const2s -8 plus; plus; lit5 lit4 gt;
	   lit8 mul; plus; const1u 16 plus; skip over a const1u; nop */
	.cfi_escape 0x0f, 31, 0x77, 0, 0x33, 0x34, 0x24, 0x38, 0x21, 0x08, 2, 0x1e, 0x0b, 0xf8, 0xff, 0x22, 0x22, 0x35, 0x34, 0x2b, 0x38, 0x1e, 0x22, 0x23, 8, 0x2f, 2, 0, 0x08, 9, 0x96, 0x96, 0x96
	/* rbp: val_expression breg3 0 */
	.cfi_escape 0x16, 6, 2, 0x73, 0
	/* rbx: expression, of the CFA that is on the stack: lit16 minus; dup drop; lit0 pick drop */
	.cfi_escape 0x10, 3, 8, 0x40, 0x1c, 0x12, 0x13, 0x12, 0x15, 0, 0x13
	xorl %ebp, %ebp
	movq %rdi, %rax
	xorl %edi, %edi
	call *%rax
	movq %rbx, %rbp
	addq $104, %rsp
	.cfi_def_cfa rsp, 16
	.cfi_offset rbx, -16
	.cfi_same_value rbp
	popq %rbx
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbx
	ret
	.cfi_endproc
	.size saved_elsewhere, . - saved_elsewhere

/* The CFA by R12, registers in registers, remembered and restored states, offsets by the CFA. */
	.globl through_register
	.type through_register, @function
through_register:
	.cfi_startproc
	pushq %r12
	.cfi_def_cfa_offset 16
	.cfi_offset r12, -16
	pushq %r13
	.cfi_def_cfa_offset 24
	.cfi_offset r13, -24
	leaq 24(%rsp), %r12
	.cfi_def_cfa r12, 0
	movq %rbp, %r13
	.cfi_register rbp, r13
	.cfi_remember_state
	subq $1024, %rsp
	andq $-128, %rsp
	movl $1, %ebp
	movq %rdi, %rax
	xorl %edi, %edi
	testq %rax, %rax
	jz 1f
	call *%rax
	jmp 2f
1:	.cfi_undefined rbp
	nop
2:	.cfi_restore_state
	movq %r13, %rbp
	.cfi_restore rbp
	leaq -24(%r12), %rsp
	.cfi_def_cfa rsp, 24
	popq %r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	popq %r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	ret
	.cfi_endproc
	.size through_register, . - through_register
#endif
	.section .note.GNU-stack, "", @progbits
