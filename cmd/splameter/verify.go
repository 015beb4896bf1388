package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/strictyaml"
)

type verifyCmd struct {
	Files     []string `arg:"" help:"Evidence packs; several of a chain are also checked against each other." type:"existingfile"`
	Recompute bool     `help:"Also count the sealed facts again: everything made of them must come out the same, byte for byte."`
	Key       string   `help:"A file with the public key that the packs must be signed with. Default: evidence.verify_key in the config, where there is one." placeholder:"FILE" type:"existingfile"`
	Roots     string   `help:"A PEM file with the time-stamping authorities that you trust: each pack must have a stamp by one of them. Default, without asking for stamps: evidence.timestamp_roots in the config." placeholder:"FILE" type:"existingfile"`
	Months    string   `help:"The months that must be there, as YYYY-MM..YYYY-MM." placeholder:"A..B"`
	Against   []string `help:"Files that others received, such as the usage report that the reseller has: each must be the pack's." placeholder:"FILE" type:"existingfile"`
	Allow     []string `help:"Take these doubts as they are: missing, doubled, reduced, unanchored, steps, version, key, unstamped, against." placeholder:"KIND"`
}

func (verifyCmd) Help() string {
	return `Checks sealed evidence, with nothing but the packs themselves: every byte of the
archive, every member against the manifest, the manifest, the signature where
there is one, and the chain from month to month where several packs are given.
A pack that holds is what a seal wrote; who wrote it is proved by a signature
with a key that you know, or by the next month's pack, which names it.

What is refuted ends with exit code 1. What is neither refuted nor proved is
said, and ends with 3, unless --allow takes it as it is:
  missing     a month or a revision that the chain should have
  doubled     two packs of one month and revision
  reduced     a pack that retention took the names out of
  unanchored  an earlier month or revision that no later pack names
  steps       steps from seal to seal that an earlier version kept no proof of
  version     another version of the program makes the files otherwise
  key         a pack that was signed, or time-stamped, by whom you did not name
  unstamped   a pack without a time stamp by an authority that --roots names
  against     a received file with the same quantities that names no evidence,
              or that was changed since and shows something else

With --against, a file that was sent, as whoever received it has it, must be the
pack's: to the byte, or, saved again, with the same evidence and the same cells.

Examples:
  splameter verify out/2026-10/evidence-2026-10.zip
  splameter verify --recompute out/2026-10/evidence-2026-10.zip
  splameter verify --key public.pem --months 2026-01..2026-10 out/*/evidence-*.zip`
}

// verification is a run of it.
type verification struct {
	*app
	ctx    context.Context
	key    string
	roots  *x509.CertPool
	named  bool // roots are those of --roots: a stamp is asked for
	packs  []closing.Presented
	doubts []closing.Doubt
	wrong  []error
	dir    string // of what was unpacked
	again  map[string]error
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	for _, kind := range c.Allow {
		if !slices.Contains(closing.Doubts(), kind) {
			return usageError(fmt.Sprintf("%q is no kind of doubt; write %s", kind, strings.Join(closing.Doubts(), ", ")))
		}
	}
	from, until, err := chainMonths(c.Months)
	if err != nil {
		return err
	}
	v := &verification{app: a, ctx: ctx, again: map[string]error{}}
	defer v.close()
	if v.key, err = a.verifyKey(c.Key); err != nil {
		return err
	}
	if v.roots, err = a.stampRoots(c.Roots); err != nil {
		return err
	}
	v.named = c.Roots != ""
	for _, path := range c.Files {
		v.open(path)
	}
	for i := range v.packs {
		v.describe(&v.packs[i])
		if c.Recompute {
			if err := v.recompute(&v.packs[i]); err != nil {
				v.wrong = append(v.wrong, err)
			}
		}
	}
	if len(v.wrong) == 0 {
		chain := closing.Chain(v.packs, from, until, v.recompute)
		for _, s := range chain.Held {
			a.printf("%s\n", clean(s))
		}
		v.doubts, v.wrong = append(v.doubts, chain.Doubts...), append(v.wrong, chain.Wrong...)
	}
	for _, path := range c.Against {
		v.against(path)
	}
	open := false
	for _, d := range v.doubts {
		allowed := slices.Contains(c.Allow, d.Kind)
		open = open || !allowed
		word := "not proved"
		if allowed {
			word = "taken as it is"
		}
		a.printf("%s (%s): %s\n", word, d.Kind, clean(d.What))
	}
	if err := errors.Join(v.wrong...); err != nil {
		return err
	}
	if open {
		return errIncomplete
	}
	return nil
}

func (v *verification) close() {
	for i := range v.packs {
		v.packs[i].Close()
	}
	if v.dir != "" {
		os.RemoveAll(v.dir)
	}
}

// chainMonths reads the months that must be there.
func chainMonths(s string) (from, until string, err error) {
	if s == "" {
		return "", "", nil
	}
	from, until, ok := strings.Cut(s, "..")
	if !ok {
		until = from
	}
	a, err := month.Parse(from, nil)
	b, err2 := month.Parse(until, nil)
	if err != nil || err2 != nil || b.Number() < a.Number() || b.Number()-a.Number() > 1200 {
		return "", "", usageError(fmt.Sprintf("%q are no months; write them as 2026-01..2026-10", s))
	}
	return from, until, nil
}

