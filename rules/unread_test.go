package rules

import (
	"slices"
	"testing"

	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// unreadLines are the products of a statement, or of a tenant, whose zero
// nobody knows to be one.
func unreadLines(st *statement.Statement, tenant string) (out []string) {
	lines := st.Lines
	for i := range st.Tenants {
		if st.Tenants[i].ID == tenant {
			lines = st.Tenants[i].Lines
		}
	}
	for i := range lines {
		if l := &lines[i]; l.Unread {
			out = append(out, l.Product)
			if l.Amount != "" || l.Quantity != 0 {
				out = append(out, "with "+l.Amount)
			}
		}
	}
	return out
}

// Ann may log on to pool main, of RDSH-01 and RDSH-02. Office Standard is
// counted by what is installed there or by a group, Professional by a group
// alone; SQL Server by machines and by what is installed anywhere.
func TestUnreadLines(t *testing.T) {
	for name, x := range map[string]struct {
		read     []string // hosts whose programs were read
		product  string   // what is installed there
		machines bool     // the hosts table was read
		second   bool     // another directory, which was not read
		accepted []string // gaps
		want     []string
	}{
		"all read":                           {read: []string{"RDSH-01", "RDSH-02"}, machines: true},
		"no programs":                        {machines: true, want: []string{"office-std", "sql-std"}},
		"one host's programs":                {read: []string{"RDSH-01"}, machines: true, want: []string{"office-std", "sql-std"}},
		"found on the one that was":          {read: []string{"RDSH-01"}, product: "Microsoft Office Standard 2021", machines: true, want: []string{"sql-std"}},
		"no hosts table":                     {read: []string{"RDSH-01", "RDSH-02"}, want: []string{"win-dc", "win-std", "sql-std"}},
		"one of two directories":             {read: []string{"RDSH-01", "RDSH-02"}, machines: true, second: true, want: []string{"office-std", "office-pro"}},
		"programs not read, and accepted":    {machines: true, accepted: []string{"inventory:inventory/RDSH-01", "inventory:inventory/RDSH-02"}},
		"one of the two gaps alone accepted": {machines: true, accepted: []string{"inventory:inventory/RDSH-01"}, want: []string{"office-std", "sql-std"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.cfg.Directories = []config.Directory{{Name: "hosting"}}
			if x.second {
				s.cfg.Directories = append(s.cfg.Directories, config.Directory{Name: "second"})
			}
			s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}, Hosts: config.Globs{"y"}}}
			s.cfg.Pools = []config.Pool{{Name: "main", Hosts: []string{"RDSH-01", "RDSH-02"}, Users: []string{"RDS-Main"}}}
			s.facts.Known = []string{"RDSH-01", "RDSH-02"} // both had an inventory last month
			d := s.dir()
			d.user(1, "ann", "OU=alpha,DC=h", always)
			d.group(10, "RDS-Main", id(1))
			d.group(11, "LIC-Std")
			d.group(12, "LIC-Pro")
			for _, h := range x.read {
				s.install(h, x.product)
			}
			if x.machines {
				s.machine(snapshot.Machine{Host: "HV-1", Kind: snapshot.Physical, OperatingSystem: "Linux", Processors: 1, CoresPerProcessor: 8})
			}
			in := s.input()
			in.Accepted = map[string]string{}
			for _, key := range x.accepted {
				in.Accepted[key] = "C. de Vries: the host was switched off"
			}
			st, err := Evaluate(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got := unreadLines(st, "")
			if !slices.Equal(got, x.want) {
				t.Errorf("%q, want %q; gaps %+v", got, x.want, st.Coverage.Gaps)
			}
			if q := quantity(st, "alpha", "rds"); q[0] != 1 {
				t.Errorf("rds: %v", q)
			}
		})
	}
}
