package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
)

// fill gives every field a value of its own, so that a field which somebody
// adds to a noun and which the store forgets fails the test below.
func fill(v reflect.Value, n *int) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 10, 1, 0, 0, *n, 100, time.UTC)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(*n))
	case v.CanUint():
		v.SetUint(uint64(*n))
	default:
		panic(v.Type())
	}
}

func filledOf[T any]() (x T) {
	n := 0
	fill(reflect.ValueOf(&x).Elem(), &n)
	return x
}

func same[T any](t *testing.T, want T, got *T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(want, *got); d != "" {
		t.Error(d)
	}
}

// Every field of every noun comes back; empty ones leave no byte behind.
func TestCodecKeepsEveryField(t *testing.T) {
	account := filledOf[snapshot.Account]()
	a := snapshot.Account{ID: account.ID, Line: account.Line}
	same(t, account, &a, decodeAccount(appendAccount(nil, &account), &a))
	group := filledOf[snapshot.Group]()
	g := snapshot.Group{ID: group.ID, Line: group.Line}
	same(t, group, &g, decodeGroup(appendGroup(nil, &group), &g))
	machine := filledOf[snapshot.Machine]()
	m := snapshot.Machine{Line: machine.Line}
	same(t, machine, &m, decodeMachine(appendMachine(nil, &machine), &m))

	host := filledOf[snapshot.HostSoftware]()
	list, err := decodeInstalls(appendInstalls(nil, host.Installs))
	if err != nil {
		t.Fatal(err)
	}
	name, err := decodePlace(appendPlace(nil, host.Host, host.Installs), list)
	same(t, host, &snapshot.HostSoftware{Host: name, Installs: list}, err)

	use := filledOf[snapshot.Use]()
	use.Carried = false // only the facts set it
	files, texts := map[string]int64{}, names{}
	for i, f := range []string{use.First.File, use.Last.File, use.Opened.File, use.Closed.File, use.Ended.File, use.Left.File} {
		files[f], texts[int64(i+1)] = int64(i+1), f
	}
	u := snapshot.Use{Host: use.Host, User: use.User, Month: use.Month, Days: use.Days}
	same(t, use, &u, decodeUse(appendUse(nil, &use, files), &u, texts, interned{}))

	log := filledOf[snapshot.Log]()
	log.LastRecord = log.Parts[1].Last // which follows from the stretches
	r, back := reachOf(log), reach{Log: snapshot.Log{Host: log.Host, Channel: log.Channel, File: log.File}}
	same(t, log, &back.Log, decodeReach(appendReach(nil, &r), &back))

	if n := len(appendAccount(nil, &snapshot.Account{})) + len(appendMachine(nil, &snapshot.Machine{})) + len(appendGroup(nil, &snapshot.Group{})); n != 0 {
		t.Errorf("empty nouns take %d bytes", n)
	}
}

// A filled Facts reading: Reading has no codec but columns; every field must
// come back through them.
func TestReadingKeepsEveryField(t *testing.T) {
	s := openAt(t, t.TempDir()+"/s.db")
	want := filledOf[snapshot.Reading]()
	want.Kind, want.Status, want.Day = snapshot.KindDirectory, snapshot.Failed, 0
	if err := s.PutFailure(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := s.Readings(t.Context(), want.Source, want.Taken, want.Taken.Add(1000))
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	want.Day = got[0].Day
	if d := cmp.Diff(want, got[0]); d != "" {
		t.Error(d)
	}
}

// Bytes that no codec wrote give an error or a value, never a panic or more
// memory than a few times their size.
func FuzzDecode(f *testing.F) {
	account := filledOf[snapshot.Account]()
	f.Add(appendAccount(nil, &account))
	use := filledOf[snapshot.Use]()
	f.Add(appendUse(nil, &use, nil))
	log := reachOf(filledOf[snapshot.Log]())
	f.Add(appendReach(nil, &log))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<12 {
			return
		}
		var a snapshot.Account
		var u snapshot.Use
		var r reach
		_ = decodeAccount(b, &a)
		_ = decodeUse(b, &u, nil, interned{})
		_ = filesOfUse(b, func(int64) {})
		_ = decodeReach(b, &r)
		list, _ := decodeInstalls(b)
		_, _ = decodePlace(b, list)
		_, _ = decodeSet(b)
	})
}
