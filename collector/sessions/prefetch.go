//go:build amd64 || arm64

package sessions

import "unsafe"

// fetch and fetchTwo have the 64 bytes at p, or 128, brought near, and wait for
// nothing. A table of a hundred thousand accounts lies far from the processor,
// and Go has no word for it.
//
//go:noescape
func fetch(p unsafe.Pointer)

//go:noescape
func fetchTwo(p unsafe.Pointer)
