package tables

import (
	"testing"

	"splameter/internal/diag"
)

// A table that is made of its header alone has no fault.
func TestHeaders(t *testing.T) {
	for name, read := range map[string]func(*table) diag.Faults{
		"tenants":         func(x *table) diag.Faults { _, f := tenantsOf(x); return f },
		"resellers":       func(x *table) diag.Faults { _, f := partnersOf(x); return f },
		"exclusions":      func(x *table) diag.Faults { _, f := exclusionsOf(x, nil); return f },
		"decisions":       func(x *table) diag.Faults { _, f := decisionsOf(x, nil); return f },
		"shared_accounts": func(x *table) diag.Faults { _, f := sharedAccountsOf(x, nil); return f },
		"prices":          func(x *table) diag.Faults { _, f := purchaseOf(x, ""); return f },
		"sales_prices":    func(x *table) diag.Faults { _, f := salesOf(x, nil); return f },
	} {
		if faults := read(&table{file: "t.csv", data: HeaderOf(name), given: true}); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestPaste(t *testing.T) {
	const have = "id;name;ou;number\nbakker;Bakker;\"OU=B,DC=h\";10\nnotaris;Notaris;OU=N,DC=h;\n"
	for name, c := range map[string]struct {
		text, want            string
		added, changed, same  int
		ignored, fault, table string
	}{
		"by number and name": {text: "Number\tE-mail\tNAME\tPhone\n10\ta@b.example\t\t1\n\tn@n.example\tnotaris\t\n", changed: 2, ignored: "Phone",
			want: "id;name;ou;number;email\nbakker;Bakker;\"OU=B,DC=h\";10;a@b.example\nnotaris;notaris;OU=N,DC=h;;n@n.example\n"},
		"one more":                {text: "id,name,ou\nzus,\"Zus; en zo\",\"OU=Z,DC=h\"\nbakker,Bakker,\n", added: 1, same: 1, want: have + "zus;\"Zus; en zo\";OU=Z,DC=h;\n"},
		"a second unit":           {text: "id;ou\nbakker;OU=B2,DC=h\n", added: 1, want: have + "bakker;;OU=B2,DC=h;\n"},
		"an empty cell is no cut": {text: "id\tname\tnumber\nbakker\t\t\n", same: 1, want: have},
		"no heading of ours":      {text: "Foo\tBar\n1\t2\n", fault: "none of the headings that were pasted is a column of the table: it has id, name, ou, number"},
		"no rows":                 {text: "id\tname\n", fault: "what was pasted has a header and no rows, or no header: paste the headings too"},
	} {
		s, err := ParseSheet("t.csv", []byte(have))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Paste("tenants", s, c.text)
		if c.fault != "" {
			if err == nil || err.Error() != c.fault {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(p.Data) != c.want || p.Added != c.added || p.Changed != c.changed || p.Same != c.same || (c.ignored == "") != (len(p.Ignored) == 0) {
			t.Errorf("%s: %+v\n%s", name, p, p.Data)
		}
	}
	two, _ := ParseSheet("t.csv", []byte("id,name\na,A\nb,A\n"))
	if _, err := Paste("tenants", two, "name,number\nA,1\n"); err == nil {
		t.Error("a row that fits two was taken")
	}
}

func FuzzPaste(f *testing.F) {
	f.Add("id\tname\n1\t2\n")
	f.Add("\"id\";x\n\"a\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSheet("t.csv", []byte("id,name\na,A\n"))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := Paste("tenants", s, text); err == nil {
			if _, err := ParseSheet("t.csv", p.Data); err != nil {
				t.Fatalf("%q: %v", p.Data, err)
			}
		}
	})
}