// verifyKey is the public key that packs must be signed with: the one of a
// file, else that of the config, where there is a config. Empty is none.
func (a *app) verifyKey(file string) (string, error) {
	if file == "" {
		cfg, _ := config.Load(a.cli.Config)
		if cfg == nil || cfg.Evidence.VerifyKey == "" {
			return "", nil
		}
		key, err := evidence.PublicKey(cfg.Evidence.VerifyKey)
		if err != nil {
			return "", fmt.Errorf("read evidence.verify_key in the config: %w", err)
		}
		return key, nil
	}
	b, err := os.ReadFile(file)
	if err == nil && len(b) > strictyaml.MaxSize {
		err = errors.New("it is no key")
	}
	var key string
	if err == nil {
		key, err = evidence.PublicKey(string(b))
	}
	if err != nil {
		return "", fmt.Errorf("read the key to verify with: %w", err)
	}
	return key, nil
}

// open opens a pack, and those that it holds where it is an auditor's.
func (v *verification) open(path string) {
	p, err := evidence.Open(v.ctx, path)
	if err != nil {
		v.wrong = append(v.wrong, err)
		return
	}
	if err := v.present(path, p, nil); err != nil {
		v.wrong = append(v.wrong, fmt.Errorf("the evidence %s: %w", path, err))
		return
	}
	for _, name := range closing.PacksIn(p) {
		if err := v.unpack(path, p, name); err != nil {
			v.wrong = append(v.wrong, fmt.Errorf("the evidence %s in %s: %w", name, path, err))
		}
	}
}

// present takes a pack up, and holds its signer against the key that was named.
func (v *verification) present(path string, p *evidence.Pack, tst []byte) error {
	v.packs = append(v.packs, closing.Presented{Path: path, Stamp: tst, Pack: p})
	if p.Signed && v.key == "" {
		v.doubts = append(v.doubts, closing.Doubt{Kind: closing.DoubtKey, What: fmt.Sprintf("%s is signed by a key that you did not name, %s: anybody can make a key; name the one that you know with --key", path, p.Manifest.SignedBy)})
	}
	return p.CheckSigner(v.key)
}

// unpack opens a pack that stands in another.
func (v *verification) unpack(path string, p *evidence.Pack, name string) error {
	if v.dir == "" {
		dir, err := os.MkdirTemp("", "splameter-verify-")
		if err != nil {
			return err
		}
		v.dir = dir
	}
	m, err := p.Member(name)
	if err != nil {
		return err
	}
	r, err := m.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.CreateTemp(v.dir, "*.zip")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	inner, err := evidence.Open(v.ctx, f.Name())
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), f.Name(), name))
	}
	var tst []byte
	if beside := closing.StampFile(name); p.Has(beside) {
		if tst, err = p.Read(beside); err != nil {
			return err
		}
	}
	return v.present(path+":"+name, inner, tst)
}

// against holds a file that somebody received against the packs: one of them
// must be its.
func (v *verification) against(path string) {
	file, err := readBounded(path)
	if err != nil {
		v.wrong = append(v.wrong, fmt.Errorf("read %s: %w", path, err))
		return
	}
	var errs []error
	for i := range v.packs {
		how, err := closing.Against(v.packs[i].Pack, path, file)
		if err == nil {
			v.printf("%s\n", clean(how))
			// Anybody can put the file into a pack of other numbers.
			if v.packs[i].Manifest.Reduced == nil {
				if err := v.recompute(&v.packs[i]); err != nil {
					v.wrong = append(v.wrong, err)
				}
			}
			return
		}
		if errors.Is(err, evidence.ErrUnproved) {
			v.doubts = append(v.doubts, closing.Doubt{Kind: closing.DoubtAgainst, What: err.Error()})
			return
		}
		errs = append(errs, err)
	}
	v.wrong = append(v.wrong, errs...)
}

// readBounded reads a file that somebody hands in.
func readBounded(path string) ([]byte, error) {
	const most = 64 << 20
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = errors.New("it is larger than 64 MiB")
	}
	return b, err
}

// recompute counts a pack again, once.
func (v *verification) recompute(p *closing.Presented) error {
	if closing.IsAudit(p.Pack) && len(closing.PacksIn(p.Pack)) > 0 {
		return nil // those in it are
	}
	err, done := v.again[p.Path]
	if done {
		return err
	}
	var again *closing.Again
	if again, err = closing.Recompute(v.ctx, p.Pack, programVersion()); err != nil {
		err = fmt.Errorf("the evidence %s: %w", p.Path, err)
	} else {
		for _, d := range again.Doubts {
			v.doubts = append(v.doubts, closing.Doubt{Kind: closing.DoubtVersion, What: fmt.Sprintf("%s: %s", p.Path, d)})
		}
		how := "everything that the facts determine, byte for byte"
		if again.Program != "" {
			how = fmt.Sprintf("every quantity and amount; splameter %s sealed it and this is %s, so %d of its files have other bytes and were compared value by value", clean(again.Program), programVersion(), len(again.Other)+len(again.Doubts))
		}
		v.printf("  counted again: the same, %s\n", how)
	}
	v.again[p.Path] = err
	return err
}
