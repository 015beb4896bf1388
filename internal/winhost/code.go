package winhost

import (
	"fmt"
	"io/fs"
)

// Code is what a service of Windows says went wrong: an error number of Win32.
type Code uint32

const (
	notFound    Code = 2
	denied      Code = 5
	moreData    Code = 234
	noMoreItems Code = 259
)

func (c Code) Error() string {
	switch c {
	case notFound:
		return "it is not there"
	case denied:
		return "access is denied"
	case moreData:
		return "there is more of it"
	case noMoreItems:
		return "there are no more"
	}
	return fmt.Sprintf("Windows says error %d (0x%x)", uint32(c), uint32(c))
}

// Is lets a caller ask as of a file.
func (c Code) Is(err error) bool {
	return c == notFound && err == fs.ErrNotExist || c == denied && err == fs.ErrPermission
}
