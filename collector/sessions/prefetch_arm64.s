#include "textflag.h"

// func prefetch(p unsafe.Pointer)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
	PRFM (R0), PLDL1KEEP
	RET

// func prefetchAll(p *prefetchList, n int)
TEXT ·prefetchAll(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R1
	MOVD n+8(FP), R2
	JMP  more

one:
	MOVD.P 8(R1), R0
	PRFM (R0), PLDL1KEEP
	ADD  $64, R0
	PRFM (R0), PLDL1KEEP
	SUB  $1, R2

more:
	CBNZ R2, one
	RET
