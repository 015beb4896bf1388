package facts

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Programs are the different programs of one source.
type Programs struct {
	list []*snapshot.Install
	same map[snapshot.Install]uint32
}

// NewPrograms are none yet.
func NewPrograms() *Programs { return &Programs{same: map[snapshot.Install]uint32{}} }

// Add is the number of a program, which has no line.
func (p *Programs) Add(x *snapshot.Install) uint32 {
	n, ok := p.same[*x]
	if !ok {
		n = uint32(len(p.list))
		kept := *x
		p.list, p.same[kept] = append(p.list, &kept), n
	}
	return n
}

// Done ends the adding, and says in what place each program stands by name,
// version, publisher, key, release and edition.
func (p *Programs) Done() []uint32 {
	order := make([]uint32, len(p.list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		x, y := p.list[a], p.list[b]
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Version, y.Version), strings.Compare(x.Publisher, y.Publisher),
			strings.Compare(x.Key, y.Key), strings.Compare(x.Release, y.Release), strings.Compare(x.Edition, y.Edition))
	})
	rank := make([]uint32, len(order))
	for i, n := range order {
		rank[n] = uint32(i)
	}
	p.same = nil
	return rank
}

// Installs are the programs of one host.
type Installs struct {
	programs *Programs
	files    []string // of the host; mostly one
	rows     []install
}

type install struct {
	program     uint32
	file        uint32
	line        int
	first, last month.Day
}

// NewInstalls are those of a host, of the programs of its source.
func NewInstalls(p *Programs) *Installs { return &Installs{programs: p} }

// Grow makes room for n rows more.
func (p *Installs) Grow(n int) { p.rows = slices.Grow(p.rows, n) }

// File says from which file the rows are that are added from now on.
func (p *Installs) File(name string) {
	if n := len(p.files); n == 0 || p.files[n-1] != name {
		p.files = append(p.files, name)
	}
}

// Add keeps a program of the last file.
func (p *Installs) Add(program uint32, line int, first, last month.Day) {
	p.rows = append(p.rows, install{program, uint32(len(p.files) - 1), line, first, last})
}

// Until sets the last day of a row.
func (p *Installs) Until(i int, last month.Day) { p.rows[i].last = last }

// Done ends the adding: rows stand by the rank of their programs; nil: as they
// were added.
func (p *Installs) Done(rank []uint32) {
	if rank != nil {
		slices.SortFunc(p.rows, func(x, y install) int { return cmp.Compare(rank[x.program], rank[y.program]) })
	}
	p.rows = slices.Clip(p.rows)
}

// Len implements snapshot.Table.
func (p *Installs) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *Installs) At(i int) snapshot.InstallMonth {
	r := &p.rows[i]
	x := snapshot.InstallMonth{Install: *p.programs.list[r.program], First: r.first, Last: r.last, File: p.files[r.file]}
	x.Line = r.line
	return x
}

// Program implements snapshot.Programs.
func (p *Installs) Program(i int) *snapshot.Install { return p.programs.list[p.rows[i].program] }
