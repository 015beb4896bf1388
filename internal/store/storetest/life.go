package storetest

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
	"splameter/internal/store"
)

func act(m string, seq int, action statement.ActKind) statement.Act {
	return statement.Act{Month: m, Seq: seq, Action: action, By: "C. de Vries", Account: "svc", At: at("2026-11-03").UTC()}
}

// Acts come back as they were given, by month and order, and nothing that
// does not follow the last one gets in.
func acts(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	full := act("2026-10", 1, statement.ActCorrect)
	full.Revision, full.Reason, full.Gap = 1, "reason", "logs:s/h"
	full.Correction = &statement.Correction{Tenant: "a", Product: "rds", Quantity: -2, Code: "other", Reason: "r", By: "b"}
	full.Attachment = &statement.Attachment{Name: "x.pdf", SHA256: "aa", Size: 7}
	full.Quantities = []statement.PartQuantity{{PartNumber: "6WC", Quantity: 3, Amount: "1.00"}}
	must(t, s.Record(ctx, []statement.Act{act("2026-11", 1, statement.ActClose)}, nil, false))
	must(t, s.Record(ctx, []statement.Act{full, act("2026-10", 2, statement.ActSeal)}, nil, false))

	all, err := s.Acts(ctx, "")
	must(t, err)
	if d := gocmp.Diff([]statement.Act{full, act("2026-10", 2, statement.ActSeal), act("2026-11", 1, statement.ActClose)}, all); d != "" {
		t.Error(d)
	}
	one, err := s.Acts(ctx, "2026-11")
	must(t, err)
	if len(one) != 1 || one[0].Month != "2026-11" {
		t.Errorf("got %v", one)
	}
	for _, seq := range []int{0, 2, 4} { // 3 would follow
		if err := s.Record(ctx, []statement.Act{act("2026-10", seq, statement.ActApprove)}, nil, false); !errors.Is(err, store.ErrChanged) {
			t.Errorf("act %d: %v", seq, err)
		}
	}
	// The first would fit; the second does not, so neither is kept.
	if err := s.Record(ctx, []statement.Act{act("2026-10", 3, statement.ActApprove), act("2026-10", 3, statement.ActSeal)}, result("2026-10", 0, false, 1), false); !errors.Is(err, store.ErrChanged) {
		t.Error(err)
	}
	if one, err = s.Acts(ctx, "2026-10"); err != nil || len(one) != 2 {
		t.Errorf("%d acts, %v", len(one), err)
	}
	if _, err := s.Result(ctx, "2026-10", 0); !errors.Is(err, store.ErrNone) {
		t.Errorf("a result beside a refused act was kept: %v", err)
	}
}

// Of eight that want to be the month's next act, one is.
func actsAtOnce(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Record(t.Context(), []statement.Act{act("2026-10", 1, statement.ActApprove)}, nil, false)
		})
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else if !errors.Is(err, store.ErrChanged) {
			t.Error(err)
		}
	}
	if kept != 1 {
		t.Errorf("%d were kept", kept)
	}
}

// A final result stays, whoever comes; another revision and a test do not
// touch it.
func finalResults(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	must(t, s.PutResult(ctx, result("2026-10", 0, false, 5)))
	must(t, s.Record(ctx, []statement.Act{act("2026-10", 1, statement.ActSeal)}, result("2026-10", 0, false, 6), true))
	before, err := s.Result(ctx, "2026-10", 0)
	must(t, err)
	if err := s.PutResult(ctx, result("2026-10", 0, false, 7)); !errors.Is(err, store.ErrFinal) {
		t.Error(err)
	}
	if err := s.Record(ctx, []statement.Act{act("2026-10", 2, statement.ActSeal)}, result("2026-10", 0, false, 7), false); !errors.Is(err, store.ErrFinal) {
		t.Error(err)
	}
	must(t, s.PutResult(ctx, result("2026-10", 0, true, 8)))
	must(t, s.PutResult(ctx, result("2026-10", 1, false, 9)))
	after, err := s.Result(ctx, "2026-10", 0)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Errorf("the final result became %s", after)
	}
	if list, err := s.Acts(ctx, "2026-10"); err != nil || len(list) != 1 {
		t.Errorf("%d acts, %v", len(list), err)
	}
}

func maskKey(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	one, err := s.MaskKey(t.Context())
	must(t, err)
	two, err := s.MaskKey(t.Context())
	must(t, err)
	other, err := open(t).MaskKey(t.Context())
	must(t, err)
	if len(one) != 32 || !bytes.Equal(one, two) || bytes.Equal(one, other) {
		t.Error("the key is not the store's own, or does not last")
	}
}
