// Package evidence seals a month into one archive that proves itself: every
// member is in a manifest by its digest, the manifest names those of the months
// before and carries those that it replaces, and may be signed. It knows archives, digests and keys; what
// goes into a month's pack, and how it is counted again, is for package closing.
//
// What a pack proves. A pack that verifies is, to the byte, what some seal
// wrote. Nothing in an unsigned pack can prove who wrote it: whoever makes a
// new manifest, with new digests, makes a new pack. Three things outside stand
// against that: the seal's digest in the store's acts, the next month's
// manifest, which names it, and a signature with a key that the forger does
// not have.
package evidence

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"splameter/internal/digest"
)

// The members that are not in the manifest's list.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
)

// Format is the version of the pack's layout. The first knew neither what the
// fields behind Members hold, nor the manifests of the packs that it replaces.
const Format = 2

// Manifest says what is in a pack. Its JSON is a public interface.
type Manifest struct {
	Format   int    `json:"format"`
	Month    string `json:"month"`
	Revision int    `json:"revision"`
	State    string `json:"state"`
	Program  string `json:"program"` // version that made the pack
	// Inputs is one digest of everything that the month was counted from.
	Inputs string `json:"inputs"`
	// Previous is the month sealed before; none where this one starts the
	// chain. Replaces are the digests of this month's earlier seals, oldest
	// first, so that a chain holds though a month was sealed again.
	Previous *Link    `json:"previous,omitempty"`
	Replaces []string `json:"replaces,omitempty"`
	// SignedBy is the Ed25519 public key, in base64, of the signature that
	// the pack must then have.
	SignedBy string `json:"signed_by,omitempty"`
	// Reduced says of what whole pack this one is what is left.
	Reduced *Reduction `json:"reduced,omitempty"`
	Members []Entry    `json:"members"` // sorted by name

	// ArchiveSigned says that the archive's own digest is signed as well: its
	// comment then has that signature.
	ArchiveSigned bool `json:"archive_signed,omitempty"`
	// Others are the latest seals of all revisions of earlier months but that
	// of Previous: a month that is amended later is anchored by them.
	Others []Link `json:"others,omitempty"`
	// Quantities is the digest of what the month came to, line by line.
	Quantities string `json:"quantities,omitempty"`
}

// Anchor is by which the month's files name their evidence: the digest of what
// it was counted from and of what it came to. It is known before there is a
// manifest, which holds the files' own digests. Packs of the first format have
// none.
func (m *Manifest) Anchor() string {
	if m.Quantities == "" {
		return ""
	}
	return digest.Of("splameter evidence inputs " + m.Inputs + " quantities " + m.Quantities + "\n")
}

// Link is another month's seal.
type Link struct {
	Month    string `json:"month"`
	Revision int    `json:"revision"`
	Manifest string `json:"manifest"` // SHA-256, hex
}

// Entry is one member of a pack.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// InputDigest is one digest of members, whatever their order.
func InputDigest(members []Member) string {
	lines := make([]string, 0, len(members))
	for i := range members {
		lines = append(lines, members[i].Digest()+"  "+members[i].Name+"\n")
	}
	slices.Sort(lines)
	return digest.Of([]byte(strings.Join(lines, "")))
}

// encode is the manifest's only form: what a pack holds must be exactly this.
func (m *Manifest) encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// Limits of a pack. An archive beyond 4 GiB, or of more members than an
// ordinary archive can have, is not made and not read.
const (
	maxPack     = 1<<32 - 1<<16
	maxManifest = 32 << 20
	maxMembers  = 60_000
)

// oneName is what a name is on a system that tells neither case nor the ways to
// write a letter with its accent apart.
func oneName(name string) string {
	least := func(r rune) rune { // of those that are one letter
		for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
			if x < r {
				r = x
			}
		}
		return r
	}
	return strings.Map(least, norm.NFD.String(name))
}

// checkName refuses what could leave the folder that an archive is unpacked
// into, on any system, or be taken for another member.
func checkName(name string) error {
	bad := func(r rune) bool { return r < 0x20 || r == 0x7f || strings.ContainsRune(`\:*?"<>|`, r) }
	if len(name) > 400 || !fs.ValidPath(name) || strings.IndexFunc(name, bad) >= 0 {
		return fmt.Errorf("it has a member with the name %.80q, which could leave its folder", name)
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			return fmt.Errorf("it has a member with the name %.80q, which not every system can tell from another", name)
		}
	}
	return nil
}
