package closing

import (
	"context"
	"errors"
	"fmt"

	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// Withdraw gives up a revision that was begun and not approved: the one before
// it stands again as it was. What was done to it stays among the acts, and its
// files and evidence where they lie; nothing counts by them any more.
func (d *Desk) Withdraw(ctx context.Context, m month.Month, who Act) (*Life, error) {
	if err := need("withdraw a revision of", who, true); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := d.repeated(l, statement.ActWithdraw); err != nil {
		return nil, err
	}
	switch {
	case l.Revision == 0:
		return nil, l.cannot("withdrawn", "no revision was begun; closing it again is enough")
	case l.State == statement.Approved:
		return nil, l.cannot("withdrawn", "reopen it first")
	case l.State == statement.Submitted:
		return nil, l.cannot("withdrawn", "what was submitted stays; begin a new revision with splameter amend")
	}
	act := d.act(l, statement.ActWithdraw, who)
	if err := d.Store.Record(ctx, []statement.Act{act}, nil, false); err != nil {
		return nil, fmt.Errorf("withdraw a revision of %s: %w", m, err)
	}
	return l.with(act), nil
}

// Reopen makes an approved month that was not submitted a draft again. Once a
// mail about it went out it stays: then it is amended.
func (d *Desk) Reopen(ctx context.Context, m month.Month, who Act) (*Result, error) {
	if err := need("reopen", who, true); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := d.repeated(l, statement.ActReopen); err != nil {
		return nil, err
	}
	switch l.State {
	case statement.Approved:
	case statement.Submitted:
		return nil, l.cannot("reopened", "what was submitted stays; begin a new revision with splameter amend")
	default:
		return nil, l.cannot("reopened", "it is not approved yet, so closing it again is enough")
	}
	sent, err := d.Store.Deliveries(ctx, l.Month)
	if err != nil {
		return nil, fmt.Errorf("reopen %s: %w", m, err)
	}
	for i := range sent {
		if s := &sent[i]; s.Revision == l.Revision && (s.Action == store.DeliverySent || s.Action == store.DeliveryConfirmed) {
			return nil, l.cannot("reopened", fmt.Sprintf("%s was sent already; begin a new revision with splameter amend", s.Document))
		}
	}
	r, err := d.decide(ctx, m, l, d.act(l, statement.ActReopen, who), false, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reopen %s", m), err)
	}
	return r, nil
}
