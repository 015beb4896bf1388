package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/strictyaml"
)

type verifyCmd struct {
	Files     []string `arg:"" help:"Evidence packs; several of a chain are also checked against each other." type:"existingfile"`
	Recompute bool     `help:"Also count the sealed facts again: the statement must come out the same, byte for byte."`
	Key       string   `help:"A file with the public key that the packs must be signed with." placeholder:"FILE" type:"existingfile"`
}

func (verifyCmd) Help() string {
	return `Checks sealed evidence, with nothing but the packs themselves: every byte of the
archive, every member against the manifest, the manifest, the signature where
there is one, and the chain from month to month where several packs are given.
A pack that holds is what a seal wrote; who wrote it is proved by a signature,
by the next month's pack, or by the digest that was kept when it was sealed.

Examples:
  splameter verify out/2026-10/evidence-2026-10.zip
  splameter verify --recompute out/2026-10/evidence-2026-10.zip
  splameter verify --key public.pem out/*/evidence-*.zip`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	key := ""
	if c.Key != "" {
		b, err := os.ReadFile(c.Key)
		if err == nil && len(b) > strictyaml.MaxSize {
			err = errors.New("it is no key")
		}
		if err == nil {
			key, err = evidence.PublicKey(string(b))
		}
		if err != nil {
			return fmt.Errorf("read the key to verify with: %w", err)
		}
	}
	var wrong []error
	packs := map[string][]*evidence.Pack{}
	var order []*evidence.Pack
	for _, path := range c.Files {
		p, err := evidence.Open(ctx, path)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		defer p.Close()
		if err := p.CheckSigner(key); err != nil {
			wrong = append(wrong, fmt.Errorf("the evidence %s: %w", path, err))
			continue
		}
		if c.Recompute {
			if err := closing.Recompute(ctx, p); err != nil {
				wrong = append(wrong, fmt.Errorf("the evidence %s: %w", path, err))
				continue
			}
		}
		packs[p.Manifest.Month] = append(packs[p.Manifest.Month], p)
		order = append(order, p)
		a.describe(path, p, c.Recompute)
	}
	wrong = append(wrong, a.chain(order, packs)...)
	return errors.Join(wrong...)
}

func (a *app) describe(path string, p *evidence.Pack, recomputed bool) {
	m := &p.Manifest
	a.printf("%s\n  %s revision %d, %s, %d members, all as sealed by splameter %s\n  manifest %s\n", clean(path), clean(m.Month), m.Revision, clean(m.State), len(m.Members), clean(m.Program), p.Digest)
	if p.Signed {
		a.printf("  signed with the key %s\n", clean(m.SignedBy))
	} else {
		a.printf("  not signed\n")
	}
	if l := m.Previous; l != nil {
		a.printf("  follows %s, manifest %s\n", clean(l.Month), clean(l.Manifest))
	} else {
		a.printf("  starts the chain\n")
	}
	if recomputed {
		a.printf("  counted again: the same statement, byte for byte\n")
	}
}

// chain checks each pack against the one that it follows, where that one is
// given too: any revision of it may be the one.
func (a *app) chain(order []*evidence.Pack, packs map[string][]*evidence.Pack) (wrong []error) {
	for _, p := range order {
		l := p.Manifest.Previous
		if l == nil || len(packs[l.Month]) == 0 {
			continue
		}
		var errs []error
		for _, before := range packs[l.Month] {
			err := p.CheckChain(before)
			if err == nil {
				errs = nil
				break
			}
			errs = append(errs, err)
		}
		wrong = append(wrong, errs...)
		if errs == nil {
			a.printf("%s follows %s: the chain holds\n", clean(p.Manifest.Month), clean(l.Month))
		}
	}
	return wrong
}
