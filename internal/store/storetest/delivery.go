package storetest

import (
	"errors"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
	"splameter/internal/store"
)

func delivery(m string, seq int, action store.DeliveryAction) store.Delivery {
	return store.Delivery{Month: m, Seq: seq, Action: action, Tenant: "appel", Account: "svc", At: at("2026-11-03").UTC()}
}

// Deliveries come back as they were given, by month and order; nothing that
// does not follow the last one gets in, nor anything of nobody or of two.
func deliveries(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	full := delivery("2026-10", 1, store.DeliveryConfirmed)
	full.Revision, full.By, full.Reason, full.Document, full.File, full.SHA256 = 2, "C. de Vries", "by phone", "appel-2026-10-2", "annex/appel-2026-10.xlsx", "ab"
	full.To, full.Subject, full.MessageID, full.Error = "a@b.example", "Bijlage é", "<1@b.example>", "no"
	full.Attachment = &statement.Attachment{Name: "x.eml", SHA256: "aa", Size: 7}
	partner := delivery("2026-10", 2, store.DeliverySent)
	partner.Tenant, partner.Partner = "", "west"
	must(t, s.RecordDelivery(ctx, delivery("2026-11", 1, store.DeliveryIntent)))
	must(t, s.RecordDelivery(ctx, full))
	must(t, s.RecordDelivery(ctx, partner))

	all, err := s.Deliveries(ctx, "")
	must(t, err)
	if d := gocmp.Diff([]store.Delivery{full, partner, delivery("2026-11", 1, store.DeliveryIntent)}, all); d != "" {
		t.Error(d)
	}
	one, err := s.Deliveries(ctx, "2026-11")
	must(t, err)
	if len(one) != 1 || one[0].Month != "2026-11" {
		t.Errorf("got %v", one)
	}
	for _, seq := range []int{0, 2, 4} { // 3 would follow
		if err := s.RecordDelivery(ctx, delivery("2026-10", seq, store.DeliverySent)); !errors.Is(err, store.ErrChanged) {
			t.Errorf("entry %d: %v", seq, err)
		}
	}
	nobody, both := delivery("2026-10", 3, store.DeliverySent), delivery("2026-10", 3, store.DeliverySent)
	nobody.Tenant, both.Partner = "", "west"
	for _, d := range []store.Delivery{nobody, both, delivery("2026-10", 3, ""), delivery("october", 3, store.DeliverySent)} {
		if s.RecordDelivery(ctx, d) == nil {
			t.Errorf("%+v was kept", d)
		}
	}
}

// Of eight that want to send the same annex, one may.
func deliveriesAtOnce(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = s.RecordDelivery(t.Context(), delivery("2026-10", 1, store.DeliveryIntent)) })
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
