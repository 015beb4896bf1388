package sessions

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20

// scattered tells the system that a large table is looked into all over, so
// that it puts large pages below it where it has them: a tenth of the time of
// counting a long log goes into finding small ones. It is advice and no more,
// for the memory that holds the table and what shares its pages.
func scattered[T any](table []T) {
	var one T
	size := uintptr(cap(table)) * unsafe.Sizeof(one)
	if size < hugePage/8 {
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(table)))
	to := (from + size + hugePage - 1) &^ (hugePage - 1)
	from &^= hugePage - 1
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_HUGEPAGE)
}
