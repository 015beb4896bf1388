package evtx

import (
	"bytes"
	"reflect"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/evtx/evtxtest"
)

// FuzzRead: no input may panic, fill the memory, or give other records with
// two workers than with one, or out of a stream than out of a file whose
// chunks are in order.
func FuzzRead(f *testing.F) {
	small := evtxtest.Log(take(lsm(12), false), evtxtest.Options{})
	small = small[:4096+16384] // the rest of the chunk is empty
	f.Add(small)
	f.Add(small[:4096+3000])
	f.Add(small[:4096+100])
	f.Add(small[:50])
	f.Add([]byte{})
	for _, at := range []int{4096, 4096 + 8, 4096 + 48, 4096 + 516, 4096 + 540, 4096 + 560, 4096 + 600, 4096 + 700, 4096 + 2600} {
		flipped := bytes.Clone(small)
		flipped[at] ^= 0x41
		f.Add(flipped)
	}
	literal := evtxtest.RemoteConnection("u", "", "10.0.0.1")
	literal.ID, literal.Computer, literal.Literal = 1, "H", true
	f.Add(evtxtest.Log([]evtxtest.Event{literal}, evtxtest.Options{})[:4096+4096])
	f.Add(evtxtest.Log(take(lsm(3), true), evtxtest.Options{Dirty: true})[:4096+16384])
	f.Fuzz(func(t *testing.T, log []byte) {
		if len(log) > 1<<20 {
			t.Skip("longer inputs find nothing new")
		}
		// The file's own header is not what is fuzzed.
		head := min(len(log), len(fileMagic))
		log = append(bytes.Clone(fileMagic[:head]), log[head:]...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var one, two, stream gatherer
		info1, err1 := Read(t.Context(), bytes.NewReader(log), int64(len(log)), "x", Options{}, &one)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20+uint64(len(log))*1024 {
			t.Errorf("%d bytes of input took %d bytes of memory", len(log), n)
		}
		info2, err2 := Read(t.Context(), bytes.NewReader(log), int64(len(log)), "x", Options{Workers: 2}, &two)
		if (err1 == nil) != (err2 == nil) || !reflect.DeepEqual(info1, info2) {
			t.Errorf("one worker: %+v %v; two: %+v %v", info1, err1, info2, err2)
		}
		if !reflect.DeepEqual(one, two) {
			t.Errorf("with one worker and two:\n%s\n%s", cmp.Diff(one.records, two.records), cmp.Diff(one.damages, two.damages))
		}
		info3, err3 := ReadStream(t.Context(), bytes.NewReader(log), "x", Options{}, &stream)
		if (err1 == nil) != (err3 == nil) || info1.Records != info3.Records || len(one.records) != len(stream.records) {
			t.Errorf("read: %+v %v; as a stream: %+v %v", info1, err1, info3, err3)
		}
	})
}

// FuzzRecord takes the place of one record's binary XML in a chunk whose first
// record is sound, so names and templates can be referred to.
func FuzzRecord(f *testing.F) {
	log := evtxtest.Log(take(lsm(6), false), evtxtest.Options{})
	chunk := chunkOf(log, 0)
	at := recordAt(chunk, 1)
	for n := 1; n < 6; n++ {
		from := recordAt(chunk, n)
		f.Add(chunk[from+recordHeader : from+int(le.Uint32(chunk[from+4:]))-4])
	}
	f.Add(good(at + recordHeader))
	f.Add(instanceOf(at+recordHeader, 0, good))
	f.Add(instanceOf(at+recordHeader, 0, func(in int) []byte { return append(instanceOf(in, uint32(at+recordHeader+10), nil), 0) }))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > chunkSize-at-minRecord {
			t.Skip("greater than the chunk")
		}
		c := append(bytes.Clone(chunk[:at+recordHeader]), body...)
		d := newDecoder(nil)
		var b batch
		d.begin(c, &b)
		if err := d.record(512, at-4, 1, 0); err != nil || len(b.records) != 1 {
			t.Fatal("the sound record", err)
		}
		err := d.record(at, len(c), 2, 0)
		if (err == nil) != (len(b.records) == 2) {
			t.Errorf("%d records, %v", len(b.records), err)
		}
		if len(b.arena) > 2*chunkBudget || len(b.fields) > chunkBudget/64+16 {
			t.Errorf("%d bytes of text, %d fields", len(b.arena), len(b.fields))
		}
	})
}
