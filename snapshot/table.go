package snapshot

// Table is rows by place, made when they are asked for. A large provider has
// hundreds of thousands of some facts; packed they take a tenth of the room
// that they take as values of their own.
type Table[T any] interface {
	Len() int
	At(i int) T
}

// Programs is the table of a host's programs.
type Programs interface {
	Table[InstallMonth]
	// Program is the program in a place, without its line. Equal programs are
	// the same pointer on every host of a source, so that one need be looked
	// at only once.
	Program(i int) *Install
}

// UseCount is how many rows of use the month has.
func (f *Facts) UseCount() int {
	if f.UseRows != nil {
		return f.UseRows.Len()
	}
	return len(f.Uses)
}

// UseAt is the row of use in a place.
func (f *Facts) UseAt(i int) Use {
	if f.UseRows != nil {
		return f.UseRows.At(i)
	}
	return f.Uses[i]
}

// LogCount is how many logs reach into the month.
func (f *Facts) LogCount() int {
	if f.LogRows != nil {
		return f.LogRows.Len()
	}
	return len(f.Logs)
}

// LogAt is the log in a place.
func (f *Facts) LogAt(i int) Log {
	if f.LogRows != nil {
		return f.LogRows.At(i)
	}
	return f.Logs[i]
}

// MemberCount is how many memberships the directory had.
func (d *DirectoryMonth) MemberCount() int {
	if d.MemberRows != nil {
		return d.MemberRows.Len()
	}
	return len(d.Members)
}

// MemberAt is the membership in a place.
func (d *DirectoryMonth) MemberAt(i int) MemberSpan {
	if d.MemberRows != nil {
		return d.MemberRows.At(i)
	}
	return d.Members[i]
}

// Count is how many programs the host had.
func (s *SoftwareMonth) Count() int {
	if s.Rows != nil {
		return s.Rows.Len()
	}
	return len(s.Installs)
}

// At is the program in a place.
func (s *SoftwareMonth) At(i int) InstallMonth {
	if s.Rows != nil {
		return s.Rows.At(i)
	}
	return s.Installs[i]
}

// Program is the program in a place, and whether equal ones are the same
// pointer.
func (s *SoftwareMonth) Program(i int) (p *Install, shared bool) {
	if s.Rows != nil {
		return s.Rows.Program(i), true
	}
	return &s.Installs[i].Install, false
}

// Unpack puts what stands in tables into lists: for who compares facts or
// changes them.
func (f *Facts) Unpack() {
	f.Uses, f.UseRows = unpack(f.Uses, f.UseRows), nil
	f.Logs, f.LogRows = unpack(f.Logs, f.LogRows), nil
	for i := range f.Directories {
		d := &f.Directories[i]
		d.Members, d.MemberRows = unpack(d.Members, d.MemberRows), nil
	}
	for i := range f.Software {
		s := &f.Software[i]
		if s.Rows != nil && s.Rows.Len() > 0 {
			s.Installs = unpack[InstallMonth](nil, s.Rows)
		}
		s.Rows = nil
	}
}

func unpack[T any](list []T, t Table[T]) []T {
	if t == nil {
		return list
	}
	list = make([]T, 0, t.Len())
	for i := range t.Len() {
		list = append(list, t.At(i))
	}
	return list
}
