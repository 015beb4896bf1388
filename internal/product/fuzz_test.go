package product

import "testing"

// A provider's file may hold anything: faults, or entries that recognize.
func FuzzEntries(f *testing.F) {
	f.Add([]byte("source: x\nentries:\n  - {id: a, is: free, why: x, names: ['a|b-c [d e*] * {edition} {number} {language}']}\n"), "A b c 2016 - Deutsch")
	f.Add([]byte("family: f\ntitle: F\nsource: x\nentries:\n  - {id: a, is: licensable, names: ['* * * * *a*'], releases: [A], codes: ['0011'], except: [{years: ['']  , is: ask, why: w}]}\n"), "aaaa aaaa aaaa aaaa aaaa aaaa")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		v := Builtin().v
		file, _, faults := v.parse("own.yaml", data)
		if len(faults) > 0 {
			return
		}
		title := v.titleOf(name)
		for i := range file.Entries {
			e := &file.Entries[i]
			for _, p := range e.patterns {
				if edition, ok := p.match(v, &title); ok && e.recognition(edition, title.year, "").Reason == "" {
					t.Errorf("no reason: %+v", e)
				}
			}
		}
	})
}
