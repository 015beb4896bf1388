package access

import (
	"testing"

	"golang.org/x/sys/windows"
)

// Groups of everybody with the right to read are told; a list that first takes
// the right away is believed, as is a right to write attributes alone. No list
// at all lets everybody. The list that files of our own get lets nobody else.
// (Wine keeps a file's mode in place of its list: lists are looked at here
// without files.)
func TestAllowed(t *testing.T) {
	for sddl, want := range map[string]int{
		"D:P(A;;FA;;;BA)(A;;FR;;;WD)":                   1,
		"D:P(A;;FA;;;BA)(A;;FR;;;AU)(A;;FR;;;BU)":       2,
		"D:P(A;;FA;;;BA)(A;;GR;;;BG)":                   1,
		"D:P(A;;FR;;;S-1-5-21-1-2-3-513)":               1, // all users of a domain
		"D:P(A;;FR;;;S-1-5-21-1-2-3-1513)":              0,
		"D:P(A;;FA;;;BA)(D;;FA;;;WD)(A;;FR;;;WD)":       0,
		"D:P(A;;FA;;;BA)(A;;0x100;;;WD)":                0,
		"D:P(A;;FA;;;BA)(A;OICIIO;FR;;;WD)(A;;FA;;;SY)": 0, // for what is made in the folder
		"D:P": 0,
	} {
		sd, err := windows.SecurityDescriptorFromString(sddl)
		if err != nil {
			t.Fatal(err)
		}
		dacl, _, err := sd.DACL()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := allowed(dacl); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v; want %d", sddl, got, err, want)
		}
	}
	if got, err := allowed(nil); err != nil || len(got) != 1 {
		t.Errorf("no list: %v, %v", got, err)
	}
	own, err := ownList()
	if err != nil || own.AceCount != 3 {
		t.Fatalf("%v, %v", own, err)
	}
	if got, err := allowed(own); err != nil || len(got) != 0 {
		t.Errorf("our own: %v, %v", got, err)
	}
}
