package directory_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// A series reads what ReadLDIF reads of each export by itself, or fails with its
// words; and what it says of the difference from the reading before is that.
func TestSeriesIsReadLDIF(t *testing.T) {
	took, compared := 0, 0
	for seed := range uint64(250) {
		a, b := seriesOf(t, seed, 8)
		took += a
		compared += b
	}
	if took < 1000 || compared < 500 {
		t.Errorf("only %d exports were read whole, and %d compared: the test shows nothing", took, compared)
	}
}

func FuzzSeries(f *testing.F) {
	f.Add(uint64(1), uint8(6), []byte("x"), uint16(3))
	f.Add(uint64(2), uint8(9), []byte("\n\n"), uint16(300))
	f.Add(uint64(3), uint8(9), []byte("\ndn: OU=o1,DC=x,DC=example\nobjectClass: top\n\n"), uint16(100))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, piece []byte, at uint16) {
		r := rand.New(rand.NewPCG(seed, 1))
		exports := directorytest.Exports(r, 2+int(n)%8, r.IntN(40))
		// Something foreign gets into one of them, and into the one after.
		for i := 1; i < len(exports) && i < 3; i++ {
			x := exports[i]
			p := int(at) % (len(x) + 1)
			exports[i] = slices.Concat(x[:p], piece, x[p:])
		}
		compareSeries(t, seed, exports)
	})
}

func seriesOf(t *testing.T, seed uint64, n int) (took, compared int) {
	r := rand.New(rand.NewPCG(seed, 1))
	return compareSeries(t, seed, directorytest.Exports(r, n, r.IntN(40)))
}

func compareSeries(t *testing.T, seed uint64, exports [][]byte) (took, compared int) {
	t.Helper()
	cfg := config.Directory{Name: "hosting"}
	if seed%5 == 0 {
		cfg.Metadata = "off"
	}
	keep := []string{"employeeID", "department", "objectSid"}
	s := directory.NewSeries(cfg, keep, time.UTC)
	var was *snapshot.Directory
	for i, text := range exports {
		day, file := taken.AddDate(0, 0, i), fmt.Sprintf("%d.ldif", i)
		want, wrong := directory.ReadLDIF(context.Background(), bytes.NewReader(text), file, day, cfg, keep, time.UTC)
		got, err := s.Read(context.Background(), bytes.NewReader(text), file, day)
		if fmt.Sprint(err) != fmt.Sprint(wrong) {
			t.Fatalf("seed %d, export %d: in a series %v, by itself %v\n%s", seed, i, err, wrong, text)
		}
		if err != nil {
			continue
		}
		took++
		since := got.Since
		want.Fingerprint, got.Since = "", nil
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("seed %d, export %d, by itself and in a series:\n%s\n%s", seed, i, gocmp.Diff(want, got), text)
		}
		got.Since = since
		if since != nil {
			compared++
			if now, then := contents(want), applied(was, got); !maps.Equal(now, then) || !since.Taken.Equal(was.Taken) {
				t.Fatalf("seed %d, export %d, what was told since the one before:\n%s", seed, i, gocmp.Diff(now, then))
			}
		}
		was = got
	}
	return took, compared
}

// contents is a reading as facts without their lines, which what is unchanged has no
// part in.
func contents(d *snapshot.Directory) map[string]string {
	out := map[string]string{}
	for _, x := range d.Accounts {
		x.Line = 0
		out["account "+x.ID] = fmt.Sprint(x)
	}
	for _, x := range d.Groups {
		x.Line = 0
		out["group "+x.ID] = fmt.Sprint(x)
	}
	for _, x := range d.Units {
		x.Line = 0
		out["unit "+x.ID] = fmt.Sprint(x)
	}
	for _, x := range d.Members {
		out["member "+x.Group+" "+x.Key] = ""
	}
	return out
}

// applied is the reading before with what is said to differ.
func applied(was, now *snapshot.Directory) map[string]string {
	out := contents(was)
	s := now.Since
	var part snapshot.Directory
	for _, i := range s.Accounts {
		part.Accounts = append(part.Accounts, now.Accounts[i])
	}
	for _, i := range s.Groups {
		part.Groups = append(part.Groups, now.Groups[i])
	}
	for _, i := range s.Units {
		part.Units = append(part.Units, now.Units[i])
	}
	for _, i := range s.Members {
		part.Members = append(part.Members, now.Members[i])
	}
	for _, id := range s.GoneAccounts {
		delete(out, "account "+id)
	}
	for _, id := range s.GoneGroups {
		delete(out, "group "+id)
	}
	for _, id := range s.GoneUnits {
		delete(out, "unit "+id)
	}
	for _, m := range s.GoneMembers {
		delete(out, "member "+m.Group+" "+m.Key)
	}
	for k, v := range contents(&part) {
		out[k] = v
	}
	return out
}

// What was taken over once is no licence to be there twice: the entry before it, of
// the same name and other words, makes it wrong; and so does one behind it.
func TestSeriesTwice(t *testing.T) {
	one := "dn: CN=a,DC=x\nobjectClass: group\nobjectGUID: 11111111-0000-0000-0000-000000000000\nobjectSid: S-1-5-21-1-2-3-1001\n\n"
	other := strings.Replace(one, "objectSid", "description: b\nobjectSid", 1)
	const root = "version: 1\n\ndn: DC=x\nobjectClass: container\n\n" // what follows version is read each time
	for _, second := range []string{one + one, other + one, one + other} {
		exports := [][]byte{[]byte(root + one), []byte(root + second), []byte(root + one)}
		if took, compared := compareSeries(t, 1, exports); took != 2 || compared != 1 {
			t.Errorf("%d exports were read, and %d compared, of %q", took, compared, second)
		}
	}
}

