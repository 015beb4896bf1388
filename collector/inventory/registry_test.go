package inventory

import (
	"strings"
	"testing"

	"splameter/internal/snapshot"
)

// A registry export that ends between two keys looks whole: what every Windows
// has tells that it is not, and so does a view that is not there.
func TestRegistryCutAtAKey(t *testing.T) {
	const wide = `[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
	const thin = `[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall`
	key := func(k string) string { return k + "]\n\n" }
	program := key(wide+`\7-Zip`) + "\"DisplayName\"=\"7-Zip\"\n\n"
	for name, c := range map[string]struct{ text, told string }{
		"both":         {key(wide) + key(wide+`\AddressBook`) + program + key(wide+`\WIC`) + key(thin) + key(thin+`\AddressBook`) + key(thin+`\WIC`), ""},
		"chosen keys":  {program, ""},
		"one view":     {key(wide) + program, "32-bit programs"},
		"the other":    {key(thin), "64-bit view"},
		"cut":          {key(wide) + key(wide+`\AddressBook`) + program + key(thin), "the 64-bit view of the uninstall keys is not whole"},
		"cut below":    {program + key(thin+`\AddressBook`), "the 32-bit view of the uninstall keys is not whole"},
		"begins later": {program + key(wide+`\WIC`), "is not whole"},
		"a user's":     {strings.ReplaceAll(key(wide)+program, "LOCAL_MACHINE", "CURRENT_USER"), ""},
	} {
		v, err := ReadSoftware(t.Context(), strings.NewReader("Windows Registry Editor Version 5.00\n\n"+c.text), "H-2026-10-30.reg", Options{Host: "H"})
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, n := range v.Notes {
			if n.Code == CodeDamaged {
				told += n.Message
			}
		}
		if (v.Status == snapshot.Partial) != (c.told != "") || !strings.Contains(told, c.told) {
			t.Errorf("%s: %s, told %q", name, v.Status, told)
		}
	}
}
