//go:build amd64 || arm64

package sessions

import "unsafe"

// prefetch has the 64 bytes at p brought near, and waits for nothing. A table of a
// hundred thousand accounts lies far from the processor, and Go has no word for
// it.
//
//go:noescape
func prefetch(p unsafe.Pointer)

// prefetchAll has 128 bytes at each of the first n places brought near. Asking for
// all at once lets the processor look up several pages at a time; what else is
// done in between would keep it from that.
//
//go:noescape
func prefetchAll(p *prefetchList, n int)