// Entries with changetype: add and without in one export are refused, also where the
// one or the other was taken over.
func TestSeriesOfAdds(t *testing.T) {
	entry := func(name, adds string) string {
		return "dn: CN=" + name + ",DC=x\n" + adds + "objectClass: group\nobjectGUID: 11111111-0000-0000-0000-00000000000" + name + "\nobjectSid: S-1-5-21-1-2-3-100" + name + "\n\n"
	}
	const add = "changetype: add\n"
	for _, x := range []struct{ first, second, third string }{
		{entry("1", add) + entry("2", add), entry("3", "") + entry("2", add), entry("1", add) + entry("3", "")},
		{entry("1", "") + entry("2", ""), entry("3", add) + entry("2", ""), entry("1", "") + entry("3", add)},
	} {
		exports := [][]byte{[]byte(x.first), []byte(x.second), []byte(x.third), []byte(x.first)}
		if took, compared := compareSeries(t, 1, exports); took != 2 || compared != 1 {
			t.Errorf("%d exports were read, and %d compared", took, compared)
		}
	}
}

// A comment may tell that an export is whole, also within an entry: such an entry is
// read in every export.
func TestSeriesReadsComments(t *testing.T) {
	const text = "# record 1\ndn: CN=a,DC=x\nobjectClass: group\n# returned 1 records\nobjectGUID: 11111111-0000-0000-0000-000000000000\nobjectSid: S-1-5-21-1-2-3-1001\n\n"
	if took, compared := compareSeries(t, 1, [][]byte{[]byte(text), []byte(text)}); took != 2 || compared != 1 {
		t.Errorf("%d exports were read, and %d compared", took, compared)
	}
}

// Deleted accounts and changes are not told as differences: where a reading or the one
// before it has some, nothing is said of the difference, and all is compared.
func TestSeriesTellsNothingOfDeleted(t *testing.T) {
	const plain = "dn: DC=x\nobjectClass: container\n\ndn: CN=a,DC=x\nobjectClass: group\nobjectGUID: 11111111-0000-0000-0000-000000000000\nobjectSid: S-1-5-21-1-2-3-1001\n\n"
	const deleted = `dn: CN=b\0ADEL:22222222-0000-0000-0000-000000000000,CN=Deleted Objects,DC=x` +
		"\nobjectClass: user\nisDeleted: TRUE\nobjectGUID: 22222222-0000-0000-0000-000000000000\nsAMAccountName: b\nwhenChanged: 20261031120000.0Z\n\n"
	s := directory.NewSeries(cfg, keep, time.UTC)
	for i, x := range []struct {
		text string
		gone int
		told bool
	}{{text: plain}, {text: plain + deleted, gone: 1}, {text: plain}, {text: plain, told: true}} {
		d, err := s.Read(t.Context(), strings.NewReader(x.text), "x.ldif", taken.AddDate(0, 0, i))
		if err != nil || len(d.Deleted) != x.gone || (d.Since != nil) != x.told {
			t.Errorf("export %d: %v, %d deleted, told %v", i, err, len(d.Deleted), d.Since)
		}
	}
}

// With entries larger than what is read at once.
func TestSeriesOfLargeGroups(t *testing.T) {
	f := directorytest.Provider("host1.example", "HOST1", 5, 3000)
	var exports [][]byte
	for i := range 3 {
		f.Objects[20+i].Disabled = true
		if i == 2 {
			everybody := &f.Objects[slices.IndexFunc(f.Objects, func(o directorytest.Object) bool { return o.Name == "Everybody" })]
			everybody.Members = append(everybody.Members[:100:100], everybody.Members[200:]...)
		}
		exports = append(exports, text(t, f))
	}
	if _, compared := compareSeries(t, 1, exports); compared != 2 {
		t.Errorf("%d exports were compared", compared)
	}
}

// By hand: of three objects one changed, so that two were taken over; the account's
// line moved by the one line that came before it.
func TestSeriesTakesOver(t *testing.T) {
	f := directorytest.Provider("host1.example", "HOST1", 3, 60)
	s := directory.NewSeries(cfg, keep, time.UTC)
	first, err := s.Read(t.Context(), bytes.NewReader(text(t, f)), "1.ldif", taken)
	if err != nil || first.Since != nil {
		t.Fatal(err, first.Since)
	}
	for i := range f.Objects {
		if o := &f.Objects[i]; o.Account == "u000007" {
			o.Disabled = true
			o.Attributes = append(o.Attributes, directorytest.Pair{Name: "department", Value: "new"})
		}
	}
	second, err := s.Read(t.Context(), bytes.NewReader(text(t, f)), "2.ldif", taken.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(second.Since.Accounts); n != 1 || second.Accounts[second.Since.Accounts[0]].Name != "u000007" {
		t.Errorf("%d accounts are told as changed: %+v", n, second.Since)
	}
	if n := len(second.Since.Groups) + len(second.Since.Members) + len(second.Since.Units); n != 0 {
		t.Errorf("%d other things are told as changed", n)
	}
	moved := 0
	for i := range second.Accounts {
		a, b := &first.Accounts[i], &second.Accounts[i]
		if b.Name != "u000007" && a.UPN != "" && strings.Compare(a.UPN, b.UPN) != 0 {
			t.Errorf("%s became %s", a.UPN, b.UPN)
		}
		if b.Line == a.Line+1 {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no line moved")
	}
}
