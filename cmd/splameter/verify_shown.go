package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"

	"splameter/internal/closing"
	"splameter/internal/closing/stamp"
	"splameter/internal/config"
)

// stamps checks the time stamps beside a pack and in it. Where authorities are
// named there must be one by them: on the pack, or on a seal that it replaced by
// acts alone.
func (v *verification) stamps(p *closing.Presented) {
	tell := func(what string, s *stamp.Stamp) {
		v.printf("  %s at %s by %s\n", what, s.At.Format("2006-01-02 15:04:05Z"), clean(s.Authority))
		if !s.Trusted {
			v.doubts = append(v.doubts, closing.Doubt{Kind: closing.DoubtKey, What: fmt.Sprintf("%s is time-stamped by %s, whose root you did not name: anybody can make an authority; name those that you know with --roots", p.Path, s.Authority)})
		}
	}
	proved := false
	var s *stamp.Stamp
	var err error
	if p.Stamp != nil {
		s, err = closing.CheckStamp(closing.StampFile(p.Path), p.Stamp, p.Pack, v.roots)
	} else {
		s, err = closing.ReadStamp(p.Path, p.Pack, v.roots)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		v.wrong = append(v.wrong, err)
	default:
		tell("time-stamped", s)
		proved = s.Trusted
	}
	carried, err := closing.CarriedStamps(p.Pack, v.roots)
	if err != nil {
		v.wrong = append(v.wrong, fmt.Errorf("the evidence %s: %w", p.Path, err))
	}
	for i := range carried {
		c := &carried[i]
		tell("a seal that it replaces was time-stamped", c.Stamp)
		if !proved && c.Trusted && c.SameIn(p.Pack) && p.Manifest.Reduced == nil {
			proved = true // as far as its own word on these holds
			if err := v.recompute(p); err != nil {
				v.wrong = append(v.wrong, err)
			}
		}
	}
	if v.named && !proved && !closing.IsAudit(p.Pack) {
		v.doubts = append(v.doubts, closing.Doubt{Kind: closing.DoubtUnstamped, What: fmt.Sprintf("%s has no time stamp by an authority of --roots: nothing says that it was there when it says so", p.Path)})
	}
}

// stampRoots are the authorities of a file, else of the config.
func (a *app) stampRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		if cfg, _ := config.Load(a.cli.Config); cfg != nil {
			file = cfg.Evidence.TimestampRoots
		}
	}
	return closing.StampRoots(file)
}

func (v *verification) describe(p *closing.Presented) {
	m := &p.Manifest
	v.printf("%s\n  %s revision %d, %s, %d members, all as sealed by splameter %s\n  manifest %s\n", clean(p.Path), clean(m.Month), m.Revision, clean(m.State), len(m.Members), clean(m.Program), p.Digest)
	switch {
	case !p.Signed:
		v.printf("  not signed\n")
	case v.key != "":
		v.printf("  signed with the key %s, which is the one that you named\n", clean(m.SignedBy))
	default:
		v.printf("  signed by a key that you did not name, %s\n", clean(m.SignedBy))
	}
	v.stamps(p)
	v.invoices(p)
	if l := m.Previous; l != nil {
		v.printf("  follows %s, manifest %s\n", clean(l.Month), clean(l.Manifest))
	} else if !closing.IsAudit(p.Pack) {
		v.printf("  starts the chain\n")
	}
}

// invoices says what the reseller invoiced, as far as the pack holds it.
func (v *verification) invoices(p *closing.Presented) {
	all, err := closing.InvoicesIn(p.Pack)
	if err != nil {
		v.wrong = append(v.wrong, err)
		return
	}
	for i := range all {
		a := &all[i]
		if len(a.Differences) == 0 {
			v.printf("  the reseller's invoice of %s says what was submitted\n", clean(a.On))
			continue
		}
		v.printf("  the reseller's invoice of %s differs from what was submitted in %d:\n", clean(a.On), len(a.Differences))
		v.invoiceDifferences(a.Differences)
	}
}
