package closing

import (
	"context"
	"errors"
	"fmt"

	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// sealed opens a revision's evidence and makes sure that it is what the store
// knows to have been sealed, to the byte.
func (d *Desk) sealed(ctx context.Context, m string, revision int, seal *statement.Act) (*inputs, error) {
	in, err := d.sealedInputs(ctx, m, revision, seal)
	if err == nil && in.pack.Digest != seal.Manifest {
		in.close()
		return nil, notSealed(d.Pack(m, revision), m)
	}
	return in, err
}

const instead = "put the file back from a backup; a draft can be made anew with splameter close"

// notSealed is evidence that is whole, and is not what the store has.
func notSealed(path, m string) error {
	return fmt.Errorf("the evidence %s is whole, but is not what was sealed for %s: the store holds another digest; nothing of it was used; %s", path, m, instead)
}

// sealedInputs is the same for what an interrupted act left: the evidence may
// be one step ahead of the store, and only its inputs must be those that the
// store knows. Whatever comes of it is counted from these, and sealed anew.
func (d *Desk) sealedInputs(ctx context.Context, m string, revision int, seal *statement.Act) (*inputs, error) {
	return d.openSealed(ctx, m, revision, seal, evidence.Open, read)
}

// sealedParts is what was sealed but for the facts and the statement: what is
// read of the evidence is checked to the byte, and no more is read of it than
// is asked for.
func (d *Desk) sealedParts(ctx context.Context, m string, revision int, seal *statement.Act) (*inputs, error) {
	return d.openSealed(ctx, m, revision, seal, evidence.OpenKnown, func(p *evidence.Pack) (*inputs, error) {
		if p.Digest != seal.Manifest {
			return nil, errors.New("it is not what was sealed: the store holds another digest")
		}
		return readParts(p, parseSettings)
	})
}

func (d *Desk) openSealed(ctx context.Context, m string, revision int, seal *statement.Act,
	open func(context.Context, string) (*evidence.Pack, error), take func(*evidence.Pack) (*inputs, error)) (*inputs, error) {
	if seal == nil {
		return nil, fmt.Errorf("revision %d of %s was never sealed; close it first with splameter close", revision, m)
	}
	path := d.Pack(m, revision)
	p, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, instead)
	}
	if p.Manifest.Month != m || p.Manifest.Revision != revision || p.Manifest.Inputs != seal.Inputs {
		p.Close()
		return nil, notSealed(path, m)
	}
	key, err := evidence.PublicKey(d.Setup.Config.Evidence.VerifyKey)
	if err == nil {
		err = p.CheckSigner(key)
	}
	var in *inputs
	if err == nil {
		in, err = take(p)
	}
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("the evidence %s: %w; %s", path, err, instead)
	}
	return in, nil
}
