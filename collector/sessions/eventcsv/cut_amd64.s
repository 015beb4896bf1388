#include "textflag.h"

// func cut(line []byte, delim byte, ends *[maxEnds]uint32) int
//
// 64 bytes at a time: a bit for each that is the delimiter, then a place for
// each bit.
TEXT ·cut(SB), NOSPLIT, $0-48
	MOVQ  line_base+0(FP), SI
	MOVQ  line_len+8(FP), CX
	MOVBLZX delim+24(FP), AX
	MOVQ  ends+32(FP), DI
	XORQ  R8, R8                // places found
	XORQ  R9, R9                // of the 64 bytes at hand
	MOVQ  AX, X0
	PUNPCKLBW X0, X0
	PUNPCKLWL X0, X0
	PSHUFL $0, X0, X0

next:
	CMPQ  R9, CX
	JGE   done
	MOVOU (SI)(R9*1), X1
	MOVOU 16(SI)(R9*1), X2
	MOVOU 32(SI)(R9*1), X3
	MOVOU 48(SI)(R9*1), X4
	PCMPEQB X0, X1
	PCMPEQB X0, X2
	PCMPEQB X0, X3
	PCMPEQB X0, X4
	PMOVMSKB X1, DX
	PMOVMSKB X2, R10
	PMOVMSKB X3, R11
	PMOVMSKB X4, R12
	SHLQ  $16, R10
	SHLQ  $32, R11
	SHLQ  $48, R12
	ORQ   R10, DX
	ORQ   R11, R12
	ORQ   R12, DX
	MOVQ  CX, R10               // of the last bytes only those of the line count
	SUBQ  R9, R10
	CMPQ  R10, $64
	JGE   bits
	MOVQ  CX, R11
	MOVQ  R10, CX
	MOVQ  $1, R12
	SHLQ  CX, R12
	DECQ  R12
	ANDQ  R12, DX
	MOVQ  R11, CX

bits:
	TESTQ DX, DX
	JZ    step
	CMPQ  R8, $128
	JGE   many
	BSFQ  DX, BX
	ADDQ  R9, BX
	MOVL  BX, (DI)(R8*4)
	INCQ  R8
	LEAQ  -1(DX), BX
	ANDQ  BX, DX
	JMP   bits

step:
	ADDQ  $64, R9
	JMP   next

many:
	MOVQ  $-1, R8

done:
	MOVQ  R8, ret+40(FP)
	RET
